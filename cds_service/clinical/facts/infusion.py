"""How fast immunoglobulin runs, and of which product: the fastest rate differs by label."""

from __future__ import annotations

import re
from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.dosing.masses import in_mg
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.reading import inputs_of
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown

PRODUCT = "octagam"
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")
_MINUTES = {"min": 1, "minute": 1, "h": 60, "hr": 60, "hour": 60}


@fact("infusion_rate", "number", unit="mL/kg/min", about="order", uses=("dosing_weight_kg",))
def infusion_rate(scope: Scope) -> Fact[Decimal]:
    """The fastest rate the order names, by actual weight; 0 where it names none.

    A rate in grams or milligrams is turned into volume by the strength of the product ("10 %": 100 mg/mL).
    """
    order = scope.order
    if order is None:
        return NO_ORDER
    found = [_per_kg_min(scope, order, rate.high, rate.unit) for rate in order.infusion_rates]
    unknown = next((each for each in found if isinstance(each, Unknown)), None)
    known = [each for each in found if isinstance(each, Known)]
    if not known:
        return unknown or Known(Decimal(0))
    fastest = max(known, key=lambda each: each.value)
    return Known(fastest.value, fastest.inputs, unknown.reason if unknown else fastest.doubt)


@fact("names_octagam", "flag", about="order")
def names_octagam(scope: Scope) -> Fact[bool]:
    """The order names Octagam."""
    return NO_ORDER if scope.order is None else Known(PRODUCT in _said(scope.order))


@fact("label_rate_known", "flag", about="order")
def label_rate_known(scope: Scope) -> Fact[bool]:
    """The order names the product whose rate in dermatomyositis is known: Octagam 10 %, not the 5 % solution."""
    if scope.order is None:
        return NO_ORDER
    said = _said(scope.order)
    return Known(PRODUCT in said and _strength(said) in (None, Decimal(100)))


def _per_kg_min(scope: Scope, order: Medication, value: Decimal, unit: str) -> Fact[Decimal]:
    amount, *by = unit.lower().replace(" ", "").split("/")
    minutes = _MINUTES.get(by[-1].rstrip("s")) if by else None
    volume = _millilitres(order, value, amount)
    if minutes is None or isinstance(volume, Unknown):
        return (
            volume
            if isinstance(volume, Unknown)
            else Unknown(f"a rate in {unit} cannot be read", ("dosage",))
        )
    a_minute = volume.value / minutes
    if "kg" in by:
        return Known(a_minute)
    weight: Fact[Decimal] = scope.get("dosing_weight_kg")
    return (
        weight
        if isinstance(weight, Unknown)
        else Known(a_minute / weight.value, inputs_of(weight), weight.doubt)
    )


def _millilitres(order: Medication, value: Decimal, amount: str) -> Fact[Decimal]:
    if amount == "ml":
        return Known(value)
    strength = _strength(_said(order))
    mass = in_mg(amount)
    if mass is None or strength is None:
        return Unknown("the rate is not a volume, and the strength of the solution is not named", ("dosage",))
    return Known(value * mass / strength)


def _said(order: Medication) -> str:
    return f"{order.name} {order.exposure.text}".lower()


def _strength(said: str) -> Decimal | None:
    """Milligrams in a millilitre of a solution named by its per cent."""
    found = _PERCENT.search(said)
    return Decimal(found[1].replace(",", ".")) * 10 if found else None
