"""The amount of one dose a sig tells: milligrams, or tablets with the strength the text gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from cds_service.clinical.dosing.types import Amount

_N = r"(\d+(?:\.\d+)?)"
_TO = rf"(?: ?(?:-|–|to|or) ?{_N})?"
_MASS_UNITS = {
    "mg": "mg", "mgs": "mg", "milligram": "mg", "milligrams": "mg", "g": "g", "gm": "g", "gram": "g", "grams": "g",
    "mcg": "ug", "ug": "ug", "µg": "ug", "μg": "ug", "microgram": "ug", "micrograms": "ug",
}  # fmt: skip
_MASS_WORD = "|".join(sorted(_MASS_UNITS, key=len, reverse=True))
_PER_BODY = r"(?: ?/ ?(kg|m2|m²|m\^2)(?: ?/ ?(?:dose|day|d|wk|week))?| per (kg|m2))?"
_FORM = r"(?:tablets?|tabs?|tbl|capsules?|caps?|pills?)\b"
_COUNT = re.compile(rf"{_N}{_TO} ?(?:x ?)?(?:[a-z]+ )?{_FORM}")
_MASS = re.compile(rf"(?<![\d.]){_N}{_TO} ?({_MASS_WORD})\b{_PER_BODY}")
_VOLUME = re.compile(rf"{_N}{_TO} ?(?:ml|cc|millilit(?:er|re)s?)\b")
_OTHER = re.compile(
    rf"{_N}{_TO} ?(vials?|pens?|auto-?injectors?|syringes?|injections?|units?|iu|puffs?|drops?)\b"
)
_TIMES_MASS = re.compile(
    rf"{_N} ?(?:x|×|\*|of(?: the)?|tablets? of|tabs? of|capsules? of) ?\(?{_N} ?({_MASS_WORD})\b"
)
_EACH_BEFORE = re.compile(r"(?:\bx|×|\*|\bof|\bof the) ?\(?$")
# "Each" before a day is a rhythm, not a tablet.
_EACH = r"each(?! (?:day|week|mon|tue|wed|thu|fri|sat|sun|morning|evening|night|dose|time))"
_EACH_AFTER = re.compile(rf"^\)? ?(?:{_EACH}|/ ?tab|/ ?cap|per tab|per cap|strength|(?:\w+ )?{_FORM})")


@dataclass(frozen=True, slots=True)
class Said:
    """What a sig says of the dose: tablets (``count``) or a mass or volume (``amount``), or both.

    ``each_mg`` is what one tablet holds, where the text says so.
    """

    count: Amount | None = None
    amount: Amount | None = None
    each_mg: Decimal | None = None


def amounts_in(plain: str) -> Said:
    """The amounts of a tidied sig that tells one dose; the first of each kind counts."""
    masses = list(_MASS.finditer(plain))
    each = next((found for found in masses if _is_each(found, plain)), None)
    whole = next((found for found in masses if found is not each and not _is_each(found, plain)), None)
    counted = _COUNT.search(_without(plain, masses)) or (_TIMES_MASS.search(plain) if each else None)
    amount = _amount(whole) if whole else _volume(plain)
    count = (
        _span(counted[1], None if counted.re is _TIMES_MASS else counted[2], "tablet") if counted else None
    )
    return Said(count, amount, _milligrams(each) if each else None)


def _is_each(found: re.Match[str], plain: str) -> bool:
    """Whether a mass is that of one tablet: "of 2.5 mg", "2.5 mg tablet", "2.5 mg each"."""
    before, after = plain[: found.start()], plain[found.end() :]
    return bool(_EACH_BEFORE.search(before) or _EACH_AFTER.search(after))


def _without(plain: str, masses: list[re.Match[str]]) -> str:
    """The sig with every mass blanked, so that its figure is not taken for a number of tablets."""
    for found in reversed(masses):
        plain = f"{plain[: found.start()]} {plain[found.end() :]}"
    return re.sub(r"\( *\)|\s+", " ", plain)


def _amount(found: re.Match[str]) -> Amount:
    unit = _MASS_UNITS[found[3]]
    per = found[4] or found[5]
    return _span(found[1], found[2], f"{unit}/{'kg' if per == 'kg' else 'm2'}" if per else unit)


def _milligrams(found: re.Match[str]) -> Decimal | None:
    size = {"mg": Decimal(1), "g": Decimal(1000), "ug": Decimal("0.001")}[_MASS_UNITS[found[3]]]
    return None if found[4] or found[5] else Decimal(found[1]) * size


def _volume(plain: str) -> Amount | None:
    found = _VOLUME.search(plain)
    if found:
        return _span(found[1], found[2], "mL")
    other = _OTHER.search(plain)
    return _span(other[1], other[2], other[3].rstrip("s")) if other else None


def _span(low: str, high: str | None, unit: str) -> Amount:
    return Amount(Decimal(low), Decimal(high or low), unit)
