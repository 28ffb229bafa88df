"""Immunoglobulin and rituximab: what is said of a dose fits the patient's age, weight and course."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.decide.service import MAN, ask

Json = dict[str, Any]
GIRL: Json = {
    "patient": {"age": 8, "sex": "female", "height": "128 cm", "weight": "26 kg", "onset": "5 weeks ago"},
    "problems": ["jdm"],
    "labs": [{"hbsag": "negative", "on": "20 days ago"}, {"anti_hbc": "negative", "on": "20 days ago"}],
}


def rituximab(dose: str) -> Json:
    """One infusion of rituximab about to be signed."""
    return {"orders": [{"drug": "rituximab", "dose": dose, "timing": "once", "route": "intravenous"}]}


@pytest.mark.parametrize("dose", ["550 mg", "577 mg", "1100 mg"])
def test_a_childs_rituximab_is_not_told_an_adults_dose(dose: str) -> None:
    """575 mg/m² for 0.96 m² is 550 mg: "1 g" or "adults" is nowhere in the answer, whatever is ordered."""
    said = json.dumps(ask(GIRL | rituximab(dose))["cards"])
    assert "1 g on day" not in said
    assert "Adults" not in said


def test_what_is_too_much_for_a_child_is_told_by_surface() -> None:
    """The card says what was ordered by surface, and what the surface rests on."""
    said = ask(GIRL | rituximab("640 mg"))["cards"][0]
    assert said["indicator"] == "critical"
    assert "666 mg/m² at a surface of 0.96 m²" in said["detail"]


def test_an_adult_is_told_the_course_of_adults() -> None:
    """Whose dose it is stands beside it."""
    assert "Rituximab, adults: 1 g on day 0 and 14" in json.dumps(ask(MAN | rituximab("1000 mg"))["cards"])


def immunoglobulin(grams: str, days: int, **more: Any) -> Json:
    """A course of immunoglobulin, on consecutive days."""
    return {"drug": "ivig", "dose": grams, "timing": "daily", "days": days, "route": "intravenous", **more}


@pytest.mark.parametrize(
    ("patient", "order", "told"),
    [
        (MAN, immunoglobulin("88.1 g", 2), "2.203 g/kg in 28 days"),
        (MAN, immunoglobulin("88.4 g", 2), "2.21 g/kg in 28 days"),
        (
            MAN | {"patient": {**MAN["patient"], "age": 65}},
            immunoglobulin("32.1 g", 5),
            "0.401 g/kg a day: split over 5 days",
        ),
        (GIRL, rituximab("577 mg")["orders"][0], "600.1 mg/m² at a surface of 0.96 m²"),
    ],
)
def test_a_dose_above_a_limit_is_not_told_as_the_limit(patient: Json, order: Json, told: str) -> None:
    """176.2 g for 80 kg is above 2.2 g/kg, and "2.20" would look as if it were not."""
    assert told in json.dumps(ask(patient | {"orders": [order]})["cards"], ensure_ascii=False)


def test_a_low_dose_of_immunoglobulin_names_its_weight() -> None:
    """The reader sees which weight the grams per kilogram are of."""
    assert "IVIG 1.00 g/kg a cycle by actual weight is below 2 g/kg" in json.dumps(
        ask(MAN | {"orders": [immunoglobulin("40 g", 2)]})["cards"]
    )


def test_a_low_dose_of_a_child_is_told_with_the_most_a_child_gets() -> None:
    """At 60 kg, 2 g/kg would be far above the 70 g that is a child's limit."""
    boy = {**MAN, "patient": {**GIRL["patient"], "age": 14, "height": "160 cm", "weight": "60 kg"}}
    said = json.dumps(ask(boy | {"problems": ["jdm"], "orders": [immunoglobulin("25 g", 2)]})["cards"])
    assert "is below 2 g/kg (a child: at most 70 g)" in said
