"""What a replay compares: every difference is told in a sentence, and nothing else is a difference."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.replay.observed import differences, pinned


def card(topic: str = "SAFMTX01", **changes: Any) -> dict[str, Any]:
    return {
        "uuid": "a",
        "summary": "Once a week",
        "indicator": "critical",
        "detail": "long words",
        "source": {"label": "x", "topic": {"code": topic}},
        "suggestions": [{"label": "Change to once weekly", "uuid": "b"}],
        "extension": {
            "org.dermatomyositis-cds": {"rules": [{"rule": "SAF-MTX-01", "indicator": "critical"}]}
        },
    } | changes


def answer(*cards: dict[str, Any], unjudged: tuple[str, ...] = ()) -> dict[str, Any]:
    rows = [{"rule": rule, "missing": ["creatinine"]} for rule in unjudged]
    return {"cards": list(cards), "extension": {"org.dermatomyositis-cds": {"notEvaluated": rows}}}


def told(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    return differences(pinned(200, expected), pinned(200, found))


def test_fresh_ids_and_prose_are_no_difference() -> None:
    """Two answers that differ in uuid and detail agree."""
    assert told(answer(card()), answer(card(uuid="z", detail="other words"))) == []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (answer(), "SAFMTX01 (critical: Once a week) did not appear"),
        (answer(card(), card("SAFMTX04")), "SAFMTX04 (critical: Once a week) appeared and is not expected"),
        (answer(card(indicator="warning")), "indicator: expected 'critical', got 'warning'"),
        (answer(card(summary="Daily")), "summary: expected 'Once a week', got 'Daily'"),
        (answer(card(suggestions=[])), "offers: without 'Change to once weekly'"),
        (answer(card(), unjudged=("SAF-MTX-04",)), "SAF-MTX-04 was not evaluated (lacks creatinine)"),
        ({"cards": [card()] * 2}, "appeared and is not expected"),
    ],
)
def test_each_difference_is_told(found: dict[str, Any], words: str) -> None:
    """A lost, new or changed card and an unjudged rule are each one readable sentence."""
    assert any(words in each for each in told(answer(card()), found))


def test_a_rule_judged_at_last_is_told() -> None:
    """What was expected not to be evaluated and now is, is a difference too."""
    assert told(answer(unjudged=("SAF-MTX-04",)), answer()) == [
        "SAF-MTX-04 was expected not to be evaluated (lacks creatinine), but was"
    ]


def test_order_matters() -> None:
    """The same cards in another order are a difference."""
    one, other = card(), card("SAFMTX04")
    assert told(answer(one, other), answer(other, one)) == [
        "the cards are the same but come in another order"
    ]


def test_a_refusal_is_compared_by_its_status_and_words() -> None:
    """An answer where a refusal was expected, or another refusal, is told."""
    refused = pinned(412, {"issue": [{"diagnostics": "conditions could not be had"}]})
    assert differences(refused, refused) == []
    assert "expected status 412, got 0 cards" in differences(refused, pinned(200, answer()))[0]


@pytest.mark.parametrize("body", [None, [], "x", {"cards": "none"}, {"cards": [1]}, {"extension": 3}])
def test_a_malformed_answer_is_no_cards_not_a_crash(body: object) -> None:
    """A service under test may answer anything."""
    assert pinned(200, body) == {"cards": [], "notEvaluated": []}
