"""A dose written by weight or surface is multiplied out for the patient where the size is known and fits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask, unjudged

Json = dict[str, Any]
FIRST: dict[str, Json] = {
    "in words": {"text": "azathioprine", "sig": "3.5 mg/kg daily"},
    "in structure": {"drug": "azathioprine", "dose": "3.5 mg/kg", "timing": "daily"},
}


def told(order: Json, topic: str, **more: Any) -> list[str]:
    """The severities of the cards of a rule."""
    cards = ask({**MAN, **more, "orders": [order]})["cards"]
    return [each["indicator"] for each in cards if each["source"]["topic"]["code"] == topic]


@pytest.mark.parametrize(
    ("order", "topic", "severity"),
    [
        pytest.param(FIRST["in words"], "SAFDOSEAZA", ["critical"], id="azathioprine in words"),
        pytest.param(FIRST["in structure"], "SAFDOSEAZA", ["critical"], id="azathioprine in structure"),
        pytest.param({"text": "azathioprine", "sig": "2 mg/kg daily"}, "SAFDOSEAZA", [], id="a usual dose"),
        pytest.param(
            {"text": "prednisone", "sig": "2 mg/kg/day"}, "SAFDOSEGC", ["critical"], id="prednisone"
        ),
        pytest.param(
            {"text": "methotrexate", "sig": "25 mg/m2 weekly"}, "SAFDOSEMTX", ["critical"], id="by surface"
        ),
        pytest.param(
            {"text": "Privigen", "sig": "3 g/kg over 3 days"}, "SAFIVIG03", ["critical"], id="over days"
        ),
        pytest.param({"text": "Privigen", "sig": "2 g/kg over 2 days"}, "SAFIVIG03", [], id="a usual course"),
    ],
)
def test_a_dose_by_body_is_judged(order: Json, topic: str, severity: list[str]) -> None:
    """80 kg and 175 cm: what was written is compared, as if it had been in milligrams."""
    assert told(order, topic) == severity


@pytest.mark.parametrize("written", FIRST)
def test_without_a_weight_it_is_not(written: str) -> None:
    """Nobody knows then how much it is, and that is told."""
    no_weight = {"patient": {"age": 52, "sex": "male"}}
    assert told(FIRST[written], "SAFDOSEAZA", **no_weight) == []
    assert "SAF-DOSE-AZA" in unjudged(ask({**MAN, **no_weight, "orders": [FIRST[written]]}))


def test_a_cap_beside_it_leaves_it_unknown() -> None:
    """ "1 mg/kg, at most 60 mg" is not 80 mg."""
    order = {"text": "prednisone", "sig": "1 mg/kg/day (max 60 mg)"}
    assert told(order, "SAFDOSEGC") == []
    assert "SAF-DOSE-GC" in unjudged(ask({**MAN, "orders": [order]}))


def test_another_draft_still_adds_up() -> None:
    """Two drafts of one drug, one of them by weight: the one in milligrams is added to it."""
    by_weight = {"text": "azathioprine", "sig": "1.5 mg/kg daily"}
    plain = {"drug": "azathioprine", "dose": "150 mg", "timing": "daily"}
    cards = ask({**MAN, "orders": [by_weight, plain]})["cards"]
    assert any("3.38 mg/kg" in each["summary"] for each in cards)
