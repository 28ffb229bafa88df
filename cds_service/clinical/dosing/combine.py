"""Parts of an order that are taken at the same time, added up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cds_service.clinical.dosing.rhythm import SEVEN
from cds_service.clinical.dosing.rows import Part
from cds_service.clinical.known import Fact, Known, Unknown

_NO_TIMING = Unknown("the order does not say how often the dose is given", ("timing",))
_NOT_WHICH_DAYS = Unknown("the order does not say whether its rows are for the same day", ("timing",))


@dataclass(frozen=True, slots=True)
class Sums:
    """What is taken in one stretch: mg a dose, mg on the highest day, mg in a week, days, doses on a day."""

    per_dose: Fact[Decimal]
    per_day: Fact[Decimal]
    per_week: Fact[Decimal]
    days: Fact[Decimal]
    doses_a_day: Fact[Decimal]


def at_once(parts: Sequence[Part], length: int | None) -> Sums:
    """The parts added up over a stretch of ``length`` days (``None``: without an end)."""
    return Sums(
        largest([part.mg for part in parts]),
        _per_day(parts),
        _sum([_per_week(part, length) for part in parts]),
        _dosing_days(parts, length),
        _on_busiest_day(parts, _doses),
    )


def _doses(part: Part) -> Fact[Decimal]:
    return _NO_TIMING if part.rhythm.per_day is None else Known(part.rhythm.per_day, (), part.doubt)


def _daily(part: Part) -> Fact[Decimal]:
    """Milligrams on a day with a dose."""
    if isinstance(part.mg, Unknown):
        return part.mg
    if part.rhythm.per_day is None:
        return _NO_TIMING
    return Known(part.mg.value * part.rhythm.per_day, part.mg.inputs, part.mg.doubt or part.doubt)


def _per_day(parts: Sequence[Part]) -> Fact[Decimal]:
    return _on_busiest_day(parts, _daily)


def _on_busiest_day(parts: Sequence[Part], read: Callable[[Part], Fact[Decimal]]) -> Fact[Decimal]:
    """The sum on the day with most; parts on different named weekdays do not meet."""
    weekdays = frozenset[str]().union(*(part.rhythm.weekdays for part in parts))
    if not weekdays or any(isinstance(read(part), Unknown) for part in parts):
        return _sum([read(part) for part in parts])
    on_days = [
        _sum([read(part) for part in parts if not part.rhythm.weekdays or day in part.rhythm.weekdays])
        for day in sorted(weekdays)
    ]
    return largest(on_days)


def _per_week(part: Part, length: int | None) -> Fact[Decimal]:
    """Milligrams in seven days, or in the whole stretch where that is shorter."""
    daily, rhythm = _daily(part), part.rhythm
    if isinstance(daily, Unknown):
        return daily
    if rhythm.days is None or rhythm.per_week is None or isinstance(part.mg, Unknown):
        return _NO_TIMING
    if length is not None and length < SEVEN:
        days = min(rhythm.days, Decimal(length)) if rhythm.days > 1 else rhythm.days
        return Known(daily.value * days, daily.inputs, daily.doubt)
    return Known(part.mg.value * rhythm.per_week, daily.inputs, daily.doubt)


def _dosing_days(parts: Sequence[Part], length: int | None) -> Fact[Decimal]:
    """Days with a dose in seven: of all named weekdays together; daily beside anything is daily."""
    longest = SEVEN if length is None else min(SEVEN, Decimal(length))
    own = [part for part in parts if not part.rhythm.beside]
    days = [part.rhythm.days for part in own]
    doubt = next((part.doubt for part in parts if part.doubt), None)
    if any(each == SEVEN for each in days):
        return Known(longest, (), doubt)
    if None in days:
        return _NO_TIMING
    if len(own) == 1 and days[0] is not None:
        return Known(min(days[0], longest), (), doubt)
    if all(part.rhythm.weekdays for part in own):
        named = frozenset[str]().union(*(part.rhythm.weekdays for part in own))
        weeks = [len(part.rhythm.weekdays) / part.rhythm.days for part in own if part.rhythm.days]
        return Known(min(len(named) / min(weeks), longest), (), doubt)
    return _NOT_WHICH_DAYS


def _sum(values: Sequence[Fact[Decimal]]) -> Fact[Decimal]:
    """The sum; with one unknown amount, at least that of the others: a doubt, or unknown if there are none."""
    known = [value for value in values if isinstance(value, Known)]
    unknown = next((value for value in values if isinstance(value, Unknown)), None)
    if not known:
        return unknown or _NO_TIMING
    doubt = next((value.doubt for value in known if value.doubt), None) or (
        unknown.reason if unknown else None
    )
    return Known(sum((value.value for value in known), Decimal(0)), (), doubt)


def largest(values: Sequence[Fact[Decimal]]) -> Fact[Decimal]:
    """The largest that is known; one that is not leaves a doubt, for it might be larger."""
    known = [value for value in values if isinstance(value, Known)]
    unknown = next((value for value in values if isinstance(value, Unknown)), None)
    if not known:
        return unknown or _NO_TIMING
    top = max(known, key=lambda value: value.value)
    doubt = next((value.doubt for value in known if value.doubt), None) or (
        unknown.reason if unknown else None
    )
    return Known(top.value, top.inputs, doubt)
