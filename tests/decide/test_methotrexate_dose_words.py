"""A methotrexate dose that is too high: the limit that fired, and the range of this patient."""

from __future__ import annotations

from typing import Any

from tests.decide.service import MAN, ask

Json = dict[str, Any]
MTX: Json = {"drug": "methotrexate", "timing": "weekly mon", "route": "oral"}
CHILD: Json = {
    "patient": {"age": 8, "sex": "female", "height": "128 cm", "weight": "26 kg", "onset": "3 weeks ago"},
    "problems": ["jdm"],
}


def about_dose(patient: Json, dose: str) -> Json:
    """The card about the dose."""
    cards = ask({**patient, "orders": [{**MTX, "dose": dose}]}, "order-select")["cards"]
    (card,) = (each for each in cards if each["source"]["topic"]["code"] == "SAFDOSEMTX")
    found: Json = card
    return found


def test_a_child_above_the_limit_by_surface() -> None:
    """30 mg passes the limits in milligrams; the one by surface is printed, with her own range."""
    card = about_dose(CHILD, "30 mg")
    assert card["summary"] == (
        "Methotrexate 30 mg a week is too much (31.2 mg/m² a week, above 30 mg/m²); this child: 15–17.5 mg once a week"
    )
    assert "Adults" not in card["detail"]


def test_a_child_without_a_size() -> None:
    """The absolute limit, and no range made up."""
    card = about_dose({**CHILD, "patient": {"age": 8, "sex": "female"}}, "45 mg")
    assert card["summary"] == "Methotrexate 45 mg a week is too much (above 40 mg, the most at any age)"
    assert "surface not known" in card["detail"]


def test_an_adult() -> None:
    """No word of children."""
    card = about_dose(MAN, "35 mg")
    assert "above 30 mg, the most for an adult" in card["summary"]
    assert "hild" not in card["detail"]
