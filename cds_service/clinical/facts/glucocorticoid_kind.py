"""What kind of glucocorticoid order it is: a course, a pulse, a single injection, or local.

Pulse: intravenous, with an end, at least 250 mg a day methylprednisolone-equivalent (a child: or
10 mg/kg). An oral order is a pulse only if it says so and ends within five days.
"""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.facts.reading import names, unknown_of
from cds_service.clinical.facts.registry import Scope
from cds_service.clinical.glucocorticoids import Equivalence
from cds_service.clinical.known import Fact, Known, Unknown

DRUGS = (
    "prednisone", "prednisolone", "methylprednisolone", "hydrocortisone", "cortisone", "triamcinolone",
    "dexamethasone", "betamethasone", "deflazacort",
)  # fmt: skip
EQUIVALENCE_LIMITS = tuple(f"glucocorticoid.equal_{drug}" for drug in DRUGS)
KIND_LIMITS = (
    *EQUIVALENCE_LIMITS,
    "glucocorticoid.pulse_from_mg",
    "glucocorticoid.pulse_from_per_kg",
    "glucocorticoid.oral_pulse_days",
)
SYSTEMIC_ROUTES = frozenset({"", "oral", "intravenous", "intramuscular", "subcutaneous"})
PARENTERAL = frozenset({"intravenous", "intramuscular", "subcutaneous"})


def equivalence(scope: Scope) -> Equivalence:
    """The table of equivalent doses, from the limits."""
    table = {drug: scope.limit(f"glucocorticoid.equal_{drug}") for drug in DRUGS}
    return Equivalence(table, table["prednisone"])


def systemic(scope: Scope, order: Medication) -> bool:
    """Whether it is a systemic glucocorticoid by drug and route."""
    return bool(order.ingredients & names(scope, ("systemic_glucocorticoid",))) and (
        order.route in SYSTEMIC_ROUTES
    )


def as_prednisone(scope: Scope, order: Medication, mg: Fact[Decimal]) -> Fact[Decimal]:
    """An amount of the order's glucocorticoid as prednisone, mg."""
    if isinstance(mg, Unknown):
        return mg
    table = equivalence(scope)
    for drug in sorted(order.ingredients):
        found = table.prednisone(drug, mg.value)
        if found is not None:
            return Known(found, mg.inputs, mg.doubt)
    return Unknown(f"no prednisone-equivalent is known for {order.name}", ("medication",))


def daily_methylprednisolone(scope: Scope, order: Medication) -> Fact[Decimal]:
    """The highest daily dose as methylprednisolone, mg."""
    daily = as_prednisone(scope, order, order.exposure.mg_per_day)
    if isinstance(daily, Unknown):
        return daily
    found = equivalence(scope).as_drug(daily.value, "methylprednisolone")
    return Known(found or Decimal(0), daily.inputs, daily.doubt)


def kind(scope: Scope, order: Medication) -> Fact[str]:
    """``oral-course``, ``pulse``, ``one-day-parenteral`` or ``local``."""
    if order.route not in SYSTEMIC_ROUTES:
        return Known("local")
    pulse = _is_pulse(scope, order)
    if isinstance(pulse, Unknown):
        return pulse
    if pulse.value:
        return Known("pulse")
    days = order.exposure.course_days
    single = isinstance(days, Known) and days.value <= 1
    return Known("one-day-parenteral" if single and order.route in PARENTERAL else "oral-course")


def counts_as_course(scope: Scope, order: Medication) -> bool:
    """Whether its daily dose belongs into bands, sums and duplicates. What cannot be told belongs."""
    if not systemic(scope, order):
        return False
    found = kind(scope, order)
    return isinstance(found, Unknown) or found.value == "oral-course"


def _is_pulse(scope: Scope, order: Medication) -> Fact[bool]:
    days = order.exposure.course_days
    if isinstance(days, Unknown):
        return Known(False)
    if order.route != "intravenous":
        said = "pulse" in f"{order.reason_text} {order.exposure.text}".lower()
        return Known(said and days.value <= scope.limit("glucocorticoid.oral_pulse_days"))
    daily = daily_methylprednisolone(scope, order)
    if isinstance(daily, Unknown):
        return daily
    if daily.value >= scope.limit("glucocorticoid.pulse_from_mg"):
        return Known(True)
    return _child_pulse(scope, daily.value)


def _child_pulse(scope: Scope, daily_mg: Decimal) -> Fact[bool]:
    """In a child a smaller dose is a pulse by body weight."""
    juvenile: Fact[bool] = scope.get("juvenile")
    if isinstance(juvenile, Known) and not juvenile.value:
        return Known(False)
    weight: Fact[Decimal] = scope.get("dosing_weight_kg")
    if isinstance(juvenile, Unknown) or isinstance(weight, Unknown):
        return unknown_of(juvenile, weight)
    return Known(daily_mg / weight.value >= scope.limit("glucocorticoid.pulse_from_per_kg"))
