"""The short words of a worked patient, read: days, amounts, timings.

Everything a reviewer may write in a ``cases.yaml`` is read here; what cannot be read is a
:class:`NotationFault`, never a guess.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

UCUM = "http://unitsofmeasure.org"

# What people print -> (what is printed, the UCUM code). Anything else is taken for UCUM as it stands.
PRINTED = {
    "tablet": "{tbl}", "tablets": "{tbl}", "capsule": "{capsule}", "capsules": "{capsule}",
    "lb": "[lb_av]", "in": "[in_i]", "mmHg": "mm[Hg]", "IU": "[IU]", "units": "[IU]",
    "mL/min/1.73 m2": "mL/min/{1.73_m2}", "weeks": "wk", "days": "d",
}  # fmt: skip
# Printed units no code is sent with: real systems do so, and a reader must cope.
CODELESS = frozenset({"K/uL", "x10E3/uL", "IU/L", "U/l", "Einh/l"})

DAY_NAMES = {
    "mon": "Mondays", "tue": "Tuesdays", "wed": "Wednesdays", "thu": "Thursdays", "fri": "Fridays",
    "sat": "Saturdays", "sun": "Sundays",
}  # fmt: skip
DAYS = tuple(DAY_NAMES)
_TIMES = {"once": 1, "twice": 2, "three times": 3, "four times": 4}
_PERIODS = {"hour": "h", "day": "d", "week": "wk", "month": "mo", "year": "a"}
_SPAN = re.compile(r"(\d+) (day|week|month|year)s?")
_NUMBER = r"\d+(?:\.\d+)?"
_OFTEN = re.compile(r"(?:(once|twice|three times|four times|(\d+) times) )?(daily|weekly|monthly)")
_AMOUNT = re.compile(rf"(<=|>=|<|>)? ?(-?{_NUMBER})(?: ?[-–] ?({_NUMBER}))?(?: (\S.*))?")


class NotationFault(ValueError):
    """The notation of a worked patient cannot be read: a sentence that names the words."""


def number(text: object) -> int | Decimal:
    """``"15"`` is 15, ``"2.50"`` keeps its digits: what FHIR JSON would hold."""
    try:
        value = Decimal(str(text))
    except InvalidOperation:
        raise NotationFault(f"{text!r} is not a number") from None
    return int(value) if value == value.to_integral_value() and "." not in str(text) else value


def on_day(words: object, today: date) -> date:
    """A day: a date, ``today``, ``5 weeks ago`` or ``in 3 months``, counted from ``today``."""
    if isinstance(words, date):
        return words
    text = str(words).strip()
    if text == "today":
        return today
    past, future = text.removesuffix(" ago"), text.removeprefix("in ")
    if past != text:
        return shifted(today, past, -1)
    if future != text:
        return shifted(today, future, 1)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotationFault(
            f"{words!r} is not a day; write 2026-11-24, today, 5 weeks ago or in 3 months"
        ) from None


def shifted(start: date, span: str, sign: int) -> date:
    """``start`` moved by a span such as ``3 months``; a month's last day stays its last day."""
    match = _SPAN.fullmatch(span.strip())
    if match is None:
        raise NotationFault(f"{span!r} is not a span of time; write 6 days, 5 weeks, 3 months or 2 years")
    count, unit = int(match[1]) * sign, match[2]
    if unit in ("day", "week"):
        return start + timedelta(days=count * (7 if unit == "week" else 1))
    months = start.year * 12 + start.month - 1 + count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def in_days(span: object) -> int:
    """``6 weeks`` or ``28`` as a number of days (a month counts 30, a year 365)."""
    if isinstance(span, int):
        return span
    match = _SPAN.fullmatch(str(span).strip())
    if match is None:
        raise NotationFault(f"{span!r} is not a span of time; write 28 days or 6 weeks")
    return int(match[1]) * {"day": 1, "week": 7, "month": 30, "year": 365}[match[2]]


def is_amount(words: object) -> bool:
    """Whether the words are a number, a range or a bound, with or without a unit."""
    return _AMOUNT.fullmatch(str(words).strip()) is not None


def quantity(words: object) -> dict[str, object]:
    """``0.8 mg/dL`` or ``<5 mg/L`` as a FHIR Quantity."""
    match = _AMOUNT.fullmatch(str(words).strip())
    if match is None or match[3]:
        raise NotationFault(f"{words!r} is not an amount; write a number and a unit, as in 0.8 mg/dL")
    bound: dict[str, object] = {"comparator": match[1]} if match[1] else {}
    return {"value": number(match[2]), **bound, **_unit(match[4] or "")}


def amount_range(words: object) -> tuple[dict[str, object], dict[str, object]] | None:
    """``10-15 mg`` as the two ends of a FHIR Range; ``None`` where it is one number."""
    match = _AMOUNT.fullmatch(str(words).strip())
    if match is None or not match[3]:
        return None
    unit = _unit(match[4] or "")
    return {"value": number(match[2]), **unit}, {"value": number(match[3]), **unit}


def _unit(printed: str) -> dict[str, object]:
    if not printed:
        return {}
    if printed in CODELESS:
        return {"unit": printed}
    return {"unit": printed, "system": UCUM, "code": PRINTED.get(printed, printed)}


def repeat(words: object) -> dict[str, object]:
    """A timing as ``Timing.repeat``: ``twice daily``, ``weekly mon``, ``every 8 hours``, ``mon thu``.

    A mapping is taken for a ``repeat`` as it stands.
    """
    if isinstance(words, Mapping):
        return dict(words)
    text = str(words).lower().replace(",", " ").replace(" and ", " ")
    rest = [word for word in text.split() if word not in DAYS and word != "on"]
    days = [day for day in DAYS if day in text.split()]
    named: dict[str, object] = {"dayOfWeek": days} if days else {}
    if not rest and days:
        return named
    return _rhythm(" ".join(rest), words) | named


def _rhythm(text: str, words: object) -> dict[str, object]:
    if text == "once":
        return {"count": 1}
    if text == "every other day":
        text = "every 2 days"
    every = re.fullmatch(r"every (?:(\d+) )?(hour|day|week|month)s?", text)
    if every:
        return {"frequency": 1, "period": int(every[1] or 1), "periodUnit": _PERIODS[every[2]]}
    times = _OFTEN.fullmatch(text)
    if times is None:
        raise NotationFault(f"{words!r} is not a timing; write daily, weekly mon or every 8 hours")
    frequency = int(times[2]) if times[2] else _TIMES.get(times[1] or "once", 1)
    unit = {"daily": "d", "weekly": "wk", "monthly": "mo"}[times[3]]
    return {"frequency": frequency, "period": 1, "periodUnit": unit}


def printed_timing(words: object) -> str:
    """The timing as a prescriber would print it: ``once weekly on Mondays``."""
    if isinstance(words, Mapping):
        return ""
    text = str(words).lower().replace(",", " ").replace(" and ", " ")
    rest = " ".join(word for word in text.split() if word not in DAYS and word != "on")
    days = [DAY_NAMES[day] for day in DAYS if day in text.split()]
    rest = f"once {rest}" if rest in ("daily", "weekly", "monthly") else rest
    return " ".join(part for part in (rest, "on " + " and ".join(days) if days else "") if part)
