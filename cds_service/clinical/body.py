"""Body size: surface, mass index, ideal weight, and whether a reading can be believed.

Formulas: Mosteller, N Engl J Med 1987;317:1098; Du Bois, Arch Intern Med 1916;17:863; Devine 1974.
Limits of age and plausibility are arguments: they live in ``cards/body``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Literal

State = Literal["ok", "missing", "stale", "child-old", "implausible"]

_CM_PER_INCH = Decimal("2.54")
_POUNDS_PER_KG = Decimal("2.2046")
_DAYS_PER_YEAR = Decimal("365.2425")


@dataclass(frozen=True, slots=True)
class Band:
    """What is plausible at an exact age in years: ``low`` to ``high``."""

    age: Decimal
    low: Decimal
    high: Decimal


def age_in_years(born: date, today: date) -> int:
    """Completed years; somebody born on 29 February turns on 1 March in common years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def calendar_age(born: date, on: date) -> Decimal:
    """Years by the calendar, with the share of the year since the last birthday: whole on every birthday."""
    years = age_in_years(born, on)
    last, following = _birthday(born, born.year + years), _birthday(born, born.year + years + 1)
    return years + Decimal((on - last).days) / (following - last).days


def _birthday(born: date, year: int) -> date:
    """The birthday of a year; of somebody born on 29 February it is 1 March in common years."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def exact_age(born: date, today: date) -> Decimal:
    """Years with fractions, days over 365.2425: for interpolation only, never for a limit of age."""
    return Decimal((today - born).days) / _DAYS_PER_YEAR


def mosteller(height_cm: Decimal, weight_kg: Decimal) -> Decimal:
    """Body surface in m2: the square root of height times weight over 3600."""
    return (height_cm * weight_kg / 3600).sqrt()


def dubois(height_cm: Decimal, weight_kg: Decimal) -> Decimal:
    """Body surface in m2: 0.007184 w^0.425 h^0.725; a cross-check only."""
    return Decimal("0.007184") * weight_kg ** Decimal("0.425") * height_cm ** Decimal("0.725")


def mass_index(height_cm: Decimal, weight_kg: Decimal) -> Decimal:
    """Body mass index in kg/m2."""
    return weight_kg / (height_cm / 100) ** 2


def ideal_weight(height_cm: Decimal, sex: str) -> Decimal | None:
    """Devine's ideal weight in kg from 5 feet (60 inches) up; ``None`` below, or without a sex."""
    base = {"male": Decimal(50), "female": Decimal("45.5")}.get(sex)
    inches = height_cm / _CM_PER_INCH
    if base is None or inches < 60:
        return None
    return base + Decimal("2.3") * (inches - 60)


def adjusted_weight(weight_kg: Decimal, ideal_kg: Decimal) -> Decimal:
    """Ideal weight plus four tenths of the excess, in kg."""
    return ideal_kg + Decimal("0.4") * (weight_kg - ideal_kg)


def plausible(value: Decimal, age: Decimal, bands: Sequence[Band]) -> bool | None:
    """Whether the value lies in the bands (by age, linear between); ``None`` below the first age."""
    if age < bands[0].age:
        return None
    low, high = _interpolated(age, bands)
    return low <= value <= high


def looks_like_pounds(previous_kg: Decimal, now: Decimal, tolerance_percent: Decimal) -> bool:
    """The new weight is the former one in pounds, within the tolerance: a unit left unconverted."""
    return _near(now, previous_kg * _POUNDS_PER_KG, tolerance_percent)


def looks_like_inches(previous_cm: Decimal, now: Decimal, tolerance_percent: Decimal) -> bool:
    """The new height is the former one in inches, within the tolerance."""
    return _near(now * _CM_PER_INCH, previous_cm, tolerance_percent)


def change_percent(previous: Decimal, now: Decimal) -> Decimal:
    """Size of the change against the former reading, in per cent."""
    return abs(now - previous) / previous * 100


def _near(value: Decimal, other: Decimal, tolerance_percent: Decimal) -> bool:
    """Whether two values agree within so many per cent of the second."""
    return abs(value - other) <= other * tolerance_percent / 100


def _interpolated(age: Decimal, bands: Sequence[Band]) -> tuple[Decimal, Decimal]:
    """Lower and upper end at this age; the last band holds for every later age."""
    for younger, older in pairwise(bands):
        if younger.age <= age < older.age:
            share = (age - younger.age) / (older.age - younger.age)
            low = younger.low + share * (older.low - younger.low)
            return low, younger.high + share * (older.high - younger.high)
    return bands[-1].low, bands[-1].high
