"""The value of one Observation or component, in its concept's own unit; or why it cannot be used.

https://hl7.org/fhir/R4/observation-definitions.html#Observation.value_x_
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from cds_service.clinical.terms import Terminology
from cds_service.clinical.units import canonical, convert
from cds_service.fhir import findings
from cds_service.fhir.values import (
    Quantity,
    Resource,
    day,
    has_code,
    member,
    number,
    quantity,
    rows,
    text,
    words,
)

# Units of plain numbers: a result in one of them may come without a unit.
UNITLESS = frozenset({"1", "{score}", "{vas}", "{index}", "{titer}", "{T-score}", "{ratio}"})
MAY_BE_NEGATIVE = frozenset({"{T-score}", "Cel"})
# A visual analogue scale is a plain number of points, or the length of its line.
_VAS, _VAS_LENGTH = "{vas}", "cm"
_POINTS = frozenset({"1", "{score}"})
_COMPARED = re.compile(
    r"(<=|>=|<|>|≤|≥)?\s*([-+]?\d{1,12}(?:\.\d{1,12})?)\s*([^\d\s(][^(]{0,30})?\s*(\(.*\))?", re.DOTALL
)
_TITER = re.compile(r"(<=|>=|<|>|≤|≥)?\s*1\s*[:/]\s*(\d{1,9})")
_ASCII = {"≤": "<=", "≥": ">="}


@dataclass(frozen=True, slots=True)
class Value:
    """What a result says. ``unit`` is the concept's own, or the result's where the concept has none."""

    number: Decimal | None = None
    unit: str = ""
    comparator: str = ""
    finding: str = ""
    shown: str = ""
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """There is a result, but it cannot be used: the member, and why."""

    path: str
    reason: str


NO_RESULT = None


def read_value(holder: Resource, concept: str, terms: Terminology) -> Value | Unreadable | None:
    """The value of an Observation or component for one concept; ``None`` where there is no result at all."""
    wanted = terms.unit(concept)
    for name, reader in _READERS.items():
        if holder.get(name) is not None:
            found = reader(holder[name], concept, wanted, terms)
            return (
                _completed(found, holder, concept, wanted)
                if isinstance(found, Value)
                else Unreadable(name, found)
            )
    return _without_value(holder)


def _without_value(holder: Resource) -> Value | Unreadable | None:
    finding = findings.in_interpretation(holder)
    if finding:
        return Value(finding=finding, shown=finding)
    if holder.get("dataAbsentReason") or holder.get("component") or holder.get("hasMember"):
        return NO_RESULT
    return Unreadable("value", "has no value")


def _completed(value: Value, holder: Resource, concept: str, wanted: str) -> Value:
    low, high = _range(holder, concept, wanted)
    finding = value.finding or findings.in_interpretation(holder)
    if not finding and value.number is not None and high is None and findings.is_flagged_high(holder):
        # Above a limit that the laboratory did not send: to a question of yes or no, yes.
        finding = "positive"
    return replace(value, finding=finding, low=low, high=high)


_Read = Value | str
"""A value, or the reason why there is none."""


def _of_quantity(sent: object, concept: str, wanted: str, _: Terminology) -> _Read:
    found = quantity(sent)
    if found is None:
        return "has no number"
    return _converted(found, concept, wanted)


def _converted(found: Quantity, concept: str, wanted: str) -> _Read:
    """In the concept's own unit. A unit is never assumed, but plain numbers need none."""
    if not wanted:
        return Value(found.value, found.unit, found.comparator, "", found.shown)
    if found.value < 0 and wanted not in MAY_BE_NEGATIVE:
        return "is below zero"
    in_points = not found.unit or (wanted == _VAS and canonical(found.unit) in _POINTS)
    if in_points and wanted in UNITLESS:
        return Value(found.value, wanted, found.comparator, "", found.shown)
    if not found.unit:
        return "has no unit"
    wanted = _VAS_LENGTH if wanted == _VAS else wanted
    amount = convert(found.value, found.unit, concept, wanted)
    if amount is None:
        return "has a unit that cannot be converted"
    # A slip of a mapping: "5 mg/dL" with the code umol/L is either of two results.
    printed = convert(found.value, found.printed, concept, wanted) if found.printed else None
    if printed is not None and printed != amount:
        return "has a unit and a unit code that contradict each other"
    return Value(amount, wanted, found.comparator, "", found.shown)


# An answer that is none of ours, to a question whose every answer tells something.
OTHER = "other"


def _of_string(sent: object, concept: str, wanted: str, terms: Terminology) -> _Read:
    said = text(sent)
    titer = _TITER.fullmatch(said)
    if titer:
        comparator = _ASCII.get(titer[1], titer[1] or "")
        return (
            Value(Decimal(titer[2]), "{titer}", comparator, "", said)
            if wanted in ("", "1", "{titer}")
            else "is a titer"
        )
    compared = _COMPARED.fullmatch(said)
    if compared:
        comparator = _ASCII.get(compared[1], compared[1] or "")
        return _converted(
            Quantity(Decimal(compared[2]), text(compared[3]), comparator, said), concept, wanted
        )
    finding = findings.named(said, terms) or findings.in_words(said)
    if not finding and said and terms.is_open(concept):
        finding = OTHER
    return Value(finding=finding, shown=said) if finding else "is a text that cannot be judged"


def _of_concept(sent: object, concept: str, __: str, terms: Terminology) -> _Read:
    finding = findings.in_codes(sent, terms)
    if not finding and words(sent) and terms.is_open(concept):
        finding = OTHER
    return (
        Value(finding=finding, shown=words(sent) or finding) if finding else "is an answer that is not known"
    )


def _of_integer(sent: object, concept: str, wanted: str, _: Terminology) -> _Read:
    amount = number(sent)
    return (
        "has no number"
        if amount is None
        else _converted(Quantity(amount, "", "", f"{amount:f}"), concept, wanted)
    )


def _of_boolean(sent: object, *_: object) -> _Read:
    if not isinstance(sent, bool):
        return "is neither true nor false"
    finding = "positive" if sent else "negative"
    return Value(finding=finding, shown=finding)


def _of_ratio(sent: object, _: str, wanted: str, __: Terminology) -> _Read:
    """A titer: one part in so many."""
    parts, whole = quantity(member(sent, "numerator")), quantity(member(sent, "denominator"))
    if parts is None or whole is None or parts.value != 1 or wanted not in ("", "1", "{titer}"):
        return "is a ratio that cannot be judged"
    return Value(whole.value, "{titer}", parts.comparator, "", f"{parts.comparator}1:{whole.value:f}")


def _of_day(sent: object, *_: object) -> _Read:
    """A day as the answer, such as the expected day of delivery: the ISO date is the finding."""
    found = day(sent)
    return Value(finding=found.isoformat(), shown=found.isoformat()) if found else "is not a day"


def _of_range(*_: object) -> _Read:
    return "is a range"


_READERS: dict[str, Callable[[object, str, str, Terminology], _Read]] = {
    "valueQuantity": _of_quantity,
    "valueCodeableConcept": _of_concept,
    "valueString": _of_string,
    "valueInteger": _of_integer,
    "valueBoolean": _of_boolean,
    "valueRatio": _of_ratio,
    "valueDateTime": _of_day,
    "valueRange": _of_range,
    "valueSampledData": _of_range,
}


def _range(holder: Resource, concept: str, wanted: str) -> tuple[Decimal | None, Decimal | None]:
    """The normal range of the result, converted like it; none where several could be meant."""
    listed = [each for each in rows(holder.get("referenceRange")) if _is_normal(each)]
    if len(listed) != 1:
        return None, None
    own_unit = (quantity(holder.get("valueQuantity")) or Quantity(Decimal(0), "")).unit
    return _end(listed[0], "low", own_unit, concept, wanted), _end(
        listed[0], "high", own_unit, concept, wanted
    )


def _is_normal(listed: Resource) -> bool:
    kind = listed.get("type")
    has_end = listed.get("low") is not None or listed.get("high") is not None
    return has_end and (kind is None or has_code(kind, "normal"))


def _end(listed: Resource, name: str, own_unit: str, concept: str, wanted: str) -> Decimal | None:
    end = quantity(listed.get(name))
    if end is None or (not wanted and end.unit and not _same_unit(end.unit, own_unit)):
        # Where nothing is converted, a limit in another unit is none.
        return None
    found = _converted(replace(end, unit=end.unit or own_unit), concept, wanted)
    return found.number if isinstance(found, Value) else None


def _same_unit(one: str, other: str) -> bool:
    return (canonical(one) or one) == (canonical(other) or other)
