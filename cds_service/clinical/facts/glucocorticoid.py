"""The glucocorticoid dose: everything systemic that is taken at once, as prednisone.

Pulses and single injections stand outside the daily dose; local forms outside everything.
"""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import highest_from, together
from cds_service.clinical.facts.glucocorticoid_kind import (
    EQUIVALENCE_LIMITS,
    KIND_LIMITS,
    as_prednisone,
    counts_as_course,
    daily_methylprednisolone,
    kind,
    systemic,
)
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.reading import inputs_of, of_medication, rounded, unknown_of
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, coactive, of_class, recorded
from cds_service.clinical.known import Fact, Input, Known, Unknown

KINDS = ("oral-course", "pulse", "one-day-parenteral", "local")
_SIZE = ("juvenile", "dosing_weight_kg")


@fact("glucocorticoid_kind", "word", about="order", words=KINDS, uses=_SIZE, limits=KIND_LIMITS)
def glucocorticoid_kind(scope: Scope) -> Fact[str]:
    """Whether the subject order is a course (also one by injection), a pulse, a single injection or local."""
    return NO_ORDER if scope.order is None else kind(scope, scope.order)


@fact("takes_steroid_course", "flag", about="order", needs=NEEDS, uses=_SIZE, limits=KIND_LIMITS)
def takes_steroid_course(scope: Scope) -> Fact[bool]:
    """A systemic glucocorticoid is taken as a course: no pulse, single injection (premedication) or local form."""
    found = [m for m in _parts(scope) if counts_as_course(scope, m)]
    return flag(bool(found), *map(of_medication, found[:3]), doubt=recorded(scope).doubt)


@fact(
    "prednisone_equivalent_mg_per_day",
    "number",
    unit="mg/d",
    about="order",
    needs=NEEDS,
    uses=_SIZE,
    limits=KIND_LIMITS,
)
def prednisone_equivalent_mg_per_day(scope: Scope) -> Fact[Decimal]:
    """Highest daily dose of all systemic glucocorticoids taken together from today on, as prednisone."""
    total, inputs, doubt = Decimal(0), [], recorded(scope).doubt
    parts = [m for m in _parts(scope) if counts_as_course(scope, m)]
    known = 0
    for order in parts:
        daily = as_prednisone(scope, order, highest_from(order, scope.chart.today))
        if isinstance(daily, Unknown):
            if order is scope.order or len(parts) == 1:
                return daily
            doubt = doubt or f"the daily dose of {order.name} is not known and was not added"
            continue
        known += 1
        total += daily.value
        doubt = doubt or daily.doubt
        name = f"{of_medication(order).value}, as prednisone,"
        inputs.append(Input(name, rounded(daily.value, "mg/d"), order.starts or order.written))
    if parts and not known:
        return Unknown("no daily dose of a glucocorticoid could be worked out", ("dosage",))
    return Known(total, tuple(inputs), doubt)


@fact(
    "prednisone_equivalent_mg_per_kg_per_day",
    "number",
    unit="mg/kg/d",
    about="order",
    uses=("prednisone_equivalent_mg_per_day", "dosing_weight_kg"),
)
def prednisone_equivalent_mg_per_kg_per_day(scope: Scope) -> Fact[Decimal]:
    """The daily prednisone-equivalent by body weight."""
    return per_kg(scope, scope.get("prednisone_equivalent_mg_per_day"))


@fact("pulse_mg_per_day", "number", unit="mg/d", about="order", limits=EQUIVALENCE_LIMITS)
def pulse_mg_per_day(scope: Scope) -> Fact[Decimal]:
    """Highest daily dose of the subject order as methylprednisolone."""
    return NO_ORDER if scope.order is None else daily_methylprednisolone(scope, scope.order)


@fact(
    "pulse_mg_per_kg_per_day",
    "number",
    unit="mg/kg/d",
    about="order",
    uses=("pulse_mg_per_day", "dosing_weight_kg"),
)
def pulse_mg_per_kg_per_day(scope: Scope) -> Fact[Decimal]:
    """Highest daily dose of the subject order as methylprednisolone, by body weight."""
    return per_kg(scope, scope.get("pulse_mg_per_day"))


@fact("pulse_days", "number", unit="d", about="order")
def pulse_days(scope: Scope) -> Fact[Decimal]:
    """Days in a row with a dose: the length of a daily course, else the dosing days of one week."""
    if scope.order is None:
        return NO_ORDER
    days, rhythm = scope.order.exposure.course_days, scope.order.exposure.dosing_days_per_week
    if isinstance(days, Unknown):
        return days
    in_a_row = Decimal(days.value)
    if isinstance(rhythm, Known) and rhythm.value < 7:
        in_a_row = min(in_a_row, rhythm.value.to_integral_value("ROUND_CEILING"))
    return Known(in_a_row, days.inputs, days.doubt)


def per_kg(scope: Scope, amount: Fact[Decimal]) -> Fact[Decimal]:
    """An amount over the weight that doses are worked out from."""
    weight: Fact[Decimal] = scope.get("dosing_weight_kg")
    if isinstance(amount, Known) and amount.value == 0:
        return amount
    if isinstance(amount, Unknown) or isinstance(weight, Unknown):
        return unknown_of(amount, weight)
    return Known(amount.value / weight.value, inputs_of(amount, weight), amount.doubt or weight.doubt)


def _parts(scope: Scope) -> tuple[Medication, ...]:
    """The systemic glucocorticoids taken together; the subject order is never read as replaced."""
    found = [m for m in coactive(scope, of_class(scope, "systemic_glucocorticoid")) if systemic(scope, m)]
    kept = together(found, scope.chart.today)
    order = scope.order
    if order is None or not systemic(scope, order) or order in kept:
        return kept
    return (order, *(m for m in kept if m.ingredients != order.ingredients))
