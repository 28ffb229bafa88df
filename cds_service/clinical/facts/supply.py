"""How much of a weekly drug is dispensed: a supply for daily use betrays daily use."""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown

_NO_SUPPLY = Unknown("the order states no quantity or no days of supply", ("dispenseRequest",))


@fact("supply_stated", "flag", about="order")
def supply_stated(scope: Scope) -> Fact[bool]:
    """The order says how many units, or how many days, are dispensed."""
    order = scope.order
    if order is None:
        return NO_ORDER
    return Known(order.supplied_units is not None or order.supplied_days is not None)


@fact("supply_ratio", "number", unit="1", about="order")
def supply_ratio(scope: Scope) -> Fact[Decimal]:
    """Dispensed milligrams over what the order takes in the days of supply; 0 where either is not stated."""
    order = scope.order
    if order is None:
        return NO_ORDER
    units, days = order.supplied_units, order.supplied_days
    if units is None or not days or len(order.product_strengths) != 1:
        return Known(Decimal(0))
    weekly = order.exposure.mg_per_week
    if isinstance(weekly, Unknown):
        return weekly
    wanted = weekly.value * days / 7
    return Known(units * order.product_strengths[0] / wanted) if wanted else _NO_SUPPLY


@fact(
    "daily_supply_pattern",
    "flag",
    about="order",
    limits=("methotrexate.month_low", "methotrexate.month_high"),
)
def daily_supply_pattern(scope: Scope) -> Fact[bool]:
    """As many units as days of a month, as if one were taken every day."""
    order = scope.order
    if order is None:
        return NO_ORDER
    low, high = scope.limit("methotrexate.month_low"), scope.limit("methotrexate.month_high")
    counts = (order.supplied_units, order.supplied_days)
    return Known(all(count is not None and low <= count <= high for count in counts))


@fact("supply_weeks", "number", unit="wk", about="order")
def supply_weeks(scope: Scope) -> Fact[Decimal]:
    """Weeks one supply lasts: as stated, else by the tablets and the weekly dose; 0 where neither is known."""
    order = scope.order
    if order is None:
        return NO_ORDER
    units = order.supplied_units
    if order.supplied_days or units is None or len(order.product_strengths) != 1:
        return Known((order.supplied_days or Decimal(0)) / 7)
    weekly = order.exposure.mg_per_week
    if isinstance(weekly, Unknown):
        return weekly
    return Known(units * order.product_strengths[0] / weekly.value) if weekly.value else _NO_SUPPLY
