"""The words and figures of German prescriptions in English: "1-0-1", "täglich", "mo mi fr", "bei Bedarf".

Only what can mean one thing is put into English; what is left of the rest makes the reading doubtful.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise

_DAYS = {
    "montag": "monday", "dienstag": "tuesday", "mittwoch": "wednesday", "donnerstag": "thursday",
    "freitag": "friday", "samstag": "saturday", "sonnabend": "saturday", "sonntag": "sunday",
}  # fmt: skip
_SHORT_DAYS = ("mo", "di", "mi", "do", "fr", "sa", "so")
_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBERS = {
    "ein": "1", "eine": "1", "einen": "1", "zwei": "2", "drei": "3", "vier": "4", "fünf": "5", "sechs": "6",
    "sieben": "7", "acht": "8", "neun": "9", "zehn": "10",
}  # fmt: skip
_UNITS = {"tag": "days", "woche": "weeks", "monat": "months", "stunde": "hours"}
_UNIT = r"(tag|woche|monat|stunde)(?:en?|n)?\b"
_N = rf"(\d{{1,2}}|{'|'.join(_NUMBERS)})"
_TABLET = r"(?:tabletten?|tabl|tbl|tab|kapseln?|kps|stück|stk)\b\.?"

# Morning, noon, evening, night: a number of tablets for each.
_PIECE = r"(?:\d ?½|\d 1/2|½|1/2|\d(?:[.,](?:5|25|75))?)"
_MOMENTS = ("in the morning", "at noon", "in the evening", "at bedtime")
_SCHEME = re.compile(
    rf"(?<![\w.,/½-]){_PIECE}(?: ?[-–—] ?{_PIECE}){{2,3}}(?![\w/½–—-]|[.,]\d)"
    rf"(?! ?(?:mg|g|mcg|µg|ml|weeks?|days?|months?|hours?|h|wochen?|tagen?|monaten?|stunden?|x|mal)\b)(?: ?{_TABLET})?"
)
_BETWEEN = r" ?(?:,|/|\+|&|\bund\b|\bu\.) ?| "
_SHORT = rf"(?:{'|'.join(_SHORT_DAYS)})"
# "For 3 mo, do not crush" names no days.
_SHORT_LIST = re.compile(rf"(?<!\d)(?<!\d )\b{_SHORT}\b\.?(?:(?:{_BETWEEN}){_SHORT}\b\.?)+(?! ?n[o']t\b)")
# "Mo 15 mg, Do 15 mg", "15 mg Mo, 15 mg Do"
_SHORT_DOSED = re.compile(
    rf"\b({_SHORT})\b\.?:? ?(?=\d+(?:[.,]\d+)? ?(?:mg|{_TABLET}))|(?<=mg )({_SHORT})\b\.?(?= ?(?:[,;+/&]|und\b|$))"
)
_SHORT_SPAN = re.compile(rf"\b({_SHORT})\b\.? ?(?:-|–|\bbis\b) ?({_SHORT})\b\.?")
# Beside an English rhythm "mi" and "so" are hardly days.
_ENGLISH_RHYTHM = re.compile(r"\b(?:daily|days?|once|twice|times|weekly|week|hours?|bid|tid|qd|q\d+h)\b")
_ONE_SHORT = re.compile(rf"\bjeden ({_SHORT})\b\.?")


# Whether there is anything to put into English at all.
_GERMAN = re.compile(
    r"tag|täg|taeg|tgl|woch|wöch|woech|monat|stünd|stund|jede|morgens|mittag|abend|nacht|früh|schlaf|bedarf|bed\b|mal\b"
    r"|tabl|tbl|kaps|kps|stück|stk|halb|mittwoch|sonnabend|\bund\b|dann|danach|anschließend|maximal|höchst|lang\b|außer|fols|blutbild|labor"
    r"|werktag|schmerz|/ ?wo\b"
)


# Swiss 2'500 mg; German 2.500 mg and 2 500 mg, where a decimal has a comma. "2 500 mg Tabletten" are two of 500 mg.
_APOSTROPHE = re.compile(r"(?<=\d)['’´](?=\d{3}(?!\d))")
_THOUSANDS = re.compile(
    rf"(?<![\d.,/-])[1-9]\d{{0,2}}(?:\.\d{{3}}|(?<!x)\s\d{{3}})(?![\d.,]*\d)(?= ?mg\b(?![ -]?{_TABLET}))"
)


def _counted(found: re.Match[str]) -> str:
    return f"every {_number(found[1])} {_UNITS[found[2]]}"


def _number(said: str) -> str:
    return _NUMBERS.get(said, said)


# In this order: what one has put into English is not read again.
_WORDS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\b(?:(?:bei|nach) bedarf|im bedarfsfall|[bn]\. ?bed\.?|bei schmerz(?:en)?)", "as needed"),
        (r"\b(?:nicht|kein(?:en?)?|nie(?:mals)?)(?= (?:täglich|taeglich|tgl|tägl|jeden (?:tag|abend))\b)", "not"),
        (r"\beinmal\b", "1 time"),
        (r"\bzweimal\b", "2 times"),
        (r"\bdreimal\b", "3 times"),
        (r"\bviermal\b", "4 times"),
        (r"\b(\d) ?mal\b", r"\1 times"),
        (r"\b(?:alle 14 tage|14-?tägig|vierzehntägig|zweiwöchentlich|alle zwei wochen)\b", "every 2 weeks"),
        (r"\bjeden (?:2\.?|zweiten|anderen) tag\b", "every other day"),
        (r"\bjeden (\d)\.? tag\b", r"every \1 days"),
        (r"\bjede (?:2\.?|zweite|andere) woche\b", "every 2 weeks"),
        (r"\bjede (\d)\.? woche\b", r"every \1 weeks"),
        (rf"\balle {_N} {_UNIT}", _counted),
        (r"\b(\d{1,2})-?stündlich\b", r"every \1 hours"),
        (rf"\ban {_N} tagen (?:pro|in der|je|die) woche\b", lambda m: f"on {_number(m[1])} days per week"),
        (r"(?:\b(?:pro|in der|je|die)|/) ?(?:woche|wo)\b", " per week"),
        (r"(?:\b(?:pro|am|je)|/) ?tag\b", " per day"),
        (r"\bjeden tag\b", "every day"),
        (r"\bjede woche\b", "every week"),
        (r"\bjeden monat\b", "every month"),
        (r"\bjeden morgen\b", "every morning"),
        (r"\bjeden abend\b", "every evening"),
        (r"\b(?:täglich|taeglich|(?:tgl|tägl)\b\.?)", "daily"),
        (r"\b(?:wöchentlich|woechentlich)\b", "weekly"),
        (r"\bmonatlich\b", "monthly"),
        (rf"\b(?:jeden |am |immer |nur )?({'|'.join(_DAYS)})s?\b", lambda m: f"on {_DAYS[m[1]]}"),
        (r"\b(?:morgens|früh|am morgen)\b", "in the morning"),
        (r"\b(?:mittags|am mittag)\b", "at noon"),
        (r"\b(?:abends|am abend)\b", "in the evening"),
        (r"\b(?:zur nacht|nachts|vor dem schlafen(?:gehen)?)\b", "at bedtime"),
        (r"\b(?:eine )?halbe (?=tabl|tbl)", "0.5 "),
        (r"\b(?:eineinhalb|anderthalb)\b", "1.5"),
        (rf"\b({'|'.join(_NUMBERS)}) (?={_TABLET})", lambda m: f"{_NUMBERS[m[1]]} "),
        (r"(?<=\d) bis (?=\d)|(?<=day) bis (?:on )?(?=\w+day)", " to "),
        (r"\bwerktags\b|\ban werktagen\b", "on weekdays"),
        (rf"\b(?:für|über) (?:die ersten )?{_N} {_UNIT}", lambda m: f"for {_number(m[1])} {_UNITS[m[2]]}"),
        (rf"\b{_N} {_UNIT} lang\b", lambda m: f"for {_number(m[1])} {_UNITS[m[2]]}"),
        (r"\b(?:dann|danach|anschließend)\b", "then"),
        (r"\b(?:maximal|höchstens)\b", "maximum"),
        (r"\b(?:außer|ausser)\b", "except"),
        (r"\b(?:ab|beginn(?:end)?(?: am)?) on (?=\w+day)", "starting on "),
        (r"\bund\b", "and"),
        (r"\bfols(?:ä|ae)ure\b", "folic acid"),
        (r"\b(?:blutbild|labor)(?:kontrollen?)?\b", "blood count"),
        (r"\b(?:tabletten?|tabl\b\.?|stück\b|stk\b\.?)", "tablets"),
        (r"\b(?:kapseln?|kps\b\.?)", "capsules"),
    )
)  # fmt: skip


def in_english(text: str) -> tuple[str, bool]:
    """The text with its German in English, and whether it tells tablets by the time of day ("1-0-1").

    Such a figure is for every day where nothing else is said.
    """
    plain = unicodedata.normalize("NFC", text).lower()
    plain = _APOSTROPHE.sub("", plain)
    if _GERMAN.search(plain):
        plain = _THOUSANDS.sub(lambda m: re.sub(r"[.\s]", "", m[0]), plain)
    plain, schemes = _SCHEME.subn(_moments, plain)
    plain = _SHORT_SPAN.sub(_span, plain)
    if not _ENGLISH_RHYTHM.search(plain):
        plain = _SHORT_LIST.sub(_list, plain)
    if len({found[1] or found[2] for found in _SHORT_DOSED.finditer(plain)}) > 1:
        plain = _SHORT_DOSED.sub(lambda m: f"on {_english(m[1] or m[2])} ", plain)
    plain = _ONE_SHORT.sub(lambda m: f"on {_english(m[1])}", plain)
    for pattern, words in _WORDS if _GERMAN.search(plain) else ():
        plain = pattern.sub(words, plain)
    return plain, schemes > 0


def _english(short: str) -> str:
    return _ENGLISH[_SHORT_DAYS.index(short)]


def _span(found: re.Match[str]) -> str:
    first, last = (_SHORT_DAYS.index(day) for day in found.groups())
    return f"{_ENGLISH[first]} to {_ENGLISH[last]}" if first < last else found[0]


def _list(found: re.Match[str]) -> str:
    """Two days and more in their order; "do so" and "MI, so that" are English."""
    days = re.findall(rf"\b{_SHORT}\b", found[0])
    in_order = all(_SHORT_DAYS.index(a) < _SHORT_DAYS.index(b) for a, b in pairwise(days))
    english = days[-1] == "so" and len(days) == 2 and not re.search(r"[/+&]|und|u\.", found[0])
    if not in_order or english:
        return found[0]
    return "on " + " and ".join(map(_english, days))


def _moments(found: re.Match[str]) -> str:
    """So many tablets at each time of day; the times of one number are told together."""
    told = [_tablets(each) for each in re.findall(_PIECE, found[0])]
    at: dict[str, list[str]] = {}
    for count, moment in zip(told, _MOMENTS, strict=False):
        if count != "0":
            at.setdefault(count, []).append(moment)
    if not at:
        return found[0]
    return (
        " " + " and ".join(f"{count} tablets {' and '.join(moments)}" for count, moments in at.items()) + " "
    )


def _tablets(piece: str) -> str:
    """The number of one time of day in figures."""
    plain = piece.replace(",", ".")
    whole = re.sub(r" ?(?:½|1/2)$", "", plain)
    return plain if whole == plain else f"{whole or 0}.5"
