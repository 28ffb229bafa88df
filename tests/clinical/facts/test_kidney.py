"""Kidney function is worked out from the right value by the right formula, or said to be unknown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds_service.clinical.facts.kidney import OTHER, TRUSTED
from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import UNREAD, ago, draft, drug, person, result, results, scope, size, taken
from tests.clinical.oracle import numbers, shown

WEEKLY = taken("15", days_a_week="1")


def creatinine(*readings: tuple[str, int]) -> dict[str, Any]:
    """Creatinines and their ages in days."""
    return {"results": results(*(result("creatinine", v, d, unit="mg/dL") for v, d in readings))}


@pytest.mark.parametrize(
    ("years", "sex", "value", "expected"),
    [(55, "female", "0.8", "86.96"), (72, "female", "1.9", "27.71"), (66, "male", "1.6", "47.22")],
)
def test_adults_by_ckd_epi(years: int, sex: str, value: str, expected: str) -> None:
    """An adult's newest creatinine goes through CKD-EPI 2021, unrounded, with its day."""
    found = scope(who=person(years, sex), **creatinine((value, 6))).get("egfr")  # type: ignore[arg-type]
    assert shown(found.value, Decimal(expected)) == Decimal(expected)
    assert found.inputs[0].on == ago(6)


def test_a_child_by_schwartz_needs_a_height() -> None:
    """Eight years, 128 cm, 0.4 mg/dL: 132.2; without a height unknown, and the height is named."""
    both = {**size("26", "128"), **results(result("creatinine", "0.4", unit="mg/dL"))}
    found = scope(who=person(8), results=both).get("egfr")
    assert shown(found.value, Decimal("0.1")) == numbers("G06")["egfr_schwartz"]
    alone = scope(who=person(8), **creatinine(("0.4", 5))).get("egfr")
    assert isinstance(alone, Unknown)
    assert "body_height" in alone.missing


def test_below_one_year_no_formula_holds() -> None:
    """An infant has no eGFR here."""
    assert isinstance(scope(who=person(0), **creatinine(("0.3", 5))).get("egfr"), Unknown)


def test_the_newest_creatinine_counts_up_to_400_days() -> None:
    """A newer value wins whatever it says; after 400 days there is none, and that is said."""
    found = scope(**creatinine(("1.9", 3), ("0.8", 60))).get("egfr")
    assert found.value < 40
    assert isinstance(scope(**creatinine(("0.8", 400))).get("egfr"), Known)
    assert isinstance(scope(**creatinine(("0.8", 401))).get("egfr"), Unknown)


def test_a_newer_trusted_value_wins() -> None:
    """A reported cystatin C or CKD-EPI 2021 value wins if newer than the creatinine, else not."""
    own = result("creatinine", "0.8", 20, unit="mg/dL")
    for name in TRUSTED:
        newer = scope(results=results(own, result(name, "28", 5, comparator="<"))).get("egfr")
        assert newer.value == 28
        older = scope(results=results(own, result(name, "28", 30))).get("egfr")
        assert older.value > 60


def test_other_reported_values_only_without_creatinine() -> None:
    """An unnamed formula counts only where no creatinine exists; ">60" counts as 60."""
    reported = result(OTHER[0], "60", 5, comparator=">")
    assert scope(results=results(reported)).get("egfr").value == 60
    both = results(reported, result("creatinine", "1.9", 30, unit="mg/dL"))
    assert scope(results=both).get("egfr").value < 60


@pytest.mark.parametrize("sex", ["other", "unknown"])
def test_without_a_sex_the_formula_is_not_guessed(sex: str) -> None:
    """CKD-EPI has two forms; without a recorded sex neither is chosen."""
    assert isinstance(scope(who=person(50, sex), **creatinine(("1", 5))).get("egfr"), Unknown)  # type: ignore[arg-type]


def test_absent_and_unread_are_told_apart() -> None:
    """No creatinine: a plain no for ``creatinine_recent``; an unreadable list: unknown."""
    assert scope().get("creatinine_recent", within_days=30) == Known(False)
    unread = scope(results={"creatinine": UNREAD})
    assert isinstance(unread.get("creatinine_recent", within_days=30), Unknown)
    assert isinstance(unread.get("egfr"), Unknown)


@pytest.mark.parametrize(("days", "recent"), [(30, True), (31, False)])
def test_recent_has_a_last_day(days: int, recent: bool) -> None:
    """The thirtieth day still counts."""
    assert scope(**creatinine(("1", days))).get("creatinine_recent", within_days=30).value is recent


def test_the_fall_is_against_the_median_before_the_drug() -> None:
    """Baseline: median of 8 to 365 days before the start of the course, not values during it."""
    active = drug("methotrexate", WEEKLY, starts=ago(100))
    chart = creatinine(("1.6", 3), ("1.4", 50), ("0.8", 110), ("0.8", 150), ("1.0", 200))
    here = scope(draft("methotrexate", WEEKLY), drugs=Known((active,)), **chart)
    assert here.get("baseline_creatinine").value == Decimal("0.8")
    assert 50 < here.get("egfr_fall_percent").value < 65
    assert here.get("creatinine_rise_percent").value == 100


def test_without_such_values_the_lowest_of_the_year() -> None:
    """A first order compares with the values before today; with values of the course only, their lowest."""
    active = drug("methotrexate", WEEKLY, starts=ago(400))
    chart = creatinine(("1.6", 3), ("1.0", 100), ("1.2", 200))
    here = scope(draft("methotrexate", WEEKLY), drugs=Known((active,)), **chart)
    assert here.get("baseline_creatinine").value == Decimal("1.0")


def test_with_one_value_there_is_no_fall_to_speak_of() -> None:
    """A single recent creatinine has nothing to be compared with."""
    here = scope(draft("methotrexate", WEEKLY), **creatinine(("1.6", 3)))
    assert isinstance(here.get("egfr_fall_percent"), Unknown)


def test_a_creatinine_of_zero_is_no_baseline() -> None:
    """Nothing can have risen from it."""
    here = scope(draft("methotrexate", taken("15")), **creatinine(("1.2", 3), ("0", 60)))
    assert isinstance(here.get("baseline_creatinine"), Unknown)
    assert isinstance(here.get("creatinine_rise_percent"), Unknown)


def test_a_course_that_nobody_dated_has_a_baseline_all_the_same() -> None:
    """It is the lowest of the last year; that the course has no first day makes nothing fail."""
    undated = drug("methotrexate", taken("15"), state="active", starts=None, written=None)
    chart = creatinine(("1.2", 3), ("0.8", 60))
    found = scope(draft("methotrexate", taken("15")), drugs=Known((undated,)), **chart)
    assert found.get("baseline_creatinine").value == Decimal("0.8")


@pytest.mark.parametrize(("creatinine_sent", "side"), [(">2.8", "<"), ("<0.3", ">"), ("1", "")])
def test_the_more_creatinine_the_less_kidney_function(creatinine_sent: str, side: str) -> None:
    """A creatinine above what the laboratory counts is a kidney function below what follows from it."""
    number = creatinine_sent.lstrip("<>")
    sent = result("creatinine", number, unit="mg/dL", comparator=creatinine_sent.removesuffix(number))
    assert scope(results=results(sent)).get("egfr").comparator == side
