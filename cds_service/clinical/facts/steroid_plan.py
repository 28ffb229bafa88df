"""How long a glucocorticoid course is meant to last or has lasted, and how much of it a year has seen."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import Window, replaces, window
from cds_service.clinical.facts.glucocorticoid_kind import (
    EQUIVALENCE_LIMITS,
    KIND_LIMITS,
    as_prednisone,
    counts_as_course,
    systemic,
)
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.reading import of_medication
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.facts.taking import NEEDS, coactive, of_class, recorded
from cds_service.clinical.known import Fact, Known, Unknown

CLASS = "systemic_glucocorticoid"
OPEN_LIMITS = ("glucocorticoid.open_daily", "glucocorticoid.open_per_kg", "glucocorticoid.open_days")


@fact(
    "planned_days",
    "number",
    unit="d",
    about="order",
    needs=NEEDS,
    uses=(
        "has_myositis", "prednisone_equivalent_mg_per_day", "prednisone_equivalent_mg_per_kg_per_day",
    ),
    limits=(*KIND_LIMITS, *OPEN_LIMITS),
)  # fmt: skip
def planned_days(scope: Scope) -> Fact[Decimal]:
    """Planned length of the glucocorticoid order: to the end of its last step, else its supply with refills.

    An order of neither is open-ended at a dose that treats myositis, and counts as a long one. Seen from an order
    of another drug it is the longest plan of the courses that are taken with it; 0 where there is none.
    """
    if scope.order is None:
        return NO_ORDER
    if systemic(scope, scope.order):
        return _plan(scope, scope.order)
    taken = [m for m in coactive(scope, of_class(scope, CLASS)) if counts_as_course(scope, m)]
    plans = [_plan(scope, order) for order in taken]
    known = [plan for plan in plans if isinstance(plan, Known)]
    if plans and not known:
        return plans[0]
    doubt = recorded(scope).doubt or next((plan.reason for plan in plans if isinstance(plan, Unknown)), None)
    longest = max(known, key=lambda plan: plan.value, default=Known(Decimal(0)))
    return Known(longest.value, longest.inputs, doubt)


def _plan(scope: Scope, order: Medication) -> Fact[Decimal]:
    if isinstance(order.exposure.course_days, Known):
        return Known(Decimal(order.exposure.course_days.value), (of_medication(order),))
    if order.supplied_days is not None:
        return Known(order.supplied_days * (1 + order.refills), (of_medication(order),))
    return _open_ended(scope)


def _open_ended(scope: Scope) -> Fact[Decimal]:
    myositis: Fact[bool] = scope.get("has_myositis")
    daily: Fact[Decimal] = scope.get("prednisone_equivalent_mg_per_day")
    by_weight: Fact[Decimal] = scope.get("prednisone_equivalent_mg_per_kg_per_day")
    high = isinstance(daily, Known) and daily.value >= scope.limit("glucocorticoid.open_daily")
    heavy = isinstance(by_weight, Known) and by_weight.value >= scope.limit("glucocorticoid.open_per_kg")
    if isinstance(myositis, Known) and myositis.value and (high or heavy):
        return Known(
            scope.limit("glucocorticoid.open_days"), daily.inputs if isinstance(daily, Known) else ()
        )
    return Unknown("the order does not say how long it is meant to last", ("end of the course",))


@fact("course_total_days", "number", unit="d", about="order", uses=("planned_days", "days_on"), needs=NEEDS)
def course_total_days(scope: Scope) -> Fact[Decimal]:
    """The longer of what the glucocorticoid order plans and what the present course has lasted."""
    planned: Fact[Decimal] = scope.get("planned_days")
    elapsed: Fact[Decimal] = scope.get("days_on", CLASS)
    known = [found for found in (planned, elapsed) if isinstance(found, Known)]
    if not known or (isinstance(planned, Unknown) and known[0].value == 0):
        return planned
    longest = max(known, key=lambda found: found.value)
    doubt = next((found.doubt for found in known if found.doubt), None)
    unsaid = planned.reason if isinstance(planned, Unknown) else None
    return Known(longest.value, longest.inputs, doubt or unsaid)


@fact("course_is_assumed", "flag", about="order", uses=("course_total_days", "days_on"), needs=NEEDS)
def course_is_assumed(scope: Scope) -> Fact[bool]:
    """The course is counted longer than it has lasted though the order states no end: an open-ended order."""
    if scope.order is None:
        return NO_ORDER
    states_end = isinstance(scope.order.exposure.course_days, Known) or scope.order.supplied_days is not None
    total: Fact[Decimal] = scope.get("course_total_days")
    elapsed: Fact[Decimal] = scope.get("days_on", CLASS)
    lasted = elapsed.value if isinstance(elapsed, Known) else Decimal(0)
    return Known(not states_end and isinstance(total, Known) and total.value > lasted)


@fact(
    "cumulative_prednisone_mg_365",
    "number",
    unit="mg",
    needs=NEEDS,
    uses=("juvenile", "dosing_weight_kg"),
    limits=(*EQUIVALENCE_LIMITS, *KIND_LIMITS, "glucocorticoid.year_days"),
)
def cumulative_prednisone_mg_365(scope: Scope) -> Fact[Decimal]:
    """All systemic glucocorticoids of the last 365 days as prednisone, pulses included.

    On the days of a newer order of the same drug that takes its place an order that nobody closed adds nothing.
    """
    days = int(scope.limit("glucocorticoid.year_days"))
    year = Window(scope.chart.today - timedelta(days=days), scope.chart.today)
    doubt = recorded(scope).doubt
    total, inputs = Decimal(0), []
    orders = [order for order in recorded(scope).items if systemic(scope, order)]
    orders.sort(key=lambda order: window(order, scope.chart.today).start)
    for n, order in enumerate(orders):
        newer = [window(m, scope.chart.today) for m in orders[n + 1 :] if replaces(m, order)]
        taken = as_prednisone(scope, order, _taken(order, year, newer, scope))
        if isinstance(taken, Unknown):
            doubt = doubt or f"the amount of {order.name} is not known and was not added"
        elif taken.value:
            total += taken.value
            inputs.append(of_medication(order))
    if doubt and not inputs:
        return Unknown(doubt, ("medicationRequests",))
    return Known(total, tuple(inputs), doubt)


def _taken(order: Medication, year: Window, newer: list[Window], scope: Scope) -> Fact[Decimal]:
    """Milligrams of the order within the year, step by step, but for the days of the newer orders."""
    own = window(order, scope.chart.today)
    total = Decimal(0)
    for step in order.exposure.steps:
        begins = own.start + timedelta(days=step.starts_on_day)
        ends = own.end or scope.chart.today
        if step.days is not None:
            ends = min(ends, begins + timedelta(days=step.days - 1))
        first, last = max(begins, year.start), min(ends, scope.chart.today)
        span = (first + timedelta(days=n) for n in range((last - first).days + 1))
        days = sum(not any(each.meets(Window(day, day)) for each in newer) for day in span)
        if not days:
            continue
        if isinstance(step.mg_per_week, Unknown) or isinstance(step.mg_per_day, Unknown):
            return step.mg_per_week if isinstance(step.mg_per_week, Unknown) else step.mg_per_day
        short = step.days is not None and step.days < 7
        total += step.mg_per_day.value * days if short else step.mg_per_week.value * days / 7
    return Known(total)
