"""The traffic of two real clients, as they are known to write it: useful cards in their shape, and no refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cds_service.fhir.synthesis import Store, equip
from cds_service.replay.loopback import fhir_server
from cds_service.replay.scenario import Scenario, load
from tests.conftest import ROOT
from tests.fhir_server import FhirServer
from tests.trust.house import BASE, EC, RSA, SECONDS, Ehr, House, public, whole

EPIC, SANDBOX = "https://fhir.example.org/api/FHIR/R4", "https://sandbox.cds-hooks.org"
JKU = f"{SANDBOX}/.well-known/jwks.json"
# What one of its sites has typed in; the rest the service must fetch.
TYPED = ("patient", "conditions", "medicationRequests")
NOTE = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "warning", "code": "informational", "details": {"text": "no results"}}],
}


@dataclass
class Clients:
    """A service that trusts both clients, and one FHIR server for the first."""

    house: House
    server: str
    scenario: Scenario

    def body(self, *keys: str) -> dict[str, Any]:
        """The fixture's call with these prefetch keys, or all; a FHIR server is named in it."""
        hook = self.scenario.plan.hook
        listed = self.house.client.get(
            "/cds-services", headers=self.token(SANDBOX, "/cds-services")
        ).get_json()
        templates = next(each for each in listed["services"] if each["hook"] == hook)["prefetch"]
        asked = {key: templates[key] for key in keys or templates}
        call = equip(self.scenario.request, Store(self.scenario.resources), asked, "prefetch", self.server)
        return {**call, "fhirServer": self.server}

    def token(self, issuer: str, path: str) -> dict[str, str]:
        """The header with a token as the client signs them."""
        ehr, aud = Ehr(FhirServer(""), issuer), f"{BASE}{path}"
        if issuer == SANDBOX:
            return {"Authorization": f"Bearer {ehr.token(aud, header={'jku': JKU}, jti=path)}"}
        rsa = {"alg": "RS384", "kid": "rsa+/=", "jku": f"{issuer}/jwks"}
        lasts = {"nbf": SECONDS - 300, "sub": "client-1", "exp": SECONDS + 900, "jti": "once"}
        return {"Authorization": f"Bearer {ehr.token(aud, key=RSA, header=rsa, **lasts)}"}

    def cards(self, issuer: str, body: Mapping[str, object]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The cards of a call that must succeed, and the whole answer."""
        path = f"/cds-services/dermatomyositis-{self.scenario.plan.hook}"
        answer = self.house.client.post(path, json=body, headers=self.token(issuer, path))
        assert answer.status_code == 200, answer.text
        return answer.get_json()["cards"], answer.get_json()


@pytest.fixture
def clients(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clients]:
    """Both clients, with the fixture that a test names."""
    scenario = load(ROOT / "fixtures" / request.param)
    with fhir_server(Store(scenario.resources)) as server:
        trusted: list[dict[str, object]] = [
            {
                "issuer": EPIC,
                "profile": "epic",
                "jwks": {"keys": [public(RSA, "rsa+/=")]},
                "jku": [f"{EPIC}/jwks"],
                "fhir_bases": [server],
                "private_addresses": True,
            },
            {"issuer": SANDBOX, "profile": "sandbox", "jwks": {"keys": [public(EC, "ec")]}, "jku": [JKU]},
        ]
        yield Clients(whole(tmp_path, trusted, as_of=date(2026, 11, 24), deadline=10), server, scenario)


def epic_call(clients: Clients) -> dict[str, Any]:
    """With what the site typed in; a search without matches holds a note; scopes are names of interfaces."""
    body = clients.body(*TYPED)
    for bundle in body["prefetch"].values():
        if bundle["resourceType"] == "Bundle" and not bundle.get("entry"):
            bundle["entry"] = [{"search": {"mode": "outcome"}, "resource": NOTE}]
    body["fhirAuthorization"] = {
        "access_token": "canary-token-5f1d",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "PATIENT.READ MEDICATIONREQUEST.SEARCH (Unsigned Order)",
        "subject": "0000-client",
    }
    return body


def lethal(cards: list[dict[str, Any]]) -> dict[str, Any]:
    """The one card that must interrupt."""
    (card,) = (each for each in cards if each["indicator"] == "critical")
    assert "methotrexate" in card["summary"]
    assert "15 mg DAILY" in card["summary"]
    return card


@pytest.mark.parametrize("clients", ["epic-shaped-order", "epic-shaped-visit"], indirect=True)
def test_epic_gets_cards_it_can_show(clients: Clients) -> None:
    """Half of the chart fetched: the same findings as replayed, one action a suggestion, and no extension."""
    cards, answer = clients.cards(EPIC, epic_call(clients))
    expected = clients.scenario.expected
    assert expected is not None
    assert [each["summary"] for each in cards] == [each["summary"] for each in expected["cards"]]  # type: ignore[attr-defined]
    assert "extension" not in str(answer)
    for card in cards:
        assert card["source"]["topic"]["code"].isalnum()
        for suggestion in card.get("suggestions", []):
            assert card["selectionBehavior"] == "any"
            assert len(suggestion["actions"]) == 1
            assert suggestion["actions"][0]["type"] in ("create", "delete")
    lethal(cards)


@pytest.mark.parametrize("clients", ["epic-shaped-order"], indirect=True)
def test_epic_can_take_the_lethal_order_off(clients: Clients) -> None:
    """It knows no update, so what remains to accept is the removal, by the order's own id."""
    ((action,),) = (
        each["actions"] for each in lethal(clients.cards(EPIC, epic_call(clients))[0])["suggestions"]
    )
    assert (action["type"], action["resourceId"]) == (
        "delete",
        "MedicationRequest/eUo4.MtxDraft-Zk2LqP8vXw7RtYn5",
    )


@pytest.mark.parametrize("clients", ["sandbox-shaped-order"], indirect=True)
def test_the_sandbox_gets_a_change_it_can_apply(clients: Clients) -> None:
    """Without a token for its server and without the keys it could not fill: an order with words and a code."""
    body = clients.body("patient", "conditions")
    cards, _ = clients.cards(SANDBOX, body)
    first = lethal(cards)["suggestions"][0]["actions"][0]
    assert first["type"] in ("create", "update")
    drug = first["resource"]["medicationCodeableConcept"]
    assert (drug["text"], drug["coding"][0]["code"]) == ("Methotrexate 2.5 MG Oral Tablet", "105585")
    assert first["resource"]["id"] == "request-123"


@pytest.mark.parametrize("clients", ["sandbox-shaped-order"], indirect=True)
def test_the_sandbox_may_ask_from_a_page(clients: Clients) -> None:
    """Nothing sent but the call: the lethal card needs no chart."""
    body = {name: value for name, value in clients.body("patient").items() if name != "prefetch"}
    lethal(clients.cards(SANDBOX, body)[0])
