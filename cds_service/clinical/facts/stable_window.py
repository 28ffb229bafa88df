"""How long a normal result of a stable drug is believed: by the schedule that is in force for this patient."""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.monitoring import plans
from cds_service.clinical.facts.reading import numeric, of_measurement, results, within
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.known import Fact, Known

_LIMITS = ("monitoring.stable_percent", "monitoring.stable_days", "monitoring.steroid_daily")
_USES = ("is_adult", "frp", "finding", "steroid_today_mg_per_day")


@fact("stable_window_days", "number", unit="d", about="order", of="lab", uses=_USES, limits=_LIMITS)
def stable_window_days(scope: Scope, of: tuple[str, ...]) -> Fact[Decimal]:
    """One and a half times the longest interval of the order's drug for the lab, and never less than the least."""
    if scope.order is None:
        return NO_ORDER
    longest = [
        plan.cadence.longest
        for schedule in scope.schedules.of(scope.order.ingredients)
        for plan in plans(scope, schedule)
        if plan.test.results & frozenset(of)
    ]
    days = max(longest, default=0) * scope.limit("monitoring.stable_percent") / 100
    return Known(max(days, scope.limit("monitoring.stable_days")))


@fact("recent_for_stable", "flag", about="order", of="lab", uses=_USES, limits=_LIMITS)
def recent_for_stable(scope: Scope, of: tuple[str, ...]) -> Fact[bool]:
    """A result of the lab is on record that is young enough for an order of a stable drug."""
    window = stable_window_days(scope, of)
    if not isinstance(window, Known):
        return window
    found = results(scope, of)
    young = [m for m, _ in numeric(found.items) if within(m.on, scope.chart.today, int(window.value))]
    return flag(bool(young), *(of_measurement(scope, m) for m in young[:1]), doubt=found.doubt)
