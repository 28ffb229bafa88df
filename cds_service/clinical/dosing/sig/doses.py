"""The doses of one stretch of a sig, each with its own rhythm: "10 mg in the morning and 5 mg at night on Mondays"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from cds_service.clinical.dosing.rhythm import NONE, SEVEN, WEEK, Rhythm, every, on_weekdays
from cds_service.clinical.dosing.sig.amounts import Said, amounts_in, starts_of_doses
from cds_service.clinical.dosing.sig.rhythms import rhythm_in
from cds_service.clinical.dosing.types import Amount

UNREAD = "the text says more than could be read"
UNREAD_DAYS = "the text says more of days or times than could be read"
_SEPARATED = re.compile(
    r"(?:[,;+/&)]|\band|\bplus|\bwith|\bexcept|\btake|\b[ap]m|day|noon|morning|evening|night|bedtime|breakfast|lunch"
    r"|dinner|supper|\b(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)s?) *(?:take |and )*$"
)
_EXCEPT = re.compile(r"\bexcept(?: for)?(?: take)? *$")
_OTHER_DAYS = re.compile(
    r"\b(?:on )?(?:all )?(?:the )?(?:other|remaining) days(?: of the week)?\b|\brest of the week\b"
)
_DIVIDED = re.compile(
    r"\b(?:in|into) (\d) (?:equally )?divided doses\b"
    r"|\b(?:divided|split)(?: doses)?(?: into)? (bid|bd|tid|tds|qid|qds|twice daily|twice a day|3 times daily"
    r"|3 times a day)\b"
)
_PARTS = {"bid": 2, "bd": 2, "twice daily": 2, "twice a day": 2, "qid": 4, "qds": 4}
# What still tells an amount or a rhythm after everything known was taken out.
_TELLING = re.compile(
    r"\d|\b(?:mg|ml|tab\w*|cap\w*|alternat\w*|divid\w*|split\w*|cycle\w*|awake|repeat\w*|double\w*|titrat\w*|daily|weekly|"
    r"monthly|hourly|hours?|nightly|days?|weeks?|months?|every|each|except|excluding|apart|ac|pc|meals?|square|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
    # German that was not put into English.
    r"|tag\w*|täg\w*|woche\w*|wöch\w*|monat\w*|stund\w*|stünd\w*|jede\w*|alle|steiger\w*|erhöh\w*|reduzier\w*"
    r"|wechsel\w*|pause|halbe\w*)\b"
)
# Of that, what may be days or times of its own beside a rhythm that is known.
_TELLS_DAYS = re.compile(
    r"\d ?[x×/] ?\d|\d times|\b(?:alternat\w*|daily|monthly|hourly|nightly|days?|every|except|excluding"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|tag\w*|täg\w*|jede\w*|alle|stünd\w*|wechsel\w*)\b"
)


@dataclass(frozen=True, slots=True)
class SigDose:
    """One dose and how often it is taken."""

    said: Said
    rhythm: Rhythm


def doses_in(plain: str) -> tuple[tuple[SigDose, ...], str]:
    """The doses of a tidied stretch, and what is doubtful about them, or "".

    Several only where each is told its own time; a time told once for all of them holds for all.
    """
    whole = _divided(plain)
    if whole is not None:
        return whole
    pieces = list(_pieces(plain))
    read = [_read(piece) for piece, _ in pieces]
    if len(read) < 2 or not all(
        dose.said.is_dose and (dose.rhythm.stated or others) for dose, _, others in read
    ):
        dose, doubt, others = read[0] if len(read) == 1 else _read(plain)
        return (dose,), doubt or (UNREAD if others else "")
    doses = _shared(
        [(dose, others, leads) for (dose, _, others), (_, leads) in zip(read, pieces, strict=True)]
    )
    doubts = [doubt for _, doubt, _ in read if doubt]
    if len({_kind(dose.rhythm) for dose in doses}) > 1:
        doubts.append("the text does not say whether its doses are for the same day")
    return doses, doubts[0] if doubts else ""


def _kind(rhythm: Rhythm) -> str:
    return "named days" if rhythm.weekdays else f"{rhythm.days} days"


def _pieces(plain: str) -> Iterator[tuple[str, bool]]:
    """The stretch cut before each amount that a separator sets off, and whether "except" leads to the next."""
    begun = 0
    for start in starts_of_doses(plain):
        before = plain[begun:start]
        if starts_of_doses(before) and _SEPARATED.search(before):
            yield _EXCEPT.sub(" ", before), bool(_EXCEPT.search(before))
            begun = start
    yield plain[begun:], False


def _read(piece: str) -> tuple[SigDose, str, bool]:
    """One dose; what is doubtful; whether it is for all other days."""
    others = bool(_OTHER_DAYS.search(piece))
    said, rest = amounts_in(_OTHER_DAYS.sub(" ", piece))
    rhythm, doubt, rest = rhythm_in(rest)
    left = (UNREAD_DAYS if _TELLS_DAYS.search(rest) else UNREAD) if _TELLING.search(rest) else ""
    return SigDose(said, rhythm), doubt or left, others


def _shared(read: list[tuple[SigDose, bool, bool]]) -> tuple[SigDose, ...]:
    """The doses with the days that others leave them, or that are told once for all of them."""
    named = frozenset[str]().union(*(dose.rhythm.weekdays for dose, _, _ in read))
    common = next((dose.rhythm for dose, _, _ in read if dose.rhythm.days is not None), NONE)
    doses = []
    for n, (dose, others, excepts) in enumerate(read):
        rhythm = dose.rhythm
        per_day = rhythm.per_day or Decimal(1)
        if others or (excepts and rhythm.days == SEVEN):
            off = named if others else read[n + 1][0].rhythm.weekdays
            rhythm = on_weekdays(frozenset(WEEK) - off, per_day)
        elif rhythm.days is None and common.days is not None:
            week = per_day * common.days
            rhythm = Rhythm(per_day, common.days, week, common.weekdays, beside=True)
        doses.append(replace(dose, rhythm=rhythm))
    return tuple(doses)


def _divided(plain: str) -> tuple[tuple[SigDose, ...], str] | None:
    """A daily amount that is divided: "40 mg daily in 2 divided doses", "40 mg/day divided BID"."""
    found = _DIVIDED.search(plain)
    if found is None:
        return None
    dose, doubt, _ = _read(f"{plain[: found.start()]} {plain[found.end() :]}")
    times = int(found[1]) if found[1] else _PARTS.get(found[2], 3)
    amount, rhythm = dose.said.amount, dose.rhythm
    if (
        amount is None
        or doubt
        or not times
        or rhythm.per_day not in (None, 1)
        or rhythm.days not in (None, SEVEN)
    ):
        return (dose,), doubt or UNREAD
    part = Amount(amount.low / times, amount.high / times, amount.unit)
    return (SigDose(Said(amount=part), every(times, 1)),), ""
