"""Weight, height and what follows from them, with whether they can be used for a dose."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from cds_service.clinical import body
from cds_service.clinical.chart import Measurement
from cds_service.clinical.facts.reading import (
    doubt_of,
    inputs_of,
    newest,
    unknown_of,
)
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.facts.size_state import (
    HEIGHT,
    HEIGHT_LIMITS,
    WEIGHT,
    WEIGHT_LIMITS,
    state_of_height,
    state_of_weight,
)
from cds_service.clinical.known import Fact, Known, Unknown

NEEDS = ("patient", "bodyMeasurements")
STATES = ("ok", "stale", "child-old", "missing", "implausible")


@fact("weight_kg", "number", unit="kg", needs=("bodyMeasurements",))
def weight_kg(scope: Scope) -> Fact[Decimal]:
    """The newest weight on record, whether or not it can be believed."""
    return _number(newest(scope, WEIGHT))


@fact("height_cm", "number", unit="cm", needs=("bodyMeasurements",))
def height_cm(scope: Scope) -> Fact[Decimal]:
    """The newest height on record, whether or not it can be believed."""
    return _number(newest(scope, HEIGHT))


@fact("weight_state", "word", words=STATES, needs=NEEDS, uses=("age_years",), limits=WEIGHT_LIMITS)
def weight_state(scope: Scope) -> Fact[str]:
    """Whether the newest weight can be used: ok, missing, stale, child-old, implausible."""
    return state_of_weight(scope)


@fact("height_state", "word", words=STATES, needs=NEEDS, uses=("age_years",), limits=HEIGHT_LIMITS)
def height_state(scope: Scope) -> Fact[str]:
    """Whether the newest height can be used: ok, missing, stale, implausible."""
    return state_of_height(scope)


@fact("dosing_weight_kg", "number", unit="kg", uses=("weight_kg", "weight_state"))
def dosing_weight_kg(scope: Scope) -> Fact[Decimal]:
    """The weight doses are worked out from: unknown if implausible or, in a child, too old."""
    return _usable(scope.get("weight_kg"), scope.get("weight_state"), "weight")


@fact("dosing_height_cm", "number", unit="cm", uses=("height_cm", "height_state"))
def dosing_height_cm(scope: Scope) -> Fact[Decimal]:
    """The height doses are worked out from: unknown if implausible."""
    return _usable(scope.get("height_cm"), scope.get("height_state"), "height")


@fact("dose_weight_state", "word", words=STATES, uses=("weight_state", "height_state"))
def dose_weight_state(scope: Scope) -> Fact[str]:
    """The worse of the two states: what a dose by body surface rests on."""
    weight: Fact[str] = scope.get("weight_state")
    height: Fact[str] = scope.get("height_state")
    if isinstance(weight, Unknown) or isinstance(height, Unknown):
        return unknown_of(weight, height)
    worst = max((weight, height), key=lambda state: STATES.index(state.value))
    return Known(worst.value, inputs_of(weight, height), doubt_of(weight, height))


@fact("bsa_m2", "number", unit="m2", uses=("dosing_weight_kg", "dosing_height_cm"))
def bsa_m2(scope: Scope) -> Fact[Decimal]:
    """Body surface by Mosteller: square root of height (cm) times weight (kg) over 3600."""
    return _of_both(scope, body.mosteller)


@fact("bsa_dubois_m2", "number", unit="m2", uses=("dosing_weight_kg", "dosing_height_cm"))
def bsa_dubois_m2(scope: Scope) -> Fact[Decimal]:
    """Body surface by Du Bois, a cross-check: 0.007184 w^0.425 h^0.725."""
    return _of_both(scope, body.dubois)


@fact("bmi", "number", unit="kg/m2", uses=("dosing_weight_kg", "dosing_height_cm"))
def bmi(scope: Scope) -> Fact[Decimal]:
    """Body mass index: weight over height in metres squared."""
    return _of_both(scope, body.mass_index)


@fact("ideal_weight_kg", "number", unit="kg", uses=("dosing_height_cm", "sex"))
def ideal_weight_kg(scope: Scope) -> Fact[Decimal]:
    """Ideal body weight by Devine, from 5 feet up."""
    height: Fact[Decimal] = scope.get("dosing_height_cm")
    sex: Fact[str] = scope.get("sex")
    if isinstance(height, Unknown) or isinstance(sex, Unknown):
        return unknown_of(height, sex)
    ideal = body.ideal_weight(height.value, sex.value)
    if ideal is None:
        return Unknown("Devine's formula needs a recorded sex and at least 152 cm", ("sex", HEIGHT))
    return Known(ideal, inputs_of(height, sex))


@fact("adjusted_weight_kg", "number", unit="kg", uses=("dosing_weight_kg", "ideal_weight_kg"))
def adjusted_weight_kg(scope: Scope) -> Fact[Decimal]:
    """Ideal weight plus four tenths of what is above it."""
    weight: Fact[Decimal] = scope.get("dosing_weight_kg")
    ideal: Fact[Decimal] = scope.get("ideal_weight_kg")
    if isinstance(weight, Unknown) or isinstance(ideal, Unknown):
        return unknown_of(weight, ideal)
    return Known(body.adjusted_weight(weight.value, ideal.value), inputs_of(weight, ideal))


def _number(found: Fact[Measurement]) -> Fact[Decimal]:
    if isinstance(found, Unknown):
        return found
    if found.value.value is None:
        return Unknown(f"the newest {found.value.concept} is not a number", (found.value.concept,))
    return Known(found.value.value, found.inputs, found.doubt)


def _usable(value: Fact[Decimal], state: Fact[str], label: str) -> Fact[Decimal]:
    if isinstance(value, Unknown) or isinstance(state, Unknown):
        return unknown_of(value, state)
    if state.value in ("implausible", "child-old"):
        why = "is implausible" if state.value == "implausible" else "is too old for a child's dose"
        return Unknown(f"the recorded {label} {why}", (label,))
    return value


def _of_both(scope: Scope, formula: Callable[[Decimal, Decimal], Decimal]) -> Fact[Decimal]:
    height: Fact[Decimal] = scope.get("dosing_height_cm")
    weight: Fact[Decimal] = scope.get("dosing_weight_kg")
    if isinstance(height, Unknown) or isinstance(weight, Unknown):
        return unknown_of(weight, height)
    return Known(formula(height.value, weight.value), inputs_of(weight, height), doubt_of(weight, height))
