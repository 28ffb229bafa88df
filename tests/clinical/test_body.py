"""Body size is exact, and a reading that cannot be right is caught."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical import body
from tests.clinical.oracle import numbers, shown

HEIGHTS = st.decimals("50", "220", places=1)
WEIGHTS = st.decimals("3", "250", places=1)
BANDS = tuple(
    body.Band(Decimal(age), Decimal(low), Decimal(high))
    for age, low, high in ((1, 5, 16), (2, 7, 22), (4, 10, 33), (6, 13, 48))
)


@pytest.mark.parametrize("vector", numbers("G51")["vectors"])
def test_surface_vectors(vector: dict[str, Decimal]) -> None:
    """Both formulas of body surface give the worked numbers."""
    height, weight = vector["h"], vector["w"]
    assert shown(body.mosteller(height, weight), vector["mosteller"]) == vector["mosteller"]
    assert shown(body.dubois(height, weight), vector["dubois"]) == vector["dubois"]


@given(HEIGHTS, WEIGHTS)
def test_surface_grows_with_weight(height: Decimal, weight: Decimal) -> None:
    """A heavier person of the same height never has the smaller surface."""
    assert body.mosteller(height, weight) < body.mosteller(height, weight + 1)
    assert body.dubois(height, weight) < body.dubois(height, weight + 1)


def test_mass_index_ideal_and_adjusted() -> None:
    """120 kg at 165 cm: index 44, ideal (woman) 56.9 kg, adjusted 82.1 kg."""
    height, weight = Decimal(165), Decimal(120)
    ideal = body.ideal_weight(height, "female")
    assert ideal is not None
    assert round(body.mass_index(height, weight), 1) == Decimal("44.1")
    assert round(ideal, 1) == Decimal("56.9")
    assert round(body.adjusted_weight(weight, ideal), 1) == Decimal("82.1")


def test_no_ideal_weight_where_devine_does_not_reach() -> None:
    """Below five feet, or without a sex, there is no ideal weight."""
    assert body.ideal_weight(Decimal(150), "female") is None
    assert body.ideal_weight(Decimal(180), "unknown") is None


@pytest.mark.parametrize(
    ("born", "today", "years"),
    [
        (date(2008, 11, 24), date(2026, 11, 23), 17),
        (date(2008, 11, 24), date(2026, 11, 24), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2026, 11, 24), date(2026, 11, 24), 0),
    ],
)
def test_age_turns_on_the_birthday(born: date, today: date, years: int) -> None:
    """A year of age is completed on the birthday, not by dividing days."""
    assert body.age_in_years(born, today) == years


@pytest.mark.parametrize(
    ("value", "age", "expected"),
    [
        ("5", "1", True),
        ("4.9", "1", False),
        ("13", "3", True),  # half-way between 2 and 4 years: 8.5 to 27.5
        ("27.5", "3", True),
        ("27.6", "3", False),
        ("48", "17", True),  # after the last row it holds on
        ("10", "0.5", None),
    ],
)
def test_plausible_by_age(value: str, age: str, expected: bool | None) -> None:
    """Ends are linear between the ages given, and nothing is said below the first."""
    assert body.plausible(Decimal(value), Decimal(age), BANDS) is expected


def test_units_left_unconverted_are_told() -> None:
    """70 kg followed by 154 is pounds; 165 cm followed by 65 is inches; 70 then 72 kg is neither."""
    five = Decimal(5)
    assert body.looks_like_pounds(Decimal(70), Decimal(154), five)
    assert not body.looks_like_pounds(Decimal(70), Decimal(72), five)
    assert body.looks_like_inches(Decimal(165), Decimal(65), five)
    assert not body.looks_like_inches(Decimal(165), Decimal(164), five)


@given(WEIGHTS)
def test_pounds_are_told_at_any_weight(weight: Decimal) -> None:
    """Whatever the former weight, the same weight in pounds is told."""
    assert body.looks_like_pounds(weight, weight * Decimal("2.2046"), Decimal(5))


def test_change_is_in_per_cent_of_the_former() -> None:
    """20 kg to 23 kg is 15 per cent, in either direction of the change."""
    assert body.change_percent(Decimal(20), Decimal(23)) == 15
    assert body.change_percent(Decimal(20), Decimal(17)) == 15


def test_exact_age_is_years_with_fractions() -> None:
    """Half a year after a birthday is about half a year more."""
    age = body.exact_age(date(2020, 1, 1), date(2024, 7, 1))
    assert Decimal("4.49") < age < Decimal("4.51")


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        ("2008-10-20", "2026-10-20", "18"),
        ("2008-10-20", "2027-04-20", "18.498630"),
        ("2008-10-20", "2026-10-19", "17.997260"),
        ("2008-02-29", "2026-02-28", "17.997260"),
        ("2008-02-29", "2026-03-01", "18"),
        ("1986-11-24", "2026-11-24", "40"),
    ],
)
def test_a_calendar_age_is_whole_on_the_birthday(born: str, on: str, years: str) -> None:
    """Eighteen years hold 6574 or 6575 days: the birthday decides, not their number."""
    age = body.calendar_age(date.fromisoformat(born), date.fromisoformat(on))
    assert age.quantize(Decimal("0.000001")) == Decimal(years)
