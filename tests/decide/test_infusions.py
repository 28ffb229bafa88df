"""Immunoglobulin and rituximab: what is said of a dose fits the patient's age, the weight it is for and the course it is in."""

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
