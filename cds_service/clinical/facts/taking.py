"""Which drugs are taken, drafted or lately stopped, as seen from the subject order.

Drafts are always known; recorded orders and statements may be unknown or doubtful.
"""

from __future__ import annotations

from datetime import date

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import Window, end_unknown, is_draft, run_start, runs, same_drug, window
from cds_service.clinical.facts.reading import Listed, listed, names
from cds_service.clinical.facts.registry import Scope

NEEDS = ("medicationRequests", "medicationStatements")


def recorded(scope: Scope) -> Listed[Medication]:
    """Recorded orders and statements, active and past."""
    return listed(scope.chart.medications())


def everything(scope: Scope) -> tuple[Medication, ...]:
    """Drafts and recorded orders, as far as they could be read."""
    return (*scope.drafts, *recorded(scope).items)


def subject_window(scope: Scope) -> Window:
    """The days the subject order covers; today where there is no order."""
    today = scope.chart.today
    if scope.order is None:
        return Window(today, today)
    return window(scope.order, today)


def coactive(scope: Scope, of: frozenset[str], washout_days: int = 0) -> list[Medication]:
    """Drafts and recorded orders of these drugs whose days meet those of the subject order."""
    return [m for m in everything(scope) if m.ingredients & of and _meets(scope, m, washout_days)]


def end_in_doubt(scope: Scope, of: frozenset[str], washout_days: int) -> list[Medication]:
    """Stopped orders of these drugs of which nobody recorded when, so that a washout cannot be judged."""
    if washout_days == 0:
        return []
    return [m for m in recorded(scope).items if m.ingredients & of and end_unknown(m)]


def history(scope: Scope, order: Medication) -> list[Medication]:
    """Recorded orders of the same drug other than the order itself."""
    return [m for m in recorded(scope).items if m.reference != order.reference and same_drug(m, order)]


def of_class(scope: Scope, *classes: str) -> frozenset[str]:
    """All drugs of the classes."""
    return names(scope, classes)


def course_start(scope: Scope, of: frozenset[str], bridge_days: int) -> date | None:
    """First day of the present course of these drugs, gaps of so many days bridged."""
    taken = [m for m in recorded(scope).items if m.ingredients & of]
    return run_start(taken, scope.chart.today, bridge_days)


def _meets(scope: Scope, other: Medication, washout_days: int) -> bool:
    today = scope.chart.today
    if is_draft(other) and (scope.order is None or other.reference == scope.order.reference):
        return True
    if scope.order is None and washout_days == 0:
        return runs(other, today)
    if other.state == "past" and (washout_days == 0 or end_unknown(other)):
        return False
    return subject_window(scope).meets(window(other, today), washout_days)
