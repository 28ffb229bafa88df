"""What the facts share: reading lists with their doubts, and printing what was used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar

from cds_service.clinical.chart import Measurement, Medication, Problem
from cds_service.clinical.facts.registry import Scope
from cds_service.clinical.known import Fact, Input, Known, Unknown

T = TypeVar("T")
# A number and its unit in one word. Anything longer is no figure to repeat.
_WRITTEN = re.compile(r"[<>]?=?(\d{1,12}(?:\.\d{1,12})?) [^\s\d][^\s]{0,14}")
_OF_SIZE = ("kg", "cm")


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """What could be read of a list, and the sentence that says what could not, or ``None``."""

    items: tuple[T, ...]
    doubt: str | None


def listed(fact: Fact[tuple[T, ...]]) -> Listed[T]:
    """A list as far as it could be read: an unknown one is empty with a doubt."""
    if isinstance(fact, Unknown):
        return Listed((), fact.reason)
    return Listed(fact.value, fact.doubt)


def joined(*lists: Listed[T]) -> Listed[T]:
    """Several lists as one, with the first doubt of any."""
    doubts = [part.doubt for part in lists if part.doubt]
    return Listed(tuple(item for part in lists for item in part.items), doubts[0] if doubts else None)


def doubts(*lists: Listed[Any]) -> str | None:
    """The first doubt of any of the lists."""
    return next((part.doubt for part in lists if part.doubt), None)


def names(scope: Scope, of: Iterable[str]) -> frozenset[str]:
    """The concepts meant: a class is its members, and itself."""
    asked = frozenset(of)
    return asked.union(*(scope.terms.members(name) for name in asked)) if asked else asked


def within(day: date | None, today: date, days: int) -> bool | None:
    """Whether a day lies within so many days before today; ``None`` for no day."""
    return None if day is None else day >= today - timedelta(days=days)


def printed(value: Decimal, unit: str) -> str:
    """A number with its unit as a clinician reads it: no exponent, no trailing zeros after the point."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {unit}".strip() if unit != "1" else text


def rounded(value: Decimal, unit: str, digits: int = 2) -> str:
    """As :func:`printed`, with at most so many places."""
    return printed(round(value, digits), unit)


def of_measurement(scope: Scope, found: Measurement) -> Input:
    """A result as an input: its name, what was printed or its value, its day.

    What the laboratory wrote in another unit is told as it wrote it: that figure stands in the record.
    """
    value = found.shown or found.finding
    if found.value is not None and not _was_converted(found):
        value = found.comparator + printed(found.value, found.unit)
    return Input(scope.terms.display(found.concept) or found.concept, value, found.on)


def _was_converted(found: Measurement) -> bool:
    """Whether it was written as another number, in another unit. Sizes are told in that of the doses."""
    written = _WRITTEN.fullmatch(found.shown)
    return written is not None and found.unit not in _OF_SIZE and Decimal(written[1]) != found.value


def of_problem(found: Problem) -> Input:
    """A problem as an input: its text and the day it began or was recorded."""
    return Input("problem", found.text or ", ".join(sorted(found.concepts)), found.onset or found.recorded)


def of_medication(found: Medication) -> Input:
    """An order or recorded use as an input: its name, its state, its day."""
    state = {"draft": "this order", "past": "stopped"}.get(found.state, found.state)
    return Input("medication", f"{found.name} ({state})", found.starts or found.written)


def results(scope: Scope, concepts: Iterable[str]) -> Listed[Measurement]:
    """All usable results of the concepts, newest first."""
    found = joined(*(listed(scope.chart.measurements(c)) for c in sorted(frozenset(concepts))))
    return Listed(tuple(sorted(found.items, key=lambda m: m.on, reverse=True)), found.doubt)


def newest(scope: Scope, concept: str) -> Fact[Measurement]:
    """The newest usable result; Unknown if there is none or if what is newer could not be read."""
    found = scope.chart.measurements(concept)
    if isinstance(found, Unknown):
        return found
    label = scope.terms.display(concept) or concept
    if not found.value:
        return Unknown(found.doubt or f"{label} is not on record", (concept,))
    first = found.value[0]
    return Known(first, (of_measurement(scope, first),), found.doubt)


def numeric(found: Sequence[Measurement]) -> list[tuple[Measurement, Decimal]]:
    """Those results that have a number, with it."""
    return [(m, m.value) for m in found if m.value is not None]


def unknown_of(*facts: Fact[Any]) -> Unknown:
    """Why something that needs all of the facts is unknown, with everything that any of them lacks."""
    unknown = [f for f in facts if isinstance(f, Unknown)]
    missing = tuple(dict.fromkeys(name for f in unknown for name in f.missing))
    return Unknown("; ".join(dict.fromkeys(f.reason for f in unknown)), missing)


def inputs_of(*facts: Fact[Any]) -> tuple[Input, ...]:
    """The inputs of all the known ones, each once."""
    return tuple(dict.fromkeys(i for f in facts if isinstance(f, Known) for i in f.inputs))


def is_word(word: Fact[str], wanted: str) -> Fact[bool]:
    """Whether a word is the wanted one, with what it was worked out from and its doubt."""
    return word if isinstance(word, Unknown) else Known(word.value == wanted, word.inputs, word.doubt)


def doubt_of(*facts: Fact[Any]) -> str | None:
    """The first doubt of the known ones."""
    return next((f.doubt for f in facts if isinstance(f, Known) and f.doubt), None)
