"""How an oral glucocorticoid is tapered: the default adult steps, and the slide by weight for a child.

The adult steps are a design heuristic, not a guideline; those for a child reach the doses of the PRINTO
scheme in its time (doi:10.1186/s12969-019-0326-5) by even steps of our own. The numbers are limits of
``cards/glucocorticoid``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from cds_service.clinical.ranges import Steps, to_step

ANY_TABLET: Steps = ((Decimal(0), Decimal("0.5")),)


@dataclass(frozen=True, slots=True)
class Stage:
    """While the dose is above ``above`` mg a day, take ``minus`` mg off every ``days`` days."""

    above: Decimal
    minus: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class Leg:
    """Evenly down to ``to_mg`` a day within ``days`` days."""

    to_mg: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class TaperStep:
    """``mg`` a day for ``days`` days."""

    mg: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class Course:
    """Steps one after another, then ``then_mg`` a day until somebody reviews it."""

    steps: tuple[TaperStep, ...]
    then_mg: Decimal

    @property
    def days(self) -> int:
        """Days until ``then_mg`` is reached."""
        return sum(step.days for step in self.steps)

    @property
    def total_mg(self) -> Decimal:
        """Milligrams of all steps, without what is taken after them."""
        return sum((step.mg * step.days for step in self.steps), Decimal(0))


def taper(
    start_mg: Decimal, hold_days: int, stages: Sequence[Stage], end_mg: Decimal, tablets: Steps = ANY_TABLET
) -> tuple[TaperStep, ...]:
    """The steps from the starting dose down to the day the dose reaches ``end_mg`` (not part of it).

    ``stages`` run from the highest ``above`` to the lowest, whose ``above`` is at most ``end_mg``. A
    reduction never jumps over the boundary of a stage, and never takes off more than the stage says: what
    is left is rounded up to whole ``tablets``. ``hold_days`` is the time at the first dose.
    """
    return tuple(_steps(start_mg, hold_days, stages, end_mg, tablets))


def slide(
    start_mg: Decimal, legs: Sequence[Leg], step_days: int, tablets: Steps = ANY_TABLET
) -> tuple[TaperStep, ...]:
    """The steps of even reductions along the legs, one every ``step_days`` days, to the nearest tablet.

    A leg that ends at or above where the dose already is is left out; steps of one dose are one step.
    """
    found: list[TaperStep] = []
    for mg, days in _along(start_mg, legs, step_days, tablets):
        if found and found[-1].mg == mg:
            found[-1] = TaperStep(mg, found[-1].days + days)
        else:
            found.append(TaperStep(mg, days))
    return tuple(found)


def dose_on_day(steps: Sequence[TaperStep], day: int, after_mg: Decimal) -> Decimal:
    """Milligrams on a day counted from 1; ``after_mg`` once the steps are over."""
    last = 0
    for step in steps:
        last += step.days
        if day <= last:
            return step.mg
    return after_mg


def _steps(
    start_mg: Decimal, hold_days: int, stages: Sequence[Stage], end_mg: Decimal, tablets: Steps
) -> Iterator[TaperStep]:
    dose, days = start_mg, hold_days
    while dose > end_mg:
        stage = next(s for s in stages if dose > s.above)
        yield TaperStep(dose, days)
        dose = max(_lower(dose, stage.minus, tablets), stage.above, end_mg)
        days = next((s.days for s in stages if dose > s.above), 0)


def _lower(dose: Decimal, minus: Decimal, tablets: Steps) -> Decimal:
    """The dose less ``minus``, rounded up to whole tablets; less one tablet where that is no reduction."""
    left = to_step(dose - minus, tablets, ROUND_CEILING)
    return left if left < dose else to_step(dose, tablets, ROUND_CEILING) - _tablet(dose, tablets)


def _tablet(dose: Decimal, tablets: Steps) -> Decimal:
    return next((size for start, size in tablets if dose >= start), tablets[-1][1])


def _along(
    start_mg: Decimal, legs: Sequence[Leg], step_days: int, tablets: Steps
) -> Iterator[tuple[Decimal, int]]:
    """Every step of every leg, its dose and its days, before the dose at which the last leg ends.

    The first reduction is made at once; each leg ends on its last day. No tablet is rounded up above what is
    taken today.
    """
    dose, begun = start_mg, False
    for leg in legs:
        if leg.to_mg >= dose:
            continue
        count = max(leg.days // step_days, 1)
        for n in range(count):
            share = Decimal(n) / count if begun else Decimal(n + 1) / (count + 1)
            due = dose + (leg.to_mg - dose) * share
            yield min(to_step(due, tablets, ROUND_HALF_UP), start_mg), step_days
        dose, begun = leg.to_mg, True
