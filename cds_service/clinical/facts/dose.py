"""The dose of the subject order, with what adds to it, and how plainly it is written."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import same_drug, same_route, together
from cds_service.clinical.dosing import Exposure
from cds_service.clinical.facts.drafts import with_dose
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.reading import inputs_of, names, unknown_of
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.facts.taking import NEEDS, coactive, recorded
from cds_service.clinical.known import Fact, Known, Unknown

BY_WEIGHT = (
    "systemic_glucocorticoid", "azathioprine", "mercaptopurine", "tacrolimus", "ciclosporin",
    "hydroxychloroquine", "ivig", "cyclophosphamide",
)  # fmt: skip
BY_SURFACE = ("methotrexate", "mycophenolates", "rituximab")
"""By surface in children only: adults take a fixed dose."""


@fact("mg_per_dose", "number", unit="mg", about="order")
def mg_per_dose(scope: Scope) -> Fact[Decimal]:
    """The largest single dose of the subject order."""
    return NO_ORDER if scope.order is None else scope.order.exposure.mg_per_dose


@fact("mg_per_day", "number", unit="mg/d", about="order", needs=NEEDS)
def mg_per_day(scope: Scope) -> Fact[Decimal]:
    """The highest daily dose, orders of the same drug and route that add to it included."""
    return _sum(scope, lambda exposure: exposure.mg_per_day)


@fact("mg_per_week", "number", unit="mg/wk", about="order", needs=NEEDS)
def mg_per_week(scope: Scope) -> Fact[Decimal]:
    """The highest dose over seven days, orders of the same drug and route that add to it included."""
    return _sum(scope, lambda exposure: exposure.mg_per_week)


@fact("adding_orders", "words", about="order", needs=NEEDS)
def adding_orders(scope: Scope) -> Fact[frozenset[str]]:
    """The other orders of the same drug and route that were added to the subject order, with dose and days."""
    if scope.order is None:
        return NO_ORDER
    added = [each for each in _adding(scope, scope.order) if each is not scope.order]
    return Known(frozenset(with_dose(each).value for each in added), tuple(map(with_dose, added)))


@fact("mg_per_m2_per_week", "number", unit="mg/m2/wk", about="order", uses=("mg_per_week", "bsa_m2"))
def mg_per_m2_per_week(scope: Scope) -> Fact[Decimal]:
    """The weekly dose by body surface (Mosteller)."""
    return _over(scope.get("mg_per_week"), scope.get("bsa_m2"))


@fact("mg_per_m2_per_day", "number", unit="mg/m2/d", about="order", uses=("mg_per_day", "bsa_m2"))
def mg_per_m2_per_day(scope: Scope) -> Fact[Decimal]:
    """The daily dose by body surface (Mosteller)."""
    return _over(scope.get("mg_per_day"), scope.get("bsa_m2"))


@fact("mg_per_m2_per_dose", "number", unit="mg/m2", about="order", uses=("mg_per_dose", "bsa_m2"))
def mg_per_m2_per_dose(scope: Scope) -> Fact[Decimal]:
    """The largest single dose by body surface (Mosteller)."""
    return _over(scope.get("mg_per_dose"), scope.get("bsa_m2"))


@fact("mg_per_kg_per_day", "number", unit="mg/kg/d", about="order", uses=("mg_per_day", "dosing_weight_kg"))
def mg_per_kg_per_day(scope: Scope) -> Fact[Decimal]:
    """The daily dose by actual body weight."""
    return _over(scope.get("mg_per_day"), scope.get("dosing_weight_kg"))


@fact(
    "mg_per_kg_adjusted_per_day",
    "number",
    unit="mg/kg/d",
    about="order",
    uses=("mg_per_day", "adjusted_weight_kg"),
)
def mg_per_kg_adjusted_per_day(scope: Scope) -> Fact[Decimal]:
    """The daily dose by adjusted body weight."""
    return _over(scope.get("mg_per_day"), scope.get("adjusted_weight_kg"))


@fact("grams_per_kg_per_course", "number", unit="g/kg", about="order", uses=("dosing_weight_kg",))
def grams_per_kg_per_course(scope: Scope) -> Fact[Decimal]:
    """Everything given over a course with an end, in grams by actual weight (immunoglobulin)."""
    if scope.order is None:
        return NO_ORDER
    return _in_grams(_over(scope.order.exposure.total_mg, scope.get("dosing_weight_kg")))


@fact("grams_per_kg_per_day", "number", unit="g/kg/d", about="order", uses=("dosing_weight_kg",))
def grams_per_kg_per_day(scope: Scope) -> Fact[Decimal]:
    """The highest daily dose in grams by actual weight (immunoglobulin)."""
    if scope.order is None:
        return NO_ORDER
    return _in_grams(_over(scope.order.exposure.mg_per_day, scope.get("dosing_weight_kg")))


@fact("dosing_days_per_week", "number", unit="d/wk", about="order")
def dosing_days_per_week(scope: Scope) -> Fact[Decimal]:
    """Days with a dose in seven days (0.5 = every second week), of the subject order alone."""
    return NO_ORDER if scope.order is None else scope.order.exposure.dosing_days_per_week


@fact("doses_per_dosing_day", "number", unit="1/d", about="order")
def doses_per_dosing_day(scope: Scope) -> Fact[Decimal]:
    """Doses on a day with a dose."""
    return NO_ORDER if scope.order is None else scope.order.exposure.doses_per_dosing_day


@fact("course_days", "number", unit="d", about="order")
def course_days(scope: Scope) -> Fact[Decimal]:
    """Length of the order from its first to its last day; unknown where it has no end."""
    if scope.order is None:
        return NO_ORDER
    days = scope.order.exposure.course_days
    return days if isinstance(days, Unknown) else Known(Decimal(days.value), days.inputs, days.doubt)


@fact("as_needed", "flag", about="order")
def as_needed(scope: Scope) -> Fact[bool]:
    """Any part of the order is to be taken as needed."""
    return _of_order(scope, lambda order: order.exposure.as_needed)


@fact("dosage_stated", "flag", about="order")
def dosage_stated(scope: Scope) -> Fact[bool]:
    """The order states a dose or a timing at all."""
    return _of_order(scope, lambda order: order.has_dosage and order.exposure.stated)


@fact("timing_disagrees", "flag", about="order")
def timing_disagrees(scope: Scope) -> Fact[bool]:
    """Structured timing and text contradict each other."""
    return _of_order(scope, lambda order: bool(order.exposure.disagreement))


@fact("timing_computable", "flag", about="order")
def timing_computable(scope: Scope) -> Fact[bool]:
    """The days with a dose in a week can be worked out, without a doubt."""
    return _of_order(scope, lambda order: _is_clear(order.exposure.dosing_days_per_week))


@fact("text_only_timing", "flag", about="order")
def text_only_timing(scope: Scope) -> Fact[bool]:
    """Timing stands in free text only."""
    return _of_order(scope, lambda order: order.exposure.text_only_timing)


@fact("names_day", "flag", about="order")
def names_day(scope: Scope) -> Fact[bool]:
    """A weekday is named."""
    return _of_order(scope, lambda order: order.exposure.names_day)


@fact("route", "word", about="order")
def route(scope: Scope) -> Fact[str]:
    """The route of the order, or "unknown"."""
    return NO_ORDER if scope.order is None else Known(scope.order.route or "unknown")


@fact("mixed_strengths", "flag", about="order", needs=NEEDS)
def mixed_strengths(scope: Scope) -> Fact[bool]:
    """Tablets of the drug in more than one strength: in this order or with those taken beside it."""
    if scope.order is None:
        return NO_ORDER
    strengths = {mg for order in _adding(scope, scope.order) for mg in order.product_strengths}
    return Known(len(strengths) > 1)


@fact("ten_mg_tablets", "flag", about="order", limits=("methotrexate.avoided_tablet",))
def ten_mg_tablets(scope: Scope) -> Fact[bool]:
    """The order names the tablet strength that is mistaken for the small one (methotrexate 10 mg)."""
    avoided = scope.limit("methotrexate.avoided_tablet")
    return _of_order(scope, lambda order: order.route in ("", "oral") and avoided in order.product_strengths)


@fact("dose_by_surface", "flag", about="order", uses=("juvenile",))
def dose_by_surface(scope: Scope) -> Fact[bool]:
    """This order is dosed by body surface for this patient: some drugs, in children only."""
    if scope.order is None:
        return NO_ORDER
    if not scope.order.ingredients & names(scope, BY_SURFACE):
        return Known(False)
    juvenile: Fact[bool] = scope.get("juvenile")
    return juvenile


@fact("dose_by_body", "flag", about="order", uses=("dose_by_surface",))
def dose_by_body(scope: Scope) -> Fact[bool]:
    """This order is dosed by weight or surface for this patient."""
    if scope.order is None:
        return NO_ORDER
    if scope.order.route in ("topical", "inhalation"):
        return Known(False)
    if scope.order.ingredients & names(scope, BY_WEIGHT):
        return Known(True)
    by_surface: Fact[bool] = scope.get("dose_by_surface")
    return by_surface


def _of_order(scope: Scope, read: Callable[[Medication], bool]) -> Fact[bool]:
    return NO_ORDER if scope.order is None else Known(read(scope.order))


def _is_clear(found: Fact[Decimal]) -> bool:
    return isinstance(found, Known) and not found.doubt


def _over(amount: Fact[Decimal], size: Fact[Decimal]) -> Fact[Decimal]:
    """An amount by weight or surface."""
    if isinstance(amount, Unknown) or isinstance(size, Unknown):
        return unknown_of(amount, size)
    return Known(amount.value / size.value, inputs_of(amount, size), amount.doubt or size.doubt)


def _in_grams(amount: Fact[Decimal]) -> Fact[Decimal]:
    return amount if isinstance(amount, Unknown) else Known(amount.value / 1000, amount.inputs, amount.doubt)


def _adding(scope: Scope, order: Medication) -> tuple[Medication, ...]:
    """The order and those of the same drug and route that are taken beside it, not replaced by it."""
    found = [m for m in coactive(scope, order.ingredients) if same_drug(m, order) and same_route(m, order)]
    kept = together(found, scope.chart.today)
    return kept if order in kept else (order,)


def _sum(scope: Scope, read: Callable[[Exposure], Fact[Decimal]]) -> Fact[Decimal]:
    """The subject order's amount with what adds; what adds and is unknown leaves a doubt."""
    order = scope.order
    if order is None:
        return NO_ORDER
    own = read(order.exposure)
    if isinstance(own, Unknown):
        return own
    total, inputs, doubt = own.value, list(own.inputs), own.doubt or recorded(scope).doubt
    for other in _adding(scope, order):
        amount = read(other.exposure)
        if other is order:
            continue
        if isinstance(amount, Unknown):
            doubt = doubt or f"the dose of {other.name} is not known and was not added"
            continue
        total += amount.value
        inputs.append(with_dose(other))
    return Known(total, tuple(inputs), doubt)
