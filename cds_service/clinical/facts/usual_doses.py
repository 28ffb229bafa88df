"""What a drug dosed by body size usually comes to in this patient, for the words of a card about its dose."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.regimen import by_size
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown
from cds_service.clinical.ranges import Range, raw

_RTX = "rituximab"
_BY_SIZE = ("dosing_weight_kg", "weight_state", "bsa_m2", "height_state")


@fact(
    "rituximab_juvenile_dose",
    "range",
    unit="mg",
    uses=_BY_SIZE,
    limits=tuple(
        f"{_RTX}.{name}"
        for name in ("bsa_split", "juvenile_usual_small_per_m2", "juvenile_large_per_m2", "infusion_max")
    ),
)
def rituximab_juvenile_dose(scope: Scope) -> Fact[Range]:
    """One infusion of a child: 575 mg/m² up to 1.5 m², above it 750 mg/m², at most 1000 mg."""

    def dose(surface: Decimal) -> Range:
        is_small = surface <= scope.limit(f"{_RTX}.bsa_split")
        of_size = "juvenile_usual_small_per_m2" if is_small else "juvenile_large_per_m2"
        each = scope.limit(f"{_RTX}.{of_size}")
        return raw(each * surface, each * surface, "mg", scope.limit(f"{_RTX}.infusion_max"))

    return by_size(scope, "bsa_m2", dose)


@fact(
    "cyclophosphamide_dose",
    "range",
    unit="mg",
    about="order",
    uses=(*_BY_SIZE, "egfr", "age_years"),
    limits=tuple(
        f"safety.cyc_{name}"
        for name in ("iv_full_per_m2", "iv_above_per_m2", "iv_above", "oral_low_per_kg", "oral_above_per_kg",
                     "oral_above", "oral_full_per_kg", "egfr_reduce", "age_reduce")
    ),
)  # fmt: skip
def cyclophosphamide_dose(scope: Scope) -> Fact[Range]:
    """One infusion, 0.5 to 1 g/m² and at most 1.2 g; by mouth a day, 1 to 2 mg/kg and at most 200 mg.

    With a weak kidney or in old age at most 0.5 g/m², or 1.5 mg/kg by mouth.
    """
    if scope.order is None:
        return NO_ORDER
    ways = {
        "intravenous": ("bsa_m2", "iv_full_per_m2", "iv_above_per_m2", "iv_above"),
        "oral": ("dosing_weight_kg", "oral_low_per_kg", "oral_above_per_kg", "oral_above"),
    }
    if scope.order.route not in ways:
        return Unknown("the route of the order is not known", ("dosage",))
    size, *ends = ways[scope.order.route]
    low, high, most = (scope.limit(f"safety.cyc_{name}") for name in ends)
    if _is_reduced(scope):
        high = scope.limit(f"safety.cyc_{'iv_full_per_m2' if size == 'bsa_m2' else 'oral_full_per_kg'}")
        return by_size(scope, size, lambda body: raw(low * body, high * body, "mg", most), "at most")
    return by_size(scope, size, lambda body: raw(low * body, high * body, "mg", most))


def _is_reduced(scope: Scope) -> bool:
    egfr, age = scope.get("egfr"), scope.get("age_years")
    return (isinstance(egfr, Known) and egfr.value < scope.limit("safety.cyc_egfr_reduce")) or (
        isinstance(age, Known) and age.value >= scope.limit("safety.cyc_age_reduce")
    )


_of_cycle = partial(fact, kind="number", unit="g", limits=("ivig.cycle_per_kg",))


@_of_cycle("cycle_grams_actual", uses=("dosing_weight_kg",))
def cycle_grams_actual(scope: Scope) -> Fact[Decimal]:
    """Immunoglobulin of a whole cycle of 2 g/kg by actual weight."""
    return _cycle(scope, "dosing_weight_kg")


@_of_cycle("cycle_grams_adjusted", uses=("adjusted_weight_kg",))
def cycle_grams_adjusted(scope: Scope) -> Fact[Decimal]:
    """Immunoglobulin of a whole cycle of 2 g/kg by adjusted weight."""
    return _cycle(scope, "adjusted_weight_kg")


@_of_cycle("cycle_grams_ideal", uses=("ideal_weight_kg",))
def cycle_grams_ideal(scope: Scope) -> Fact[Decimal]:
    """Immunoglobulin of a whole cycle of 2 g/kg by ideal weight."""
    return _cycle(scope, "ideal_weight_kg")


def _cycle(scope: Scope, weight: str) -> Fact[Decimal]:
    found: Fact[Decimal] = scope.get(weight)
    if isinstance(found, Unknown):
        return found
    return Known(scope.limit("ivig.cycle_per_kg") * found.value, found.inputs, found.doubt)
