"""The values FHIR is made of, read from whatever was sent: nothing here raises on sloppy data.

JSON objects are dicts, as the decoder makes them. A member that is missing or of the wrong shape reads as
empty; what that means is for the caller to say.
https://hl7.org/fhir/R4/datatypes.html
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation

Resource = Mapping[str, object]

UCUM = "http://unitsofmeasure.org"
COMPARATORS = frozenset({"<", "<=", ">", ">="})
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(T.*)?)?)?")
_FIRST_YEAR, _LAST_YEAR = 1850, 2199
_ABSURD = Decimal(10) ** 12
_NUMBER = re.compile(r"[-+]?\d{1,30}(?:\.\d{1,30})?")
_NOTHING: Resource = {}
_EXACT = (int, Decimal)


@dataclass(frozen=True, slots=True)
class Coding:
    """One code of one code system, with the words that came with it."""

    system: str
    code: str
    display: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit: the UCUM code where one was sent, else the unit as printed.

    ``printed`` is what is printed beside a UCUM code.
    """

    value: Decimal
    unit: str
    comparator: str = ""
    shown: str = ""
    printed: str = ""


def member(value: object, *names: str) -> Resource:
    """The object found along ``names`` below ``value``; empty where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else _NOTHING


def rows(value: object) -> tuple[Resource, ...]:
    """The objects of a list; one object that should have been a list of one reads as that list."""
    if isinstance(value, dict):
        return (value,)
    return tuple(item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def text(value: object) -> str:
    """A string without blanks at its ends; anything else is empty."""
    return value.strip() if isinstance(value, str) else ""


def number(value: object) -> Decimal | None:
    """A JSON number, or a string that holds nothing but a plain number, exactly as written.

    ``None`` for anything else, and for what is absurdly large.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, _EXACT):
        return _sensible(Decimal(value))
    if isinstance(value, float):
        return number(str(value))
    try:
        plain = text(value)
        return _sensible(Decimal(plain)) if _NUMBER.fullmatch(plain) else None
    except InvalidOperation:
        return None


def _sensible(found: Decimal) -> Decimal | None:
    """Nothing about a patient is counted in such numbers, and arithmetic on them ends in none."""
    return found if found.is_finite() and abs(found) < _ABSURD else None


def codings(concept: object) -> tuple[Coding, ...]:
    """The codings of a CodeableConcept that have a code, in the order sent."""
    found = rows(member(concept).get("coding"))
    return tuple(
        Coding(text(each.get("system")), text(each.get("code")), text(each.get("display")))
        for each in found
        if text(each.get("code"))
    )


def words(concept: object) -> str:
    """What a CodeableConcept says to a person: its text, else the first display."""
    said = text(member(concept).get("text"))
    displays = (text(each.get("display")) for each in rows(member(concept).get("coding")))
    return said or next((display for display in displays if display), "")


def has_code(concept: object, *codes: str) -> bool:
    """Whether any coding has one of the codes, of whatever system. For FHIR's own short codes only."""
    return any(coding.code.lower() in codes for coding in codings(concept))


def quantity(value: object) -> Quantity | None:
    """A Quantity with a number, or ``None``. A code of another system than UCUM counts as a printed unit."""
    sent = member(value)
    amount = number(sent.get("value"))
    if amount is None:
        return None
    code, printed = text(sent.get("code")), text(sent.get("unit"))
    is_ucum = text(sent.get("system")).rstrip("/") == UCUM
    comparator = text(sent.get("comparator"))
    return Quantity(
        amount,
        (code if is_ucum and code else printed or code),
        comparator if comparator in COMPARATORS else "",
        f"{comparator}{amount:f} {printed or code}".strip(),
        printed if is_ucum and code else "",
    )


def day(value: object, *, last: bool = False) -> date | None:
    """The day of a date, dateTime or instant as written, without shifting its time zone.

    Of a year or a month alone, the first day, or the ``last``. ``None`` for what is not a day, and for the
    years that systems write for "never" and "always" (0001, 9999).
    """
    found = _DAY.fullmatch(text(value))
    if found is None:
        return None
    year, month = int(found[1]), int(found[2] or (12 if last else 1))
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        end = monthrange(year, month)[1] if last else 1
        return date(year, month, int(found[3] or end))
    except ValueError:
        return None


def moment(value: object) -> datetime | None:
    """The instant of a dateTime in UTC, for telling which of two is newer; a bare day is its midnight."""
    written = day(value)
    if written is None:
        return None
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        found = datetime.combine(written, time())
    if found.tzinfo is None:
        return found.replace(tzinfo=UTC)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        return None


def is_whole_day(value: object) -> bool:
    """Whether the day itself was written, not a year or a month alone."""
    found = _DAY.fullmatch(text(value))
    return found is not None and found[3] is not None


def plain_number(amount: Decimal) -> str:
    """A number as a person writes it: 15, not 15.0, which is misread as 150, nor 1.5E+1."""
    said = f"{amount:f}"
    return said.rstrip("0").rstrip(".") if "." in said else said
