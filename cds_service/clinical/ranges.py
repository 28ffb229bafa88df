"""Dose ranges for one patient: per kilogram or per surface, capped, then rounded to what can be taken.

The lower end is rounded up and the upper end down, after caps, so that no shown end lies outside the
range it stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

Steps = Sequence[tuple[Decimal, Decimal]]
"""``(from, step)`` pairs, the largest first: a value of at least ``from`` is rounded to ``step``."""


@dataclass(frozen=True, slots=True)
class Range:
    """``low`` to ``high`` of ``unit``. ``fits`` is false where no tablet lies between; then the ends
    are the raw ones and ``note`` says so."""

    low: Decimal
    high: Decimal
    unit: str
    fits: bool = True
    note: str = ""


def raw(low: Decimal, high: Decimal, unit: str, cap: Decimal | None = None) -> Range:
    """The range with both ends capped and nothing rounded."""
    if cap is not None:
        low, high = min(low, cap), min(high, cap)
    return Range(low, high, unit)


def by_tablet(low: Decimal, high: Decimal, unit: str, steps: Steps, cap: Decimal | None = None) -> Range:
    """The range capped, then its lower end rounded up and its upper end down to the tablet step.

    Where that leaves nothing the raw capped ends come back with ``fits`` false.
    """
    capped = raw(low, high, unit, cap)
    bottom = to_step(capped.low, steps, ROUND_CEILING)
    top = to_step(capped.high, steps, ROUND_FLOOR)
    if bottom > top:
        return Range(capped.low, capped.high, unit, False, "no tablet fits; use liquid or injection")
    return Range(bottom, top, unit)


def to_step(value: Decimal, steps: Steps, rounding: str) -> Decimal:
    """The value rounded to a multiple of the step for its size; ``rounding`` is one of :mod:`decimal`."""
    step = next((size for start, size in steps if value >= start), steps[-1][1])
    return (value / step).to_integral_value(rounding) * step
