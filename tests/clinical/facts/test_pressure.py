"""Which blood pressure a card tells, and how old it is."""

from __future__ import annotations

import pytest

from cds_service.clinical.known import Unknown
from tests.clinical.charts import UNREAD, result, results, scope


def reading(systolic: str, diastolic: str, days: int) -> tuple[object, ...]:
    """Both pressures of one day."""
    return result("bp_systolic", systolic, days), result("bp_diastolic", diastolic, days)


@pytest.mark.parametrize(
    ("found", "told", "days"),
    [
        (reading("185", "100", 2), "185/100", 2),
        ((*reading("130", "80", 1), *reading("185", "115", 2)), "130/80", 1),
        ((result("bp_systolic", "185", 1), result("bp_diastolic", "70", 300)), "systolic 185", 1),
        ((result("bp_systolic", "130", 1), result("bp_diastolic", "112", 300)), "diastolic 112", 300),
        ((result("bp_systolic", "130", 1), *reading("120", "112", 300)), "120/112", 300),
    ],
)
def test_both_numbers_are_of_one_day(found: tuple[object, ...], told: str, days: int) -> None:
    """A systolic is never paired with the diastolic of another day; what alarms is what is told."""
    here = scope(results=results(*found))  # type: ignore[arg-type]
    assert here.get("bp_reading").value == (told,)
    assert int(here.get("bp_days_old").value) == days


def test_both_numbers_are_of_one_measurement() -> None:
    """Of two readings of one day the diastolic that came with the systolic is told."""
    found = results(
        result("bp_systolic", "185", 2, reference="Observation/2"),
        result("bp_diastolic", "70", 2, reference="Observation/1"),
        result("bp_diastolic", "99", 2, reference="Observation/2"),
    )
    assert scope(results=found).get("bp_reading").value == ("185/99",)


@pytest.mark.parametrize(("days", "old"), [(7, False), (8, True)])
def test_when_a_reading_is_old(days: int, old: bool) -> None:
    """More than a week."""
    assert scope(results=results(*reading("185", "100", days))).get("bp_is_old").value is old  # type: ignore[arg-type]


def test_without_a_reading_nothing_is_told() -> None:
    """None on record, or none that could be read: unknown."""
    for name in ("bp_reading", "bp_days_old", "bp_is_old"):
        assert isinstance(scope().get(name), Unknown)
        assert scope(results={"bp_systolic": UNREAD}).get(name).reason == UNREAD.reason
