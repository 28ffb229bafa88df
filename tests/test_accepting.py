"""Whatever a card offers, accepting it makes nothing worse: asked of every offer of every shipped patient."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from cds_service.fhir.synthesis import Store, equip
from cds_service.replay.run import NO_SERVER
from cds_service.replay.scenario import Scenario, find, load
from tests.decide.service import catalogue, send

Json = dict[str, Any]
SIGN = "order-sign"
ORDERS = {"order-select": "draftOrders", SIGN: "draftOrders", "medication-refill": "medications"}
SCENARIOS = [load(folder) for folder in find()]


def called(scenario: Scenario, hook: str, context: Json) -> Json:
    """The answer to a call with its whole prefetch."""
    bare = {**scenario.request, "hook": hook, "context": context}
    request = dict(
        equip(bare, Store(scenario.resources), catalogue()[hook].get("prefetch", {}), "prefetch", NO_SERVER)
    )
    answer = send(hook, request)
    assert answer.status_code == 200, answer.text
    body: Json = answer.get_json()
    return body


def criticals(body: Json) -> set[str]:
    """The topics of the critical cards."""
    return {card["source"]["topic"]["code"] for card in body["cards"] if card["indicator"] == "critical"}


def offers(body: Json) -> Iterator[Json]:
    """Every suggestion of every card."""
    for card in body["cards"]:
        yield from card.get("suggestions", ())


def name(resource: Json) -> str:
    """Type and id."""
    return f"{resource['resourceType']}/{resource.get('id')}"


def accepted(orders: list[Json], suggestion: Json) -> list[Json]:
    """The orders on the screen after all actions of a suggestion."""
    after = deepcopy(orders)
    for number, action in enumerate(suggestion["actions"]):
        resource, kind = action.get("resource"), action["type"]
        if kind == "create":
            after.append({**resource, "id": f"accepted-{number}"})
        elif kind == "update":
            after = [resource if name(each) == name(resource) else each for each in after]
        else:
            after = [each for each in after if name(each) != action["resourceId"]]
    return after


def own_context(scenario: Scenario) -> Json:
    """The context of the scenario's own call."""
    found: Any = scenario.request["context"]
    return dict(deepcopy(found))


def context_of(scenario: Scenario, hook: str, orders: list[Json]) -> Json:
    """The context of a call of a hook for the scenario's patient, with these orders."""
    context = own_context(scenario)
    if hook != scenario.plan.hook:
        context = {key: context[key] for key in ("userId", "patientId") if key in context}
    entries = [{"resource": each} for each in orders]
    context[ORDERS[hook]] = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    if "selections" in context:
        context["selections"] = [name(each) for each in orders]
    return context


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.plan.folder.name)
def test_accepting_an_offer_adds_no_critical_card(scenario: Scenario) -> None:
    """The corrected, new or removed order is signed again: 200, and nothing critical that was not there before."""
    hook = scenario.plan.hook
    context = own_context(scenario)
    body = called(scenario, hook, context)
    signed = hook if hook in ORDERS else SIGN
    drafts = [each["resource"] for each in context.get(ORDERS.get(hook, ""), {}).get("entry", ())]
    before = criticals(body) if hook in ORDERS else set()
    for suggestion in offers(body):
        orders = accepted(drafts, suggestion)
        if orders:
            after = called(scenario, signed, context_of(scenario, signed, orders))
            assert criticals(after) <= before, suggestion["label"]
