"""A FHIR server in memory: it reads, searches and pages as the prefetch templates expect."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir.synthesis import Store, respond

BASE = "http://127.0.0.1:9/fhir"
LOINC = "http://loinc.org"


def observation(identity: str, code: str, day: str, **more: object) -> dict[str, object]:
    coding = [{"system": LOINC, "code": code}, {"system": "urn:oid:1.2.3", "code": "L-1"}]
    about = {"code": {"coding": coding}, "subject": {"reference": "Patient/p"}, "effectiveDateTime": day}
    return {"resourceType": "Observation", "id": identity, "status": "final", **about, **more}


STORE = Store(
    (
        {"resourceType": "Patient", "id": "p"},
        observation("a", "2160-0", "2026-01-01"),
        observation("b", "2160-0", "2026-03-01T08:00:00Z", status="entered-in-error"),
        observation("c", "2157-6", "2026-02-01", subject={"reference": "Patient/other"}),
        observation("d", "2157-6", "2026-02-01", subject={"reference": "https://ehr.example/fhir/Patient/p"}),
    )
)


def found(query: str, kind: str = "Observation") -> list[str]:
    status, bundle = respond(STORE, kind, query, BASE)
    assert status == 200, bundle
    entries: Any = bundle.get("entry", [])
    return [entry["resource"]["id"] for entry in entries]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("patient=p", ["a", "b", "d"]),
        ("patient=Patient/p&code=http://loinc.org|2160-0", ["a", "b"]),
        ("patient=p&code=http://loinc.org|2160-0,http://loinc.org|2157-6", ["a", "b", "d"]),
        ("patient=p&code=2157-6", ["d"]),
        ("patient=p&code=urn:oid:9|2157-6", []),
        ("patient=p&status=final", ["a", "d"]),
        ("patient=p&_sort=-date", ["b", "d", "a"]),
        ("patient=p&date=ge2026-02-01", ["b", "d"]),
        ("patient=p&date=ge2026-01-15&date=lt2026-02-15", ["d"]),
        ("patient=nobody", []),
    ],
)
def test_searches(query: str, ids: list[str]) -> None:
    """Each parameter the templates use finds what a server would find."""
    assert found(query) == ids


def test_reads() -> None:
    """A resource is read by type and id; one that is not there is a 404 OperationOutcome."""
    assert respond(STORE, "Patient/p", "", BASE) == (200, {"resourceType": "Patient", "id": "p"})
    status, answer = respond(STORE, "Patient/q", "", BASE)
    assert (status, answer["resourceType"]) == (404, "OperationOutcome")


def test_pages_follow_one_another() -> None:
    """With _count the pages link on, and together they hold every match once."""
    seen, query = [], "patient=p&_count=1"
    for _ in range(5):
        status, bundle = respond(STORE, "Observation", query, BASE)
        page: Any = bundle
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        assert (status, page["total"]) == (200, 3)
        if "link" not in page:
            break
        query = page["link"][0]["url"].partition("?")[2]
    assert seen == ["a", "b", "d"]


@pytest.mark.parametrize("query", ["patient=p&cod=1", "patient=p&_count=many", "patient=p&value-quantity=5"])
def test_a_search_nobody_taught_it_is_refused(query: str) -> None:
    """A slip in a template must be seen, not answered with everything or nothing."""
    status, answer = respond(STORE, "Observation", query, BASE)
    assert (status, answer["resourceType"]) == (400, "OperationOutcome")
