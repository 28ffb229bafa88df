"""What a card holds: text from a chart stays text, in every reader of Markdown and every plain field."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.knowledge.words import escape, plain
from tests.decide.service import MAN, app, catalogue, request_of, send
from tests.trust.rendering import rendered

PAYLOADS: list[str] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "hostile-text.json").read_text("utf-8")
)
# What a clinician or a system writes freely; everything else in a resource is a code, a date, a number.
FREE = {
    "display", "text", "title", "comment", "description", "family", "given", "prefix", "suffix", "line", "city",
    "patientInstruction", "additionalInstruction", "note", "label", "name", "div", "unit", "valueString",
}  # fmt: skip
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
COMPUTED = "62615533"
HARMLESS = "harmless"

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "orders": (
        "order-sign",
        {
            **MAN,
            "labs": [{"creatinine": "2.4 mg/dL", "on": "5 days ago"}, {"alt": "300 U/L", "on": "5 days ago"}],
            "orders": [
                {"drug": "methotrexate", "dose": "15 mg", "timing": "daily", "route": "oral"},
                {"text": "tmp-smx 800-160", "dose": "1 tablet", "timing": "daily"},
            ],
        },
    ),
    "visit": (
        "patient-view",
        {
            **MAN,
            "medications": [
                {"text": "mtx 2.5 mg tab", "dose": "15 mg", "timing": "daily", "since": "20 days ago"}
            ],
        },
    ),
}


def changed(value: Any, words: str, *, inside: bool = False) -> Any:
    """A copy in which every free text has other words added to it."""
    if isinstance(value, dict):
        return {name: changed(member, words, inside=name in FREE) for name, member in value.items()}
    if isinstance(value, list):
        return [changed(item, words, inside=inside) for item in value]
    return f"{words} {value} {words}" if inside and isinstance(value, str) else value


def cards(name: str, words: str) -> list[dict[str, Any]]:
    """The cards of a call whose free texts have words added."""
    hook, notation = CALLS[name]
    request = copy.deepcopy(request_of(notation, hook))
    request["prefetch"] = changed(request["prefetch"], words)
    if "draftOrders" in request["context"]:
        request["context"]["draftOrders"] = changed(request["context"]["draftOrders"], words)
    answer = send(hook, request)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.get_json()["cards"]
    assert found
    return found


def plain_texts(card: dict[str, Any]) -> Iterator[str]:
    """The texts of a card that are no Markdown."""
    yield card["summary"]
    yield card["source"]["label"]
    for suggestion in card.get("suggestions", []):
        yield suggestion["label"]
        yield from (action["description"] for action in suggestion.get("actions", []))
    yield from (reason["display"] for reason in card.get("overrideReasons", []))
    yield from (link["label"] for link in card.get("links", []))


def elements(found: list[dict[str, Any]], reader: int) -> Counter[str]:
    """The elements of all cards."""
    return sum((rendered(card["detail"])[reader].elements for card in found), Counter())


@pytest.mark.parametrize("name", CALLS)
def test_out_01_the_calls_bring_texts_into_cards(name: str) -> None:
    """What is put into a chart does reach a card; the tests below would otherwise prove nothing."""
    found = cards(name, HARMLESS)
    assert HARMLESS in json.dumps([card["detail"] for card in found])
    assert HARMLESS in json.dumps([list(plain_texts(card)) for card in found])


def test_out_01_there_are_enough_of_them() -> None:
    """At least a hundred, no two alike."""
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 100


@pytest.mark.parametrize("name", CALLS)
def test_out_01_text_of_a_chart_stays_text(name: str) -> None:
    """It makes no element, attribute or link, nothing is computed from it, and plain fields stay one line."""
    usual = cards(name, HARMLESS)
    links = {at for card in usual for seen in rendered(card["detail"]) for at in seen.attributes}
    for payload in PAYLOADS:
        found = cards(name, payload)
        for reader in (0, 1):
            assert (payload, elements(found, reader)) == (payload, elements(usual, reader))
        for card in found:
            assert (payload, *misread(card, links)) == (payload,)


def misread(card: dict[str, Any], links: set[tuple[str, str | None]]) -> Iterator[str]:
    """What a card holds that it must not."""
    if COMPUTED in json.dumps(card):
        yield "computed"
    yield from (str(at) for seen in rendered(card["detail"]) for at in seen.attributes - links)
    yield from (text for text in plain_texts(card) if CONTROL.search(text))
    addresses = [card["source"].get("url", "https://"), *(link["url"] for link in card.get("links", []))]
    yield from (address for address in addresses if not address.startswith("https://") or "evil" in address)


def test_out_01_the_name_of_an_order_is_no_markup() -> None:
    """Where a drug cannot be read the card names the order by its id, which is the caller's to choose."""
    hook, notation = CALLS["orders"]
    shown = 0
    for payload in PAYLOADS:
        request = copy.deepcopy(request_of(notation, hook))
        for number, each in enumerate(request["context"]["draftOrders"]["entry"]):
            each["resource"]["id"] = f"{payload}{number}"
            each["resource"].pop("medicationCodeableConcept", None)
            each["resource"]["medicationReference"] = {"reference": "Medication/none"}
        answer = send(hook, request)
        assert (payload, answer.status_code in (200, 400)) == (payload, True)
        for card in answer.get_json().get("cards", []):
            shown += 1
            for seen in rendered(card["detail"]):
                assert (payload, set(seen.elements) - {"p", "ul", "li", "strong"}) == (payload, set())
                assert (payload, seen.attributes) == (payload, set())
    assert shown > 50


MARKUP = st.text(st.sampled_from("ab1 .:/@<>[]()!*_`~#|&;=+-\\{}$%^\n\twhtps\u200b\u202e"), max_size=40)


@given(MARKUP)
def test_out_01_no_text_is_markup(text: str) -> None:
    """By itself, in a list or behind other words: it reads as it was written."""
    for before, usual in (
        ("", {"p"}),
        ("- ", {"ul", "li"}),
        ("Checked: ", {"p"}),
        ("**x** ", {"p", "strong"}),
    ):
        for seen in rendered(before + escape(text)):
            assert set(seen.elements) <= usual
            assert seen.attributes == set()
            wanted = f"{before.strip('-* ')}{plain(text)}".replace(" ", "")
            assert seen.text.replace(" ", "").strip() == wanted


@pytest.mark.parametrize(
    "words",
    [
        "\U0001f480" * 200,
        "e\u0301" * 200,
        "x" * 5_000,
        "\u0627" * 300,
        "word " * 200,
        "\U0001f468\u200d\U0001f469" * 90,
    ],
    ids=["emoji", "combining", "long", "right to left", "words", "joined"],
)
@pytest.mark.parametrize("name", CALLS)
def test_out_02_a_summary_fits(words: str, name: str) -> None:
    """139 characters at most, in valid UTF-8, whatever the names in the chart."""
    for card in cards(name, words):
        assert 0 < len(card["summary"]) <= 139
        card["summary"].encode("utf-8")
        assert not CONTROL.search(card["summary"])
        # Labels have no limit of their own, but a button of 5 000 characters is none.
        assert all(len(text) <= 200 for text in plain_texts(card))


def test_out_02_half_a_character_is_refused() -> None:
    """A surrogate without its other half is no text; it never reaches a card or the records."""
    hook, notation = CALLS["orders"]
    body = json.dumps(request_of(notation, hook), default=float).replace('"methotrexate"', '"\\ud800"')
    assert "\\ud800" in body
    path = f"/cds-services/{catalogue()[hook]['id']}"
    answer = app().test_client().post(path, data=body.encode(), content_type="application/json")
    assert answer.status_code == 400
