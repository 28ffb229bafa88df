"""How fast an infusion runs: ``doseAndRate.rate[x]``, and what the text of a dosage says of it.

https://hl7.org/fhir/R4/dosage.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from cds_service.clinical.dosing import Amount
from cds_service.fhir.values import Resource, member, quantity, rows, text

_IN_TEXT = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(ml|mg|g)\s*(?:/|per)\s*(?:(kg)\s*(?:/|per)\s*)?(minute|min|hour|hr|h)\b",
    re.IGNORECASE,
)


def infusion_rates(resource: Resource) -> tuple[Amount, ...]:
    """Every rate an order names, in "mL/kg/min", "mL/h", "mg/kg/min" and the like."""
    return tuple(_found(resource))


def _found(resource: Resource) -> Iterator[Amount]:
    for row in rows(resource.get("dosageInstruction") or resource.get("dosage")):
        for dose in rows(row.get("doseAndRate")) or (row,):
            yield from _structured(dose)
        for value, amount, by_weight, time in _IN_TEXT.findall(text(row.get("text"))):
            unit = "/".join(part.lower() for part in (amount, by_weight, time) if part)
            number = Decimal(value.replace(",", "."))
            yield Amount(number, number, unit)


def _structured(dose: Resource) -> Iterator[Amount]:
    high = member(dose, "rateRange").get("high")
    for sent in (dose.get("rateQuantity"), high):
        rate = quantity(sent)
        if rate is not None:
            yield Amount(rate.value, rate.value, rate.unit)
    ratio = member(dose, "rateRatio")
    over, under = quantity(ratio.get("numerator")), quantity(ratio.get("denominator"))
    if over is not None and under is not None and under.value > 0:
        value = over.value / under.value
        yield Amount(value, value, f"{over.unit}/{under.unit or 'h'}")
