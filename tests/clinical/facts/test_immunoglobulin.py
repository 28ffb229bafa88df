"""Immunoglobulin: what 28 days hold, how soon it is repeated, and how fast it runs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from cds_service.clinical.dosing import Amount, Exposure, Instruction, Timing, exposure
from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import UNREAD, ago, draft, drug, person, result, results, scope, size, taken

TWO_GRAMS = taken("70000", course=2)
"""140 g over two days: 2 g/kg for 70 kg."""


def in_words(text: str) -> Exposure:
    """What an order of that text amounts to."""
    return exposure([Instruction(text=text)], strength=None)


def in_structure(grams: int, times: int, weeks: int) -> Exposure:
    """What so many grams amount to, so many times in so many weeks."""
    dose, every = Amount(Decimal(grams), Decimal(grams), "g"), Timing(times, None, Decimal(weeks), None, "wk")
    return exposure([Instruction(amount=dose, timing=every)], strength=None)


CYCLES = {
    "structure": in_structure(70, 2, 4),
    "words": in_words("70 g daily for 2 days every 4 weeks"),
    "five days": in_words("28 g daily for 5 days every month"),
    "in all": in_words("140 g over 2 days every 4 weeks"),
}


@pytest.mark.parametrize("order", CYCLES.values(), ids=CYCLES)
def test_the_days_of_a_cycle_are_one_course(order: Exposure) -> None:
    """Infusions of days in a row every four weeks are one course of 2 g/kg, and none comes too soon."""
    here = scope(draft("ivig", order), results=size("70"))
    assert here.get("grams_per_kg_28_days").value == 2
    assert here.get("mg_per_course").value == 140_000
    assert here.get("infusions_too_close").value is False


@pytest.mark.parametrize(
    ("times", "weeks", "close"), [(2, 2, True), (1, 2, True), (2, 3, False), (1, 3, False)]
)
def test_cycles_too_close(times: int, weeks: int, close: bool) -> None:
    """It is the days between cycles that count."""
    here = scope(draft("ivig", in_structure(70, times, weeks)), results=size("70"))
    assert here.get("infusions_too_close").value is close


@pytest.mark.parametrize(("days", "grams"), [(14, 4), (27, 4), (28, 2), (60, 2)])
def test_a_course_within_28_days_counts(days: int, grams: int) -> None:
    """What was given in the 28 days before is added; what was given earlier is not."""
    before = drug("ivig", TWO_GRAMS, route="intravenous", starts=ago(days), ends=ago(days - 1), state="past")
    here = scope(draft("ivig", TWO_GRAMS), drugs=Known((before,)), results=size("70"))
    assert here.get("grams_per_kg_28_days").value == grams


def test_an_open_order_is_what_the_draft_renews() -> None:
    """A running monthly order without an end is not added to its own renewal."""
    monthly = taken("140000", days_a_week="0.25")
    here = scope(draft("ivig", monthly), drugs=Known((drug("ivig", monthly),)), results=size("70"))
    assert here.get("grams_per_kg_28_days").value == 2


def test_an_unread_list_leaves_a_doubt() -> None:
    """Without the list of medications the draft alone is judged, with a doubt."""
    assert scope(draft("ivig", TWO_GRAMS), drugs=UNREAD, results=size("70")).get("grams_per_kg_28_days").doubt


@pytest.mark.parametrize(("days", "close"), [(1, False), (5, False), (6, True), (20, True), (21, False)])
def test_days_in_a_row_are_no_repeat(days: int, close: bool) -> None:
    """Orders up to five days apart are one course; then 21 days are the shortest interval."""
    one = taken("35000", course=1)
    before = drug("ivig", one, starts=ago(days), ends=ago(days), state="past")
    here = scope(draft("ivig", one), drugs=Known((before,)), results=size("70"))
    assert here.get("infusions_too_close").value is close


@pytest.mark.parametrize(
    ("age", "gap", "per_dose", "loading"),
    [
        (8, "0.5", "50000", True),
        (8, "1", "50000", False),
        (8, "0.5", "60000", False),
        (40, "0.5", "50000", False),
    ],
)
def test_a_loading_schedule_is_a_childs(age: int, gap: str, per_dose: str, loading: bool) -> None:
    """Every two weeks, three times, up to 2.2 g/kg each, below 18 years."""
    spaced = taken(per_dose, days_a_week=gap, course=42 if gap == "0.5" else 21)
    here = scope(draft("ivig", spaced), who=person(age), results=size("25", "125"))
    assert here.get("loading_schedule").value is loading


@pytest.mark.parametrize(
    ("value", "unit", "name", "rate"),
    [
        ("0.05", "mL/kg/min", "ivig", "0.05"),
        ("168", "mL/h", "ivig", "0.04"),
        ("4", "mg/kg/min", "Octagam 10 %", "0.04"),
        ("16.8", "g/h", "Privigen 10%", "0.04"),
        ("2", "mL/min", "ivig", None),
    ],
)
def test_rates_in_any_unit(value: str, unit: str, name: str, rate: str | None) -> None:
    """By weight and minute, whatever the order says; a mass needs the strength of the solution."""
    amount = Amount(Decimal(value), Decimal(value), unit)
    order = replace(draft("ivig", infusion_rates=(amount,)), name=name)
    found = scope(order, results=size("70")).get("infusion_rate")
    assert round(found.value, 2) == Decimal(rate or "0.03")
    assert scope(draft("ivig")).get("infusion_rate").value == 0


def test_a_mass_without_a_strength_is_unknown() -> None:
    """Grams an hour of a solution of unknown strength say nothing about its volume."""
    rate = Amount(Decimal(10), Decimal(10), "g/h")
    assert isinstance(
        scope(draft("ivig", infusion_rates=(rate,)), results=size("70")).get("infusion_rate"), Unknown
    )


@pytest.mark.parametrize(
    ("name", "known"),
    [("Octagam 10 %", True), ("Octagam", True), ("Octagam 5 %", False), ("Privigen 10 %", False)],
)
def test_the_product_whose_rate_is_known(name: str, known: bool) -> None:
    """Octagam 10 % alone, also where the order leaves the strength out."""
    assert scope(replace(draft("ivig"), name=name)).get("label_rate_known").value is known


@pytest.mark.parametrize(
    ("shown", "finding", "is_o"),
    [("O Rh positive", "", True), ("0", "", True), ("A", "", False), ("", "group_o", True)],
)
def test_blood_group(shown: str, finding: str, is_o: bool) -> None:
    """Group O by its code or its words; nothing on record is not known to be O."""
    found = results(result("blood_group", None, shown=shown, finding=finding))
    assert scope(results=found).get("blood_group_o").value is is_o
    assert scope().get("blood_group_o").value is False


def given(*days: int) -> Known[tuple[Any, ...]]:
    """A course of two days on record that began so many days ago, each."""
    return Known(
        tuple(drug("ivig", TWO_GRAMS, starts=ago(day), ends=ago(day - 1), state="past") for day in days)
    )


@pytest.mark.parametrize(
    ("days", "cycles"),
    [
        ((), 0),
        ((28, 56, 84, 112), 4),
        ((28, 30, 56), 2),
        ((28, 42, 56), 2),
        ((90, 180), 2),
        ((91, 119), 0),
        ((28, 56, 147), 2),
    ],
)
def test_cycles_before_this_one(days: tuple[int, ...], cycles: int) -> None:
    """Infusions within three weeks are one cycle; more than 90 days without one begin a new series."""
    assert scope(drugs=given(*days)).get("immunoglobulin_cycles").value == cycles


@pytest.mark.parametrize(("since", "cycles"), [(112, 4), (111, 4), (84, 3), (0, 0)])
def test_cycles_of_an_order_that_repeats(since: int, cycles: int) -> None:
    """A monthly order without an end has begun so many cycles by yesterday."""
    monthly = drug("ivig", CYCLES["structure"], starts=ago(since))
    assert scope(drugs=Known((monthly,))).get("immunoglobulin_cycles").value == cycles


def test_weekly_doses_are_cycles_of_three_weeks() -> None:
    """Four weekly doses are two cycles, not four: a weekly schedule does not count up faster."""
    weekly = drug("ivig", taken("20000", days_a_week="1"), starts=ago(28))
    assert scope(drugs=Known((weekly,))).get("immunoglobulin_cycles").value == 2


def test_an_undated_order_leaves_a_doubt() -> None:
    """Nobody knows how many cycles it stands for."""
    assert scope(drugs=Known((drug("ivig", TWO_GRAMS, starts=None),))).get("immunoglobulin_cycles").doubt


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("on ideal body weight 56.9 kg", "ideal"),
        ("IBW 57 kg", "ideal"),
        ("dosing weight: adjusted 74 kg", "adjusted"),
        ("2 g/kg ABW", "adjusted"),
        ("by actual weight", "actual"),
        ("dosing weight 70 kg", "ideal"),
        ("", "ideal"),
    ],
)
def test_the_weight_an_order_is_reckoned_by(text: str, weight: str) -> None:
    """With a BMI of 37: the one that is named, else the lightest it may mean."""
    order = draft("ivig", replace(TWO_GRAMS, text=text))
    here = scope(order, who=person(60, sex="female"), results=size("100", "165"))
    assert here.get("immunoglobulin_weight").value == weight


def test_a_slim_patient_has_one_weight() -> None:
    """With a BMI below 30 it is the actual one where none is named."""
    here = scope(draft("ivig", TWO_GRAMS), who=person(60), results=size("70", "175"))
    assert here.get("immunoglobulin_weight").value == "actual"
    assert here.get("grams_per_kg_28_days_by_its_weight").value == 2
