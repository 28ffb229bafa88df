"""What the service knows about a patient: a value with its inputs, or *unknown* with the reason.

Silence may only ever mean "checked, and fine". So nothing in this package returns ``None`` for
"could not tell": it returns :class:`Unknown`, which says why and names what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Input:
    """One datum a value was worked out from, as a clinician would read it.

    ``label`` names it ("creatinine"), ``value`` is the printed value with its unit
    ("0.8 mg/dL"), ``on`` is the day it is from, or ``None`` where it has no date.
    """

    label: str
    value: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Known(Generic[T_co]):
    """A value, what it was worked out from, and a doubt where the data behind it were incomplete.

    ``doubt`` is a sentence ("the list of medications is incomplete"). A condition that holds on a
    doubtful value holds; one that does not hold on it is unknown, for what is missing might have
    made it hold. ``comparator`` is ``"<"``, ``"<="``, ``">"`` or ``">="`` where the number is only
    known to lie on that side of ``value`` (a result printed "<0.07"), else ``""``.
    """

    value: T_co
    inputs: tuple[Input, ...] = ()
    doubt: str | None = None
    comparator: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Could not be worked out: the reason in plain words, and the names of the data that lack."""

    reason: str
    missing: tuple[str, ...] = ()


Fact = Known[T_co] | Unknown

_TURNED = str.maketrans("<>", "><")


def turned(comparator: str) -> str:
    """The comparator of what falls as the number rises: ">2.8" of creatinine is a "<" of kidney function."""
    return comparator.translate(_TURNED)


def beyond(name: str, bound: Decimal, value: Decimal, comparator: str) -> bool | None:
    """What ``below``, ``at_most``, ``above`` or ``at_least`` the bound says of every number beyond the value.

    ``None`` where it is not the same for all: below 30 holds of "<30" and "<29", and may or may not of "<31".
    """
    lower, downward = comparator.startswith("<"), name in ("below", "at_most")
    beside = value == bound and (comparator in ("<", ">") or (name in ("at_most", "above")) is lower)
    clear = value < bound if lower else value > bound
    return downward is lower if clear or beside else None


def is_below(number: Fact[Decimal], bound: Decimal) -> Fact[bool]:
    """Whether a number is below the bound; "<30" is below 30."""
    if isinstance(number, Unknown):
        return number
    settled = beyond("below", bound, number.value, number.comparator) if number.comparator else None
    below = number.value < bound if settled is None else settled
    return Known(below, number.inputs, number.doubt)
