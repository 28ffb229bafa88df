"""``dosageInstruction`` (and a statement's ``dosage``) freed of FHIR.

Of several ``doseAndRate`` rows the one that was ordered counts, if it is a mass; never blindly the first.
https://hl7.org/fhir/R4/dosage.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from cds_service.clinical.dosing import Amount, Instruction, Timing
from cds_service.clinical.dosing.rhythm import DAYS_IN
from cds_service.fhir.values import (
    Resource,
    codings,
    day,
    has_code,
    member,
    number,
    quantity,
    rows,
    text,
    words,
)

_MASS = re.compile(r"(kg|g|gm|grams?|mg|milligrams?|ug|mcg|µg|micrograms?|ng)$", re.IGNORECASE)
# Most trusted first.
_TYPES = ("ordered", "calculated", "", "admin-amount")


def read_instructions(resource: Resource) -> tuple[Instruction, ...]:
    """The dosage rows of a MedicationRequest or MedicationStatement, in the order sent."""
    sent = resource.get("dosageInstruction") or resource.get("dosage")
    return tuple(_instruction(row) for row in rows(sent))


def _instruction(row: Resource) -> Instruction:
    timing = row.get("timing")
    sequence = number(row.get("sequence"))
    return Instruction(
        text=text(row.get("text")) or text(row.get("patientInstruction")),
        sequence=int(sequence) if sequence is not None else None,
        amount=_amount(row),
        timing=_timing(member(timing)) if timing else None,
        as_needed=row.get("asNeededBoolean") is True or bool(member(row, "asNeededCodeableConcept")),
        route=words(row.get("route")),
    )


def _amount(row: Resource) -> Amount | None:
    """The dose: of the most trusted row in a mass, else of the most trusted row."""
    found = list(_doses(row))
    masses = [amount for amount in found if _MASS.fullmatch(amount.unit)]
    return next(iter([*masses, *found]), None)


def _doses(row: Resource) -> Iterator[Amount]:
    # Before R4 the dose stood in the row itself.
    listed = rows(row.get("doseAndRate")) or (row,)
    for kind in _TYPES:
        for dose in listed:
            typed = next((each for each in _TYPES if each and has_code(dose.get("type"), each)), "")
            if typed == kind and (amount := _dose(dose)) is not None:
                yield amount


def _dose(dose: Resource) -> Amount | None:
    one = quantity(dose.get("doseQuantity"))
    if one is not None:
        return Amount(one.value, one.value, one.unit)
    low, high = (quantity(member(dose, "doseRange").get(end)) for end in ("low", "high"))
    if high is None:
        return Amount(low.value, low.value, low.unit) if low is not None else None
    return Amount(low.value if low else high.value, high.value, high.unit)


def _timing(timing: Resource) -> Timing:
    repeat = member(timing, "repeat")
    period = member(repeat, "boundsPeriod")
    return Timing(
        frequency=_whole(repeat.get("frequency")),
        frequency_max=_whole(repeat.get("frequencyMax")),
        period=number(repeat.get("period")),
        period_max=number(repeat.get("periodMax")),
        period_unit=text(repeat.get("periodUnit")),
        days_of_week=_strings(repeat.get("dayOfWeek")),
        times_of_day=_strings(repeat.get("timeOfDay")),
        when=tuple(each.upper() for each in _strings(repeat.get("when"))),
        code=_code(timing.get("code")),
        count=_count(repeat, timing),
        bounds_start=day(period.get("start")),
        bounds_end=day(period.get("end"), last=True),
        bounds_days=_bounds_days(repeat),
    )


def _code(concept: object) -> str:
    """The first code; where there is none, the words."""
    return next((coding.code for coding in codings(concept)), "") or words(concept)


def _count(repeat: Resource, timing: Resource) -> int | None:
    """How many doses there are: the larger count, or as many as there are named moments."""
    count = _whole(repeat.get("countMax")) or _whole(repeat.get("count"))
    events = timing.get("event")
    return count if count is not None or not isinstance(events, list) else (1 if len(events) == 1 else None)


def _bounds_days(repeat: Resource) -> Decimal | None:
    """The length of the course in days: of a range, the longer end."""
    sent = member(repeat, "boundsDuration") or member(repeat, "boundsRange", "high")
    length = quantity(sent)
    unit = {"day": "d", "days": "d", "week": "wk", "weeks": "wk", "month": "mo", "months": "mo"}
    size = DAYS_IN.get(unit.get(length.unit.lower(), length.unit)) if length else None
    if length is None or size is None:
        return None
    return length.value * size.numerator / size.denominator


def _whole(value: object) -> int | None:
    found = number(value)
    return int(found) if found is not None and found > 0 else None


def _strings(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(text(each).lower() for each in listed if text(each))
