"""Which weight an order of immunoglobulin may be reckoned by, and what it holds by that weight.

The choice is the clinician's. A dose is called low only where it is low by the weight that the order names, or,
where it names none and they lie apart, by every one of them.
"""

from __future__ import annotations

import re
from decimal import Decimal

from cds_service.clinical.facts.immunoglobulin import most_mg_in_28_days
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.reading import doubt_of, inputs_of, unknown_of
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.facts.taking import NEEDS
from cds_service.clinical.known import Fact, Known, Unknown

_WEIGHT_WORDS = re.compile(
    r"\b(ideal|adjusted|actual|lean|dosing)\b.{0,12}weight|\b(ibw|abw|adjbw)\b", re.IGNORECASE
)
# ABW is written for the actual and for the adjusted weight.
_KINDS = {
    "actual": re.compile(r"\b(actual|abw)\b", re.IGNORECASE),
    "adjusted": re.compile(r"\b(adjusted|adjbw|abw)\b", re.IGNORECASE),
    "ideal": re.compile(r"\b(ideal|ibw)\b", re.IGNORECASE),
}
_WEIGHTS = {"actual": "dosing_weight_kg", "adjusted": "adjusted_weight_kg", "ideal": "ideal_weight_kg"}


@fact("dosing_weight_named", "flag", about="order")
def dosing_weight_named(scope: Scope) -> Fact[bool]:
    """The order's text says which weight the dose was worked out from."""
    order = scope.order
    if order is None:
        return NO_ORDER
    text = order.exposure.text
    return Known(bool(_WEIGHT_WORDS.search(text)) and len(_named(text)) < 2)


@fact(
    "immunoglobulin_weight",
    "word",
    about="order",
    words=tuple(_WEIGHTS),
    uses=("bmi", *_WEIGHTS.values()),
    limits=("ivig.bmi_choice",),
)
def immunoglobulin_weight(scope: Scope) -> Fact[str]:
    """The weight the order names, else the actual one; with a high body mass index the lightest it may mean."""
    if scope.order is None:
        return NO_ORDER
    found = {kind: scope.get(_WEIGHTS[kind]) for kind in _meant(scope, scope.order.exposure.text)}
    known = {kind: weight for kind, weight in found.items() if isinstance(weight, Known)}
    if len(known) < len(found):
        return unknown_of(*found.values())
    lightest = min(known, key=lambda kind: known[kind].value)
    return Known(lightest, inputs_of(known[lightest]), doubt_of(*known.values()))


@fact(
    "grams_per_kg_28_days_by_its_weight",
    "number",
    unit="g/kg",
    about="order",
    needs=NEEDS,
    uses=("immunoglobulin_weight",),
)
def grams_per_kg_28_days_by_its_weight(scope: Scope) -> Fact[Decimal]:
    """As ``grams_per_kg_28_days``, by the weight of ``immunoglobulin_weight``."""
    most, kind = most_mg_in_28_days(scope), scope.get("immunoglobulin_weight")
    if isinstance(most, Unknown) or isinstance(kind, Unknown):
        return unknown_of(most, kind)
    weight: Fact[Decimal] = scope.get(_WEIGHTS[kind.value])
    if isinstance(weight, Unknown):
        return weight
    return Known(most.value / 1000 / weight.value, inputs_of(most, weight), doubt_of(most, weight))


def _named(text: str) -> tuple[str, ...]:
    """The weights the text names; "ABW" may be two of them."""
    says = bool(_WEIGHT_WORDS.search(text))
    return tuple(kind for kind, words in _KINDS.items() if says and words.search(text))


def _meant(scope: Scope, text: str) -> tuple[str, ...]:
    """The weights the text names; all where it leaves that open and the patient is heavy; else the actual one."""
    named = _named(text)
    mass_index: Fact[Decimal] = scope.get("bmi")
    heavy = isinstance(mass_index, Known) and mass_index.value >= scope.limit("ivig.bmi_choice")
    return named or (tuple(_WEIGHTS) if heavy else ("actual",))
