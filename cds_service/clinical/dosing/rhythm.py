"""How often a dose is taken: the structured timing of an order as doses a day and days a week.

Where a timing leaves room (``frequencyMax``, ``periodMax``), the reading with most doses counts.
https://hl7.org/fhir/R4/datatypes.html#Timing
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil

from cds_service.clinical.dosing.types import Cycle, Timing

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SEVEN = Decimal(7)
# Fractions, for a third of a day has no exact decimal.
DAYS_IN = {
    "s": Fraction(1, 86400), "min": Fraction(1, 1440), "h": Fraction(1, 24), "d": Fraction(1),
    "wk": Fraction(7), "mo": Fraction(30), "a": Fraction(365),
}  # fmt: skip
# Events that happen with each of three meals.
_MEALS = frozenset({"C", "AC", "PC"})
_CODES = {
    "QD": (1, 1, "d"), "OD": (1, 1, "d"), "DAILY": (1, 1, "d"), "AM": (1, 1, "d"), "PM": (1, 1, "d"),
    "BED": (1, 1, "d"), "QHS": (1, 1, "d"), "QAM": (1, 1, "d"), "QPM": (1, 1, "d"), "BID": (2, 1, "d"),
    "TID": (3, 1, "d"), "QID": (4, 1, "d"), "QOD": (1, 2, "d"), "WK": (1, 1, "wk"), "QW": (1, 1, "wk"),
    "QWK": (1, 1, "wk"), "WEEKLY": (1, 1, "wk"), "MO": (1, 1, "mo"),
}  # fmt: skip
_EVERY = re.compile(r"Q(\d{1,3})(H|D|W|WK)")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Doses on a day with a dose, days with a dose in seven, the weekdays if named; ``None`` where unsaid.

    ``per_week`` is doses in seven days (0.5 = one in two weeks). ``single`` is one dose and no more.
    ``count`` is how many doses there are in all, if that is said. ``beside``: on the days of another dose, by
    which its own are told. ``moments`` are the times of the day, if they are named. ``cycle`` is set where the
    period is longer than a week.
    """

    per_day: Decimal | None = None
    days: Decimal | None = None
    per_week: Decimal | None = None
    weekdays: frozenset[str] = frozenset()
    single: bool = False
    count: int | None = None
    beside: bool = False
    moments: frozenset[str] = frozenset()
    cycle: Cycle | None = None

    @property
    def stated(self) -> bool:
        """Whether anything at all is said."""
        return self.per_day is not None or self.days is not None


NONE = Rhythm()
ONCE = Rhythm(Decimal(1), Decimal(1), Decimal(1), single=True, count=1)


@lru_cache(maxsize=1024)
def every(times: int | Decimal | Fraction, period_days: int | Decimal | Fraction) -> Rhythm:
    """``times`` doses in each ``period_days`` days: at most one a day until there are more doses than days."""
    doses, period = Fraction(times), Fraction(period_days)
    per_week = doses * 7 / period
    if period <= 1:
        return Rhythm(_decimal(doses / period), SEVEN, _decimal(per_week))
    days = min(doses, period)
    cycle = Cycle(_decimal(days), period) if period > 7 else None
    return Rhythm(Decimal(ceil(doses / days)), _decimal(days * 7 / period), _decimal(per_week), cycle=cycle)


def in_a_row(days: int, period_days: Fraction) -> Rhythm:
    """One dose on each of ``days`` days in a row, again after each ``period_days``: the fullest week counts."""
    in_a_week = min(Decimal(days), SEVEN)
    return replace(every(days, period_days), days=in_a_week, per_week=in_a_week)


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def on_weekdays(weekdays: frozenset[str], per_day: Decimal = Decimal(1), weeks: int = 1) -> Rhythm:
    """``per_day`` doses on each named day of each ``weeks``-th week."""
    days = Decimal(len(weekdays)) / weeks
    return Rhythm(per_day, days, per_day * days, weekdays)


def of_timing(timing: Timing | None) -> Rhythm:
    """The rhythm ``repeat`` states; what it leaves out is left out."""
    if timing is None or timing.unread:
        return NONE
    if timing.count == 1 and not timing.days_of_week:
        return ONCE
    dated = on_dates(timing.events)
    if not dated.stated:
        return _repeated(timing)
    repeated = _repeated(timing)
    return max(dated, repeated, key=lambda rhythm: (rhythm.per_week or Decimal(0), rhythm.days or Decimal(0)))


def on_dates(dates: Sequence[date]) -> Rhythm:
    """Doses on two dates and more: those of the fullest seven days."""
    if len(dates) < 2:
        return NONE
    listed = sorted(dates)
    weeks = [[day for day in listed if 0 <= (day - first).days < SEVEN] for first in listed]
    fullest = max(weeks, key=lambda week: (len(set(week)), len(week)))
    days, per_day = len(set(fullest)), max(map(listed.count, listed))
    return Rhythm(Decimal(per_day), Decimal(days), Decimal(max(map(len, weeks))), count=len(listed))


def _repeated(timing: Timing) -> Rhythm:
    named = frozenset(day for day in timing.days_of_week if day in WEEK)
    moments = _moments(timing)
    period = _period(timing)
    if period is None:
        found = on_weekdays(named, Decimal(max(moments, 1))) if named else _in_a_day(timing, moments)
    else:
        times = max(timing.frequency_max or 0, timing.frequency or 0) or 1
        found = _on_named(named, times, period, moments) if named else _at_moments(times, period, moments)
    named_moments = frozenset((*timing.times_of_day, *timing.when))
    return replace(found, count=timing.count, moments=named_moments)


def of_code(code: str) -> Rhythm:
    """The rhythm of a timing code such as ``BID`` or ``Q8H``; nothing for any other."""
    plain = re.sub(r"[\s.]", "", code).upper()
    if plain in _CODES:
        times, period, unit = _CODES[plain]
        return every(times, period * DAYS_IN[unit])
    found = _EVERY.fullmatch(plain)
    if found is None or int(found[1]) == 0:
        return NONE
    return every(1, int(found[1]) * DAYS_IN[{"H": "h", "D": "d"}.get(found[2], "wk")])


def agree(one: Rhythm, other: Rhythm) -> bool:
    """Whether two statements can both be true, as far as both say anything."""
    if one.days is None or other.days is None:
        return True
    if one.cycle is not None and one.cycle == other.cycle:
        return True
    if one.days != other.days or (one.weekdays and other.weekdays and one.weekdays != other.weekdays):
        return False
    both = one.per_day is not None and other.per_day is not None
    return not both or one.per_day == other.per_day or one.days != SEVEN


def _moments(timing: Timing) -> int:
    """Times of the day at which a dose is taken, by the clock or by an event."""
    events = sum(3 if when in _MEALS else 1 for when in timing.when)
    return max(len(timing.times_of_day), events)


def _period(timing: Timing) -> Fraction | None:
    """The shortest period in days; ``None`` where none is stated, or one without a unit."""
    size = DAYS_IN.get(timing.period_unit)
    if timing.period is None or size is None or timing.period <= 0:
        return None
    return Fraction(timing.period) * size


def _in_a_day(timing: Timing, moments: int) -> Rhythm:
    """Without a period: times of day tell the doses on a day, but not on which days."""
    return Rhythm(per_day=Decimal(moments)) if moments and timing.frequency is None else NONE


def _at_moments(times: int, period: Fraction, moments: int) -> Rhythm:
    found = every(times, period)
    if found.per_day is None or found.days is None or moments <= found.per_day:
        return found
    return Rhythm(Decimal(moments), found.days, moments * found.days)


def _on_named(named: frozenset[str], times: int, period: Fraction, moments: int) -> Rhythm:
    """Named days restrict the rhythm. More doses than days in a week are spread over the days."""
    if period < 7:
        per_day = _decimal(times / period) if period <= 1 else Decimal(1)
        return on_weekdays(named, max(per_day, Decimal(moments)))
    spread = max(ceil(times / len(named)), moments)
    return on_weekdays(named, Decimal(spread), int(period // 7))
