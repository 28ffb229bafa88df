"""What the codes of a CodeableConcept mean: the concepts of our code lists."""

from __future__ import annotations

from cds_service.clinical.terms import Terminology
from cds_service.fhir.values import codings, words


def by_code(concept: object, terms: Terminology, *kinds: str) -> frozenset[str]:
    """The concepts of these kinds that any of its codes belongs to."""
    listed = codings(concept)
    return frozenset().union(
        *(terms.concepts(coding.system, coding.code, kind) for coding in listed for kind in kinds)
    )


def by_code_or_name(concept: object, terms: Terminology, *kinds: str) -> frozenset[str]:
    """By code; where no code is known, those whose name is the whole text."""
    return by_code(concept, terms, *kinds) or frozenset().union(
        *(terms.named(kind, words(concept)) for kind in kinds)
    )
