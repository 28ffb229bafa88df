"""The loopback FHIR server: real HTTP, pages that link on, and failure when asked for."""

from __future__ import annotations

import requests

from cds_service.fhir.synthesis import Store
from cds_service.replay.loopback import fhir_server

PATIENT: dict[str, object] = {"resourceType": "Patient", "id": "p"}
ABOUT = {"reference": "Patient/p"}
CONDITIONS: list[dict[str, object]] = [
    {"resourceType": "Condition", "id": f"c{number}", "subject": ABOUT} for number in range(3)
]
STORE = Store((PATIENT, *CONDITIONS))


def test_it_reads_searches_and_pages() -> None:
    """A client that follows the next links gets every match."""
    with fhir_server(STORE) as base:
        assert requests.get(f"{base}/Patient/p", timeout=5).json()["id"] == "p"
        address, seen = f"{base}/Condition?patient=p&_count=2", []
        while address:
            page = requests.get(address, timeout=5).json()
            seen += [entry["resource"]["id"] for entry in page["entry"]]
            address = next((link["url"] for link in page.get("link", [])), "")
        assert seen == ["c0", "c1", "c2"]


def test_a_server_that_is_down_fails_every_read() -> None:
    """Down means 500 with an OperationOutcome."""
    with fhir_server(STORE, up=False) as base:
        answer = requests.get(f"{base}/Patient/p", timeout=5)
    assert (answer.status_code, answer.json()["resourceType"]) == (500, "OperationOutcome")
