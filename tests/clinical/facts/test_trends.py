"""Falls that last, values that were confirmed, blood pressure over two visits."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.clinical.known import Fact, Known, Unknown
from tests.clinical.charts import UNREAD, draft, drug, person, result, results, scope, taken


def series(concept: str, *values: str, every: int = 10) -> dict[str, Any]:
    """Results of one concept, the newest first, so many days apart."""
    return results(*(result(concept, value, 3 + n * every) for n, value in enumerate(values)))


@pytest.mark.parametrize(
    ("values", "percent"),
    [
        (("210", "250", "300"), 30),
        (("210", "200", "300"), 30),
        (("211", "250", "300"), pytest.approx(29.667, abs=0.001)),
        (("200", "310", "300"), 0),
        (("310", "200", "300"), 0),
        (("200", "300"), 0),
        ((), 0),
    ],
)
def test_a_fall_that_lasts(values: tuple[str, ...], percent: float) -> None:
    """Both newest results lie below the one before; a single low one is no lasting fall."""
    found = scope(results=series("platelets", *values)).get(
        "sustained_fall_percent", "platelets", within_days=400
    )
    assert float(found.value) == percent


def test_a_fall_in_an_incomplete_list_is_doubtful() -> None:
    """Unreadable counts: no fall was seen, but none is excluded."""
    assert (
        scope(results={"platelets": UNREAD}).get("sustained_fall_percent", "platelets").doubt == UNREAD.reason
    )
    old = scope(results=series("platelets", "100", "200", "300", every=300))
    assert old.get("sustained_fall_percent", "platelets", within_days=400).value == 0


def test_the_higher_of_the_last_two() -> None:
    """Two results of one day are one; without a second day nothing is confirmed."""
    here = scope(results=series("neutrophils", "0.3", "0.45", "2"))
    assert float(here.get("higher_of_last_two", "neutrophils").value) == 0.45
    one_day = results(result("neutrophils", "0.3", 3), result("neutrophils", "0.4", 3))
    assert isinstance(scope(results=one_day).get("higher_of_last_two", "neutrophils"), Unknown)


@pytest.mark.parametrize(
    ("now", "between", "apart", "percent"),
    [("1.25", "1.30", 14, 25), ("1.30", "1.25", 14, 25), ("1.30", "1.25", 15, 0), ("1.30", "1.0", 7, 0)],
)
def test_a_confirmed_rise_of_creatinine(now: str, between: str, apart: int, percent: int) -> None:
    """The smaller rise of two creatinines within two weeks, over the value before ciclosporin."""
    found = results(
        result("creatinine", now, 2),
        result("creatinine", between, 2 + apart),
        result("creatinine", "1.0", 60),
    )
    course = drug("ciclosporin", taken("200"))
    here = scope(course, results=found, drugs=Known((course,)))
    assert here.get("creatinine_rise_confirmed_percent").value == percent


def pressure(*readings: tuple[int, int, int], years: int = 50, **chart: Any) -> Fact[bool]:
    """Whether blood pressure counts as high, from (days ago, systolic, diastolic)."""
    found = [
        result(name, str(value), days)
        for days, systolic, diastolic in readings
        for name, value in (("bp_systolic", systolic), ("bp_diastolic", diastolic))
    ]
    answer: Fact[bool] = scope(who=person(years), results=results(*found), **chart).get("bp_high_repeated")
    return answer


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        (((1, 140, 80), (8, 120, 90)), True),
        (((1, 140, 80), (7, 140, 90)), False),
        (((1, 139, 89), (8, 150, 95)), False),
        (((1, 150, 95), (8, 139, 89), (30, 160, 100)), False),
        (((1, 150, 95), (3, 120, 70), (30, 160, 100)), True),
        (((1, 190, 115),), False),
        ((), False),
    ],
)
def test_blood_pressure_twice(readings: tuple[tuple[int, int, int], ...], expected: bool) -> None:
    """Systolic or diastolic at its limit now and at the last visit at least a week before."""
    assert pressure(*readings).value is expected


def test_blood_pressure_of_a_child() -> None:
    """Adult limits hold for a child too; between them and a screening value nobody built in the centiles."""
    assert pressure((1, 145, 80), (9, 141, 80), years=8).value is True
    assert isinstance(pressure((1, 115, 60), (9, 112, 60), years=8), Unknown)
    assert pressure((1, 105, 60), (9, 112, 60), years=8).value is False


def test_blood_pressure_that_could_not_be_read() -> None:
    """Unreadable pressures are unknown."""
    here = scope(draft("prednisone"), results={"bp_systolic": UNREAD})
    assert isinstance(here.get("bp_high_repeated"), Unknown)


def test_the_lower_of_two_results() -> None:
    """Two high results of different days make it high; one high and one normal do not."""
    here = scope(results=results(result("glucose", "250", 2), result("glucose", "100", 9)))
    assert here.get("lower_of_last_two", "glucose").value == 100
    assert isinstance(
        scope(results=results(result("glucose", "250"))).get("lower_of_last_two", "glucose"), Unknown
    )
