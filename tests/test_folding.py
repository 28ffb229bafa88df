"""The worked patients of the folding policy see the cards it lists: so many, so grave, in this order."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[1] / "fixtures"
NEW_ADULT = [("warning", "SCRCA01"), ("info", "REGSEQ01"), ("info", "SCRDYS01")]


@pytest.mark.parametrize(
    ("scenario", "cards"),
    [
        ("new-adult-visit", NEW_ADULT),
        ("new-adult-order", [("warning", "SAFMTX05"), ("warning", "SAFPJP01")]),
        ("stable-visit", []),
        ("stable-renewal", []),
        ("stable-refill", []),
        ("refractory-visit", [("warning", "SCRCA01"), ("info", "REGREF01")]),
        ("juvenile-visit", [("info", "REGSEQ01"), ("info", "SCRDYS01")]),
        ("juvenile-order", [("warning", "SAFMTX05"), ("info", "SAFGLU01")]),
    ],
)
def test_a_worked_patient_sees_these_cards(scenario: str, cards: list[tuple[str, str]]) -> None:
    """The severity and the leading rule of each card."""
    expected = json.loads((FIXTURES / scenario / "expected.json").read_text("utf-8"))
    assert [(card["indicator"], card["topic"]) for card in expected["cards"]] == cards


def test_rituximab_with_an_unclear_hepatitis_serology_is_stopped_first() -> None:
    """The critical card leads; what else is missing before rituximab follows, and nothing more."""
    expected = json.loads((FIXTURES / "refractory-rituximab" / "expected.json").read_text("utf-8"))
    assert [card["indicator"] for card in expected["cards"]] == ["critical", "warning", "warning"]
    assert expected["cards"][0]["topic"] == "SAFRTX01"
