"""The overdue tests in words: the most overdue ones by themselves, and each with its drug and its own last day."""

from __future__ import annotations

from decimal import Decimal
from itertools import takewhile

from cds_service.clinical.calendar import Due, Schedule
from cds_service.clinical.facts.monitoring import calendar, drug_words, overdue
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known

_INITIALS = ("acr", "bsr")


@fact("overdue_worst", "words", uses=("test_calendar",))
def overdue_worst(scope: Scope) -> Fact[tuple[str, ...]]:
    """The tests that are as late as the most overdue one: due on the same day, and last done on the same day."""
    return Known(tuple(due.test.words for due in _worst(scope)))


@fact("overdue_worst_drugs", "words", uses=("test_calendar",))
def overdue_worst_drugs(scope: Scope) -> Fact[tuple[str, ...]]:
    """The drugs that ask for those tests, in words."""
    return Known(tuple(dict.fromkeys(drug_words(scope, due.drug) for due in _worst(scope))))


@fact("overdue_others", "words", uses=("test_calendar",))
def overdue_others(scope: Scope) -> Fact[tuple[str, ...]]:
    """The other overdue tests."""
    return Known(tuple(due.test.words for due in overdue(scope)[len(_worst(scope)) :]))


@fact("overdue_rest", "number", unit="1", uses=("test_calendar",))
def overdue_rest(scope: Scope) -> Fact[Decimal]:
    """How many other tests are overdue."""
    return Known(Decimal(len(overdue(scope)) - len(_worst(scope))))


@fact("overdue_listed", "words", uses=("test_calendar",))
def overdue_listed(scope: Scope) -> Fact[tuple[str, ...]]:
    """Every overdue test with the drug that asks for it and the day it was last done, if it was."""
    return Known(tuple(_listed(scope, due) for due in overdue(scope)))


@fact("monitoring_profiles", "words", uses=("test_calendar",))
def monitoring_profiles(scope: Scope) -> Fact[tuple[str, ...]]:
    """The schedule profile in force for each drug that has an overdue or coming test."""
    drugs = dict.fromkeys(due.drug for due in calendar(scope).tests)
    named = [(drug_words(scope, drug), scope.schedules.of(frozenset({drug}))) for drug in drugs]
    return Known(tuple(f"{_profile(scope, found[0])} for {words}" for words, found in named if found))


def _worst(scope: Scope) -> list[Due]:
    late = overdue(scope)
    return list(takewhile(lambda due: (due.day, due.last) == (late[0].day, late[0].last), late))


def _listed(scope: Scope, due: Due) -> str:
    last = f"last {due.last.isoformat()}" if due.last else "none on record"
    return f"{due.test.words} for {drug_words(scope, due.drug)} ({last})"


def _profile(scope: Scope, schedule: Schedule) -> str:
    own = schedule.child is not None and _is_child(scope)
    name = schedule.child_profile if own else schedule.profile
    return name.upper() if name in _INITIALS else name


def _is_child(scope: Scope) -> bool:
    adult = scope.get("is_adult")
    return isinstance(adult, Known) and not adult.value
