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


def test_a_missing_weight_is_told_once_with_its_button() -> None:
    """Hydroxychloroquine without a weight: one card says so, what was not checked, and offers to measure."""
    patient = {"age": 52, "sex": "male", "height": "175 cm", "onset": "5 weeks ago"}
    order = {"drug": "hydroxychloroquine", "dose": "400 mg", "timing": "daily", "route": "oral"}
    cards = ask({"patient": patient, "problems": ["dermatomyositis"], "orders": [order]}, "order-sign")[
        "cards"
    ]
    assert "NOTCHECKED" not in [card["source"]["topic"]["code"] for card in cards]
    (card,) = [card for card in cards if "weight" in card["detail"]]
    assert card["summary"] == "Record weight: not on record, so the dose was not checked against body size"
    assert (card["indicator"], [each["label"] for each in card["suggestions"]]) == (
        "warning",
        ["Measure weight"],
    )
    assert "- Dose of hydroxychloroquine: weight is not on record" in card["detail"]


def test_the_words_about_a_weight_are_those_of_its_fault() -> None:
    """An old weight of a child is not called pounds; one that cannot be is, and what was not checked stands with it."""
    order = {"drug": "prednisolone", "dose": "20 mg", "timing": "daily", "route": "oral"}
    child = {
        "age": 11,
        "sex": "female",
        "height": "144 cm",
        "weight": [{"value": "36 kg", "on": "62 days ago"}],
        "onset": "3 weeks ago",
    }
    (old,) = cards_of("SAFWT01", {"patient": child, "problems": ["jdm"], "orders": [order]})
    assert old["summary"] == "Weigh before dosing: weight 36 kg is of 2026-09-23, and a child grows"
    assert "pounds" not in old["detail"]
    adult = {"age": 44, "sex": "female", "height": "165 cm", "onset": "3 weeks ago",
             "weight": [{"value": "68 kg", "on": "60 days ago"}, {"value": "150 kg", "on": "2 days ago"}]}  # fmt: skip
    (odd,) = cards_of("SAFWT01", {"patient": adult, "problems": ["dermatomyositis"], "orders": [order]})
    assert "pounds entered as kilograms" in odd["detail"]
    assert "- Dose of a systemic glucocorticoid: the recorded weight is implausible" in odd["detail"]


def cards_of(topic: str, chart: dict[str, Any]) -> list[dict[str, Any]]:
    """The cards of a topic when the order is signed."""
    return [card for card in ask(chart, "order-sign")["cards"] if card["source"]["topic"]["code"] == topic]
