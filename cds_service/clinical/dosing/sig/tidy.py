"""A sig made plain before it is read: figures for number words, one spelling for abbreviations, and without
what only sounds like a rhythm (negations, maxima, starting days)."""

from __future__ import annotations

import re
import unicodedata

_NUMBERS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
_FRACTIONS = {"½": "0.5", "¼": "0.25", "¾": "0.75"}
_NUMBER = r"\d+(?:\.\d+)?"

_RHYTHM_WORD = r"(?:every\s*day|each day|daily|every other day|per day|a day|1 a day|weekly|every week)"
# What follows is said not to happen.
_NOT = re.compile(
    rf"\b(?:do not|don't|dont|not|never|no|instead of|rather than|and not|avoid)\s+(?:to\s+)?(?:be\s+)?"
    rf"(?:take|taken|taking|use|used|give|given|for|on|a|the)?\s*"
    rf"(?:it|this|this medicine|this drug|methotrexate|doses?)?\s*"
    rf"(?:on\s+)?(?:a\s+)?{_RHYTHM_WORD}(?:\s+(?:basis|use|dosing))?"
)
_MAXIMUM = re.compile(
    r"\b(?:max(?:imum|\.)?|not to exceed|do not exceed|don't exceed|(?:do )?not (?:take )?more than|no more than|"
    r"never more than|should not exceed|must not exceed)\b[^,;.)\n]*"
)
_START = re.compile(
    r"\b(?:start(?:s|ing)?|begin(?:s|ning)?|first dose|next dose|commenc(?:e|ing))\b\s*"
    r"(?:on|from|with)?\s*(?:next\s+|this\s+)?"
    r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
)
_DATES = re.compile(r"\b\d{1,4}[/-]\d{1,2}[/-]\d{1,4}\b")


def tidy(text: str) -> str:
    """The text in lower case and plain words, what does not tell a rhythm taken out."""
    plain = unicodedata.normalize("NFKC", _fractions(text)).lower().replace("’", "'")
    plain = re.sub(r"(?<=\b[a-z])\.(?=[a-z]\b\.?)", "", plain)
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", plain)
    plain = re.sub(r"(?<=\d),(?=\d)", ".", plain)
    plain = re.sub(r"[*_\"“”]", " ", plain)
    plain = re.sub(r"\s+", " ", plain).strip()
    plain = _figures(plain)
    for noise in (_NOT, _MAXIMUM, _START, _DATES):
        plain = noise.sub(" ", plain)
    return re.sub(r"\s+", " ", plain).strip()


def _fractions(text: str) -> str:
    for sign, value in _FRACTIONS.items():
        text = re.sub(rf"(\d+)\s*{sign}", rf"\g<1>{value[1:]}", text)
        text = text.replace(sign, value)
    text = re.sub(r"\b(\d+)\s+1/2\b", r"\g<1>.5", text)
    return re.sub(r"(?<![\d/])1/2(?![\d/])", "0.5", text)


def _figures(plain: str) -> str:
    """Number words as figures; "6 (six)" and "six (6)" are one six."""
    plain = re.sub(r"\b(\w+) and (?:a|1|one)[ -]half\b", lambda m: f"{_NUMBERS.get(m[1], m[1])}.5", plain)
    plain = re.sub(r"\b(?:one|a|1)?[ -]?half(?: of)?(?: an?| one)?(?= (?:tab|cap|pill))", "0.5", plain)
    plain = re.sub(r"\b(?:" + "|".join(_NUMBERS) + r")\b", lambda found: _NUMBERS[found[0]], plain)
    plain = re.sub(rf"\b({_NUMBER}) ?\(\1\)", r"\1", plain)
    plain = re.sub(rf"\(({_NUMBER})\)", r"\1", plain)
    return re.sub(r"\ban? (?=(?:tab|cap|pill|vial|pen|syringe))", "1 ", plain)
