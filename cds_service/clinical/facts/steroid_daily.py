"""The dose of glucocorticoid on a day, as prednisone, from the orders that hold on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import Window, together, window
from cds_service.clinical.facts.glucocorticoid_kind import as_prednisone
from cds_service.clinical.facts.registry import Scope
from cds_service.clinical.known import Fact, Known, Unknown

WEEK = 7


def holds(order: Medication, day: date, today: date) -> bool:
    """Whether the order is taken on this day."""
    return window(order, today).meets(Window(day, day))


def step_on(order: Medication, day: int | None) -> Fact[Decimal]:
    """The daily dose of the step that holds on this day of the order; of its last step without one."""
    steps = order.exposure.steps
    if len(steps) < 2:
        return order.exposure.mg_per_day
    begun = [step for step in steps if day is None or step.starts_on_day <= day]
    return (begun or list(steps[:1]))[-1].mg_per_day


def daily_on(
    scope: Scope, orders: Iterable[Medication], day: date, first: Iterable[Medication] = ()
) -> Fact[Decimal]:
    """Prednisone a day of the orders taken on a day; of ``first`` always their first step."""
    today, begins = scope.chart.today, {m.reference for m in first}
    total = Decimal(0)
    for order in together([m for m in orders if m.reference in begins or holds(m, day, today)], today):
        drafted = order.reference in begins or order.starts is None
        held = 0 if drafted or order.starts is None else (day - order.starts).days
        daily = as_prednisone(scope, order, step_on(order, held))
        if isinstance(daily, Unknown):
            return daily
        total += daily.value
    return Known(total)


def mean_of_week(scope: Scope, orders: Iterable[Medication], today: date) -> Fact[Decimal]:
    """The mean daily dose of the seven days before today."""
    listed, total = tuple(orders), Decimal(0)
    for back in range(1, WEEK + 1):
        daily = daily_on(scope, listed, today - timedelta(days=back))
        if isinstance(daily, Unknown):
            return daily
        total += daily.value
    return Known(total / WEEK)
