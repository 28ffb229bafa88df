"""The monitoring calendar of this patient: which tests of the running drugs are due, overdue, or ordered.

At a visit every running course counts. Where orders are on the screen, only those they continue: a call
about one drug does not speak of another's tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical.calendar import Check, Due, FollowUp, Schedule, earliest, next_due
from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import runs
from cds_service.clinical.facts.followed import is_followed
from cds_service.clinical.facts.reading import listed, results
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.facts.running import is_stopped_at_once
from cds_service.clinical.facts.taking import NEEDS, recorded
from cds_service.clinical.known import Fact, Input, Known, Unknown

RESULTS = (
    "bloodCounts", "liverTests", "kidneyTests", "glucoseTests", "vitalSigns", "immunoglobulins", "drugLevels",
    "hepatitisSerology", "screeningTests", "serviceRequests",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Calendar:
    """Every test with its day, not yet ordered; and why it may be incomplete, or ``None``."""

    tests: tuple[Due, ...]
    doubt: str | None


@fact(
    "test_calendar",
    "words",
    needs=(*NEEDS, *RESULTS, "patient"),
    uses=(
        "frp", "started_days", "steroid_today_mg_per_day", "finding", "is_adult", "pregnant", "oncology_protocol",
    ),
    limits=(
        "methotrexate.dosing_days", "monitoring.baseline_days", "monitoring.order_counts_days",
        "monitoring.steroid_daily", "monitoring.overdue_percent",
    ),
)  # fmt: skip
def test_calendar(scope: Scope) -> Fact[tuple[Due, ...]]:
    """Every test of the running drugs that is not ordered, with the day it falls due."""
    courses = list(_courses(scope))
    doubts = [recorded(scope).doubt] if recorded(scope).doubt else []
    found: list[Due] = []
    for schedule, orders in courses:
        for plan in plans(scope, schedule):
            due, doubt = _due(scope, plan, schedule, orders)
            found += [due] if due else []
            doubts += [doubt] if doubt else []
    kept = tuple(due for due in earliest(found) if not _ordered(scope, due.test))
    return Known(kept, (), doubts[0] if doubts else None)


@fact("overdue_percent", "number", unit="%", uses=("test_calendar",))
def overdue_percent(scope: Scope) -> Fact[Decimal]:
    """How far the most overdue test is past its day, in per cent of its interval; 0 where none is."""
    found = calendar(scope)
    late = max((due.percent_late(scope.chart.today) for due in found.tests), default=Decimal(0))
    return Known(max(late, Decimal(0)), _shown(overdue(scope)), found.doubt)


@fact("overdue_tests", "words", uses=("test_calendar",))
def overdue_tests(scope: Scope) -> Fact[tuple[str, ...]]:
    """The tests past their day by more than the grace, in words."""
    return Known(
        tuple(due.test.words for due in overdue(scope)), _shown(overdue(scope)), calendar(scope).doubt
    )


@fact("overdue_count", "number", unit="1", uses=("test_calendar",))
def overdue_count(scope: Scope) -> Fact[Decimal]:
    """How many tests are past their day by more than the grace."""
    return Known(Decimal(len(overdue(scope))), _shown(overdue(scope)), calendar(scope).doubt)


@fact("overdue_orders", "words", uses=("test_calendar",))
def overdue_orders(scope: Scope) -> Fact[tuple[str, ...]]:
    """What to order for the overdue tests, by name of the list of orders.

    With them what was never done for a drug that nobody knows the start of: whether it is late cannot be told,
    that it is wanting can.
    """
    never = [due for due in calendar(scope).tests if due.last is None and due.soonest is not None]
    return Known(tuple(due.test.order for due in (*overdue(scope), *never) if due.test.order))


@fact("overdue_drugs", "words", uses=("test_calendar",))
def overdue_drugs(scope: Scope) -> Fact[tuple[str, ...]]:
    """The drugs that ask for the overdue tests, in words."""
    return Known(tuple(dict.fromkeys(drug_words(scope, due.drug) for due in overdue(scope))))


@fact("overdue_days", "number", unit="d", uses=("test_calendar",))
def overdue_days(scope: Scope) -> Fact[Decimal]:
    """Days the most overdue test is past its day; 0 where none is."""
    late = [due.days_late(scope.chart.today) for due in overdue(scope)[:1]]
    return Known(Decimal(late[0] if late else 0))


@fact("overdue_last_days", "number", unit="d", uses=("test_calendar",))
def overdue_last_days(scope: Scope) -> Fact[Decimal]:
    """Days since the most overdue test was last done; unknown where no result is on record."""
    last = next((due.last for due in overdue(scope)), None)
    if last is None:
        return Unknown("no result is on record")
    return Known(Decimal((scope.chart.today - last).days))


@fact("due_tests", "words", uses=("test_calendar",), limits=("monitoring.ahead_days",))
def due_tests(scope: Scope) -> Fact[tuple[str, ...]]:
    """The tests that are due now or fall due within the days looked ahead, in words."""
    return Known(tuple(due.test.words for due in _ahead(scope)), _shown(_ahead(scope)), calendar(scope).doubt)


@fact("due_orders", "words", uses=("test_calendar",), limits=("monitoring.ahead_days",))
def due_orders(scope: Scope) -> Fact[tuple[str, ...]]:
    """What to order for the tests that are due or fall due soon, by name of the list of orders."""
    return Known(tuple(due.test.order for due in _ahead(scope) if due.test.order))


@fact("test_days", "course", uses=("test_calendar",))
def test_days(scope: Scope) -> Fact[Mapping[str, date]]:
    """The day on which each test of the calendar falls due, by the name of its order: the first of several."""
    days: dict[str, date] = {}
    for due in sorted(calendar(scope).tests, key=lambda each: each.day, reverse=True):
        days[due.test.order] = due.day
    return Known(days)


@fact("due_count", "number", unit="1", uses=("test_calendar",), limits=("monitoring.ahead_days",))
def due_count(scope: Scope) -> Fact[Decimal]:
    """How many tests are due now or fall due within the days looked ahead."""
    return Known(Decimal(len(_ahead(scope))), _shown(_ahead(scope)), calendar(scope).doubt)


@fact("due_until", "date", uses=("test_calendar",), limits=("monitoring.ahead_days",))
def due_until(scope: Scope) -> Fact[date]:
    """The day up to which tests are named: that of the visit being booked, else some weeks ahead."""
    return Known(_until(scope))


@fact("next_due", "date", uses=("test_calendar",))
def next_test_due(scope: Scope) -> Fact[date]:
    """The first day on which a test of the running drugs falls due; unknown where none does."""
    found = calendar(scope)
    if not found.tests:
        return Unknown(found.doubt or "no test of a running drug falls due")
    return Known(found.tests[0].day, _shown(found.tests[:1]), found.doubt)


def calendar(scope: Scope) -> Calendar:
    """The calendar of the chart, worked out once."""
    found = scope.get("test_calendar")
    return Calendar(found.value, found.doubt) if isinstance(found, Known) else Calendar((), found.reason)


def last_done(scope: Scope, test: Check) -> date | None:
    """The day of the newest result of a test, or report of an examination, if any."""
    found = results(scope, test.results).items
    exams = _examinations(scope, test)
    done = [each.on for each in listed(scope.chart.done()).items if each.on and each.concepts & exams]
    return max([*done, *(m.on for m in found[:1])], default=None)


def unread(scope: Scope, test: Check) -> str | None:
    """Why a result or report of a test may be there and not be seen, or ``None``."""
    exams = listed(scope.chart.done()).doubt if _examinations(scope, test) else None
    return results(scope, test.results).doubt or exams


def _examinations(scope: Scope, test: Check) -> frozenset[str]:
    """What of a test leaves a report and no value."""
    return frozenset(each for each in test.ordered_by if scope.terms.exists("order", each))


def holds(scope: Scope, condition: str) -> bool:
    """Whether a condition of the schedules is known to hold; "" always does."""
    if condition == "may-become-pregnant":
        return _is(scope.get("frp"), True)
    if condition == "not-pregnant":
        return not _is(scope.get("pregnant"), True)
    if condition == "anti-hbc-positive":
        return _is(scope.get("finding", "anti_hbc"), "positive")
    if condition == "long-steroid-course":
        daily = scope.get("steroid_today_mg_per_day")
        return isinstance(daily, Known) and daily.value >= scope.limit("monitoring.steroid_daily")
    return True


def is_ordered(scope: Scope, test: Check) -> bool:
    """Whether a test is drafted, or on order since not too long."""
    return _ordered(scope, test)


def _is(found: Fact[object], value: object) -> bool:
    return isinstance(found, Known) and found.value == value


def _courses(scope: Scope) -> Iterator[tuple[Schedule, list[Medication]]]:
    """The schedules of what is taken, each with the orders it is taken by."""
    on_screen = frozenset().union(*(draft.ingredients for draft in scope.drafts))
    for schedule in scope.schedules.all:
        if scope.drafts and not schedule.drugs & on_screen:
            continue
        asked = [m for m in recorded(scope).items if m.ingredients & schedule.drugs]
        taken = [m for m in asked if not is_stopped_at_once(scope, m)]
        if any(is_followed(m, schedule, scope.chart.today) for m in taken) and holds(scope, schedule.only):
            yield schedule, taken


def plans(scope: Scope, schedule: Schedule) -> Iterable[FollowUp]:
    """What the schedule asks for during treatment of this patient: by the child's profile below adult age."""
    child = schedule.child if _is(scope.get("is_adult"), False) else None
    listed_plans = schedule.follow_up if child is None else child
    return (plan for plan in listed_plans if holds(scope, plan.only))


def _due(
    scope: Scope, plan: FollowUp, schedule: Schedule, orders: list[Medication]
) -> tuple[Due | None, str | None]:
    """The test's next day, or the reason why whether it is late cannot be told."""
    today = scope.chart.today
    since = scope.get("started_days", tuple(sorted(schedule.drugs)))
    begun = today - timedelta(days=int(since.value)) if isinstance(since, Known) else None
    found = results(scope, plan.test.results)
    last = found.items[0].on if found.items else None
    # Of a pulse that is over and the tablets that go on, those are named that are taken.
    taken = next((order for order in orders if runs(order, today)), orders[0])
    drug = min(taken.ingredients & schedule.drugs)
    due = next_due(plan, drug, begun, last, today, int(scope.limit("monitoring.baseline_days")))
    grace = scope.limit("monitoring.overdue_percent")
    if begun is None and (last is None or _might_be_late(due, today, grace)):
        return due, _undated(orders[0].name, due)
    if due and found.doubt and due.days_late(today) > 0:
        return None, found.doubt
    return due, None


def _undated(drug: str, due: Due | None) -> str:
    """What is not known without the start of a drug, and what would follow if it had been begun lately."""
    unknown = f"it is not recorded when {drug} was begun"
    if due is None or due.last is None:
        return unknown
    return f"{unknown}; in its first months {due.test.words} (last {due.last}) would be overdue"


def _might_be_late(due: Due | None, today: date, grace: Decimal) -> bool:
    """Whether it is late by the shortest interval of its schedule, though not by the longest."""
    if due is None or due.soonest is None or due.percent_late(today) > grace:
        return False
    return due.soonest < today


def _ordered(scope: Scope, test: Check) -> bool:
    oldest = scope.chart.today - timedelta(days=int(scope.limit("monitoring.order_counts_days")))
    active = listed(scope.chart.services()).items
    asked = (*scope.chart.draft_services, *(o for o in active if o.written is None or o.written >= oldest))
    return any(order.concepts & test.ordered_by for order in asked)


def overdue(scope: Scope) -> list[Due]:
    """The tests past their day by more than the grace, the most overdue first."""
    today, grace = scope.chart.today, scope.limit("monitoring.overdue_percent")
    late = [due for due in calendar(scope).tests if due.percent_late(today) > grace]
    return sorted(late, key=lambda due: -due.percent_late(today))


def _ahead(scope: Scope) -> list[Due]:
    """The tests due until the day looked ahead to, the soonest first."""
    until = _until(scope)
    return [due for due in calendar(scope).tests if due.day <= until]


def _until(scope: Scope) -> date:
    ahead = timedelta(days=int(scope.limit("monitoring.ahead_days")))
    return scope.chart.next_visit or scope.chart.today + ahead


def _shown(found: Iterable[Due]) -> tuple[Input, ...]:
    return tuple(
        Input(due.test.words, "last done" if due.last else "not on record", due.last) for due in found
    )


def drug_words(scope: Scope, name: str) -> str:
    """The name of a drug of the schedules as a card tells it."""
    return scope.terms.display(name) or name
