"""Ordered tests, examinations and referrals.

https://hl7.org/fhir/R4/servicerequest.html
"""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.clinical.chart import ServiceOrder
from cds_service.clinical.terms import Terminology
from cds_service.fhir import references
from cds_service.fhir.concepts import by_code_or_name
from cds_service.fhir.values import Resource, day, rows, text

_INTENDED_ONLY = frozenset({"proposal", "plan", "option"})


def read_service(resource: Resource, terms: Terminology, *, draft: bool) -> ServiceOrder | None:
    """The order; ``None`` for what is not to be done, and for recorded ones that are not active orders."""
    if resource.get("doNotPerform") is True:
        return None
    recorded = text(resource.get("status")) == "active" and text(resource.get("intent")) not in _INTENDED_ONLY
    if not draft and not recorded:
        return None
    return ServiceOrder(
        reference=references.name(resource),
        concepts=frozenset().union(
            *(by_code_or_name(code, terms, "order", "lab") for code in _codes(resource))
        ),
        draft=draft,
        written=day(resource.get("authoredOn")),
    )


def _codes(resource: Resource) -> Iterator[object]:
    yield resource.get("code")
    yield from rows(resource.get("orderDetail"))
