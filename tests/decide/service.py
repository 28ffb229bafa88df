"""The whole service, as of the fixtures' day, and calls to it."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from cds_service.app import create_app
from cds_service.fhir.synthesis import Mode, hook_call
from cds_service.protocol.codec import encode
from cds_service.replay.knowledge import terminology
from cds_service.settings import load

TODAY = date(2026, 11, 24)
OURS = "org.dermatomyositis-cds"
MAN: dict[str, Any] = {
    "patient": {"age": 52, "sex": "male", "height": "175 cm", "weight": "80 kg", "onset": "5 weeks ago"},
    "problems": ["dermatomyositis"],
}


@cache
def app() -> Flask:
    """The service, nobody to identify, loopback FHIR allowed, nothing remembered."""
    return create_app(
        load(env="development", auth="off", allow_local_fhir=True, as_of=TODAY, database_url=None, deadline=5)
    )


@cache
def catalogue() -> dict[str, dict[str, Any]]:
    """The services by hook, as discovery tells them."""
    return {each["hook"]: each for each in app().test_client().get("/cds-services").get_json()["services"]}


def request_of(notation: dict[str, Any], hook: str, mode: Mode = "prefetch", **more: Any) -> dict[str, Any]:
    """The call an EHR would make."""
    templates = catalogue()[hook].get("prefetch", {})
    call = hook_call(notation, hook, TODAY, terms=terminology(), templates=templates, mode=mode, **more)
    return call.request


def send(hook: str, body: Any) -> TestResponse:
    """Send a body to the service of a hook."""
    path = f"/cds-services/{catalogue()[hook]['id']}"
    return app().test_client().post(path, data=encode(body), content_type="application/json")


def ask(notation: dict[str, Any], hook: str = "order-sign") -> dict[str, Any]:
    """The answer to a call with its whole prefetch."""
    answer = send(hook, request_of(notation, hook))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def topics(body: dict[str, Any]) -> list[str]:
    """The topics of the cards, in order."""
    return [card["source"]["topic"]["code"] for card in body["cards"]]


def drafted_tests(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Every ServiceRequest that a suggestion of the answer drafts."""
    resources = (
        action["resource"]
        for card in body["cards"]
        for suggestion in card.get("suggestions", [])
        for action in suggestion["actions"]
    )
    return [each for each in resources if each["resourceType"] == "ServiceRequest"]


def unjudged(body: dict[str, Any]) -> dict[str, list[str]]:
    """What was not evaluated, with what is missing."""
    rows = body.get("extension", {}).get(OURS, {}).get("notEvaluated", [])
    return {row["rule"]: row["missing"] for row in rows}
