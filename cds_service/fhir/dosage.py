"""``dosageInstruction`` (and a statement's ``dosage``) freed of FHIR.

Of several ``doseAndRate`` rows the one that was ordered counts, if it is a mass; never blindly the first.
https://hl7.org/fhir/R4/dosage.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from cds_service.clinical.dosing import Amount, Instruction, Timing
from cds_service.clinical.dosing.amounts import counts_pieces
from cds_service.clinical.dosing.masses import is_mass
from cds_service.clinical.dosing.rhythm import DAYS_IN, of_code
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

# Most trusted first.
_TYPES = ("ordered", "calculated", "", "admin-amount")
_SPELT = {
    "hour": "h",
    "hr": "h",
    "day": "d",
    "week": "wk",
    "month": "mo",
    "year": "a",
    "minute": "min",
    "second": "s",
}
_DAY_NAME = re.compile(r"mon(day)?|tue(s|sday)?|wed(nesday)?|thu(rs|rsday)?|fri(day)?|sat(urday)?|sun(day)?")

# "Take daily until reviewed", "please inject it every Monday": how often follows at once, or after what is taken.
_TAKEN = re.compile(
    r"\s*(?:(?:please|patient|pt|is|to|should|must|can|may) )*(?:take|use|give|inject|administer|be taken|be given)n?"
    r"(?: (?:it|this|them|these|the|all|methotrexate|mtx|tablets?|tabs?|medicine|medication|drug|dose|by|mouth"
    r"|orally|po|\d+(?:\.\d+)? ?(?:mg|tablets?|tabs?)?))*"
    r" (?:once|twice|thrice|daily|nightly|weekly|every|each|bid|tid|qd|on (?:mon|tue|wed|thu|fri|sat|sun)|as needed|prn"
    r"|\d+ ?(?:x|times?))",
    re.IGNORECASE,
)


def read_instructions(resource: Resource) -> tuple[Instruction, ...]:
    """The dosage rows of a MedicationRequest or MedicationStatement, in the order sent."""
    sent = resource.get("dosageInstruction") or resource.get("dosage")
    found = tuple(_instruction(row) for row in rows(sent))
    if len(found) != 1:
        return found
    return (replace(found[0], also=(*found[0].also, *_notes(resource))),)


def _notes(resource: Resource) -> Iterator[str]:
    """The sentences of the order's notes that tell how this drug is taken, and speak of no other one."""
    for note in rows(resource.get("note")):
        for sentence in re.split(r"[.;\n]+", text(note.get("text"))):
            if _TAKEN.match(sentence):
                yield sentence.strip()


def _instruction(row: Resource) -> Instruction:
    timing = row.get("timing")
    sequence = number(row.get("sequence"))
    first, *others = _texts(row) or [""]
    doses = _doses(row)
    return Instruction(
        text=first,
        sequence=int(sequence) if sequence is not None else None,
        amount=_amount(doses),
        timing=_timing(member(timing)) if timing else None,
        as_needed=_is_true(row.get("asNeededBoolean")) or bool(member(row, "asNeededCodeableConcept")),
        route=words(row.get("route")),
        given=_given(doses),
        also=tuple(others),
    )


def _texts(row: Resource) -> list[str]:
    """What the row says in words, each once: its text, to the patient, beside the timing's code, in addition."""
    said = [text(row.get("text")), text(row.get("patientInstruction")), _code_words(row)]
    said += [words(each) for each in rows(row.get("additionalInstruction"))]
    return list(dict.fromkeys(each for each in said if each))


def _code_words(row: Resource) -> str:
    """The words of a timing code that is understood; of any other they are the code."""
    concept = member(row, "timing").get("code")
    return words(concept) if _code(concept) != words(concept) else ""


def _is_true(value: object) -> bool:
    return value is True or text(value).lower() == "true"


def _amount(found: list[tuple[str, Amount]]) -> Amount | None:
    """The dose: of the most trusted row in a mass, else of the most trusted row.

    In doubt where rows of one kind differ: the largest counts.
    """
    masses = [(kind, amount) for kind, amount in found if is_mass(amount.unit)]
    if not found:
        return None
    kind, first = (masses or found)[0]
    alike = [amount for other, amount in found if other == kind and amount.unit == first.unit]
    if len({(amount.low, amount.high) for amount in alike}) == 1:
        return first
    return replace(
        max(alike, key=lambda amount: amount.high), doubt="the rows of the order state different doses"
    )


def _given(found: list[tuple[str, Amount]]) -> Amount | None:
    """What is handed over, where a row of its own says so: so many tablets or millilitres."""
    given = (amount for kind, amount in found if kind == "admin-amount")
    return next((amount for amount in given if not is_mass(amount.unit)), None)


def _doses(row: Resource) -> list[tuple[str, Amount]]:
    """Every dose the row states with its type, the most trusted first."""
    # Before R4 the dose stood in the row itself.
    listed = rows(row.get("doseAndRate")) or (row,)
    found = [(_type(dose), amount) for dose in listed if (amount := _dose(dose)) is not None]
    return sorted(found, key=lambda each: _TYPES.index(each[0]))


def _type(dose: Resource) -> str:
    sent = dose.get("type")
    return next((each for each in _TYPES if each and has_code(sent, each)), "") if sent else ""


def _dose(dose: Resource) -> Amount | None:
    one = quantity(dose.get("doseQuantity"))
    if one is not None:
        amount = Amount(one.value, one.value, _unit(dose.get("doseQuantity"), one.unit))
        return replace(amount, doubt=f"the dose is {one.comparator} so much") if one.comparator else amount
    low, high = (quantity(member(dose, "doseRange").get(end)) for end in ("low", "high"))
    if high is None:
        open_end = "the dose has no upper end"
        return Amount(low.value, low.value, low.unit, open_end) if low is not None else None
    unit = high.unit or (low.unit if low else "")
    if low is not None and low.unit != high.unit and low.unit and high.unit:
        unit = f"{low.unit} to {high.unit}"
    return Amount(low.value if low else high.value, high.value, unit)


def _unit(sent: object, unit: str) -> str:
    """The unit; the printed one where the code says only "1", both where one is a mass and the other a piece.

    Printed words that name neither are mere words: the code stands.
    """
    printed = text(member(sent).get("unit"))
    if not printed or printed == unit:
        return unit
    if unit == "1":
        return printed
    coded_mass, prints_mass = is_mass(unit), is_mass(printed)
    contradicts = coded_mass != prints_mass and (prints_mass or counts_pieces(printed))
    return f"{printed} or {unit}" if contradicts else unit


def _timing(timing: Resource) -> Timing:
    repeat = member(timing, "repeat")
    period = member(repeat, "boundsPeriod")
    return Timing(
        frequency=_whole(repeat.get("frequency")),
        frequency_max=_whole(repeat.get("frequencyMax")),
        period=number(repeat.get("period")),
        period_max=number(repeat.get("periodMax")),
        period_unit=_period_unit(repeat),
        days_of_week=tuple(each[:3] for each in _strings(repeat.get("dayOfWeek"))),
        times_of_day=_strings(repeat.get("timeOfDay")),
        when=tuple(each.upper() for each in _strings(repeat.get("when"))),
        code=_code(timing.get("code")),
        count=_count(repeat, timing),
        bounds_start=day(period.get("start")),
        bounds_end=day(period.get("end"), last=True),
        bounds_days=_bounds_days(repeat),
        events=tuple(filter(None, map(day, events)))
        if isinstance(events := timing.get("event"), list)
        else (),
        unread=_unread(repeat),
    )


def _period_unit(repeat: Resource) -> str:
    sent = text(repeat.get("periodUnit"))
    return sent if sent in DAYS_IN else _SPELT.get(sent.lower().removesuffix("s"), sent)


def _unread(repeat: Resource) -> str:
    """The member that is there and is not what it should be: nobody knows how often then."""
    for name in ("frequency", "frequencyMax", "count", "countMax"):
        if name in repeat and _whole(repeat[name]) is None:
            return name
    for name in ("period", "periodMax"):
        if name in repeat and not (number(repeat[name]) or 0) > 0:
            return name
    if "periodUnit" in repeat and _period_unit(repeat) not in DAYS_IN:
        return "periodUnit"
    named = _strings(repeat.get("dayOfWeek"))
    return "" if all(_DAY_NAME.fullmatch(each) for each in named) else "dayOfWeek"


def _code(concept: object) -> str:
    """The first code that tells a rhythm; where there is none, the words, or the code as it stands."""
    known = next((coding.code for coding in codings(concept) if of_code(coding.code).stated), "")
    return known or words(concept) or next((coding.code for coding in codings(concept)), "")


def _count(repeat: Resource, timing: Resource) -> int | None:
    """How many doses there are: the larger count, or as many as there are named moments."""
    count = _whole(repeat.get("countMax")) or _whole(repeat.get("count"))
    events = timing.get("event")
    return count if count is not None or not isinstance(events, list) else (1 if len(events) == 1 else None)


def _bounds_days(repeat: Resource) -> Decimal | None:
    """The length of the course in days: of a range, the longer end."""
    sent = member(repeat, "boundsDuration") or member(repeat, "boundsRange", "high")
    length = quantity(sent)
    if length is None:
        return None
    unit = length.unit if length.unit in DAYS_IN else _SPELT.get(length.unit.lower().removesuffix("s"), "")
    size = DAYS_IN.get(unit)
    return length.value * size.numerator / size.denominator if size is not None and length.value > 0 else None


def _whole(value: object) -> int | None:
    found = number(value)
    return int(found) if found is not None and found > 0 and found == int(found) else None


def _strings(value: object) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(text(each).lower() for each in listed if text(each))
