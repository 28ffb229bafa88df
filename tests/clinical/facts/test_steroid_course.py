"""The steroid of today, and how it compares with a taper."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from cds_service.clinical.chart import Medication
from cds_service.clinical.dosing import Step
from cds_service.clinical.facts import Scope
from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import NO, UNREAD, PlainChart, PlainTerms, ago, drug, limits, scope, taken


def step(first: int, days: int | None, mg: str) -> Step:
    """So much a day from a day of the course on."""
    dose = Known(Decimal(mg))
    return Step(first, days, dose, dose, Known(Decimal(mg) * 7), Known(Decimal(7)))


def tapering(days: int) -> Medication:
    """60 mg for 28 days, 50 for 14, then 40, begun so many days ago."""
    steps = (step(0, 28, "60"), step(28, 14, "50"), step(42, None, "40"))
    return drug("prednisone", replace(taken("60"), steps=steps), starts=ago(days))


@pytest.mark.parametrize(("days", "mg"), [(0, 60), (27, 60), (28, 50), (41, 50), (42, 40), (300, 40)])
def test_the_step_that_holds_today(days: int, mg: int) -> None:
    """Of a taper written as one order, the dose of the present step."""
    assert scope(drugs=Known((tapering(days),))).get("steroid_today_mg_per_day").value == mg


def test_all_running_courses_as_prednisone() -> None:
    """Different glucocorticoids add up; pulses, stopped and local ones do not count."""
    found = (
        drug("prednisone", taken("10")),
        drug("dexamethasone", taken("0.75")),
        drug("prednisolone", taken("40"), state="past", ends=ago(3)),
        drug("methylprednisolone", taken("1000", course=3), route="intravenous"),
    )
    here = scope(drugs=Known(found), results={})
    assert here.get("steroid_today_mg_per_day").value == 15


def test_a_dose_that_is_not_known_is_a_doubt() -> None:
    """One unknown among known ones leaves a doubt; alone it is unknown; so is an unread list."""
    unclear = drug("prednisolone", taken(None))
    both = scope(drugs=Known((drug("prednisone", taken("10")), unclear))).get("steroid_today_mg_per_day")
    assert (both.value, both.doubt) == (10, "today's dose of prednisolone is not known")
    assert isinstance(scope(drugs=Known((unclear,))).get("steroid_today_mg_per_day"), Unknown)
    assert isinstance(scope(drugs=UNREAD).get("steroid_today_mg_per_day"), Unknown)
    assert scope().get("steroid_today_mg_per_day") == Known(Decimal(0))
    assert NO.reason


def with_taper(*found: Medication) -> Scope:
    """A scope at a site that has chosen the default adult taper."""
    chosen = {**limits(), "monitoring.taper_profile": Decimal(1)}
    return Scope(PlainChart(drugs=Known(found)), PlainTerms(), chosen)


@pytest.mark.parametrize(
    ("dose", "days", "percent"),
    [("60", 10, 100), ("60", 30, 120), ("60", 181, 600), ("5", 300, 100)],
)
def test_against_the_taper_of_the_site(dose: str, days: int, percent: int) -> None:
    """60 mg is the plan for 28 days, then 50; it passes 10 mg on day 182; a maintenance dose is its own plan."""
    found = with_taper(drug("prednisone", taken(dose), starts=ago(days))).get("steroid_percent_of_taper")
    assert found.value == percent


def test_no_taper_chosen() -> None:
    """As shipped nothing is compared; without a steroid there is nothing to compare."""
    here = scope(drugs=Known((drug("prednisone", taken("60"), starts=ago(90)),)))
    assert here.get("steroid_percent_of_taper") == Known(Decimal(0))
    assert with_taper().get("steroid_percent_of_taper").value == 0


def test_the_taper_starts_from_the_first_dose_of_the_course() -> None:
    """60 mg, then 20 mg after 60 days: on day 90 the plan from 60 mg is 30 mg, so 20 is below it."""
    first = drug("prednisone", taken("60"), reference="MedicationRequest/a", starts=ago(90), ends=ago(30))
    now = drug("prednisone", taken("20"), starts=ago(30))
    found = with_taper(first, now).get("steroid_percent_of_taper")
    assert found.value < 100


@pytest.mark.parametrize(
    ("days", "due"),
    [(0, True), (35, True), (36, False), (179, False), (180, True), (207, True), (208, False), (360, True)],
)
def test_a_reminder_has_its_days(days: int, due: bool) -> None:
    """Until day 35 of the course, then for 28 days every 180."""
    running = drug("prednisone", taken("25"), starts=ago(days))
    assert scope(drugs=Known((running,))).get("steroid_reminder_due").value is due


def test_a_reminder_is_due_where_nobody_knows_the_day() -> None:
    """An order without any date, and a list that could not be read."""
    undated = drug("prednisone", taken("25"), starts=None, written=None)
    assert scope(drugs=Known((undated,))).get("steroid_reminder_due").value
    assert scope(drugs=UNREAD).get("steroid_reminder_due").value
