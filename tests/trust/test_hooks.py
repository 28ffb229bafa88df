"""What CDS Hooks asks of a service and can be seen from inside only: where tokens go, what is asked for, what
a card names."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from cds_service.protocol.request import parse_request
from tests.decide.service import MAN, ask, catalogue, send
from tests.fhir_server import FhirServer, reply, running
from tests.trust.house import TOKEN, Ehr, build, entry, view_call

ORDERS = [
    {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "route": "oral", "reason": "dm"},
    {"drug": "azathioprine", "dose": "150 mg", "timing": "daily", "route": "oral", "reason": "dm"},
]
LOW = [{"creatinine": "2.6 mg/dL", "on": "9 days ago"}]


@pytest.mark.parametrize(
    "scope",
    ["patient/Patient.read user/*.*", "patient/Patient.rs?a=b", "PATIENT.READ (R4)", "", None, ["a"], 7],
)
def test_a_scope_may_be_written_in_any_way(scope: object) -> None:
    """It is the FHIR server's to judge: the token is used whatever its scope is said to be."""
    call = view_call("https://ehr.example.org/fhir")
    call["fhirAuthorization"]["scope"] = scope
    access = parse_request(call, "patient-view").fhir
    assert access is not None
    assert access.token == TOKEN


def test_the_clients_token_goes_to_no_fhir_server(tmp_path: Path, ehr: Ehr, server: FhirServer) -> None:
    """The FHIR server gets the token that was lent for it, and nothing of the one that identified the caller."""
    server.answers["Patient/p-1"] = reply({"resourceType": "Patient", "id": "p-1"})
    house = build(tmp_path, [entry(ehr, fhir_bases=[server.url])])
    token = ehr.token()
    assert house.call(token, view_call(server.url)).status_code == 200
    asked = [
        (path, shown) for path, shown in zip(server.asked, server.tokens, strict=True) if "jwks" not in path
    ]
    assert asked == [("Patient/p-1", f"Bearer {TOKEN}")]
    assert not any(token in value for headers in server.headers for value in headers.values())


@pytest.mark.parametrize("hook", ["patient-view", "encounter-start", "encounter-discharge"])
def test_nothing_is_asked_for_that_discovery_does_not_name(hook: str) -> None:
    """Every query of a call without prefetch is a template of that service, filled in."""
    empty = reply({"resourceType": "Bundle", "type": "searchset", "total": 0})
    call = view_call(hook=hook)
    call["context"]["encounterId"] = "e-1"
    with running() as server:
        server.otherwise = empty
        server.answers["Patient/p-1"] = reply({"resourceType": "Patient", "id": "p-1", "birthDate": "1970"})
        call["fhirServer"] = server.url
        assert send(hook, call).status_code == 200
    filled = {each.replace("{{context.patientId}}", "p-1") for each in catalogue()[hook]["prefetch"].values()}
    asked = {unquote(path) for path in server.asked}
    assert asked
    assert asked <= filled


def cards(**more: Any) -> list[dict[str, Any]]:
    """The cards of two orders for a man with dermatomyositis."""
    found: list[dict[str, Any]] = ask({**MAN, "orders": ORDERS, **more})["cards"]
    return found


def test_a_card_names_its_order() -> None:
    """With two drafts on the screen each card says which it is about."""
    names = {card["detail"].splitlines()[0] for card in cards(labs=LOW)}
    assert names == {"**methotrexate**", "**azathioprine**"}


def test_a_card_names_the_day_of_the_result_it_rests_on() -> None:
    """A reader can see how old the data are."""
    resting = [card for card in cards(labs=LOW) if "eGFR" in card["summary"]]
    assert resting
    assert all("2026-11-15" in card["detail"] for card in resting)
