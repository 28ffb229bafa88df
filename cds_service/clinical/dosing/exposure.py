"""What the rows of an order amount to: each row read, laid out in time, added up where they overlap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from itertools import groupby, zip_longest

from cds_service.clinical.dosing.combine import at_once, largest
from cds_service.clinical.dosing.rhythm import SEVEN
from cds_service.clinical.dosing.rows import Body, Part, Row, read_row
from cds_service.clinical.dosing.types import NOT_STATED, Exposure, Instruction, ProductStrength, Step
from cds_service.clinical.known import Fact, Known, Unknown

A_LIFETIME = Decimal(36_525)
_UNCLEAR_ORDER = "the rows are numbered, but not how long each is taken; all were added up"
_UNCLEAR_LENGTH = "the text does not say how long each step lasts"
OPEN = Unknown("the order has no end", ("end of the course",))


@dataclass(frozen=True, slots=True)
class Placed:
    """A part with its place in the course: days from ``start`` (0-based) to before ``end``; open if ``None``."""

    part: Part
    start: Decimal
    end: Decimal | None


def exposure(
    instructions: Iterable[Instruction],
    *,
    strength: ProductStrength | None,
    weight_kg: Decimal | None = None,
    bsa_m2: Decimal | None = None,
) -> Exposure:
    """The amounts an order's rows amount to. ``strength`` is that of the product that is given.

    Rows with sequence numbers follow one another if all but the last have a length; else they are taken
    at once and added up. ``weight_kg`` and ``bsa_m2`` multiply doses written per kg or m2, if given.
    """
    body = Body(strength, weight_kg, bsa_m2)
    rows = [(each, read_row(each, body)) for each in instructions]
    stated = [row for _, row in rows if row.stated]
    text = " / ".join(each.text for each, _ in rows if each.text)
    as_needed = any(row.as_needed for _, row in rows)
    if not stated:
        unknown = NOT_STATED
        return Exposure(
            unknown, unknown, unknown, unknown, unknown, unknown, unknown,
            as_needed=as_needed, stated=as_needed, text=text,
        )  # fmt: skip
    placed = _placed(stated)
    steps, doses_a_day = _steps(placed)
    return Exposure(
        mg_per_dose=largest([step.mg_per_dose for step in steps]),
        mg_per_day=largest([step.mg_per_day for step in steps]),
        mg_per_week=_in_a_week(steps, lambda step: step.mg_per_day, lambda step: step.mg_per_week),
        dosing_days_per_week=_in_a_week(
            steps, lambda _: Known(Decimal(1)), lambda step: step.dosing_days_per_week
        ),
        doses_per_dosing_day=largest(doses_a_day),
        course_days=_course(steps),
        total_mg=_total(placed),
        as_needed=as_needed,
        text_only_timing=any(row.text_only for row in stated),
        weekdays=frozenset[str]().union(*(row.weekdays for row in stated)),
        cycle=placed[0].part.rhythm.cycle if len(placed) == 1 else None,
        disagreement=next((row.disagreement for row in stated if row.disagreement), ""),
        steps=steps,
        derivation=tuple(map(_derived, steps)),
        text=text,
    )


def _placed(rows: Sequence[Row]) -> list[Placed]:
    """Every part with its days in the course."""
    turns = _turns(rows)
    if len(turns) > 1 and all(_length(turn) is not None for turn in turns[:-1]):
        return _one_after_another(turns)
    begun = [row.begins for row in rows if row.begins]
    first = min(begun, default=None)
    doubt = _UNCLEAR_ORDER if len(turns) > 1 and not _told_apart(rows) else None
    placed: list[Placed] = []
    for row in rows:
        offset = Decimal((row.begins - first).days) if row.begins and first else Decimal(0)
        placed += _in_turn([[_doubting(part, doubt) for part in each] for each in row.stretches], offset)
    return placed


def _turns(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows grouped by their number, in its order: those of one number are taken together.

    One group where they are not all numbered, or say by their dates when they begin.
    """
    listed = sorted(rows, key=lambda row: row.sequence or 0)
    if any(row.sequence is None for row in rows) or all(row.begins for row in rows):
        return [listed]
    return [list(group) for _, group in groupby(listed, key=lambda row: row.sequence)]


def _one_after_another(turns: Sequence[Sequence[Row]]) -> list[Placed]:
    placed: list[Placed] = []
    start = Decimal(0)
    for turn in turns:
        for row in turn:
            placed += _in_turn(row.stretches, start)
        start += _length(turn) or Decimal(0)
        if start > A_LIFETIME:
            break
    return placed


def _told_apart(rows: Sequence[Row]) -> bool:
    """Whether the rows name different times of day or weekdays, so that they are meant for the same week."""
    told = [
        frozenset().union(
            part.rhythm.weekdays | part.rhythm.moments for stretch in row.stretches for part in stretch
        )
        if row.stretches
        else frozenset[str]()
        for row in rows
    ]
    return all(told) and len(set(told)) == len(told)


def _doubting(part: Part, doubt: str | None) -> Part:
    return part if doubt is None else replace(part, doubt=part.doubt or doubt)


def _length(turn: Sequence[Row]) -> Decimal | None:
    """How long rows that are taken together last; ``None`` if any has no end."""
    lengths = [sum_of([_longest(stretch) for stretch in row.stretches]) for row in turn]
    known = [length for length in lengths if length is not None]
    return max(known) if known and len(known) == len(lengths) else None


def sum_of(lengths: Sequence[Decimal | None]) -> Decimal | None:
    """The sum of lengths; ``None`` without any, or where one is not known."""
    known = [length for length in lengths if length is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(lengths) else None


def _longest(stretch: Sequence[Part]) -> Decimal | None:
    days = [_days(part) for part in stretch]
    return max(day for day in days if day is not None) if days and None not in days else None


def _in_turn(stretches: Sequence[Sequence[Part]], start: Decimal) -> list[Placed]:
    """One stretch after the other; what ends after a lifetime has no end.

    Where nobody said how long a stretch lasts, the next one is put a week later, and all of it is doubtful.
    """
    unclear = any(_longest(stretch) is None for stretch in stretches[:-1])
    placed: list[Placed] = []
    for n, stretch in enumerate(stretches):
        last = n == len(stretches) - 1
        days = _longest(stretch)
        if unclear:
            days = None if last else days or SEVEN
        if days is not None and start + days > A_LIFETIME:
            days = None
        for part in stretch:
            own = days if unclear or days is None else _days(part)
            doubted = _doubting(part, _UNCLEAR_LENGTH if unclear else None)
            placed.append(Placed(doubted, start, None if own is None else start + own))
        if days is None:
            break
        start += days
    return placed


def _days(part: Part) -> Decimal | None:
    """How long a part lasts: as written, or one day for a single dose, or as long as its doses last."""
    if part.days is not None:
        return max(part.days, Decimal(1))
    if part.rhythm.single:
        return Decimal(1)
    if part.rhythm.count and part.rhythm.per_week:
        return max(
            (part.rhythm.count * SEVEN / part.rhythm.per_week).to_integral_value(ROUND_CEILING), Decimal(1)
        )
    return None


def _steps(placed: Sequence[Placed]) -> tuple[tuple[Step, ...], list[Fact[Decimal]]]:
    """The course cut wherever something begins or ends; what overlaps in a stretch is added up."""
    cuts = sorted({each.start for each in placed} | {each.end for each in placed if each.end is not None})
    open_ended = any(each.end is None for each in placed)
    steps: list[Step] = []
    doses_a_day: list[Fact[Decimal]] = []
    for start, end in zip_longest(cuts, cuts[1:]):
        if end is None and not open_ended:
            break
        running = [p.part for p in placed if p.start <= start and (p.end is None or p.end > start)]
        if not running:
            continue
        days = None if end is None else int((end - start).to_integral_value(ROUND_CEILING))
        sums = at_once(running, days)
        steps.append(Step(int(start), days, sums.per_dose, sums.per_day, sums.per_week, sums.days))
        doses_a_day.append(sums.doses_a_day)
    return tuple(steps), doses_a_day


def _in_a_week(
    steps: Sequence[Step], a_day: Callable[[Step], Fact[Decimal]], a_week: Callable[[Step], Fact[Decimal]]
) -> Fact[Decimal]:
    """The most within any seven days: of one step, or of several short daily ones in a row."""
    alone = largest([a_week(step) for step in steps])
    if isinstance(alone, Unknown) or len(steps) < 2:
        return alone
    starts = {Decimal(step.starts_on_day) for step in steps}
    windows = [_window(steps, start, a_day, a_week) for start in starts]
    return Known(max([alone.value, *windows]), alone.inputs, alone.doubt)


def _window(
    steps: Sequence[Step],
    start: Decimal,
    a_day: Callable[[Step], Fact[Decimal]],
    a_week: Callable[[Step], Fact[Decimal]],
) -> Decimal:
    total = Decimal(0)
    for step in steps:
        begins = Decimal(step.starts_on_day)
        ends = start + 7 if step.days is None else begins + step.days
        overlap = min(ends, start + 7) - max(begins, start)
        if overlap <= 0:
            continue
        is_daily = isinstance(step.dosing_days_per_week, Known) and step.dosing_days_per_week.value == min(
            SEVEN, step.days or SEVEN
        )
        amount = a_day(step) if is_daily else a_week(step)
        if isinstance(amount, Known):
            total += amount.value * overlap if is_daily else amount.value * overlap / 7
    return total


def _course(steps: Sequence[Step]) -> Fact[int]:
    last = steps[-1] if steps else None
    if last is None or last.days is None:
        return OPEN
    return Known(last.starts_on_day + last.days)


def _total(placed: Sequence[Placed]) -> Fact[Decimal]:
    total = Decimal(0)
    doubt = None
    for each in placed:
        amount = _of_part(each.part)
        if isinstance(amount, Unknown):
            return amount
        total, doubt = total + amount.value, doubt or amount.doubt
    return Known(total, (), doubt) if placed else NOT_STATED


def _of_part(part: Part) -> Fact[Decimal]:
    """Milligrams over a part with an end: whole doses times milligrams."""
    days, rhythm = _days(part), part.rhythm
    if isinstance(part.mg, Unknown):
        return part.mg
    doubt = part.mg.doubt or part.doubt
    if rhythm.count is not None:
        return Known(part.mg.value * rhythm.count, (), doubt)
    if days is None:
        return OPEN
    if rhythm.per_week is None:
        return Unknown("the order does not say how often the dose is given", ("timing",))
    if rhythm.cycle is not None:
        doses = rhythm.cycle.days_within(days) * (rhythm.per_day or 1)
    else:
        doses = (rhythm.per_week * days / SEVEN).to_integral_value(ROUND_CEILING)
    return Known(part.mg.value * doses, (), doubt)


def _derived(step: Step) -> str:
    """One stretch of the arithmetic in figures."""
    figures = (step.mg_per_dose, step.mg_per_day, step.dosing_days_per_week, step.mg_per_week)
    dose, day, days, week = (f"{f.value:f}" if isinstance(f, Known) else "?" for f in figures)
    length = "onwards" if step.days is None else f"to day {step.starts_on_day + step.days}"
    amounts = f"{dose} mg a dose, {day} mg a day, {days} days in seven, {week} mg in seven days"
    return f"day {step.starts_on_day + 1} {length}: {amounts}"
