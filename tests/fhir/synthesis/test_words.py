"""The short words: days, amounts and timings are read as meant."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from cds_service.fhir.synthesis.words import (
    NotationFault,
    amount_range,
    in_days,
    on_day,
    printed_timing,
    quantity,
    repeat,
)

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("today", date(2026, 3, 31)),
        ("6 days ago", date(2026, 3, 25)),
        ("in 2 weeks", date(2026, 4, 14)),
        ("1 month ago", date(2026, 2, 28)),
        ("26 months ago", date(2024, 1, 31)),
        ("2 years ago", date(2024, 3, 31)),
        ("2025-01-02", date(2025, 1, 2)),
        (date(2025, 1, 2), date(2025, 1, 2)),
    ],
)
def test_days(words: object, day: date) -> None:
    """Spans count from today; a month before the 31st is the last day of that month."""
    assert on_day(words, TODAY) == day


@given(some.integers(0, 3000))
def test_days_ago_count_days(days: int) -> None:
    """ "n days ago" is exactly n days before."""
    assert TODAY - on_day(f"{days} days ago", TODAY) == timedelta(days=days)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("daily", {"frequency": 1, "period": 1, "periodUnit": "d"}),
        ("twice daily", {"frequency": 2, "period": 1, "periodUnit": "d"}),
        ("3 times weekly", {"frequency": 3, "period": 1, "periodUnit": "wk"}),
        ("weekly", {"frequency": 1, "period": 1, "periodUnit": "wk"}),
        ("weekly on mon", {"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"]}),
        ("mon, thu", {"dayOfWeek": ["mon", "thu"]}),
        ("every 2 weeks", {"frequency": 1, "period": 2, "periodUnit": "wk"}),
        ("every 8 hours", {"frequency": 1, "period": 8, "periodUnit": "h"}),
        ("every other day", {"frequency": 1, "period": 2, "periodUnit": "d"}),
        ("once", {"count": 1}),
        ({"frequency": 1}, {"frequency": 1}),
    ],
)
def test_timings(words: object, expected: dict[str, object]) -> None:
    """Each way of saying how often becomes the repeat an EHR would send."""
    assert repeat(words) == expected


def test_timings_are_printed_as_a_prescriber_would() -> None:
    """The sig made from a structure says once weekly and names the day."""
    assert printed_timing("weekly mon") == "once weekly on Mondays"
    assert printed_timing("twice daily") == "twice daily"


def test_amounts() -> None:
    """A bound keeps its comparator; a printed unit gets its UCUM code; one that has none is sent without."""
    assert quantity("<5 mg/L")["comparator"] == "<"
    assert quantity("6 tablets")["code"] == "{tbl}"
    assert "code" not in quantity("7.1 K/uL")
    assert [end["value"] for end in amount_range("10-15 mg") or ()] == [10, 15]
    assert amount_range("15 mg") is None


@pytest.mark.parametrize("words", ["", "about 5", "10-15 mg"])
def test_an_amount_that_is_not_one(words: str) -> None:
    """A range, a word or nothing is not one amount."""
    with pytest.raises(NotationFault):
        quantity(words)


def test_spans_in_days() -> None:
    """A length of treatment is counted in days."""
    assert (in_days("4 weeks"), in_days(28), in_days("3 months")) == (28, 28, 90)
    with pytest.raises(NotationFault):
        in_days("a while")
