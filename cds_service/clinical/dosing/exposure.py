"""What the rows of an order amount to: each row read, laid out in time, added up where they overlap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from cds_service.clinical.dosing.combine import at_once, largest
from cds_service.clinical.dosing.rhythm import SEVEN
from cds_service.clinical.dosing.rows import Body, Part, Row, read_row
from cds_service.clinical.dosing.types import NOT_STATED, Exposure, Instruction, ProductStrength, Step
from cds_service.clinical.known import Fact, Known, Unknown

A_LIFETIME = Decimal(36_525)
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
    rows = [(each, read_row(each, Body(strength, weight_kg, bsa_m2))) for each in instructions]
    stated = [row for _, row in rows if row.stated]
    text = " / ".join(each.text for each, _ in rows if each.text)
    as_needed = any(row.as_needed for _, row in rows)
    if not stated:
        unknown = NOT_STATED
        return Exposure(
            unknown, unknown, unknown, unknown, unknown, unknown, unknown,
            as_needed=as_needed, stated=as_needed, text=text,
        )  # fmt: skip
    steps, doses_a_day = _steps(_placed(stated))
    return Exposure(
        mg_per_dose=largest([step.mg_per_dose for step in steps]),
        mg_per_day=largest([step.mg_per_day for step in steps]),
        mg_per_week=_in_a_week(steps, lambda step: step.mg_per_day, lambda step: step.mg_per_week),
        dosing_days_per_week=_in_a_week(
            steps, lambda _: Known(Decimal(1)), lambda step: step.dosing_days_per_week
        ),
        doses_per_dosing_day=largest(doses_a_day),
        course_days=_course(steps),
        total_mg=_total(_placed(stated)),
        as_needed=as_needed,
        text_only_timing=any(row.text_only for row in stated),
        names_day=any(row.names_day for row in stated),
        disagreement=next((row.disagreement for row in stated if row.disagreement), ""),
        steps=steps,
        derivation=tuple(map(_derived, steps)),
        text=text,
    )


def _placed(rows: Sequence[Row]) -> list[Placed]:
    """Every part with its days in the course."""
    listed = sorted(rows, key=lambda row: row.sequence or 0)
    if _sequential(listed):
        return _in_turn([part for row in listed for part in row.parts], Decimal(0))
    begun = [part.begins for row in rows for part in row.parts if part.begins]
    first = min(begun, default=None)
    placed: list[Placed] = []
    for row in rows:
        begins = row.parts[0].begins if row.parts else None
        offset = Decimal((begins - first).days) if begins and first else Decimal(0)
        placed += _in_turn(row.parts, offset)
    return placed


def _sequential(rows: Sequence[Row]) -> bool:
    """Whether rows follow one another: numbered differently, and all but the last of a known length."""
    numbers = [row.sequence for row in rows]
    dated = all(part.begins for row in rows for part in row.parts)
    if len(rows) < 2 or None in numbers or len(set(numbers)) < len(numbers) or dated:
        return False
    return all(_length(row) is not None for row in rows[:-1])


def _length(row: Row) -> Decimal | None:
    lengths = [_days(part) for part in row.parts]
    known = [length for length in lengths if length is not None]
    return sum(known, Decimal(0)) if lengths and len(known) == len(lengths) else None


def _in_turn(parts: Iterable[Part], start: Decimal) -> list[Placed]:
    """One after the other; what ends after a lifetime has no end."""
    placed = []
    for part in parts:
        days = _days(part)
        if days is not None and start + days > A_LIFETIME:
            days = None
        placed.append(Placed(part, start, None if days is None else start + days))
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
    for start, end in zip(cuts, [*cuts[1:], None], strict=True):
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
    if rhythm.count is not None:
        return Known(part.mg.value * rhythm.count, (), part.mg.doubt)
    if days is None:
        return OPEN
    if rhythm.per_week is None:
        return Unknown("the order does not say how often the dose is given", ("timing",))
    if part.extra is not None:
        return Known((part.mg.value + part.extra) * days, (), part.mg.doubt)
    doses = (rhythm.per_week * days / SEVEN).to_integral_value(ROUND_CEILING)
    return Known(part.mg.value * doses, (), part.mg.doubt)


def _derived(step: Step) -> str:
    """One stretch of the arithmetic in figures."""
    figures = (step.mg_per_dose, step.mg_per_day, step.dosing_days_per_week, step.mg_per_week)
    dose, day, days, week = (f"{f.value:f}" if isinstance(f, Known) else "?" for f in figures)
    length = "onwards" if step.days is None else f"to day {step.starts_on_day + step.days}"
    amounts = f"{dose} mg a dose, {day} mg a day, {days} days in seven, {week} mg in seven days"
    return f"day {step.starts_on_day + 1} {length}: {amounts}"
