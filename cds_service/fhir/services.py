"""Ordered tests, examinations and referrals.

https://hl7.org/fhir/R4/servicerequest.html
"""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.clinical.chart import ServiceOrder
from cds_service.clinical.terms import Terminology
from cds_service.fhir import references
from cds_service.fhir.values import Resource, codings, day, rows, words

_INTENDED_ONLY = frozenset({"proposal", "plan", "option"})


def read_service(resource: Resource, terms: Terminology, *, draft: bool) -> ServiceOrder | None:
    """The order; ``None`` for what is not to be done, and for recorded ones that are not active orders."""
    if resource.get("doNotPerform") is True:
        return None
    recorded = resource.get("status") == "active" and resource.get("intent") not in _INTENDED_ONLY
    if not draft and not recorded:
        return None
    return ServiceOrder(
        reference=references.name(resource),
        concepts=frozenset().union(*(_concepts(code, terms) for code in _codes(resource))),
        draft=draft,
        written=day(resource.get("authoredOn")),
    )


def _codes(resource: Resource) -> Iterator[object]:
    yield resource.get("code")
    yield from rows(resource.get("orderDetail"))


def _concepts(code: object, terms: Terminology) -> frozenset[str]:
    """Order and lab concepts, by code; where no code is known, by the whole text."""
    found: frozenset[str] = frozenset()
    for coding in codings(code):
        for kind in ("order", "lab"):
            found |= terms.concepts(coding.system, coding.code, kind)
    said = words(code)
    return found or terms.named("order", said) | terms.named("lab", said)
