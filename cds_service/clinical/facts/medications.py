"""Medications by name: taken, drafted, since when, and in which phase the subject order finds its course."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import LONG_AGO, is_draft, window
from cds_service.clinical.facts.reading import names, of_medication
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import (
    NEEDS,
    coactive,
    course_start,
    end_in_doubt,
    history,
    of_class,
    recorded,
)
from cds_service.clinical.known import Fact, Known, Unknown

PHASES = ("start", "restart", "increase", "renewal", "decrease")
NO_ORDER = Unknown("there is no order to judge", ("order",))
SLOW = ("rituximab", "ivig")
"""Given in courses months apart, so that a year without is a start."""


@fact("takes", "flag", about="order", of="drug", args=("washout_days",), needs=NEEDS)
def takes(scope: Scope, of: tuple[str, ...], washout_days: int = 0) -> Fact[bool]:
    """Any of the drugs is drafted or in force while the subject order is taken.

    A drug stopped no longer ago than the washout still counts.
    """
    wanted = names(scope, of)
    found = coactive(scope, wanted, washout_days)
    if found:
        return flag(True, *map(of_medication, found[:3]))
    unclear = end_in_doubt(scope, wanted, washout_days)
    if unclear:
        return Unknown(f"it is not recorded when {unclear[0].name} was stopped", ("medicationRequests",))
    return flag(False, doubt=recorded(scope).doubt)


@fact("takes_other", "flag", about="order", of="drug", args=("washout_days",), needs=NEEDS)
def takes_other(scope: Scope, of: tuple[str, ...], washout_days: int = 0) -> Fact[bool]:
    """As ``takes``, of drugs other than those of the subject order itself."""
    own = scope.order.ingredients if scope.order is not None else frozenset()
    found = [m for m in coactive(scope, names(scope, of), washout_days) if not m.ingredients & own]
    return flag(bool(found), *map(of_medication, found[:3]), doubt=recorded(scope).doubt)


@fact("taken_within", "flag", of="drug", args=("within_days",), needs=NEEDS)
def taken_within(scope: Scope, of: tuple[str, ...], within_days: int = 0) -> Fact[bool]:
    """Any of the drugs was taken in the last so many days, however long the subject order has run."""
    wanted, today = names(scope, of), scope.chart.today
    first = today - timedelta(days=within_days)
    found = [
        m
        for m in recorded(scope).items
        if m.ingredients & wanted and (window(m, today).end or today) >= first
    ]
    return flag(bool(found), *map(of_medication, found[:3]), doubt=recorded(scope).doubt)


@fact("drafted", "flag", of="drug")
def drafted(scope: Scope, of: tuple[str, ...]) -> Fact[bool]:
    """Any of the drugs is among the drafts on the screen."""
    wanted = names(scope, of)
    found = [m for m in scope.drafts if m.ingredients & wanted]
    return Known(bool(found), tuple(map(of_medication, found[:3])))


@fact("selected", "flag", of="drug")
def selected(scope: Scope, of: tuple[str, ...]) -> Fact[bool]:
    """Any of the drugs is among the drafts the call is about: on order-select those picked, else all."""
    wanted = names(scope, of)
    found = [m for m in scope.drafts if m.selected and m.ingredients & wanted]
    return Known(bool(found), tuple(map(of_medication, found[:3])))


@fact("order_is", "flag", about="order", of="drug")
def order_is(scope: Scope, of: tuple[str, ...]) -> Fact[bool]:
    """The subject order holds any of the drugs."""
    if scope.order is None:
        return NO_ORDER
    return Known(bool(scope.order.ingredients & names(scope, of)))


@fact("drug_count", "number", unit="1", about="order", of="drug", needs=NEEDS)
def drug_count(scope: Scope, of: tuple[str, ...]) -> Fact[Decimal]:
    """How many different drugs of those named are drafted or in force with the subject order."""
    wanted = names(scope, of)
    found = coactive(scope, wanted)
    different = {name for m in found for name in m.ingredients & wanted}
    return Known(Decimal(len(different)), tuple(map(of_medication, found)), recorded(scope).doubt)


@fact("days_on", "number", unit="d", of="drug", needs=NEEDS, limits=("regimen.bridge_days",))
def days_on(scope: Scope, of: tuple[str, ...]) -> Fact[Decimal]:
    """Days the present course of the drugs has lasted, gaps of up to two weeks bridged; 0 without one."""
    wanted = names(scope, of)
    start = course_start(scope, wanted, int(scope.limit("regimen.bridge_days")))
    found = [m for m in recorded(scope).items if m.ingredients & wanted]
    if start is None:
        return Known(Decimal(0), (), recorded(scope).doubt)
    dated = [m for m in found if m.starts or m.written]
    since = f"it is not recorded when {found[0].name} was begun"
    if not dated:
        return Unknown(since, ("medicationRequests",))
    first = min(dated, key=lambda m: max(start, window(m, scope.chart.today).start))
    days = (scope.chart.today - max(start, window(first, scope.chart.today).start)).days
    doubt = recorded(scope).doubt or (since if start == LONG_AGO else None)
    return Known(Decimal(days), (of_medication(first),), doubt)


@fact("stopped_days", "number", unit="d", of="drug", needs=NEEDS)
def stopped_days(scope: Scope, of: tuple[str, ...]) -> Fact[Decimal]:
    """Days since any of the drugs was last taken (0 while taken); unknown if none ever was."""
    wanted, today = names(scope, of), scope.chart.today
    found = [(window(m, today), m) for m in recorded(scope).items if m.ingredients & wanted]
    if not found:
        return Unknown(recorded(scope).doubt or f"{of[0]} is not on record", ("medicationRequests",))
    last, order = max(((w.end or today, m) for w, m in found), key=lambda pair: pair[0])
    days = max((today - last).days, 0)
    return Known(Decimal(days), (of_medication(order),), recorded(scope).doubt)


@fact(
    "started_days",
    "number",
    unit="d",
    of="drug",
    needs=NEEDS,
    limits=("regimen.start_days", "regimen.increase_percent", "regimen.decrease_percent"),
)
def started_days(scope: Scope, of: tuple[str, ...]) -> Fact[Decimal]:
    """Days since any of the drugs was started, or last increased by more than a tenth."""
    wanted, today = names(scope, of), scope.chart.today
    found = [m for m in recorded(scope).items if m.ingredients & wanted and (m.starts or m.written)]
    if not found:
        return Unknown(recorded(scope).doubt or f"{of[0]} is not on record", ("medicationRequests",))
    found.sort(key=lambda m: window(m, today).start)
    begun, free = found[0], int(scope.limit("regimen.start_days"))
    for earlier, later in pairwise(found):
        gone = window(earlier, today).end
        stopped = gone is not None and gone + timedelta(days=free) < window(later, today).start
        if stopped or weekly_change(later, earlier, scope) == "increase":
            begun = later
    days = (today - window(begun, today).start).days
    return Known(Decimal(days), (of_medication(begun),), recorded(scope).doubt)


@fact(
    "phase",
    "word",
    about="order",
    words=PHASES,
    needs=NEEDS,
    limits=(
        "regimen.start_days",
        "regimen.start_days_of_courses",
        "regimen.increase_percent",
        "regimen.decrease_percent",
    ),
)
def phase(scope: Scope) -> Fact[str]:
    """Whether the order starts, restarts, raises, renews or lowers its drug.

    Start and restart: none of the drug in the last 90 days (rituximab, immunoglobulin: 365).
    """
    order = scope.order
    if order is None:
        return NO_ORDER
    if not is_draft(order):
        return Known("renewal", (of_medication(order),))
    earlier = history(scope, order)
    slow = order.ingredients & of_class(scope, *SLOW)
    free = int(scope.limit("regimen.start_days_of_courses" if slow else "regimen.start_days"))
    recent = [m for m in earlier if _exposed_within(scope, m, free)]
    doubt = recorded(scope).doubt
    if recent:
        return _compared(scope, order, recent)
    if doubt:
        return Unknown(doubt, ("medicationRequests",))
    return Known("restart" if earlier else "start", tuple(map(of_medication, earlier[:1])))


def _exposed_within(scope: Scope, order: Medication, days: int) -> bool:
    span = window(order, scope.chart.today)
    last = span.end or scope.chart.today
    return span.start <= scope.chart.today and last >= scope.chart.today - timedelta(days=days)


def _compared(scope: Scope, order: Medication, recent: list[Medication]) -> Fact[str]:
    """Against the last order: increase, decrease, renewal."""
    last = max(recent, key=lambda m: window(m, scope.chart.today).start)
    word = weekly_change(order, last, scope)
    inputs = (of_medication(last),)
    if word is None:
        return Known("renewal", inputs, "the dose cannot be compared with the last one")
    return Known(word, inputs)


def weekly_change(now: Medication, before: Medication, scope: Scope) -> str | None:
    """How the weekly dose compares: increase above 110 per cent, decrease below 90, else renewal."""
    new, old = now.exposure.mg_per_week, before.exposure.mg_per_week
    if isinstance(new, Unknown) or isinstance(old, Unknown) or old.value == 0:
        return None
    percent = new.value / old.value * 100
    if percent > scope.limit("regimen.increase_percent"):
        return "increase"
    return "decrease" if percent < scope.limit("regimen.decrease_percent") else "renewal"
