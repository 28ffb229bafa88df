"""The glucocorticoid dose: what counts together, and what stands outside."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds_service.clinical.chart import Medication
from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import UNREAD, draft, drug, person, scope, size, taken
from tests.clinical.oracle import numbers, shown

DAILY = "prednisone_equivalent_mg_per_day"
PER_KG = "prednisone_equivalent_mg_per_kg_per_day"


def test_the_worked_doses() -> None:
    """120 mg at 60 kg is 2 mg/kg; dexamethasone 8 mg at 60 kg is 53.33 mg and 0.889 mg/kg."""
    here = scope(draft("prednisone", taken("120")), results=size("60", "162"))
    assert here.get(PER_KG).value == numbers("G09")["mg_per_kg"]
    dexa = scope(draft("dexamethasone", taken("8")), results=size("60", "165"))
    assert shown(dexa.get(DAILY).value, Decimal("0.01")) == numbers("G11")["prednisone_eq"]
    assert shown(dexa.get(PER_KG).value, Decimal("0.001")) == numbers("G11")["mg_per_kg"]


def test_another_glucocorticoid_adds_and_a_change_does_not() -> None:
    """Dexamethasone 6 mg beside prednisone 20 is 60; prednisone 40 for prednisone 60 is 40."""
    added = scope(draft("dexamethasone", taken("6")), drugs=Known((drug("prednisone", taken("20")),)))
    assert added.get(DAILY).value == 60
    changed = scope(draft("prednisone", taken("40")), drugs=Known((drug("prednisone", taken("60")),)))
    assert changed.get(DAILY).value == 40


def test_pulses_injections_and_creams_stand_outside() -> None:
    """Beside prednisone 60 a pulse, a single injection and a cream change nothing."""
    chart = (
        drug("methylprednisolone", taken("1000", course=3), route="intravenous"),
        drug("dexamethasone", taken("8", course=1), route="intramuscular"),
        drug("prednisolone", taken("50"), route="topical"),
    )
    assert scope(draft("prednisone", taken("60")), drugs=Known(chart)).get(DAILY).value == 60


@pytest.mark.parametrize(
    ("order", "years", "expected"),
    [
        (draft("prednisone", taken("60")), 50, "oral-course"),
        (draft("methylprednisolone", taken("1000", course=3), route="intravenous"), 50, "pulse"),
        (draft("methylprednisolone", taken("250", course=3), route="intravenous"), 50, "pulse"),
        (draft("methylprednisolone", taken("249", course=3), route="intravenous"), 50, "oral-course"),
        (draft("methylprednisolone", taken("1000"), route="intravenous"), 50, "oral-course"),
        (draft("methylprednisolone", taken("260", course=3), route="intravenous"), 8, "pulse"),
        (draft("methylprednisolone", taken("200", course=3), route="intravenous"), 8, "oral-course"),
        (draft("methylprednisolone", taken("100", course=1), route="intravenous"), 50, "one-day-parenteral"),
        (draft("dexamethasone", taken("8", course=1)), 50, "oral-course"),
        (draft("methylprednisolone", taken("500", course=5), reason_text="pulse therapy"), 50, "pulse"),
        (draft("methylprednisolone", taken("500", course=6), reason_text="pulse therapy"), 50, "oral-course"),
        (draft("methylprednisolone", taken("40"), route="topical"), 50, "local"),
    ],
)
def test_kinds(order: Medication, years: int, expected: str) -> None:
    """A pulse is intravenous with an end; a child's goes by weight too; oral ones must say so and be short."""
    here = scope(order, who=person(years), results=size("26", "128") if years == 8 else size())
    assert here.get("glucocorticoid_kind").value == expected


def test_a_childs_pulse_without_a_weight_cannot_be_told() -> None:
    """Below 250 mg the weight decides; without it the kind is unknown."""
    order = draft("methylprednisolone", taken("200", course=3), route="intravenous")
    assert isinstance(scope(order, who=person(8)).get("glucocorticoid_kind"), Unknown)


def test_a_pulse_by_dose_weight_and_days() -> None:
    """780 mg at 26 kg is 30 mg/kg, on three days in a row; dexamethasone counts as methylprednisolone."""
    order = draft("methylprednisolone", taken("780", course=3), route="intravenous")
    here = scope(order, who=person(8), results=size("26", "128"))
    assert here.get("pulse_mg_per_kg_per_day").value == 30
    assert here.get("pulse_mg_per_day").value == 780
    assert here.get("pulse_days").value == 3
    dexa = scope(draft("dexamethasone", taken("150", course=3), route="intravenous"))
    assert dexa.get("pulse_mg_per_day").value == 800


def test_weekly_pulses_are_not_days_in_a_row() -> None:
    """Six weekly pulses are one day each."""
    order = draft("methylprednisolone", taken("500", days_a_week="1", course=36), route="intravenous")
    assert scope(order).get("pulse_days").value == 1


def test_doubts() -> None:
    """An unread record leaves a doubt on the sum; an unknown own dose is unknown; none at all is zero."""
    assert scope(draft("prednisone", taken("60")), drugs=UNREAD).get(DAILY).doubt
    assert isinstance(scope(draft("prednisone", taken(None))).get(DAILY), Unknown)
    assert scope().get(DAILY) == Known(Decimal(0))
    vague = scope(draft("dexamethasone", taken("6")), drugs=Known((drug("prednisone", taken(None)),)))
    assert vague.get(DAILY).value == 40
    assert vague.get(DAILY).doubt


def test_at_a_visit_the_running_courses_count() -> None:
    """Without an order, what is in force is the dose; no weight, no dose by weight."""
    here = scope(drugs=Known((drug("prednisone", taken("10")), drug("dexamethasone", taken("0.75")))))
    assert here.get(DAILY).value == 15
    assert isinstance(here.get(PER_KG), Unknown)
    assert scope().get(PER_KG).value == 0


def test_a_course_is_no_premedication() -> None:
    """Tablets are a course; a single injection, a pulse and a cream are none."""
    once = draft("dexamethasone", taken("8", course=1), route="intravenous")
    assert scope(once).get("takes_steroid_course").value is False
    assert scope(draft("prednisone", taken("5"))).get("takes_steroid_course").value is True
    assert (
        scope(draft("prednisolone", taken("5"), route="topical")).get("takes_steroid_course").value is False
    )
