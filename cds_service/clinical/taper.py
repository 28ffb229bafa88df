"""The default adult taper of an oral glucocorticoid: hold, then step down, slower as it gets lower.

A design heuristic, not a guideline; the numbers are limits of ``cards/glucocorticoid``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Stage:
    """While the dose is above ``above`` mg a day, take ``minus`` mg off every ``days`` days."""

    above: Decimal
    minus: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class TaperStep:
    """``mg`` a day for ``days`` days."""

    mg: Decimal
    days: int


def taper(
    start_mg: Decimal, hold_days: int, stages: Sequence[Stage], end_mg: Decimal
) -> tuple[TaperStep, ...]:
    """The steps from the starting dose down to the day the dose reaches ``end_mg`` (not part of it).

    ``stages`` run from the highest ``above`` to the lowest, whose ``above`` is at most ``end_mg``. A
    reduction never jumps over the boundary of a stage. ``hold_days`` is the time at the first dose.
    """
    return tuple(_steps(start_mg, hold_days, stages, end_mg))


def dose_on_day(steps: Sequence[TaperStep], day: int, after_mg: Decimal) -> Decimal:
    """Milligrams on a day counted from 1; ``after_mg`` once the steps are over."""
    last = 0
    for step in steps:
        last += step.days
        if day <= last:
            return step.mg
    return after_mg


def _steps(
    start_mg: Decimal, hold_days: int, stages: Sequence[Stage], end_mg: Decimal
) -> Iterator[TaperStep]:
    dose, days = start_mg, hold_days
    while dose > end_mg:
        stage = next(s for s in stages if dose > s.above)
        yield TaperStep(dose, days)
        dose = max(dose - stage.minus, stage.above, end_mg)
        days = next((s.days for s in stages if dose > s.above), 0)
