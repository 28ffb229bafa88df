"""What is about to become of glucocorticoid treatment: an induction, an abrupt fall or end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import LONG_AGO
from cds_service.clinical.facts.glucocorticoid_kind import KIND_LIMITS, as_prednisone, counts_as_course
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.problems import MYOSITIS
from cds_service.clinical.facts.reading import names, of_medication
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.facts.steroid_course import CLASS
from cds_service.clinical.facts.steroid_daily import WEEK, daily_on, holds, mean_of_week, step_on
from cds_service.clinical.facts.taking import NEEDS, recorded
from cds_service.clinical.known import Fact, Input, Known, Unknown

CHANGES = ("abrupt-fall", "abrupt-end", "low-end", "none")
_GC = "glucocorticoid"
_INDUCTION_WORDS = ("induction", "flare")


@fact(
    "begins_induction",
    "flag",
    about="order",
    needs=NEEDS,
    uses=("prednisone_equivalent_mg_per_day", "juvenile", "dosing_weight_kg"),
    limits=(*KIND_LIMITS, f"{_GC}.induction_free_days", f"{_GC}.induction_free_mg"),
)
def begins_induction(scope: Scope) -> Fact[bool]:
    """The order begins an induction: it says so, or no glucocorticoid of 10 mg or more was taken for 30 days.

    Where less was taken, only an order of that size begins one. Never an order for another disease. Pulses do
    not count. Doses are of a day, as prednisone.
    """
    order = scope.order
    if order is None:
        return NO_ORDER
    if order.reason_codes and not order.reasons & names(scope, MYOSITIS):
        return Known(False)
    if any(word in f"{order.reason_text} {order.exposure.text}".lower() for word in _INDUCTION_WORDS):
        return Known(True, (of_medication(order),))
    taken, today = recorded(scope), scope.chart.today
    courses = [m for m in taken.items if counts_as_course(scope, m)]
    most = Decimal(0)
    for back in range(int(scope.limit(f"{_GC}.induction_free_days")) + 1):
        daily = daily_on(scope, courses, today - timedelta(days=back))
        if isinstance(daily, Unknown):
            return daily
        most = max(most, daily.value)
    size = scope.limit(f"{_GC}.induction_free_mg")
    if most >= size:
        return Known(False)
    if taken.doubt:
        return Unknown(taken.doubt, ("medicationRequests",))
    now: Fact[Decimal] = scope.get("prednisone_equivalent_mg_per_day")
    return Known(most == 0) if isinstance(now, Unknown) else Known(most == 0 or now.value >= size)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the course: ``kind`` is one of CHANGES; the drugs by name, prednisone a day before and
    after (of an end, in its last step), and the last day."""

    kind: str
    drugs: tuple[str, ...] = ()
    before: Decimal | None = None
    after: Decimal | None = None
    ends: date | None = None


@fact("steroid_change", "word", words=CHANGES, uses=("steroid_course_change",))
def steroid_change(scope: Scope) -> Fact[str]:
    """Whether a course of four weeks falls or ends abruptly with the drafts, ends with its last order, or did of late.

    The fall is measured against the mean of the last seven days. Pulses and single injections are not compared,
    nor is the return from stress dosing of at most seven days. An end is one that the order states; a supply that
    runs out is none.
    """
    found: Fact[Change] = scope.get("steroid_course_change")
    return found if isinstance(found, Unknown) else Known(found.value.kind, found.inputs, found.doubt)


@fact(
    "steroid_course_change",
    "course",
    needs=NEEDS,
    uses=("days_on", "juvenile", "dosing_weight_kg"),
    limits=(
        *KIND_LIMITS,
        *(f"{_GC}.change_{name}" for name in ("days", "percent", "mg", "ends_days")),
        "regimen.bridge_days",
    ),
)
def steroid_course_change(scope: Scope) -> Fact[Change]:
    """What becomes of the course with the drafts, or by itself. A fact: its parts are told by several."""
    drafts = [m for m in scope.drafts if counts_as_course(scope, m)]
    if scope.drafts and not drafts:
        # An order of another drug leaves the course as it is.
        return Known(Change("none"))
    days: Fact[Decimal] = scope.get("days_on", CLASS)
    if isinstance(days, Unknown):
        return days
    if days.value < scope.limit(f"{_GC}.change_days"):
        return Known(Change("none"), days.inputs, days.doubt)
    today = scope.chart.today
    orders = [m for m in recorded(scope).items if counts_as_course(scope, m)]
    before = mean_of_week(scope, orders, today)
    if isinstance(before, Unknown):
        return before
    shown = tuple(of_medication(m) for m in (*drafts, *orders)[:3])
    if drafts:
        replaced = {name for m in drafts for name in m.ingredients}
        kept = [m for m in orders if not m.ingredients & replaced]
        after = daily_on(scope, (*drafts, *kept), today, first=drafts)
        if isinstance(after, Unknown):
            return after
        if _falls(scope, before.value, after.value) and not _was_stress(scope, orders, after.value):
            change = Change("abrupt-fall", _names(scope, drafts), before.value, after.value)
            return Known(change, shown, days.doubt)
        return _ending(
            scope, [*drafts, *(m for m in kept if holds(m, today, today))], None, shown, days.doubt
        )
    return _of_itself(scope, orders, before.value, shown, days.doubt)


def _of_itself(
    scope: Scope, orders: list[Medication], before: Decimal, shown: tuple[Input, ...], doubt: str | None
) -> Fact[Change]:
    """What becomes of the course without a draft: today, when the next order begins, or when the last ends."""
    today = scope.chart.today
    open_orders = [m for m in orders if m.state != "past"]
    running = [m for m in open_orders if holds(m, today, today)]
    begin = [m.starts for m in open_orders if m.starts is not None and m.starts > today]
    for day in ([today] if running else []) + ([min(begin)] if begin else []):
        after = daily_on(scope, open_orders, day)
        if isinstance(after, Unknown):
            return after
        if _falls(scope, before, after.value) and not _was_stress(scope, orders, after.value):
            change = Change("abrupt-fall", _names(scope, running or open_orders), before, after.value)
            return Known(change, shown, doubt)
    if begin:
        return Known(Change("none"), shown, doubt)
    soon = timedelta(days=int(scope.limit(f"{_GC}.change_ends_days")))
    if running:
        return _ending(scope, running, today + soon, shown, doubt)
    return _ended(scope, orders, today - soon, shown, doubt)


def _ended(
    scope: Scope, orders: list[Medication], since: date, shown: tuple[Input, ...], doubt: str | None
) -> Fact[Change]:
    """How a course ended that was stopped, or had its last stated day, since then."""
    today = scope.chart.today
    ends = [m.ends if m.state == "past" else _stated_end(m, today) for m in orders]
    last = max((end for end in ends if end is not None), default=LONG_AGO)
    if not since <= last <= today:
        return Known(Change("none"), shown, doubt)
    daily = daily_on(scope, orders, last)
    if isinstance(daily, Unknown):
        return daily
    if daily.value <= scope.limit(f"{_GC}.change_mg"):
        return Known(Change("none"), shown, doubt)
    ended = [m for m, end in zip(orders, ends, strict=True) if end == last]
    return Known(Change("abrupt-end", _names(scope, ended), None, daily.value, last), shown, doubt)


@fact(
    "steroid_high_days",
    "number",
    unit="d",
    needs=NEEDS,
    uses=("juvenile", "dosing_weight_kg"),
    limits=(
        *KIND_LIMITS,
        *(f"response.steroid_myopathy_{name}" for name in ("days", "daily")),
        "regimen.bridge_days",
    ),
)
def steroid_high_days(scope: Scope) -> Fact[Decimal]:
    """Days in a row before today, short breaks bridged, with a dose that weakens muscle; not counted beyond enough."""
    taken, today = recorded(scope), scope.chart.today
    courses = [m for m in taken.items if counts_as_course(scope, m)]
    high = scope.limit("response.steroid_myopathy_daily")
    longest, bridge = (
        int(scope.limit(name)) for name in ("response.steroid_myopathy_days", "regimen.bridge_days")
    )
    last = 0
    for back in range(1, longest + 1):
        daily = daily_on(scope, courses, today - timedelta(days=back))
        if isinstance(daily, Unknown):
            return daily
        if daily.value >= high:
            last = back
        elif daily.value > 0 or back - last > bridge:
            break
    return Known(Decimal(last), tuple(map(of_medication, courses[:2])), taken.doubt)


def _was_stress(scope: Scope, orders: Iterable[Medication], after: Decimal) -> bool:
    """Whether only a week or less of higher doses lies between this dose and one it does not fall from."""
    listed, stretch = tuple(orders), 0
    for back in range(1, 2 * WEEK + 2):
        daily = daily_on(scope, listed, scope.chart.today - timedelta(days=back))
        if isinstance(daily, Unknown):
            return False
        if _falls(scope, daily.value, after):
            stretch += 1
        elif stretch:
            return stretch <= WEEK and daily.value > 0
    return False


def _falls(scope: Scope, before: Decimal, after: Decimal) -> bool:
    fall = before - after
    most = scope.limit(f"{_GC}.change_percent") / 100
    return fall >= scope.limit(f"{_GC}.change_mg") and fall > before * most


def _ending(
    scope: Scope, orders: list[Medication], by: date | None, shown: tuple[Input, ...], doubt: str | None
) -> Fact[Change]:
    """How the course ends, where every order states its end (by a day)."""
    ends = [_stated_end(m, scope.chart.today) for m in orders]
    if not orders or any(end is None or (by and end > by) for end in ends):
        return Known(Change("none"), shown, doubt)
    last = orders[max(range(len(orders)), key=lambda n: ends[n] or LONG_AGO)]
    daily = as_prednisone(scope, last, step_on(last, None))
    if isinstance(daily, Unknown):
        return daily
    kind = "abrupt-end" if daily.value > scope.limit(f"{_GC}.change_mg") else "low-end"
    last_day = _stated_end(last, scope.chart.today)
    return Known(Change(kind, _names(scope, [last]), None, daily.value, last_day), shown)


def _names(scope: Scope, orders: Iterable[Medication]) -> tuple[str, ...]:
    """The glucocorticoids of the orders in words."""
    wanted = names(scope, (CLASS,))
    return tuple(
        dict.fromkeys(scope.terms.display(i) for m in orders for i in sorted(m.ingredients & wanted))
    )


def _stated_end(order: Medication, today: date) -> date | None:
    """The last day an order states by its steps; supplies and open ends are none."""
    steps = order.exposure.steps
    if not steps or steps[-1].days is None:
        return None
    return (order.starts or today) + timedelta(days=steps[-1].starts_on_day + int(steps[-1].days) - 1)
