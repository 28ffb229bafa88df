"""The rhythm a sig tells: phrases for so many times a day, a week, on which days.

Every phrase that is found counts. Where two cannot both be meant, the one with more doses does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from cds_service.clinical.dosing.rhythm import (
    DAYS_IN,
    NONE,
    ONCE,
    SEVEN,
    WEEK,
    Rhythm,
    every,
    in_a_row,
    on_weekdays,
)
from cds_service.clinical.dosing.sig.weekdays import left_out, weekdays_in

_N = r"(\d+(?:\.\d+)?)"
# Of "2 to 3 times" and "once or twice" the larger number counts.
_OR = r"(?:(?:once|\d) ?(?:-|to|or) ?)?"
_TIMES = rf"(?:{_OR}(once|twice|thrice|1 time|{_N} ?(?:x|times?)|x ?\d(?= ?(?:/|a |per|daily|weekly))))"
_A = r"(?:a|an|per|each|every|/|in a|in each)"
_DAY = r"(?:day|daily|d\b|24 ?(?:hours|hrs?|h)\b)"
_WEEKWORD = r"(?:week|wk|weekly|wkly)\b"
_UNITS = {"h": "h", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "hourly": "h", "d": "d", "day": "d", "days": "d",
          "w": "wk", "wk": "wk", "wks": "wk", "week": "wk", "weeks": "wk", "weekly": "wk",
          "mo": "mo", "month": "mo", "months": "mo"}  # fmt: skip
_UNIT = r"(hours?|hourly|hrs?|h|days?|d|weeks?|weekly|wks?|w|months?|mo)\b"
_SHORT = {
    "bid": 2, "bd": 2, "tid": 3, "tds": 3, "qid": 4, "qds": 4, "qd": 1, "od": 1, "qam": 1, "qpm": 1, "qhs": 1,
    "hs": 1, "nightly": 1, "daily": 1,
}  # fmt: skip
_COUNTS = {"once": 1, "twice": 2, "thrice": 3, "1 time": 1}

# What follows the days of a cycle: "2 days every 4 weeks", "for 5 days each month".
CYCLE = (
    r"[, ]*(?:and )?(?:repeat(?:ed)? )?(?:(?:every|each|q) ?(?:(?P<number>\d{1,2}) ?-?)?"
    r"(?P<period>(?:days?|weeks?|wks?|d|w|months?|mo)\b)"
    r"|(?P<monthly>monthly)\b)"
)
_DAYS_IN_A_ROW = r"(?:for|on|x|×)? ?(?P<days>\d{1,2})(?: consecutive| successive)? days?(?: in a row)?"

Read = Callable[[re.Match[str]], Rhythm]


def _times(found: re.Match[str]) -> Decimal:
    said = found[1]
    return Decimal(_COUNTS[said]) if said in _COUNTS else Decimal(found[2] or said[-1])


def _times_in(found: re.Match[str], period: Fraction) -> Rhythm:
    return every(_times(found), period) if period else NONE


def _every_unit(number: str, unit: str) -> Rhythm:
    return every(1, period) if (period := _period(number, unit)) else NONE


def _in_cycles(found: re.Match[str]) -> Rhythm:
    """ "Daily for 2 days every 4 weeks": a cycle shorter than its days, or of a week, is told by other phrases."""
    unit = "mo" if found["monthly"] else found["period"]
    period, days = _period(found["number"] or "1", unit), int(found["days"])
    return in_a_row(days, period) if period > 7 and 0 < days <= period else NONE


def _period(number: str, unit: str) -> Fraction:
    return Fraction(number) * DAYS_IN[_UNITS[unit]]


def _phrase(pattern: str, read: Read) -> tuple[re.Pattern[str], Read]:
    return re.compile(pattern), read


# Longer phrases first: what one has read is not read again.
_PHRASES: tuple[tuple[re.Pattern[str], Read], ...] = (
    _phrase(
        rf"(?:(?:\b(?:once )?(?:daily|qd|a day|per day|every day)|/ ?(?:day|d)\b)[, ]*)?{_DAYS_IN_A_ROW}{CYCLE}",
        _in_cycles,
    ),
    _phrase(r"\b(?:every (?:other|2nd|second|alternate)|alternate) +weekday\b", lambda _: _every_unit("2", "wk")),
    _phrase(
        r"\b(?:every|each) morning (?:and|&) (?:(?:every|each|at) )?(?:evening|night|bedtime)\b", lambda _: every(2, 1)
    ),
    _phrase(
        r"\b(?:once )?(?:daily|qd|a day|every day)[, ]*(?:for |on )?"
        rf"([2-6]) days? (?:{_A}|of (?:the|each|every)) ?{_WEEKWORD}",
        lambda m: every(Decimal(m[1]), 7),
    ),
    _phrase(rf"\bevery (?:3rd|third) {_UNIT}", lambda m: _every_unit("3", m[1])),
    _phrase(r"\beow\b", lambda _: every(1, 14)),
    _phrase(r"\btiw\b", lambda _: every(3, 7)),
    _phrase(rf"\bevery[ -](?:other|2nd|second|alternate)[ -]{_UNIT}", lambda m: _every_unit("2", m[1])),
    _phrase(rf"\b(?:on )?alternat(?:e|ing) {_UNIT}", lambda m: _every_unit("2", m[1])),
    _phrase(r"\bqod\b|\beod\b", lambda _: _every_unit("2", "d")),
    _phrase(
        rf"\b(?:every|each|q|may (?:be )?repeat(?:ed)? (?:in|after)) ?{_N}(?: ?(?:-|to) ?\d+(?:\.\d+)?)? ?-?{_UNIT}",
        lambda m: _every_unit(m[1], m[2]),
    ),
    _phrase(r"\bq ?(4|6|8|12|24)\b", lambda m: _every_unit(m[1], "h")),
    _phrase(rf"\b{_N} ?-?(?:hourly|hrly)\b", lambda m: _every_unit(m[1], "h")),
    _phrase(rf"\b{_TIMES} (?:{_A} ?)?{_N} {_UNIT}", lambda m: _times_in(m, _period(m[3], m[4]))),
    _phrase(rf"\b(?:up to )?{_TIMES} ?(?:{_A} ?)?{_DAY}", lambda m: every(_times(m), 1)),
    _phrase(rf"\b(?:up to )?{_TIMES} ?(?:{_A} ?)?{_WEEKWORD}", lambda m: every(_times(m), 7)),
    _phrase(rf"\b(?:up to )?{_TIMES} ?(?:{_A} ?)?(?:fortnight|fortnightly)\b", lambda m: every(_times(m), 14)),
    _phrase(rf"\b(?:up to )?{_TIMES} ?(?:{_A} ?)?(?:month|monthly|mo)\b", lambda m: every(_times(m), 30)),
    _phrase(
        rf"\b(?:on )?{_N}(?: consecutive| successive| separate)? days? "
        rf"(?:(?:{_A}|of (?:the|each|every)) ?{_WEEKWORD}|weekly\b)",
        lambda m: every(Decimal(m[1]), 7),
    ),
    _phrase(
        r"\b(?:on )?(?:weekdays|week[ -]days)\b|\b(?:every|each) (?:week[ -]?|working )day\b",
        lambda _: on_weekdays(frozenset(WEEK[:5])),
    ),
    _phrase(r"\bsemi-?weekly\b", lambda _: every(2, 7)),
    _phrase(r"\bfortnightly\b|\b(?:every|each|a|per) fortnight\b|\bq2wk?s?\b", lambda _: every(1, 14)),
    _phrase(r"\b(?:weekly|wkly|qwk?)\b|(?:\b(?:a|per|each|every|q)|/) ?(?:week|wk)\b", lambda _: every(1, 7)),
    _phrase(r"\b(?:every|each|per|a|q) ?month\b|\bmonthly\b", lambda _: every(1, 30)),
    _phrase(r"\bweekends?\b", lambda _: on_weekdays(frozenset(WEEK[5:]))),
    _phrase(r"\bm ?[,/-]? ?w ?[,/-]? ?f\b", lambda _: on_weekdays(frozenset({"mon", "wed", "fri"}))),
    _phrase(rf"\b({'|'.join(_SHORT)})\b", lambda m: every(_SHORT[m[1]], 1)),
    _phrase(
        r"\b(?:every|each) ?(?:day|morning|evening|night|bedtime|am|pm|noon)\b|\beveryday\b"
        r"|(?:\b(?:a|per) |/ ?)(?:day|d|diem|24 ?h(?:ours|rs?)?)\b|\bq ?(?:d|day|am|pm|hs|night|morning|evening)\b",
        lambda _: every(1, 1),
    ),
)  # fmt: skip
_AMBIGUOUS = re.compile(r"\bbi-?(?:weekly|monthly)\b")
_REPEATS = re.compile(r"\bx ?(\d+) *$")
_DOSES = re.compile(rf"(?:\bfor|\bx|\btimes|×) ?{_N} doses?\b|\b{_N} doses?\b")
# "3 doses a day" is a rhythm; "for 3 doses weekly" may be one divided dose or three days.
_DOSES_IN = re.compile(
    rf"(?P<joined>\b(?:for|x|times|in|into) ?|× ?)?(?P<times>{_OR}{_N}) doses? ?,? ?(?P<per>{_A} ?)?"
    rf"(?={_DAY}|{_WEEKWORD})"
)
_HOURS = re.compile(r"\bq ?\d+ ?h|hour|hrly|\bbid\b|\btwice (?:a day|daily)")
DOSES_UNCLEAR = "the text does not say whether its doses are taken together or each at its own time"
_SINGLE = re.compile(
    r"\b(?:once only|1 time only|1[- ]time(?: dose)?|single dose|as a single dose|(?<!\d )(?<!\d)x ?1(?: dose)?|stat)\b"
    r"|\bonce\b(?=\s*(?:$|[;,.)]|now\b|today\b|on\b|at\b|before\b|prior\b|as\b|iv\b|im\b|after\b))"
)
_MOMENT = re.compile(
    r"\b(?:in the |in |at |before |with |after )?(?:each |every |all |the )?"
    r"(?:morning|evening|night|bedtime|noon|midday|breakfast|lunch|dinner|supper|meals?|am\b|pm\b)s?\b"
)
_AND = re.compile(r" *(?:and|&|,|\+|/)+ *")


def rhythm_in(plain: str) -> tuple[Rhythm, str, str]:
    """The rhythm of a tidied sig; what is doubtful about it, or ""; and what is left of the sig.

    Nothing stated is ``NONE``.
    """
    if _AMBIGUOUS.search(plain):
        return NONE, "biweekly and bimonthly mean two things", ""
    plain, off = left_out(plain)
    named, rest = weekdays_in(plain)
    rest, unclear = _doses_as_times(rest)
    doses = _DOSES.search(rest)
    rest = _DOSES.sub(" ", rest, count=1)
    found, rest = _all_phrases(rest)
    repeats = _REPEATS.search(rest) if found and not doses else None
    if repeats is not None and all(rhythm.per_day == 1 for rhythm in found):
        doses, rest = repeats, rest[: repeats.start()]
    count = int(Decimal(next(filter(None, doses.groups())))) if doses else None
    rhythm, doubt = _together(found, named, rest, count)
    doubt = doubt or unclear
    rest = _SINGLE.sub(" ", _MOMENT.sub(" ", rest)).replace(" weekday ", " ")
    if off:
        daily = rhythm.days == SEVEN and not named
        rhythm, doubt = (
            (on_weekdays(frozenset(WEEK) - off, rhythm.per_day or Decimal(1)), doubt)
            if daily or not rhythm.stated
            else (rhythm, "the text leaves out days of a rhythm that is not daily")
        )
    return rhythm, doubt, rest


def _doses_as_times(plain: str) -> tuple[str, str]:
    """ "3 doses a day" as "3 times a day"; and what is doubtful about it, or ""."""
    found = _DOSES_IN.search(plain)
    # Doses that are hours apart are one divided dose.
    if found is None or _HOURS.search(plain):
        return plain, ""
    if found["joined"] and not found["per"]:
        return plain, DOSES_UNCLEAR
    times = f"{plain[: found.start()]} {found['times']} times per {plain[found.end() :]}"
    return times, DOSES_UNCLEAR if found["joined"] else ""


def _all_phrases(rest: str) -> tuple[list[Rhythm], str]:
    found: list[Rhythm] = []

    def note(read: Read) -> Callable[[re.Match[str]], str]:
        def keep(match: re.Match[str]) -> str:
            rhythm = read(match)
            if not rhythm.stated:
                return match[0]
            found.append(rhythm)
            return " ; "

        return keep

    for pattern, read in _PHRASES:
        rest = pattern.sub(note(read), rest)
    return found, rest


def _together(found: list[Rhythm], named: frozenset[str], rest: str, count: int | None) -> tuple[Rhythm, str]:
    daily = [r for r in found if r.days == SEVEN and not r.weekdays]
    rarer = [r for r in found if r.days != SEVEN or r.weekdays]
    per_day = max((r.per_day or Decimal(1) for r in daily), default=Decimal(1))
    moments = _moments(rest)
    if named:
        return _on_named(named, rarer, max(per_day, Decimal(moments or 1))), ""
    if daily and rarer:
        return _split_or_worst(rarer, per_day, count)
    if daily:
        return Rhythm(per_day, SEVEN, per_day * 7, count=count), ""
    if rarer:
        return _at_moments(
            replace(max(rarer, key=lambda r: r.per_week or Decimal(0)), count=count), moments
        ), ""
    if count == 1 or _SINGLE.search(rest):
        return ONCE, ""
    return (Rhythm(per_day=Decimal(moments)) if moments else NONE), ""


def _at_moments(rarer: Rhythm, moments: int) -> Rhythm:
    """ "In the morning and in the evening, every other day" is two doses on such a day."""
    if moments < 2 or rarer.per_day != 1 or rarer.days is None:
        return rarer
    return replace(rarer, per_day=Decimal(moments), per_week=moments * rarer.days)


def _moments(rest: str) -> int:
    """Times of the day that are joined by "and"; the same one said twice ("at night at bedtime") is one."""
    found = list(_MOMENT.finditer(rest))
    count, end = 0, 0
    for n, each in enumerate(found):
        meals = 3 if re.search(r"meals|(?:each|every) meal", each[0]) else 1
        if n == 0 or _AND.fullmatch(rest[end : each.start()]):
            count += meals
        end = each.end()
    return count


def _on_named(named: frozenset[str], rarer: list[Rhythm], per_day: Decimal) -> Rhythm:
    """Named days restrict; every second week halves; more days a week than are named count as said."""
    most = max(rarer, key=lambda r: r.days or Decimal(0), default=NONE)
    if most.days is not None and most.days < 1:
        return on_weekdays(named, per_day, round(1 / most.days))
    if most.days is not None and most.days > len(named):
        return most
    return on_weekdays(named, per_day)


def _split_or_worst(rarer: list[Rhythm], per_day: Decimal, count: int | None) -> tuple[Rhythm, str]:
    """ "Every 12 hours for 3 doses, once a week" is one divided dose; "daily" beside "weekly" is the worst."""
    most = max(rarer, key=lambda r: r.per_week or Decimal(0))
    if count is not None and count <= 3 and most.days is not None:
        doses = Decimal(count)
        return Rhythm(doses, most.days, doses * most.days, most.weekdays), ""
    doubt = "the text says daily and weekly; daily is taken for meant"
    return Rhythm(per_day, SEVEN, per_day * 7), doubt


def moments_in(plain: str) -> Iterator[str]:
    """Times of the day a tidied sig names."""
    yield from _MOMENT.findall(plain)
