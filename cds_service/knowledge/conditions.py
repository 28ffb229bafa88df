"""Conditions of pages, compiled once and judged with three values.

A condition is ``all``, ``any``, ``not`` or one comparison of a fact. A comparison on a doubtful value is
believed where it makes the page fire and unknown where it would keep it silent; under ``not`` the other
way round, so each comparison knows which of its answers leads to firing. A condition that may be one of
several causes can carry the words for it, so that a card tells this patient's cause and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple, Protocol

from jinja2 import Template

from cds_service.clinical.facts.registry import Scope
from cds_service.clinical.known import Input, Known, Unknown, beyond


class Used(NamedTuple):
    """One fact that a verdict rests on, with the comparison it was put to."""

    fact: str
    of: tuple[str, ...]
    value: object
    unit: str
    inputs: tuple[Input, ...]
    comparison: str
    limit: str = ""


class Cause(NamedTuple):
    """The words for a condition that holds, and the data it was seen in."""

    template: Template
    seen_in: tuple[Input, ...]


class Verdict(NamedTuple):
    """True, false, or ``None`` for unknown; what it rests on, or why it is unknown and what is missing.

    ``causes`` are those of its conditions that hold and have words.
    """

    truth: bool | None
    used: tuple[Used, ...] = ()
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()


_FALSE = Verdict(False)


class Condition(Protocol):
    """Something a page can ask of a scope."""

    def judge(self, scope: Scope, fires_on: bool = True) -> Verdict:
        """The verdict. ``fires_on`` is the answer that leads towards the page firing."""

    def facts(self) -> Iterable[Ask]:
        """Every fact asked for, at any depth."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A fact by name, what it is asked of, and its whole-number arguments."""

    fact: str
    of: tuple[str, ...] = ()
    args: tuple[tuple[str, int], ...] = ()

    def get(self, scope: Scope) -> Any:
        return scope.at((self.fact, self.of, self.args))


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison: ``test`` decides; ``words`` print it ("below 30 mL/min/{1.73_m2}")."""

    ask: Ask
    test: Callable[[Any], bool]
    words: str
    unit: str
    limit: str = ""
    of_all: Callable[[Any, str], bool | None] | None = None

    def judge(self, scope: Scope, fires_on: bool = True) -> Verdict:
        value = self.ask.get(scope)
        if isinstance(value, Unknown):
            return Verdict(None, reasons=(value.reason,), missing=value.missing or self.ask.of)
        truth, doubt = self._answer(value)
        if doubt and truth is not fires_on:
            return Verdict(None, reasons=(doubt,), missing=self.ask.of or (self.ask.fact,))
        used = Used(self.ask.fact, self.ask.of, value.value, self.unit, value.inputs, self.words, self.limit)
        return Verdict(truth, (used,))

    def _answer(self, value: Known[Any]) -> tuple[bool, str | None]:
        """The answer and its doubt; of a number only known to lie below or above, what holds of all such."""
        truth = self.test(value.value)
        if not (value.comparator and self.of_all):
            return truth, value.doubt
        settled = self.of_all(value.value, value.comparator)
        return (truth, value.doubt or _only_known(value)) if settled is None else (settled, value.doubt)

    def facts(self) -> Iterable[Ask]:
        yield self.ask


def _only_known(value: Known[Any]) -> str:
    label = value.inputs[0].label if value.inputs else "a result"
    return f"{label} is only reported as {value.comparator}{value.value:f}"


@dataclass(frozen=True, slots=True)
class Because:
    """A condition with the words for it. They stand for all that it is made of."""

    part: Condition
    template: Template
    names: frozenset[str]

    def judge(self, scope: Scope, fires_on: bool = True) -> Verdict:
        inner = self.part.judge(scope, fires_on)
        cause = Cause(self.template, _once(used.inputs for used in inner.used))
        return inner._replace(causes=(cause,) if inner.truth else ())

    def facts(self) -> Iterable[Ask]:
        return self.part.facts()


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown. What does not hold is no cause."""

    part: Condition

    def judge(self, scope: Scope, fires_on: bool = True) -> Verdict:
        inner = self.part.judge(scope, not fires_on)
        truth = None if inner.truth is None else not inner.truth
        return Verdict(truth, inner.used, inner.reasons, inner.missing)

    def facts(self) -> Iterable[Ask]:
        return self.part.facts()


@dataclass(frozen=True, slots=True)
class Every:
    """``all`` (``decisive`` false) or ``any`` (``decisive`` true) of the parts.

    One decisive part settles it; else one unknown part makes it unknown. ``any`` looks at every part,
    for each one that holds is a reason a clinician wants to see.
    """

    parts: tuple[Condition, ...]
    decisive: bool

    def judge(self, scope: Scope, fires_on: bool = True) -> Verdict:
        verdicts = []
        for part in self.parts:
            verdict = part.judge(scope, fires_on)
            if verdict.truth is self.decisive and not self.decisive:
                return verdict
            verdicts.append(verdict)
        return self._joined(verdicts)

    def _joined(self, verdicts: list[Verdict]) -> Verdict:
        settling = [v for v in verdicts if v.truth is self.decisive]
        unknown = [v for v in verdicts if v.truth is None]
        if settling:
            return _true(settling)
        if unknown:
            return Verdict(
                None,
                _once(v.used for v in verdicts),
                _once(v.reasons for v in unknown),
                _once(v.missing for v in unknown),
            )
        # Why none of several causes holds is nothing a clinician reads.
        return _FALSE if self.decisive else _true(verdicts)

    def facts(self) -> Iterable[Ask]:
        for part in self.parts:
            yield from part.facts()


def _true(verdicts: Iterable[Verdict]) -> Verdict:
    verdicts = tuple(verdicts)
    return Verdict(True, _once(v.used for v in verdicts), causes=_once(v.causes for v in verdicts))


def _once(groups: Iterable[tuple[Any, ...]]) -> tuple[Any, ...]:
    seen: list[Any] = []
    for group in groups:
        seen += [item for item in group if item not in seen]
    return tuple(seen)


COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "below": lambda value, bound: value < bound,
    "at_most": lambda value, bound: value <= bound,
    "above": lambda value, bound: value > bound,
    "at_least": lambda value, bound: value >= bound,
    "is": lambda value, wanted: value == wanted,
    "in": lambda value, wanted: value in wanted,
    "includes": lambda value, wanted: wanted in value,
}
_WORDS = {"below": "below", "at_most": "at most", "above": "above", "at_least": "at least"}


def comparison(ask: Ask, name: str, bound: Any, unit: str, limit: str = "") -> Compare:
    """A compiled comparison of a known kind."""
    operator = COMPARISONS[name]
    words = f"{_WORDS.get(name, name)} {_printed(bound)} {unit if unit != '1' else ''}".strip()
    of_all = partial(beyond, name, bound) if name in _WORDS else None
    return Compare(ask, lambda value: operator(value, bound), words, unit, limit, of_all)


def _printed(bound: Any) -> str:
    if isinstance(bound, Decimal):
        return f"{bound:f}"
    if isinstance(bound, frozenset):
        return " or ".join(sorted(map(str, bound)))
    return {True: "yes", False: "no"}.get(bound, str(bound)) if isinstance(bound, bool) else str(bound)
