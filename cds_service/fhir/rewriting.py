"""One row of ``dosageInstruction`` written anew, so that no part of it still says the old dose or rhythm.

What the row says besides (route, site, method, food, unknown extensions) stays exactly as it was.
https://hl7.org/fhir/R4/dosage.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from cds_service.clinical.dosing import ProductStrength
from cds_service.fhir.values import (
    UCUM,
    Resource,
    codings,
    has_code,
    member,
    number,
    plain_number,
    quantity,
    rows,
    text,
    words,
)

Row = dict[str, object]

DAYS = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday",
    "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
_WEEKLY = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation",
            "code": "WK",
            "display": "weekly",
        }
    ],
    "text": "once weekly",
}
_DOSE_TYPE = "http://terminology.hl7.org/CodeSystem/dose-rate-type"
_BOUNDS = ("id", "extension", "boundsDuration", "boundsPeriod", "boundsRange")
_RATES = ("rateRatio", "rateRange", "rateQuantity")
# Before R4 the dose stood in the row itself.
_EARLIER = ("doseQuantity", "doseRange")
# How some systems send the printed sig beside the structure.
_RENDERED = "renderedDosageInstruction"
# Members that name something rather than say it.
_NAMES = frozenset({"url", "system", "code", "id", "reference"})
_ADMINISTERED = re.compile(
    r"\b(tab|tablet|cap|capsule|pill)s?\b|^\{?(tbl|tablet|capsule|pill)s?\}?$", re.IGNORECASE
)
# Words by which a text could still tell the old rhythm.
RHYTHM = re.compile(
    r"\b(daily|day|days|nightly|night|morning|evening|noon|bedtime|every|each|once|twice|thrice|times?|weekly|"
    r"week|weeks|month\w*|hourly|hours?|hrs?|q\.?\d+\s*h\w*|qd|od|bd|bid|tid|tds|qid|qds|qod|qhs|hs|prn|as needed|as "
    r"required|when needed|mon(day)?|tue(s|sday)?|wed(nesday)?|thu(rs|rsday)?|fri(day)?|sat(urday)?|sun(day)?)\b"
    r"|\b(täglich|tgl|tag|tage[ns]?|woche\w*|wöchentlich|monat\w*|morgens|mittags|abends|nachts|jede[nrs]?|bedarf|"
    r"(mon|diens|donners|frei|sams|sonn)tags?|mittwochs?)\b|\b\d ?- ?\d ?- ?\d\b"
    r"|\b[bt]\.?i\.?d\b|\bq\.?d\b|\d\s*(x\s*/?|/)\s*(d|w)",
    re.IGNORECASE,
)
# Words by which a text could still tell the old dose.
DOSE = re.compile(
    r"\d\s*(mg|mcg|ug|µg|g|ml|milligrams?|tab\w*|cap\w*|pills?|units?|iu)\b"
    r"|\b(one|two|three|four|five|six|seven|eight|ten|half)\b.*\b(tab\w*|cap\w*|pills?)\b",
    re.IGNORECASE,
)


class CannotRewrite(ValueError):
    """The row says something in words alone that would be lost with them."""


def once_weekly(row: Row, day: str) -> Row:
    """The row, to be taken once a week on ``day`` (``mon`` ... ``sun``), never as needed.

    Raises :class:`CannotRewrite` where the dose is in the text alone, or a rate tells the rhythm too.
    """
    _refuse_rates(row)
    dose = dose_words(row)
    if not dose and _says(row):
        raise CannotRewrite("the dose is in words alone")
    kept = {name: value for name, value in member(row, "timing", "repeat").items() if name in _BOUNDS}
    repeat = {**quiet(kept, RHYTHM), "frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": [day]}
    timing = {
        name: value
        for name, value in member(row, "timing").items()
        if name.lstrip("_") not in ("event", "code")
    }
    changed = {**quiet(timing, RHYTHM), "repeat": repeat}
    if "code" in member(row, "timing"):
        changed["code"] = _WEEKLY
    said = " ".join(part for part in (dose, f"once a week, on {DAYS[day]}") if part)
    return _with_words(
        _without(row, "asNeededBoolean", "asNeededCodeableConcept") | {"timing": changed}, said, RHYTHM
    )


def with_dose(row: Row, milligrams: Decimal, strength: ProductStrength | None) -> Row:
    """The row with every statement of the dose changed to ``milligrams`` a dose.

    A number of tablets is worked out where the ``strength`` of one is known and goes into the dose in halves;
    otherwise it is left out. Raises :class:`CannotRewrite` where the rhythm is in the text alone, or a rate
    tells the dose too.
    """
    _refuse_rates(row)
    rhythm = _rhythm_words(row)
    if not rhythm and not _has_rhythm(row) and _says(row):
        raise CannotRewrite("the rhythm is in words alone")
    doses = list(_doses(row, milligrams, strength)) or [_in_milligrams({}, milligrams)]
    said = f"{plain_number(milligrams)} mg {rhythm}" if rhythm else ""
    plain = _without(row, "maxDosePerAdministration", *_EARLIER)
    return _with_words({**plain, "doseAndRate": doses}, said, DOSE)


def _refuse_rates(row: Resource) -> None:
    """A rate (15 mg per day) states dose and rhythm at once: a person has to say what becomes of it."""
    if any(each.get(name) for each in (row, *rows(row.get("doseAndRate"))) for name in _RATES):
        raise CannotRewrite("a rate states the dose")


def _says(row: Resource) -> bool:
    return any(text(row.get(name)) for name in ("text", "patientInstruction"))


def _has_rhythm(row: Resource) -> bool:
    """Whether the structure says more about time than when the course begins and ends."""
    timing = member(row, "timing")
    return bool(set(member(timing, "repeat")) - set(_BOUNDS)) or bool(codings(timing.get("code")))


def dose_words(row: Resource) -> str:
    """The dose as its structure states it: what was ordered, else what is given, else what was worked out."""
    listed = rows(row.get("doseAndRate")) or (row,)
    for kind in ("ordered", "admin-amount", "calculated", ""):
        for each in listed:
            if (has_code(each.get("type"), kind) or (not kind)) and (said := _amount_words(each)):
                return said
    return ""


def _amount_words(dose: Resource) -> str:
    one = quantity(dose.get("doseQuantity"))
    if one is not None:
        return one.shown
    low, high = (
        quantity(member(dose, "doseRange").get("low")),
        quantity(member(dose, "doseRange").get("high")),
    )
    if low is None or high is None:
        return ""
    return f"{plain_number(low.value)} to {high.shown}"


def _rhythm_words(row: Resource) -> str:
    """The commonest rhythms in words; "" for any other."""
    repeat = member(row, "timing", "repeat")
    frequency, period = number(repeat.get("frequency")), number(repeat.get("period"))
    unit, days = text(repeat.get("periodUnit")), repeat.get("dayOfWeek")
    plain = not {"frequencyMax", "periodMax", "when", "timeOfDay", "count", "offset"} & set(repeat)
    if not plain or period != 1 or frequency is None:
        return ""
    if unit == "wk" and frequency == 1:
        named = DAYS.get(text(days[0])) if isinstance(days, list) and len(days) == 1 else None
        return "once a week" + (f", on {named}" if named else "") if named or not days else ""
    if unit == "d" and not days:
        return {1: "once a day", 2: "twice a day", 3: "three times a day"}.get(int(frequency), "")
    return ""


def _doses(row: Resource, milligrams: Decimal, strength: ProductStrength | None) -> Iterator[Row]:
    for each in rows(row.get("doseAndRate")):
        dose = dict(each)
        if not {"doseQuantity", "doseRange"} & set(dose):
            yield dose
            continue
        if not _counts_units(dose):
            yield _in_milligrams(dose, milligrams)
        elif (count := _tablets(milligrams, strength)) is not None:
            sent = member(dose, "doseQuantity") or member(dose, "doseRange", "high")
            yield _without(dose, "doseRange") | {"doseQuantity": {**sent, "value": count}}


def _counts_units(dose: Resource) -> bool:
    sent = quantity(dose.get("doseQuantity")) or quantity(member(dose, "doseRange").get("high"))
    return sent is not None and bool(_ADMINISTERED.search(sent.unit))


def _tablets(milligrams: Decimal, strength: ProductStrength | None) -> Decimal | None:
    if (
        strength is None
        or strength.unit != "mg"
        or strength.per not in ("tablet", "capsule")
        or not strength.amount
    ):
        return None
    count = milligrams / strength.amount
    step = Decimal("0.5") if strength.per == "tablet" else Decimal(1)
    return (count.normalize() + 0) if count % step == 0 else None


def _in_milligrams(dose: Row, milligrams: Decimal) -> Row:
    kind = dose.get("type") or {"coding": [{"system": _DOSE_TYPE, "code": "ordered", "display": "Ordered"}]}
    amount = {"value": milligrams, "unit": "mg", "system": UCUM, "code": "mg"}
    return _without(dose, "doseRange", "type") | {"type": kind, "doseQuantity": amount}


def _with_words(row: Row, said: str, old: re.Pattern[str]) -> Row:
    """The row with its words replaced by ``said``, and without what else could tell the ``old``."""
    changed = quiet(_without(row, "maxDosePerPeriod", "_text", "_patientInstruction"), old)
    for name in ("text", "patientInstruction"):
        if name in changed:
            changed[name] = said
            if not said:
                del changed[name]
    if "additionalInstruction" in changed:
        kept = [each for each in rows(changed["additionalInstruction"]) if not old.search(_all_words(each))]
        changed["additionalInstruction"] = kept
        if not kept:
            del changed["additionalInstruction"]
    return changed


def quiet(element: Mapping[str, object], old: re.Pattern[str]) -> Row:
    """The element without those of its extensions that could tell the ``old``: the printed sig, words, a dosage.

    What an extension means nobody here knows; one that says nothing of dose or time stays as it is.
    """
    if "extension" not in element:
        return dict(element)
    kept = [each for each in rows(element["extension"]) if not _tells(each, old)]
    return {**_without(element, "extension"), **({"extension": kept} if kept else {})}


def _tells(extension: Resource, old: re.Pattern[str]) -> bool:
    if text(extension.get("url")).endswith(_RENDERED) or {"valueDosage", "valueTiming"} & set(extension):
        return True
    return any(old.search(said) for said in _strings(extension))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in _NAMES:
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _all_words(concept: Mapping[str, object]) -> str:
    displays = (text(each.get("display")) for each in rows(concept.get("coding")))
    return " ".join([words(concept), *displays])


def _without(row: Mapping[str, object], *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}
