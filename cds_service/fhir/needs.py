"""Needs: the keys of the prefetch, and the query each stands for.

Every template stays inside the restricted subset that all clients can run: reads, ``patient=``, and codes by
equality, several joined by commas. None relies on ``_count`` or ``_include``.
https://cds-hooks.hl7.org/2.0/#prefetch-query-restrictions
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, Protocol

LONGEST_TEMPLATE = 1_499
_PATIENT = "{{context.patientId}}"


class Query(NamedTuple):
    """The type of the resources asked for, and the template that asks for them."""

    kind: str
    template: str


TEMPLATES: Mapping[str, Query] = MappingProxyType({
    "patient": Query("Patient", f"Patient/{_PATIENT}"),
    "conditions": Query("Condition", f"Condition?patient={_PATIENT}"),
    "medicationRequests": Query("MedicationRequest", f"MedicationRequest?patient={_PATIENT}"),
    "medicationStatements": Query("MedicationStatement", f"MedicationStatement?patient={_PATIENT}"),
    "allergies": Query("AllergyIntolerance", f"AllergyIntolerance?patient={_PATIENT}"),
    "serviceRequests": Query("ServiceRequest", f"ServiceRequest?patient={_PATIENT}&status=active,completed"),
    "procedures": Query("Procedure", f"Procedure?patient={_PATIENT}"),
    "reports": Query("DiagnosticReport", f"DiagnosticReport?patient={_PATIENT}"),
    "immunizations": Query("Immunization", f"Immunization?patient={_PATIENT}"),
})  # fmt: skip
"""The needs that are not observations. Every other need is a topic of the laboratory code list."""


class LabCodes(Protocol):
    """The part of the code lists that the templates are made from."""

    def lab_codes(self, topic: str) -> tuple[str, ...]: ...

    def __hash__(self) -> int: ...


@lru_cache(maxsize=256)
def queries(need: str, terms: LabCodes) -> Mapping[str, Query]:
    """The prefetch keys of one need with their queries.

    A topic whose codes would make a template too long for some clients is split: ``kidneyTests``,
    ``kidneyTests2``. A topic without any code has no key.
    """
    if need in TEMPLATES:
        return {need: TEMPLATES[need]}
    parts = _parts(terms.lab_codes(need))
    return {f"{need}{number if number > 1 else ''}": query for number, query in enumerate(parts, start=1)}


def prefetch(needs: Iterable[str], terms: LabCodes) -> dict[str, str]:
    """Prefetch keys and templates of several needs, for discovery."""
    return {key: query.template for need in needs for key, query in queries(need, terms).items()}


def _parts(codes: tuple[str, ...]) -> Iterator[Query]:
    """Bare codes: a server matches them in whatever system it files LOINC under."""
    start = f"Observation?patient={_PATIENT}&code="
    room, joined = LONGEST_TEMPLATE - len(start), ""
    for code in codes:
        if len(joined) + 1 + len(code) > room:
            yield Query("Observation", start + joined)
            joined = ""
        joined = f"{joined},{code}" if joined else code
    if joined:
        yield Query("Observation", start + joined)
