"""What a card about a dose tells to give instead: for this patient, and the same on every line."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask

Json = dict[str, Any]
OURS = "org.dermatomyositis-cds"


def ordered(drug: str, dose: str, timing: str = "daily", **more: Any) -> Json:
    """The man with one order and a good kidney."""
    order = {"drug": drug, "dose": dose, "timing": timing, "route": "oral"}
    return {**MAN, "labs": [{"creatinine": "0.9 mg/dL", "on": "6 days ago"}], "orders": [order], **more}


def of_weight(weight: str, **more: Any) -> Json:
    """Another weight, for whom nothing else changes."""
    return {"patient": {**MAN["patient"], "weight": weight, **more}}


def card_of(notation: Json, rule: str, hook: str = "order-sign") -> Json:
    """The card that carries a rule."""
    for card in ask(notation, hook)["cards"]:
        if any(each["rule"] == rule for each in card["extension"][OURS]["rules"]):
            found: Json = card
            return found
    raise AssertionError(f"no card of {rule}")


def flat(card: Json) -> str:
    """Summary and detail on one line."""
    return " ".join(f"{card['summary']} {card['detail']}".split())


@pytest.mark.parametrize(
    ("weight", "dose", "recipe"),
    [
        pytest.param("70 kg", "400 mg", "400 mg on 5 of 7 days, 200 mg on 2.", id="twelve tablets"),
        pytest.param("80 kg", "600 mg", "400 mg on 7 of 7 days.", id="fourteen, the most"),
        pytest.param("46 kg", "400 mg", "400 mg on 1 of 7 days, 200 mg on 6.", id="eight"),
        pytest.param("40 kg", "400 mg", "200 mg on 7 of 7 days.", id="seven: no day with two"),
        pytest.param("39 kg", "200 mg", "200 mg on 6 of 7 days.", id="six: not every day"),
    ],
)
def test_hydroxychloroquine_tells_a_week_within_the_limit(weight: str, dose: str, recipe: str) -> None:
    """Tablets of 200 mg spread over seven days; 200 and 400 mg in turn would be too much below 53 kg."""
    told = flat(card_of(ordered("hydroxychloroquine", dose, **of_weight(weight)), "SAF-HCQ-01"))
    assert recipe in told
    assert "lternate" not in told


def test_hydroxychloroquine_for_a_child_is_not_taken_every_day() -> None:
    """At 26 kg four tablets a week are the most."""
    child = {"age": 8, "sex": "female", "height": "128 cm", "weight": "26 kg", "onset": "5 weeks ago"}
    notation = ordered("hydroxychloroquine", "200 mg", patient=child, problems=["jdm"])
    assert "200 mg on 4 of 7 days." in flat(card_of(notation, "SAF-HCQ-01"))


def test_hydroxychloroquine_without_a_weight_tells_no_tablets() -> None:
    """Above 400 mg is too much at any weight; how many tablets are right is not known."""
    nobody = {name: value for name, value in MAN["patient"].items() if name != "weight"}
    told = flat(card_of(ordered("hydroxychloroquine", "600 mg", patient=nobody), "SAF-HCQ-01"))
    assert "above 400 mg" in told
    assert "tablets at most" not in told


def test_too_much_tofacitinib_is_not_lowered_to_a_dose_that_is_forbidden_too() -> None:
    """With Child-Pugh C liver disease the card about the dose says that there is none."""
    notation = ordered(
        "tofacitinib", "10 mg", "twice daily", problems=["dermatomyositis", "cirrhosis", "ascites"]
    )
    told = flat(card_of(notation, "SAF-DOSE-JAK"))
    assert "severe (Child-Pugh C) liver disease" in told
    assert "Do not start" in told


@pytest.mark.parametrize(
    ("dose", "told", "severity"),
    [
        pytest.param(
            "161 mg", "Ciclosporin 4.025 mg/kg a day is above the usual range", "warning", id="above 4"
        ),
        pytest.param(
            "201 mg", "Ciclosporin 5.025 mg/kg a day is above the dangerous", "critical", id="above 5"
        ),
    ],
)
def test_ciclosporin_is_told_with_one_range(dose: str, told: str, severity: str) -> None:
    """The limit is never printed as what lies above it, and every line of the card names the same limits."""
    card = card_of(ordered("ciclosporin", dose, "twice daily"), "SAF-DOSE-CNI")
    assert (card["indicator"], card["summary"].startswith(told)) == (severity, True)
    assert "2.5–4" not in flat(card)
    assert "2.5–5" not in flat(card)
    assert "at most 4 by the label (arthritis, psoriasis), up to 5 in myositis" in flat(card)
    assert "label maximum 4, in myositis up to 5" in flat(card)
    assert "acrolimus" not in flat(card)


@pytest.mark.parametrize("dose", ["200 mg", "400 mg"])
def test_hydroxychloroquine_with_little_kidney_function_is_told_its_dose(dose: str) -> None:
    """Below an eGFR of 30 half the usual limit at most, whatever was ordered."""
    notation = ordered("hydroxychloroquine", dose, labs=[{"creatinine": "3.0 mg/dL", "on": "6 days ago"}])
    told = flat(card_of(notation, "REG-HCQ-01"))
    assert "avoid, or at most half the usual limit (2.5 mg/kg a day)" in told


def test_a_high_level_of_ciclosporin_asks_for_a_trough() -> None:
    """Nobody knows how long after the dose it was drawn, so it is repeated before the dose is changed."""
    running = {"drug": "ciclosporin", "dose": "100 mg", "timing": "twice daily", "since": "60 days ago"}
    chart = {
        **MAN,
        "medications": [running],
        "labs": [{"ciclosporin_level": "260 ng/mL", "on": "3 days ago"}],
    }
    card = card_of(chart, "REG-CSA-01", "patient-view")
    assert card["indicator"] == "warning"
    assert "repeat as a trough before changing the dose" in card["summary"]
