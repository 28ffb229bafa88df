"""What the service knows about a patient: a value with its inputs, or *unknown* with the reason.

Silence may only ever mean "checked, and fine". So nothing in this package returns ``None`` for
"could not tell": it returns :class:`Unknown`, which says why and names what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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
    made it hold.
    """

    value: T_co
    inputs: tuple[Input, ...] = ()
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Could not be worked out: the reason in plain words, and the names of the data that lack."""

    reason: str
    missing: tuple[str, ...] = ()


Fact = Known[T_co] | Unknown
