"""The abrupt fall or end of a glucocorticoid in figures: which drug, from how much to how much, until when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TypeVar

from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.facts.steroid_change import Change
from cds_service.clinical.known import Fact, Known, Unknown

T = TypeVar("T")
of_change = partial(fact, uses=("steroid_course_change",))
_UNCHANGED = Unknown("the course neither falls nor ends")


@of_change("steroid_change_drugs", "words")
def steroid_change_drugs(scope: Scope) -> Fact[tuple[str, ...]]:
    """The glucocorticoids that fall or end, in words."""
    found: Fact[Change] = scope.get("steroid_course_change")
    return found if isinstance(found, Unknown) else Known(found.value.drugs)


@of_change("steroid_change_before", "number", unit="mg/d")
def steroid_change_before(scope: Scope) -> Fact[Decimal]:
    """Prednisone a day before the fall: the mean of the last seven days."""
    return _part(scope, lambda change: change.before)


@of_change("steroid_change_after", "number", unit="mg/d")
def steroid_change_after(scope: Scope) -> Fact[Decimal]:
    """Prednisone a day after the fall, or in the last step of a course that ends."""
    return _part(scope, lambda change: change.after)


@of_change("steroid_change_ends", "date")
def steroid_change_ends(scope: Scope) -> Fact[date]:
    """The last day of a course that ends."""
    return _part(scope, lambda change: change.ends)


def _part(scope: Scope, read: Callable[[Change], T | None]) -> Fact[T]:
    found: Fact[Change] = scope.get("steroid_course_change")
    if isinstance(found, Unknown):
        return found
    part = read(found.value)
    return _UNCHANGED if part is None else Known(part, found.inputs, found.doubt)
