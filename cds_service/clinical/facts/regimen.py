"""The treatment plan: what is missing, and the dose ranges that fit this patient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from cds_service.clinical.facts.reading import names, of_medication, unknown_of
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, coactive, recorded
from cds_service.clinical.known import Fact, Known, Unknown
from cds_service.clinical.ranges import Range, Steps, by_tablet, raw

SPARING = (
    "methotrexate", "azathioprine", "mercaptopurine", "mycophenolates", "tacrolimus", "ciclosporin",
    "rituximab", "ivig", "jak_inhibitor", "cyclophosphamide", "leflunomide",
)  # fmt: skip
_GC = "glucocorticoid"
_MTX = "methotrexate"
_WEIGHED = ("dosing_weight_kg", "weight_state")
_SURFACE = ("bsa_m2", "weight_state", "height_state")


@fact("has_induction", "flag", about="order", needs=NEEDS)
def has_induction(scope: Scope) -> Fact[bool]:
    """A systemic glucocorticoid is in force or drafted."""
    taken: Fact[bool] = scope.get("takes", "systemic_glucocorticoid")
    return taken


@fact("steroid_sparing", "words", about="order", needs=NEEDS)
def steroid_sparing(scope: Scope) -> Fact[tuple[str, ...]]:
    """Which steroid-sparing drugs are in force or drafted, by name of the code list."""
    wanted = names(scope, SPARING)
    found = coactive(scope, wanted)
    words = dict.fromkeys(name for m in found for name in sorted(m.ingredients & wanted))
    return Known(tuple(words), tuple(map(of_medication, found)), recorded(scope).doubt)


@fact("regimen_gap", "words", about="order", needs=NEEDS, words=("no-glucocorticoid", "no-steroid-sparing"))
def regimen_gap(scope: Scope) -> Fact[tuple[str, ...]]:
    """What of the two parts of the regimen is neither in force nor drafted."""
    doubt = recorded(scope).doubt
    gaps = {
        "no-glucocorticoid": coactive(scope, names(scope, ("systemic_glucocorticoid",))),
        "no-steroid-sparing": coactive(scope, names(scope, SPARING)),
    }
    missing = tuple(word for word, found in gaps.items() if not found)
    if missing and doubt:
        return Unknown(doubt, ("medicationRequests",))
    return Known(missing, tuple(of_medication(m) for found in gaps.values() for m in found[:2]))


@fact(
    "treatment_open",
    "flag",
    needs=NEEDS,
    uses=("myositis_certain", "diagnosis_days", "regimen_gap", "has_condition"),
    limits=("regimen.new_days",),
)
def treatment_open(scope: Scope) -> Fact[bool]:
    """Myositis is certain, not long known, and no steroid-sparing drug is in force yet.

    A diagnosis without a date counts as new. Disease of the skin alone has a sequence of its own.
    """
    skin_only: Fact[bool] = scope.get("has_condition", "amyopathic_dm")
    if isinstance(skin_only, Known) and skin_only.value:
        return Known(False, skin_only.inputs)
    certain, gap = scope.get("myositis_certain"), scope.get("regimen_gap")
    if isinstance(certain, Known) and not certain.value:
        return certain
    days: Fact[Decimal] = scope.get("diagnosis_days")
    if isinstance(days, Known) and days.value > scope.limit("regimen.new_days"):
        return Known(False, days.inputs)
    if isinstance(certain, Unknown) or isinstance(gap, Unknown):
        return unknown_of(certain, gap)
    return flag("no-steroid-sparing" in gap.value, *certain.inputs, *gap.inputs)


@fact(
    "prednisone_range",
    "range",
    unit="mg",
    uses=_WEIGHED,
    limits=tuple(
        f"{_GC}.{name}"
        for name in ("adult_low_per_kg", "adult_high_per_kg", "adult_usual_high", "tablet_step",
                     "tablet_step_from", "small_tablet_step")
    ),
)  # fmt: skip
def prednisone_range(scope: Scope) -> Fact[Range]:
    """Adult induction a day: 0.5 to 1 mg/kg, at most 60 mg, in tablets."""
    return _per_kg(scope, "adult_low_per_kg", "adult_high_per_kg", "adult_usual_high")


@fact(
    "prednisone_juvenile_range",
    "range",
    unit="mg",
    uses=_WEIGHED,
    limits=tuple(
        f"{_GC}.{name}"
        for name in ("juvenile_low_per_kg", "juvenile_high_per_kg", "juvenile_cap", "tablet_step",
                     "tablet_step_from", "small_tablet_step")
    ),
)  # fmt: skip
def prednisone_juvenile_range(scope: Scope) -> Fact[Range]:
    """Juvenile induction a day: 1 to 2 mg/kg, at most 60 mg, in tablets."""
    return _per_kg(scope, "juvenile_low_per_kg", "juvenile_high_per_kg", "juvenile_cap")


@fact(
    "pulse_range",
    "range",
    unit="mg",
    uses=("is_adult", *_WEIGHED),
    limits=tuple(
        f"{_GC}.{name}"
        for name in ("pulse_adult_low", "pulse_adult_high", "pulse_juvenile_per_kg", "pulse_max_mg")
    ),
)
def pulse_range(scope: Scope) -> Fact[Range]:
    """Intravenous methylprednisolone a day: adults 500 to 1000 mg, children 30 mg/kg, at most 1 g."""
    adult: Fact[bool] = scope.get("is_adult")
    if isinstance(adult, Unknown):
        return adult
    if adult.value:
        ends = (scope.limit(f"{_GC}.pulse_adult_low"), scope.limit(f"{_GC}.pulse_adult_high"))
        return Known(raw(*ends, "mg"), adult.inputs)
    each = scope.limit(f"{_GC}.pulse_juvenile_per_kg")
    most = scope.limit(f"{_GC}.pulse_max_mg")
    return by_size(scope, "dosing_weight_kg", lambda kg: raw(each * kg, each * kg, "mg", most))


@fact(
    "methotrexate_adult_start",
    "range",
    unit="mg",
    limits=(f"{_MTX}.adult_start_low", f"{_MTX}.adult_start_high"),
)
def methotrexate_adult_start(scope: Scope) -> Fact[Range]:
    """The usual adult starting dose a week."""
    ends = (scope.limit(f"{_MTX}.adult_start_low"), scope.limit(f"{_MTX}.adult_start_high"))
    return Known(raw(*ends, "mg"))


@fact(
    "methotrexate_adult_target",
    "range",
    unit="mg",
    limits=(f"{_MTX}.adult_target_low", f"{_MTX}.adult_target_high"),
)
def methotrexate_adult_target(scope: Scope) -> Fact[Range]:
    """The adult target dose a week."""
    ends = (scope.limit(f"{_MTX}.adult_target_low"), scope.limit(f"{_MTX}.adult_target_high"))
    return Known(raw(*ends, "mg"))


_PER_M2 = (f"{_MTX}.juvenile_low_per_m2", f"{_MTX}.juvenile_high_per_m2")


@fact("methotrexate_formula_range", "range", unit="mg", uses=_SURFACE, limits=_PER_M2)
def methotrexate_formula_range(scope: Scope) -> Fact[Range]:
    """The juvenile body-surface formula a week as it stands: no cap, no rounding. Context, not a dose."""
    low, high = (scope.limit(name) for name in _PER_M2)
    return by_size(scope, "bsa_m2", lambda m2: raw(low * m2, high * m2, "mg"))


@fact(
    "methotrexate_juvenile_range",
    "range",
    unit="mg",
    uses=_SURFACE,
    limits=(*_PER_M2, f"{_MTX}.juvenile_cap", f"{_MTX}.tablet_step"),
)
def methotrexate_juvenile_range(scope: Scope) -> Fact[Range]:
    """Juvenile methotrexate a week: 15 to 20 mg/m2, at most 40 mg, in steps of 2.5 mg."""
    low, high = (scope.limit(name) for name in _PER_M2)
    cap, steps = scope.limit(f"{_MTX}.juvenile_cap"), ((Decimal(0), scope.limit(f"{_MTX}.tablet_step")),)
    return by_size(scope, "bsa_m2", lambda m2: by_tablet(low * m2, high * m2, "mg", steps, cap))


@fact(
    "azathioprine_range",
    "range",
    unit="mg",
    uses=(*_WEIGHED, "bmi", "adjusted_weight_kg"),
    limits=tuple(
        f"azathioprine.{name}"
        for name in ("low_per_kg", "high_per_kg", "tablet_step", "bmi_high", "bmi_high_mg")
    ),
)
def azathioprine_range(scope: Scope) -> Fact[Range]:
    """Azathioprine a day: 1 to 2 mg/kg in steps of 25 mg; in obesity by adjusted weight, at most 200 mg.

    At most 200 mg also where no height tells whether it is obesity.
    """
    low, high = scope.limit("azathioprine.low_per_kg"), scope.limit("azathioprine.high_per_kg")
    steps = ((Decimal(0), scope.limit("azathioprine.tablet_step")),)
    bmi: Fact[Decimal] = scope.get("bmi")
    lean = isinstance(bmi, Known) and bmi.value < scope.limit("azathioprine.bmi_high")
    cap = None if lean else scope.limit("azathioprine.bmi_high_mg")
    adjusted = isinstance(bmi, Known) and not lean and isinstance(scope.get("adjusted_weight_kg"), Known)
    if adjusted:
        return by_size(
            scope,
            "adjusted_weight_kg",
            lambda kg: by_tablet(low * kg, high * kg, "mg", steps, cap),
            "adjusted weight",
        )
    return by_size(scope, "dosing_weight_kg", lambda kg: by_tablet(low * kg, high * kg, "mg", steps, cap))


@fact("methotrexate_start_cap", "number", unit="mg/wk", limits=(f"{_MTX}.adult_start_high",))
def methotrexate_start_cap(scope: Scope) -> Fact[Decimal]:
    """The highest first weekly dose ever offered to an adult."""
    return Known(scope.limit(f"{_MTX}.adult_start_high"))


def _per_kg(scope: Scope, low: str, high: str, cap: str) -> Fact[Range]:
    """A daily prednisone range by weight, in 5 mg tablets from 20 mg up and 2.5 mg below."""
    least, most, top = (scope.limit(f"{_GC}.{name}") for name in (low, high, cap))
    steps: Steps = (
        (scope.limit(f"{_GC}.tablet_step_from"), scope.limit(f"{_GC}.tablet_step")),
        (Decimal(0), scope.limit(f"{_GC}.small_tablet_step")),
    )
    return by_size(scope, "dosing_weight_kg", lambda kg: by_tablet(least * kg, most * kg, "mg", steps, top))


def by_size(scope: Scope, fact_name: str, make: Callable[[Decimal], Range], note: str = "") -> Fact[Range]:
    """A range from a weight or surface, with what that was worked out from, and a note where that is old."""
    size: Fact[Decimal] = scope.get(fact_name)
    if isinstance(size, Unknown):
        return size
    found = make(size.value)
    rests_on = ("weight", "height") if fact_name == "bsa_m2" else ("weight",)
    states = {name: scope.get(f"{name}_state") for name in rests_on}
    old = [name for name, state in states.items() if isinstance(state, Known) and state.value == "stale"]
    said = f"old {' and '.join(old)}" if old else ""
    return Known(
        replace(found, note="; ".join(filter(None, (found.note, note, said)))), size.inputs, size.doubt
    )
