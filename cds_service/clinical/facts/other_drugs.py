"""What single drugs ask for: rituximab, calcineurin inhibitors, hydroxychloroquine, tofacitinib."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_FLOOR, Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.reading import names, of_medication
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, coactive, recorded
from cds_service.clinical.known import Fact, Known, Unknown

_WEEK = Decimal(7)
_EXTENDED = re.compile(
    r"\b(extended|prolonged|xr|xl|er|advagraf|astagraf|envarsus)\b",
    re.IGNORECASE,
)


@fact("taken_mg_per_day", "number", unit="mg/d", about="order", of="drug", needs=NEEDS)
def taken_mg_per_day(scope: Scope, of: tuple[str, ...]) -> Fact[Decimal]:
    """The highest daily dose of any of the drugs that is drafted or in force; 0 where none is."""
    found = coactive(scope, names(scope, of))
    amounts = [order.exposure.mg_per_day for order in found]
    known = [amount.value for amount in amounts if isinstance(amount, Known)]
    doubt = recorded(scope).doubt
    if len(known) < len(amounts):
        doubt = doubt or f"a dose of {scope.terms.display(of[0])} is not known"
    if not known and doubt and found:
        return Unknown(doubt, ("dosage",))
    return Known(max(known, default=Decimal(0)), tuple(map(of_medication, found[:2])), doubt)


@fact("release_misfits_timing", "flag", about="order")
def release_misfits_timing(scope: Scope) -> Fact[bool]:
    """Extended-release more than once a day, or immediate-release once."""
    order = scope.order
    if order is None:
        return NO_ORDER
    times = order.exposure.doses_per_dosing_day
    if isinstance(times, Unknown):
        return times
    misfits = times.value > 1 if _is_extended(order) else times.value == 1
    return Known(misfits, (of_medication(order),), times.doubt)


@fact("other_release", "flag", about="order", needs=NEEDS)
def other_release(scope: Scope) -> Fact[bool]:
    """A running order of the same drug is released in another way, extended or immediate."""
    order = scope.order
    if order is None:
        return NO_ORDER
    others = [m for m in recorded(scope).items if m.state == "active" and m.ingredients == order.ingredients]
    unlike = [m for m in others if _is_extended(m) != _is_extended(order)]
    return flag(bool(unlike), *map(of_medication, unlike[:1]), doubt=recorded(scope).doubt)


def _is_extended(order: Medication) -> bool:
    return bool(_EXTENDED.search(f"{order.name} {order.exposure.text}"))


@fact(
    "hydroxychloroquine_most",
    "number",
    unit="mg/d",
    uses=("dosing_weight_kg",),
    limits=("hydroxychloroquine.max_per_kg", "hydroxychloroquine.max_mg"),
)
def hydroxychloroquine_most(scope: Scope) -> Fact[Decimal]:
    """The most a day: 5 mg/kg of actual weight, at most 400 mg."""
    weight: Fact[Decimal] = scope.get("dosing_weight_kg")
    if isinstance(weight, Unknown):
        return weight
    most = scope.limit("hydroxychloroquine.max_per_kg") * weight.value
    return Known(min(most, scope.limit("hydroxychloroquine.max_mg")), weight.inputs, weight.doubt)


@fact(
    "hydroxychloroquine_tablets_per_week",
    "number",
    unit="1/wk",
    uses=("dosing_weight_kg",),
    limits=("hydroxychloroquine.max_per_kg", "hydroxychloroquine.tablet_mg", "hydroxychloroquine.max_mg"),
)
def hydroxychloroquine_tablets_per_week(scope: Scope) -> Fact[Decimal]:
    """Whole tablets a week within 5 mg/kg of actual weight and 400 mg a day."""
    weight: Fact[Decimal] = scope.get("dosing_weight_kg")
    if isinstance(weight, Unknown):
        return weight
    daily = min(
        scope.limit("hydroxychloroquine.max_per_kg") * weight.value, scope.limit("hydroxychloroquine.max_mg")
    )
    tablets = daily * _WEEK / scope.limit("hydroxychloroquine.tablet_mg")
    return Known(tablets.to_integral_value(ROUND_FLOOR), weight.inputs, weight.doubt)


@fact("hydroxychloroquine_two_tablet_days", "number", unit="1", uses=("hydroxychloroquine_tablets_per_week",))
def hydroxychloroquine_two_tablet_days(scope: Scope) -> Fact[Decimal]:
    """Days of a week with two tablets, where those of the week are spread as evenly as they go."""
    return _days(scope, lambda tablets: max(tablets - _WEEK, Decimal(0)))


@fact("hydroxychloroquine_one_tablet_days", "number", unit="1", uses=("hydroxychloroquine_tablets_per_week",))
def hydroxychloroquine_one_tablet_days(scope: Scope) -> Fact[Decimal]:
    """Days of a week with one tablet, where those of the week are spread as evenly as they go."""
    return _days(scope, lambda tablets: min(tablets, 2 * _WEEK - tablets))


def _days(scope: Scope, of: Callable[[Decimal], Decimal]) -> Fact[Decimal]:
    tablets: Fact[Decimal] = scope.get("hydroxychloroquine_tablets_per_week")
    if isinstance(tablets, Unknown):
        return tablets
    return Known(of(tablets.value), tablets.inputs, tablets.doubt)


@fact(
    "tofacitinib_mg_per_day",
    "number",
    unit="mg/d",
    about="order",
    uses=("mg_per_day",),
    limits=("jak-inhibitor.extended_mg", "jak-inhibitor.extended_counts_mg"),
)
def tofacitinib_mg_per_day(scope: Scope) -> Fact[Decimal]:
    """The daily dose; the extended-release tablet counts as what it stands for."""
    daily: Fact[Decimal] = scope.get("mg_per_day")
    if isinstance(daily, Known) and daily.value == scope.limit("jak-inhibitor.extended_mg"):
        return Known(scope.limit("jak-inhibitor.extended_counts_mg"), daily.inputs, daily.doubt)
    return daily


@fact(
    "last_course_days",
    "number",
    unit="d",
    of="drug",
    needs=NEEDS,
    limits=("rituximab.course_gap_days",),
)
def last_course_days(scope: Scope, of: tuple[str, ...]) -> Fact[Decimal]:
    """Days since the first infusion of the last course; infusions close together are one course.

    Unknown where no infusion before today is on record.
    """
    today = scope.chart.today
    given = sorted(
        (_begun(m), m) for m in recorded(scope).items if m.ingredients & names(scope, of) and _begun(m)
    )
    days = [(day, m) for day, m in given if day is not None and day < today]
    if not days:
        return Unknown(recorded(scope).doubt or "no earlier infusion is on record", ("medicationRequests",))
    gap = int(scope.limit("rituximab.course_gap_days"))
    first = days[-1]
    for earlier in reversed(days[:-1]):
        if (first[0] - earlier[0]).days > gap:
            break
        first = earlier
    return Known(Decimal((today - first[0]).days), (of_medication(first[1]),), recorded(scope).doubt)


def _begun(order: Medication) -> date | None:
    return order.starts or order.written
