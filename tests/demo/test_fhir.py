"""The demo's FHIR server answers what the prefetch templates ask, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds_service.demo.fhir import fhir_blueprint
from cds_service.fhir.synthesis import Store


def result(identity: str, code: str, day: str) -> dict[str, object]:
    coded = {"coding": [{"system": "http://loinc.org", "code": code}]}
    about = {"subject": {"reference": "Patient/p"}, "effectiveDateTime": day, "status": "final"}
    return {"resourceType": "Observation", "id": identity, "code": coded, **about}


@pytest.fixture
def client() -> FlaskClient:
    """A server with one chart."""
    store = Store(
        (
            {"resourceType": "Patient", "id": "p", "gender": "female"},
            result("a", "2160-0", "2026-01-01"),
            result("b", "2157-6", "2026-02-01"),
            result("c", "1742-6", "2026-03-01"),
        )
    )
    site = Flask(__name__)
    site.register_blueprint(fhir_blueprint({"one": store}))
    return site.test_client()


def test_a_read(client: FlaskClient) -> None:
    """A patient is read as FHIR JSON."""
    answer = client.get("/demo/fhir/one/Patient/p")
    assert (answer.status_code, answer.mimetype) == (200, "application/fhir+json")
    assert answer.json == {"resourceType": "Patient", "id": "p", "gender": "female"}


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("patient=p", ["a", "b", "c"]),
        ("patient=p&code=2160-0,1742-6", ["a", "c"]),
        ("patient=p&code=http%3A%2F%2Floinc.org%7C2157-6", ["b"]),
        ("patient=p&status=final&_sort=-date", ["c", "b", "a"]),
        ("patient=q", []),
    ],
)
def test_a_search(client: FlaskClient, query: str, ids: list[str]) -> None:
    """patient=, comma lists of codes, status and sorting find what a server finds."""
    bundle: Any = client.get(f"/demo/fhir/one/Observation?{query}").json
    assert (bundle["type"], bundle["total"]) == ("searchset", len(ids))
    assert [entry["resource"]["id"] for entry in bundle.get("entry", [])] == ids


def test_a_page_links_to_the_next(client: FlaskClient) -> None:
    """The next link is an address of this server that works."""
    first: Any = client.get("/demo/fhir/one/Observation?patient=p&_count=2").json
    onward = first["link"][0]["url"]
    assert onward.startswith("http://localhost/demo/fhir/one/Observation?")
    last: Any = client.get(onward).json
    assert [entry["resource"]["id"] for entry in last["entry"]] == ["c"]
    assert "link" not in last


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/demo/fhir/one/Patient/q", 404),
        ("/demo/fhir/two/Patient/p", 404),
        ("/demo/fhir/one/Observation?patient=p&nonsense=1", 400),
    ],
)
def test_what_it_cannot_do_it_says(client: FlaskClient, address: str, status: int) -> None:
    """An unknown chart or resource is 404, an unknown parameter 400, each an OperationOutcome."""
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.get_json()["resourceType"] == "OperationOutcome"


def test_nothing_is_written(client: FlaskClient) -> None:
    """The server is read-only."""
    assert client.post("/demo/fhir/one/Observation/a", json={}).status_code == 405
