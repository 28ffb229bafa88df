"""A draft whose drug is another resource: beside it, in the prefetch, on the server, or nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir.synthesis import Store
from cds_service.replay.loopback import fhir_server
from tests.decide.service import MAN, request_of, send, topics

DAILY = {"drug": "methotrexate", "dose": "15 mg", "timing": "daily", "route": "oral"}
# Words from which no list can tell the drug, as some systems print them.
SHOWN = ["", "Item 4711", "see product"]


def referring(shown: str, mode: Any = "prefetch") -> tuple[dict[str, Any], dict[str, Any]]:
    """A call whose draft refers to a Medication, and that Medication."""
    request = request_of(MAN | {"orders": [DAILY]}, "order-sign", mode, server="http://127.0.0.1:9/fhir")
    draft = request["context"]["draftOrders"]["entry"][0]["resource"]
    drug = {"resourceType": "Medication", "id": "m-1", "code": draft.pop("medicationCodeableConcept")}
    draft["medicationReference"] = {"reference": "Medication/m-1"} | ({"display": shown} if shown else {})
    return request, drug


@pytest.mark.parametrize("shown", SHOWN)
def test_the_drug_beside_the_draft_is_read(shown: str) -> None:
    """Whatever the reference shows: the daily dose is stopped."""
    request, drug = referring(shown)
    request["context"]["draftOrders"]["entry"].append({"resource": drug})
    assert topics(send("order-sign", request).get_json())[0] == "SAFMTX01"


@pytest.mark.parametrize("shown", SHOWN)
def test_the_drug_in_the_prefetch_is_read(shown: str) -> None:
    """Included with the list of orders."""
    request, drug = referring(shown)
    listed = request["prefetch"]["medicationRequests"]
    listed.setdefault("entry", []).append({"resource": drug, "search": {"mode": "include"}})
    order = {"resourceType": "MedicationRequest", "id": "old", "status": "stopped", "intent": "order",
             "medicationCodeableConcept": {"text": "lisinopril"}}  # fmt: skip
    listed["entry"].append({"resource": order})
    assert topics(send("order-sign", request).get_json())[0] == "SAFMTX01"


@pytest.mark.parametrize("shown", SHOWN)
def test_the_drug_on_the_server_is_read(shown: str) -> None:
    """Words that name no drug we know are no proof that it is none."""
    request, drug = referring(shown, "fetch")
    with fhir_server(Store((drug,)), up=True) as base:
        request["fhirServer"] = base
        assert topics(send("order-sign", request).get_json())[0] == "SAFMTX01"


def test_another_drug_beside_the_draft_costs_nothing() -> None:
    """At hand and not ours: no card, and no call, for the server would not answer."""
    request, drug = referring("Item 4711", "fetch")
    drug["code"] = {"text": "cetirizine 10 mg tablet"}
    request["context"]["draftOrders"]["entry"].append({"resource": drug})
    assert send("order-sign", request).get_json() == {"cards": []}
