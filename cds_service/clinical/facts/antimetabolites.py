"""Thiopurines by metaboliser status, and the two salts of mycophenolate as one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import chain

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import runs, together
from cds_service.clinical.dosing import Exposure
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.reading import inputs_of, of_medication, unknown_of
from cds_service.clinical.facts.regimen import by_size
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, coactive, everything, of_class, recorded
from cds_service.clinical.known import Fact, Known, Unknown
from cds_service.clinical.ranges import Range, raw, to_step

GENES = ("tpmt_phenotype", "nudt15")
STATUSES = ("poor", "two-intermediate", "intermediate", "indeterminate", "normal", "none")
MOFETIL, ACID = "mycophenolate", "mycophenolic_acid"
# How much of azathioprine, from and to, for an intermediate metaboliser in one gene and in both.
_REDUCED = {
    "intermediate": ("intermediate_low_per_kg", "intermediate_per_kg"),
    "two-intermediate": ("two_intermediate_low_per_kg", "two_intermediate_per_kg"),
}
RATIO_LIMITS = ("mycophenolate.mofetil_mg", "mycophenolate.acid_mg")


@fact("thiopurine_metaboliser", "word", words=STATUSES, uses=("phenotype",), needs=("pharmacogenetics",))
def thiopurine_metaboliser(scope: Scope) -> Fact[str]:
    """TPMT and NUDT15 taken together: the graver, or two-intermediate where both are."""
    found: list[Fact[str]] = [scope.get("phenotype", gene) for gene in GENES]
    known = [each for each in found if isinstance(each, Known)]
    words = [each.value for each in known]
    if "poor" in words:
        return Known("poor", inputs_of(*found))
    if len(known) < len(found):
        return unknown_of(*found)
    if words.count("intermediate") == len(GENES):
        return Known("two-intermediate", inputs_of(*found))
    word = min(words, key=STATUSES.index)
    # One gene normal and the other never looked at is not a full answer.
    return Known("none" if word == "normal" and "none" in words else word, inputs_of(*found))


@fact(
    "mycophenolate_equivalent_mg_per_day",
    "number",
    unit="mg/d",
    about="order",
    needs=NEEDS,
    limits=RATIO_LIMITS,
)
def mycophenolate_equivalent_mg_per_day(scope: Scope) -> Fact[Decimal]:
    """The daily dose as mycophenolate mofetil; orders of the same salt that add to it included."""
    order = scope.order
    if order is None:
        return NO_ORDER
    total, inputs, doubt = Decimal(0), [], recorded(scope).doubt
    adding = together(coactive(scope, order.ingredients), scope.chart.today)
    for each in adding if order in adding else (order,):
        daily = _as_mofetil(scope, each, lambda exposure: exposure.mg_per_day)
        if isinstance(daily, Unknown):
            if each is order:
                return daily
            doubt = doubt or daily.reason
            continue
        total += daily.value
        doubt = doubt or daily.doubt
        inputs.append(of_medication(each))
    return Known(total, tuple(inputs), doubt)


@fact(
    "mycophenolate_equivalent_mg_per_m2_per_day",
    "number",
    unit="mg/m2/d",
    about="order",
    uses=("mycophenolate_equivalent_mg_per_day", "bsa_m2"),
)
def mycophenolate_equivalent_mg_per_m2_per_day(scope: Scope) -> Fact[Decimal]:
    """The same by body surface."""
    daily: Fact[Decimal] = scope.get("mycophenolate_equivalent_mg_per_day")
    surface: Fact[Decimal] = scope.get("bsa_m2")
    if isinstance(daily, Unknown) or isinstance(surface, Unknown):
        return unknown_of(daily, surface)
    return Known(daily.value / surface.value, inputs_of(daily, surface), daily.doubt or surface.doubt)


@fact(
    "mycophenolate_juvenile_dose",
    "range",
    unit="mg",
    about="order",
    uses=("juvenile", "bsa_m2", "weight_state", "height_state"),
    limits=(
        *RATIO_LIMITS,
        *(
            f"mycophenolate.{n}"
            for n in ("juvenile_dose_per_m2", "juvenile_dose_max", "dose_step", "acid_step")
        ),
    ),
)
def mycophenolate_juvenile_dose(scope: Scope) -> Fact[Range]:
    """A child's single dose of the salt ordered, twice daily: in capsules or tablets up to the whole milligram."""
    child: Fact[bool] = scope.get("juvenile")
    if scope.order is None or not isinstance(child, Known) or not child.value:
        return Unknown("the dose is not a child's", ("patient",)) if scope.order else NO_ORDER
    is_acid = ACID in scope.order.ingredients
    ratio = scope.limit("mycophenolate.acid_mg") / scope.limit("mycophenolate.mofetil_mg")
    step = scope.limit("mycophenolate.acid_step" if is_acid else "mycophenolate.dose_step")

    def dose(surface: Decimal) -> Range:
        mofetil = min(
            surface * scope.limit("mycophenolate.juvenile_dose_per_m2"),
            scope.limit("mycophenolate.juvenile_dose_max"),
        )
        most = to_step(mofetil * ratio if is_acid else mofetil, ((Decimal(0), Decimal(1)),), ROUND_FLOOR)
        whole = to_step(most, ((Decimal(0), step),), ROUND_FLOOR)
        return raw(whole or most, most, "mg")

    return by_size(scope, "bsa_m2", dose)


@fact("same_mg_other_salt", "flag", about="order", needs=NEEDS, limits=("mycophenolate.salt_days",))
def same_mg_other_salt(scope: Scope) -> Fact[bool]:
    """The other salt is taken, or was until lately, in the same number of milligrams: they are not alike."""
    order = scope.order
    if order is None:
        return NO_ORDER
    other = {ACID} if MOFETIL in order.ingredients else {MOFETIL}
    mine = order.exposure.mg_per_day
    found = [m for m in recorded(scope).items if m.ingredients & other and _lately(scope, m)]
    same = [m for m in found if isinstance(mine, Known) and _value(m) == mine.value]
    return flag(bool(same), *map(of_medication, same), doubt=recorded(scope).doubt)


def _lately(scope: Scope, order: Medication) -> bool:
    today = scope.chart.today
    days = scope.limit("mycophenolate.salt_days")
    return runs(order, today) or (order.ends is not None and (today - order.ends).days <= days)


def _value(order: Medication) -> Decimal | None:
    daily = order.exposure.mg_per_day
    return daily.value if isinstance(daily, Known) else None


def _as_mofetil(scope: Scope, order: Medication, read: Callable[[Exposure], Fact[Decimal]]) -> Fact[Decimal]:
    amount = read(order.exposure)
    if isinstance(amount, Unknown) or ACID not in order.ingredients:
        return amount
    ratio = scope.limit("mycophenolate.mofetil_mg") / scope.limit("mycophenolate.acid_mg")
    return Known(amount.value * ratio, amount.inputs, amount.doubt)


@fact(
    "thiopurine_range_with_allopurinol",
    "range",
    unit="mg/d",
    needs=NEEDS,
    limits=(
        "azathioprine.allopurinol_low_part",
        "azathioprine.allopurinol_high_part",
        "azathioprine.within_per_kg",
    ),
    uses=("dosing_weight_kg",),
)
def thiopurine_range_with_allopurinol(scope: Scope) -> Fact[Range]:
    """A quarter to a third of the thiopurine dose that is taken or ordered: what allopurinol leaves room for.

    No share of a dose that is too high itself: of azathioprine at most the usual dose by weight counts. Unknown
    where the weight is, or where mercaptopurine is above what even azathioprine may be.
    """
    taken = [
        m for m in everything(scope) if m.ingredients & of_class(scope, "thiopurine") and m.state != "past"
    ]
    doses = [(m.exposure.mg_per_day, m) for m in taken]
    known = [(dose.value, m) for dose, m in doses if isinstance(dose, Known)]
    if not known:
        return Unknown("the dose of the thiopurine is not known", ("medicationRequests",))
    daily, order = max(known, key=lambda pair: pair[0])
    weight: Fact[Decimal] = scope.get("dosing_weight_kg")
    if isinstance(weight, Unknown):
        return weight
    usual = weight.value * scope.limit("azathioprine.within_per_kg")
    if daily > usual and "azathioprine" not in order.ingredients:
        return Unknown("the dose of the thiopurine is too high itself", ("dose",))
    daily = min(daily, usual)
    low, high = (daily / scope.limit(f"azathioprine.allopurinol_{end}_part") for end in ("low", "high"))
    return Known(Range(low, high, "mg/d"), (of_medication(order),))


@fact(
    "thiopurine_with_allopurinol",
    "range",
    unit="mg/d",
    uses=("thiopurine_range_with_allopurinol",),
    limits=("azathioprine.tablet_step",),
)
def thiopurine_with_allopurinol(scope: Scope) -> Fact[Range]:
    """The same in half tablets, the lower one where none lies between."""
    found: Fact[Range] = scope.get("thiopurine_range_with_allopurinol")
    if isinstance(found, Unknown):
        return found
    return Known(_in_tablets(scope, found.value.low, found.value.high), found.inputs)


@fact(
    "thiopurine_reduced_range",
    "range",
    unit="mg/d",
    uses=("thiopurine_metaboliser", "dosing_weight_kg", "azathioprine_range"),
    limits=tuple(f"azathioprine.{name}" for name in ("tablet_step", *chain(*_REDUCED.values()))),
)
def thiopurine_reduced_range(scope: Scope) -> Fact[Range]:
    """What an intermediate metaboliser begins azathioprine with, in half tablets; never above the usual range."""
    status, weight = scope.get("thiopurine_metaboliser"), scope.get("dosing_weight_kg")
    usual: Fact[Range] = scope.get("azathioprine_range")
    if isinstance(status, Unknown) or isinstance(weight, Unknown) or isinstance(usual, Unknown):
        return unknown_of(status, weight, usual)
    if status.value not in _REDUCED:
        return Unknown("the dose is not to be reduced for the genes", ("thiopurine_metaboliser",))
    low, high = (weight.value * scope.limit(f"azathioprine.{name}") for name in _REDUCED[status.value])
    return Known(_in_tablets(scope, low, min(high, usual.value.high)), inputs_of(status, weight))


def _in_tablets(scope: Scope, low: Decimal, high: Decimal) -> Range:
    """The range in half tablets, the lower one where none lies between; as it is where even that is too much."""
    steps = ((Decimal(0), scope.limit("azathioprine.tablet_step")),)
    top = to_step(high, steps, ROUND_FLOOR)
    return Range(min(to_step(low, steps, ROUND_CEILING), top), top, "mg/d") if top else raw(low, high, "mg/d")
