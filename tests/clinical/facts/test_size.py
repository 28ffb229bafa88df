"""Weights and heights are used only where they can be believed, and always with their day."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import UNREAD, ago, person, result, results, scope, size
from tests.clinical.oracle import numbers, shown


def weight(*readings: tuple[str, int]) -> dict[str, Any]:
    """Weights and their ages in days."""
    return {"results": results(*(result("body_weight", kg, days, unit="kg") for kg, days in readings))}


def state(years: int, *readings: tuple[str, int]) -> object:
    """The state of the newest weight of a patient of that age."""
    found = scope(who=person(years), **weight(*readings)).get("weight_state")
    return found.value if isinstance(found, Known) else found


@pytest.mark.parametrize(
    ("years", "kg", "days", "expected"),
    [
        (50, "70", 180, "ok"),
        (50, "70", 181, "stale"),
        (50, "29.9", 1, "implausible"),
        (50, "30", 1, "ok"),
        (50, "300.1", 1, "implausible"),
        (8, "26", 30, "ok"),
        (8, "26", 31, "stale"),
        (8, "26", 180, "stale"),
        (8, "26", 181, "child-old"),
        (8, "80", 1, "implausible"),
        (1, "10", 14, "ok"),
        (1, "10", 15, "stale"),
    ],
)
def test_state_by_age_and_days(years: int, kg: str, days: int, expected: str) -> None:
    """Adults and children have their own ends and times; a day more is a day too much."""
    assert state(years, (kg, days)) == expected


def test_missing_is_known_and_unread_is_unknown() -> None:
    """No weight on record is ``missing``; a list that could not be read is unknown."""
    assert state(50) == "missing"
    assert isinstance(scope(results={"body_weight": UNREAD}).get("weight_state"), Unknown)


def test_pounds_and_jumps_are_implausible() -> None:
    """Pounds as kilograms at any age; in a child a jump over 15 per cent within 60 days."""
    assert state(50, ("154", 1), ("70", 400)) == "implausible"
    assert state(50, ("90", 1), ("70", 20)) == "ok"
    assert state(8, ("31", 1), ("26", 50)) == "implausible"
    assert state(8, ("29", 1), ("26", 50)) == "ok"
    assert state(8, ("31", 1), ("26", 70)) == "ok"


def test_an_implausible_weight_is_shown_but_not_used() -> None:
    """The reading stays visible; no dose is worked out from it."""
    here = scope(who=person(8), results=size("80", "128"))
    assert here.get("weight_kg").value == 80
    assert isinstance(here.get("dosing_weight_kg"), Unknown)
    assert isinstance(here.get("bsa_m2"), Unknown)


def test_a_stale_adult_weight_is_used_with_its_day() -> None:
    """An old adult weight counts, and its day travels with everything worked out from it."""
    here = scope(results=size("70", "165", days=200))
    assert here.get("dosing_weight_kg").value == 70
    assert here.get("bsa_m2").inputs[0].on == ago(200)


def test_a_childs_old_weight_is_not_used() -> None:
    """After half a year no dose for a child is worked out."""
    here = scope(who=person(8), results=size("26", "128", days=181))
    assert isinstance(here.get("dosing_weight_kg"), Unknown)


def test_heights_have_their_own_rules() -> None:
    """Inches are told, adults have five years, children 90 days."""
    inches = results(result("body_height", "65", 1, unit="cm"), result("body_height", "165", 300, unit="cm"))
    assert scope(results=inches).get("height_state").value == "implausible"
    assert scope(results=size(days=1826)).get("height_state").value == "ok"
    assert scope(results=size(days=1827)).get("height_state").value == "stale"
    assert scope(who=person(8), results=size("26", "128", 91)).get("height_state").value == "stale"
    assert scope(who=person(8), results=size("26", "128", 20)).get("dose_weight_state").value == "ok"


def test_surface_of_the_worked_patients() -> None:
    """The surfaces of the worked adult, by both formulas, and the index."""
    here = scope(results=size("68", "165"))
    assert shown(here.get("bsa_m2").value, Decimal("0.0001")) == numbers("G01")["bsa_mosteller"]
    assert shown(here.get("bsa_dubois_m2").value, Decimal("0.0001")) == numbers("G01")["bsa_dubois"]
    assert round(here.get("bmi").value, 1) == 25


def test_adjusted_weight_needs_sex_and_height() -> None:
    """120 kg at 165 cm, a woman: ideal 56.9, adjusted 82.1; without a recorded sex unknown."""
    here = scope(results=size("120", "165"))
    assert round(here.get("adjusted_weight_kg").value, 1) == Decimal("82.1")
    other = scope(who=person(50, "other"), results=size("120", "165"))
    assert isinstance(other.get("adjusted_weight_kg"), Unknown)


def test_below_one_year_there_is_no_table() -> None:
    """An infant's weight is neither plausible nor implausible: unknown, said so."""
    found = scope(who=person(0), **weight(("6", 1))).get("weight_state")
    assert isinstance(found, Unknown)
    assert "one year" in found.reason
