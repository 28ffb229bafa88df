"""Two drugs that must not meet: told whichever of them is ordered, and however they are named.

The vectors are `tests/vectors/pairs.yaml`: every row of the safety tables that is about two drugs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.decide.decider import Decider
from cds_service.fhir.synthesis import hook_call
from cds_service.protocol.codec import decode, encode
from cds_service.protocol.discovery import Service
from cds_service.protocol.request import parse_request
from cds_service.protocol.trust import Caller
from tests.decide.service import OURS, TODAY
from tests.test_cards import SEVERITY, decider, knowledge

VECTORS = Path(__file__).parents[1] / "vectors"
TABLE: dict[str, Any] = yaml.load((VECTORS / "pairs.yaml").read_text("utf-8"), yaml.CSafeLoader)
ROWS: list[dict[str, str]] = json.loads((VECTORS / "safety-rows.json").read_text("utf-8"))["safety"]
ORDER_HOOKS = {
    "critical": ("order-sign", "order-select", "medication-refill"),
    "warning": ("order-sign", "medication-refill"),
    "info": ("order-sign",),
}
VISITS = ("patient-view", "encounter-start")
Notation = dict[str, Any]
PAIRS = [
    pytest.param(vector, id=f"{vector['row']}-{vector['one']['drugs'][0]}-{vector['other']['drugs'][0]}")
    for vector in TABLE["pairs"]
]


@cache
def services() -> dict[str, Service]:
    """The services by hook."""
    return {service.hook: service for service in whole().services()}


@cache
def whole() -> Decider:
    """The service's own decider."""
    return decider(TODAY)


@cache
def alone(rule: str) -> Decider:
    """The decider with the pages of one rule: as whole, and several times quicker."""
    pages = tuple(page for page in knowledge().pages if page.rule == rule)
    return replace(whole(), knowledge=replace(knowledge(), pages=pages, _needs={}))


def told(vector: Notation, hook: str, chart: Notation, judge: Decider) -> str:
    """The gravest that the cards say for the rule of the row; silent where none does."""
    (rule, _), service = vector["row"].split(), services()[hook]
    call = hook_call(
        with_chart(vector, chart), hook, TODAY, terms=knowledge().terms, templates=service.prefetch
    )
    decision = judge(service, parse_request(decode(encode(call.request)), hook), Caller())
    ours: list[Any] = [card.extension[OURS] for card in decision.cards]
    rows = [row for each in ours for row in each["rules"]]
    return min(
        (row["indicator"] for row in rows if row["rule"] == rule), key=SEVERITY.index, default="silent"
    )


def with_chart(vector: Notation, chart: Notation) -> Notation:
    """The patient of the row with the drugs of one arrangement."""
    besides = vector.get("chart", {})
    return {**TABLE["base"], **besides} | {
        name: [*drugs, *besides.get(name, [])] for name, drugs in chart.items()
    }


def is_vaccine(vector: Notation, side: str) -> bool:
    """Whether the drugs of a side are vaccines."""
    return bool(vector[side].get("as") == "vaccine")


def course(vector: Notation, side: str, name: str) -> Notation:
    """The drug as the row says it is taken."""
    terms = knowledge().terms
    if is_vaccine(vector, side):
        coding = terms.coding(name, "vaccine") if terms.exists("vaccine", name) else None
        return {"text": terms.display(name, "vaccine"), "code": list(coding)} if coding else {"text": name}
    return {"drug" if terms.exists("drug", name) else "text": name, **vector[side].get("as", {})}


def draft(vector: Notation, side: str, name: str) -> Notation:
    """The drug as an order on the screen, of today."""
    past = ("since", "until", "status")
    return {key: value for key, value in course(vector, side, name).items() if key not in past}


def taken(vector: Notation, side: str, name: str) -> Notation:
    """The drug as the chart holds it."""
    if not is_vaccine(vector, side):
        return {"medications": [{"since": "20 days ago", **course(vector, side, name)}]}
    listed = "vaccine" if knowledge().terms.exists("vaccine", name) else "text"
    return {"vaccines": [{listed: name, "on": "10 days ago"}]}


def may_be_draft(vector: Notation, side: str) -> bool:
    """Whether the row speaks where this side is the order and the other is taken."""
    return bool(vector.get("only", side) == side and vector.get("apart", True))


def hooks(vector: Notation) -> tuple[str, ...]:
    """Where the row is told of orders."""
    usual = ORDER_HOOKS[vector["row"].split()[1]]
    kept = tuple(hook for hook in usual if hook != "medication-refill" or vector.get("refill", True))
    return (*kept, "order-select") if vector.get("select") else kept


def arrangements(vector: Notation) -> Iterator[tuple[str, str, Notation]]:
    """(hook, words, chart) of every arrangement of the first drug of each side."""
    one, other = (vector[side]["drugs"][0] for side in ("one", "other"))
    names = {"one": one, "other": other}
    for hook in hooks(vector):
        for drafted, known in (("one", "other"), ("other", "one")):
            if may_be_draft(vector, drafted):
                yield from _apart(vector, hook, (drafted, names[drafted]), (known, names[known]))
        if vector.get("together", True) and hook != "medication-refill":
            yield from _together(vector, hook, draft(vector, "one", one), draft(vector, "other", other))
    for hook in VISITS if vector.get("visit") else ():
        yield hook, "both taken", _both_taken(vector, one, other)


def _apart(
    vector: Notation, hook: str, drafted: tuple[str, str], known: tuple[str, str]
) -> Iterator[tuple[str, str, Notation]]:
    if hook == "medication-refill" and (is_vaccine(vector, drafted[0]) or is_vaccine(vector, known[0])):
        return
    refilled = taken(vector, *drafted)["medications"] if hook == "medication-refill" else []
    chart = taken(vector, *known)
    running = {"medications": [*refilled, *chart.get("medications", [])]}
    yield hook, f"{drafted[1]} on {known[1]}", {**chart, **running, "orders": [draft(vector, *drafted)]}
    if hook == "order-sign" and "medications" in chart and "status" not in chart["medications"][0]:
        stated = {"medications": [{**each, "statement": True} for each in chart["medications"]]}
        yield hook, f"{drafted[1]} on {known[1]}, stated", {**stated, "orders": [draft(vector, *drafted)]}


def _together(
    vector: Notation, hook: str, one: Notation, other: Notation
) -> Iterator[tuple[str, str, Notation]]:
    yield hook, "both drafted", {"orders": [one, other]}
    yield hook, "both drafted, the other first", {"orders": [other, one]}
    if hook == "order-select":
        picked = {"one": [one, {**other, "selected": False}], "other": [{**one, "selected": False}, other]}
        for side, orders in picked.items():
            if vector.get("only", side) == side:
                yield hook, f"both drafted, {side} selected", {"orders": orders}


def _both_taken(vector: Notation, one: str, other: str) -> Notation:
    courses = [taken(vector, side, name)["medications"] for side, name in (("one", one), ("other", other))]
    return {"medications": [each for listed in courses for each in listed]}


def members(vector: Notation) -> Iterator[tuple[str, Notation]]:
    """(words, chart) with each further name, drafted and taken in turn as far as the row has it both ways."""
    first = {side: vector[side]["drugs"][0] for side in ("one", "other")}
    for side, across in (("other", "one"), ("one", "other")):
        for place, name in enumerate(vector[side]["drugs"][1:]):
            names = {side: name, across: first[across]}
            sides = [s for s in ((side, across) if place % 2 else (across, side)) if may_be_draft(vector, s)]
            if sides:
                known = "other" if sides[0] == "one" else "one"
                chart = taken(vector, known, names[known])
                yield name, {**chart, "orders": [draft(vector, sides[0], names[sides[0]])]}
            else:
                yield name, {"orders": [draft(vector, each, names[each]) for each in ("one", "other")]}


@pytest.mark.parametrize("vector", PAIRS)
def test_a_pair_is_told_in_every_arrangement(vector: Notation) -> None:
    """Either drug ordered on the other, both ordered in either order, refilled, where the row says so both taken."""
    rule, severity = vector["row"].split()
    said = {
        f"{hook}: {words}": told(vector, hook, chart, alone(rule))
        for hook, words, chart in arrangements(vector)
    }
    assert said
    assert {words: word for words, word in said.items() if word != severity} == {}


@pytest.mark.parametrize("vector", PAIRS)
def test_a_pair_is_told_by_every_name(vector: Notation) -> None:
    """Each drug of a class, by code, by INN or USAN alone, and by brand."""
    rule, severity = vector["row"].split()
    said = {words: told(vector, "order-sign", chart, alone(rule)) for words, chart in members(vector)}
    assert {words: word for words, word in said.items() if word != severity} == {}


@pytest.mark.parametrize("vector", PAIRS)
def test_a_pair_stands_on_a_card_among_all_rules(vector: Notation) -> None:
    """No other rule about the same order takes it off the cards."""
    hook, _, chart = next(arrangements(vector))
    assert told(vector, hook, chart, whole()) == vector["row"].split()[1]


def test_every_row_about_two_drugs_has_a_pair() -> None:
    """Each row of the tables has its vectors or is said to be about one drug; a new row must be put somewhere."""
    rows = {f"{row['rule']} {row['indicator']}" for row in ROWS}
    paired, single = {vector["row"] for vector in TABLE["pairs"]}, set(TABLE["alone"])
    assert paired | single == rows
    assert not paired & single


def test_every_row_that_says_co_active_has_a_pair() -> None:
    """Such a row, and each tier of a page about a pair, cannot be passed for one about one drug."""
    said = {f"{row['rule']} {row['indicator']}" for row in ROWS if "co-active" in row["threshold"]}
    pages = {
        f"{p.rule} {tier.indicator}" for p in knowledge().pages if p.subject == "pair" for tier in p.tiers
    }
    assert (said | pages) & set(TABLE["alone"]) == set()
