"""A sig made plain before it is read: figures for number words, one spelling for abbreviations, and without
what only sounds like a rhythm (negations, maxima, starting days, blood tests)."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_NUMBERS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15",
    "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19", "twenty": "20",
}  # fmt: skip
_FRACTIONS = {"½": "0.5", "¼": "0.25", "¾": "0.75"}
# Other fractions have no exact decimal, or mean days and weeks ("5/7").
_SLASHED = {("1", "2"): "0.5", ("1", "4"): "0.25", ("3", "4"): "0.75"}
_NUMBER = r"\d+(?:\.\d+)?"
_SOLID = r"(?:tab|cap|pill)"

_RHYTHM_WORD = r"(?:every\s*day|each day|daily|every other day|per day|a day|1 a day|weekly|every week)"
# What follows is said not to happen.
_NOT = re.compile(
    rf"\b(?:do not|don't|dont|not|never|no|instead of|rather than|and not|avoid|stop|discontinue|from)\s+(?:to\s+)?"
    rf"(?:confuse with\s+|be\s+|an?\s+)?(?:take|taken|taking|use|used|give|given|for|on|a|the)?\s*"
    rf"(?:it|this|this medicine|this drug|methotrexate|doses?)?\s*"
    rf"(?:on\s+)?(?:a\s+)?{_RHYTHM_WORD}(?:\s+(?:basis|use|dosing|medicine|medication))?"
)
_MAXIMUM = re.compile(
    r"\b(?:max(?:imum|\.)?|not to exceed|do not exceed|don't exceed|(?:do )?not (?:take )?more than|no more than|"
    r"never more than|should not exceed|must not exceed|(?:never take )?more (?:often )?than once)\b[^,;.)\n]*"
)
_OFTEN = re.compile(r"\b(?:daily|bid|tid|[1-9] ?(?:x|times)|twice|(?:once|dose) (?:a|per) day)\b|[1-9]x\b")
# "ONE to be taken each day": a number alone counts tablets where nothing else tells the dose. Of figures only those
# that cannot be taken for milligrams do: "10 weekly" could be either.
_BARE = re.compile(
    r"^\s*(?:please )?(?:take |to take )?(one|two|three|four|five|six|seven|eight|nine|ten|[12])(?: \(\d{1,2}\))?"
    r"(?: to be taken| by mouth| orally)?(?= (?:daily|nightly|each|every|once|twice|three times|at night|at bedtime|"
    r"in the|a day|per day|on (?:a |every |each )?(?:mon|tue|wed|thu|fri|sat|sun))\b)"
)
_TELLS_AMOUNT = re.compile(
    r"\d ?(?:mg|mcg|g|ml|iu|units?)\b|\b(?:tab|cap|pill|puff|drop|vial|pen|syringe|spoon)"
)
_WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = rf"(?:\d{{1,4}}[/-]\d{{1,2}}[/-]\d{{1,4}}|{_MONTH}\.? \d{{1,2}}(?:, ?\d{{4}})?)"
# "From Monday to Friday" and "starting Monday and Thursday" name days, not a start.
_NO_MORE_DAYS = (
    r"(?!\s*(?:[,;/&+–-]|to\b|thr(?:ough|u)\b|until\b|till\b|and\b|or\b)+\s*(?:and |or |on |every |next dose )?(?:on )?"
    rf"{_WEEKDAY}\b)"
)
_START = re.compile(
    r"\b(?:start(?:s|ing)?|begin(?:s|ning)?|first dose|next dose|commenc(?:e|ing)|from)\b\s*"
    rf"(?:on|from|with)?\s*(?:next\s+|this\s+)?(?:(?P<day>{_WEEKDAY})\b{_NO_MORE_DAYS},?\s*(?:{_DATE})?|{_DATE})"
)
_OLD = re.compile(rf"\bfrom {_NUMBER}[^,;.]{{0,30}}? to (?={_NUMBER})")
_DATES = re.compile(r"\b\d{1,4}[/-]\d{1,2}[/-]\d{1,4}\b")
# Blood tests and visits have rhythms of their own.
_TESTS = (
    r"(?:labs?|lab work|lab monitoring|blood tests?|bloods|blood work|blood counts?|cbc|lfts?|visits?"
    r"|monitoring|checks?)"
)
_HOW_OFTEN = rf"(?:weekly|monthly|every month|every week|every {_NUMBER} (?:weeks|months))"
_MONITORED = re.compile(rf"\b(?:with |and )?(?:{_HOW_OFTEN} {_TESTS}|{_TESTS} {_HOW_OFTEN})(?![\w-])")
# Figures that tell neither dose nor rhythm.
_SUPPLY = re.compile(
    rf"# ?{_NUMBER}|\brf ?{_NUMBER}|\b{_NUMBER} refills?\b|\b(?:dispense|disp|qty|quantity):? ?{_NUMBER}(?: ?[a-z]+)?"
    rf"|\b{_NUMBER}[ -]?(?:day|week|month)s?[ -]supply\b|\brefills?:? ?{_NUMBER}"
)
_MANNER = re.compile(
    rf"\b{_NUMBER} ?(?:h|hrs?|hours?|min(?:ute)?s?) (?:before|after)\b|\bwith {_NUMBER} ?(?:oz|ml|glass(?:es)?)\b"
    r"|\b(?:on |at )?the same day(?: (?:of )?(?:the|each|every) week)?\b|\ball at (?:once|1 time)\b|\bat once\b"
    r"|\bdiscard [^,;]*|\bon an empty stomach\b|\b(?:not|never) [^,;.]{0,20}\bother days?\b"
    rf"|\bwithin {_NUMBER} (?:hours|days|weeks|months) (?:of|after) opening\b"
)
_CLOCK = re.compile(r"\b(?:at )?\d{1,2}(?::\d{2})? ?([ap])m\b")
_DAY_DOT = re.compile(r"\b(mon|tues?|wed|thu(?:rs?)?|fri|sat|sun|tabs?|caps?|wks?|mg|ml|q|po)\.")


def tidy(text: str) -> str:
    """The text in lower case and plain words, what does not tell a rhythm taken out."""
    plain = unicodedata.normalize("NFKC", _fractions(text)).lower().replace("’", "'")
    plain = re.sub(r"(?<=\b[a-z])\.(?=[a-z]\b\.?)", "", plain)
    plain = _DAY_DOT.sub(r"\1 ", plain)
    plain = _decimals(plain)
    plain = re.sub(r"(?<=\d) ?x ?(?=\d+(?:\.\d+)? ?m?c?g\b)", " x ", plain)
    plain = re.sub(r"[*_\"“”!]|\(s\)", " ", plain)
    plain = re.sub(r"\s+", " ", plain).strip()
    if not _TELLS_AMOUNT.search(plain):
        plain = _BARE.sub(r"\1 tablets", plain)
    plain = _figures(plain)
    plain = _CLOCK.sub(r" \1m ", plain)
    for noise in (_OLD, _NOT, _MAXIMUM):
        plain = noise.sub(" ", plain)
    # Of several starting days each is a day with a dose.
    if len({found["day"][:3] for found in _START.finditer(plain) if found["day"]}) < 2:
        plain = _START.sub(" ", plain)
    for noise in (_DATES, _MONITORED, _SUPPLY, _MANNER):
        plain = noise.sub(" ", plain)
    return re.sub(r"\s+", " ", plain).strip()


def at_most(text: str) -> bool:
    """Whether the text tells a number of times as the most: "no more than once daily", "maximum 3 times a week"."""
    return any(_OFTEN.search(found[0]) for found in _MAXIMUM.finditer(_figures(text.lower())))


def _decimals(plain: str) -> str:
    """One way to write a decimal: 1,000 is a thousand, 0,125 and 7,5 and 7·5 are decimals, .5 is 0.5."""
    plain = re.sub(r"(?<=\d)·(?=\d)", ".", plain)
    plain = re.sub(r"(?<![\d.,])([1-9]\d{0,2}(?:,\d{3})+)(?![\d,])", lambda m: m[1].replace(",", ""), plain)
    plain = re.sub(r"(?<=\d),(?=\d)", ".", plain)
    return re.sub(r"(?<![\d.])\.(?=\d)", "0.", plain)


def _fractions(text: str) -> str:
    """Fractions as decimals, with the whole number before them: 1½, 1 1/2, 1-1/2, "1 and 1/2"."""
    for sign, value in _FRACTIONS.items():
        text = text.replace(sign, f" {value}")
    text = re.sub(r"(?<![\d/])(\d)/(\d)(?![\d/])", lambda m: _SLASHED.get((m[1], m[2]), m[0]), text)
    return re.sub(
        r"(?<![\d.])(\d+)(?:\s*-\s*|\s+and\s+|\s+)(0\.\d+)(?![\d.])",
        lambda m: str(Decimal(m[1]) + Decimal(m[2])),
        text,
    )


def _figures(plain: str) -> str:
    """Number words as figures; "6 (six)" and "six (6)" are one six."""
    plain = re.sub(r"\b(\w+) and (?:a|1|one)[ -]half\b", lambda m: f"{_NUMBERS.get(m[1], m[1])}.5", plain)
    plain = re.sub(rf"\b(?:one|a|1)?[ -]?half[ -]?(?:of)?(?: an?| one)? ?(?={_SOLID})", " 0.5 ", plain)
    plain = re.sub(rf"\b(?:one|a|1) quarter(?: of)?(?: an?| one)? ?(?={_SOLID})", " 0.25 ", plain)
    plain = re.sub(r"\b(?:" + "|".join(_NUMBERS) + r")\b", lambda found: _NUMBERS[found[0]], plain)
    plain = re.sub(rf"\b({_NUMBER}) ?\(\1\)", r"\1", plain)
    plain = re.sub(rf"\(({_NUMBER})\)", r"\1", plain)
    plain = re.sub(rf"\b({_NUMBER}) ?(mg|milligrams?) ?\(\1 ?(?:mg|milligrams?)\)", r"\1 mg", plain)
    plain = re.sub(rf"\bbetween ({_NUMBER}) and (?={_NUMBER})", r"\1-", plain)
    return re.sub(rf"\ban? (?=(?:{_SOLID}|vial|pen|syringe))", "1 ", plain)
