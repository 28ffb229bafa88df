"""What may order a drug in a form that is not read is said to be unchecked, never passed over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.decide.service import MAN, request_of, send, topics, unjudged

DAILY = {"drug": "methotrexate", "dose": "15 mg", "timing": "daily", "route": "oral"}
WEEKLY = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "route": "oral"}

_UNREAD_TYPES = [
    "MedicationOrder", "MedicationPrescription", "MedicationDispense", "MedicationAdministration",
    "MedicationStatement", "MedicationUsage", "Immunization", "medicationrequest", "Foo",
]  # fmt: skip


@pytest.mark.parametrize("kind", _UNREAD_TYPES)
def test_an_order_in_a_form_that_is_not_read_is_said(kind: str) -> None:
    """Its drug and dosage are not read, for they stand elsewhere and mean other things: a warning, not silence."""
    request = request_of(MAN | {"orders": [DAILY, WEEKLY]}, "order-select")
    draft = request["context"]["draftOrders"]["entry"][1]["resource"]
    draft |= {"resourceType": kind, "patient": draft.pop("subject")}
    request["context"]["selections"] = [f"{kind}/{draft['id']}"]
    body = send("order-select", request).get_json()
    assert "NOTCHECKED" in topics(body)
    assert "drug unreadable" in unjudged(body)["SAF-MTX-01"]


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda order: {"resourceType": "RequestGroup", "contained": [order]},
        lambda order: {"resourceType": "CarePlan", "contained": [order]},
        lambda order: {"resourceType": "CarePlan", "activity": [
            {"detail": {"productCodeableConcept": order["medicationCodeableConcept"]}}]},
        lambda order: {"resourceType": "Bundle", "entry": [{"resource": order}]},
        lambda order: order | {"resourceType": "ServiceRequest"},
    ],
    ids=["in a group", "in a plan", "planned", "in a Bundle", "as a service"],
)  # fmt: skip
def test_an_order_of_a_drug_inside_something_else_is_said(wrapped: Callable[[Any], Any]) -> None:
    """A daily methotrexate that is held by another entry is not passed over in silence."""
    request = request_of(MAN | {"orders": [DAILY]}, "order-sign")
    entry = request["context"]["draftOrders"]["entry"][0]
    entry["resource"] = wrapped(entry["resource"])
    body = send("order-sign", request).get_json()
    assert topics(body) == ["NOTCHECKED"]
    assert "drug unreadable" in unjudged(body)["SAF-MTX-01"]


@pytest.mark.parametrize("kind", ["ServiceRequest", "Task", "DeviceRequest", "Practitioner", "Medication"])
def test_what_orders_no_drug_raises_no_doubt(kind: str) -> None:
    """Other orders, and what an order refers to, say nothing about a drug that was not read."""
    request = request_of(MAN | {"orders": [{"order": "hbsag"}]}, "order-sign")
    request["context"]["draftOrders"]["entry"].append({"resource": {"resourceType": kind, "id": "x"}})
    assert "NOTCHECKED" not in topics(send("order-sign", request).get_json())


@pytest.mark.parametrize(
    ("status", "judged"),
    [("draft", True), ("active", True), ("completed", True),
     ("cancelled", False), ("stopped", False), ("entered-in-error", False)],
)  # fmt: skip
def test_an_order_that_was_withdrawn_is_not_advised_on(status: str, judged: bool) -> None:
    """A revised order may be signed again under any status; one that is taken back is not given."""
    request = request_of(MAN | {"orders": [DAILY]}, "order-sign")
    request["context"]["draftOrders"]["entry"][0]["resource"]["status"] = status
    assert ("SAFMTX01" in topics(send("order-sign", request).get_json())) is judged
