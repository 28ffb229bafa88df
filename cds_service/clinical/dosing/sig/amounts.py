"""The amount of one dose a sig tells: milligrams, or tablets with the strength the text gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from cds_service.clinical.dosing.masses import MG
from cds_service.clinical.dosing.types import Amount

_N = r"(?<![\w.])(?<!\d/)(\d+(?:\.\d+)?)"
# Thousands or thousandths, by where it was written.
_EITHER = re.compile(r"[1-9]\d{0,2}\.\d{3}")
# A sig's kilograms are the patient's.
_MASS_WORD = rf"(?:{'|'.join(sorted(MG.keys() - {'kg', 'ng'}, key=len, reverse=True))})s?"
_TO = r"(?: ?(?:-|–|to|or) ?(\d+(?:\.\d+)?))?"
# "5 mg to 10 mg"
_TO_MASS = rf"(?: ?(?:(?:{_MASS_WORD}) ?)?(?:-|–|to|or) ?(\d+(?:\.\d+)?))?"
_SQUARE = r"m2|m²|m\^2|sqm|sq m|square met(?:er|re)"
_PER_BODY = rf"(?: ?(?:/|per) ?(kg|kilogram|kilo|{_SQUARE})\b)?"
_FORM = r"(?:tablets?|tabs?|tbl|capsules?|caps?|pills?)\b"
_COUNT = re.compile(rf"{_N}{_TO} ?(?:x ?)?(?:(?!mg|g\b|x\b|of\b)[a-z]+ )?{_FORM}")
_MASS = re.compile(rf"{_N}{_TO_MASS} ?-?({_MASS_WORD})\b{_PER_BODY}")
_VOLUME = re.compile(rf"{_N}{_TO} ?(?:ml|cc|millilit(?:er|re)s?)\b")
_STRENGTH = re.compile(rf"{_N} ?({_MASS_WORD}) ?(?:/|per) ?(\d+(?:\.\d+)?)? ?(?:ml|millilit(?:er|re)s?)\b")
_OTHER = re.compile(
    rf"{_N}{_TO} ?(vials?|pens?|auto-?injectors?|syringes?|injections?|units?|iu|puffs?|drops?)\b"
)
_TIMES = re.compile(rf"{_N} ?(?:x|×|\*) ?(?=\d+(?:\.\d+)? ?(?:{_MASS_WORD})\b)")
# "2.5 mg x6 once weekly": a number behind the mass counts tablets where no rhythm can take it ("x6 weekly" may).
_RHYTHM_NEXT = r"(?= (?:once|1 time|q|q ?(?:wk|week)|every|each|on)\b)"
_TIMES_AFTER = re.compile(rf"(\d+(?:\.\d+)? ?(?:{_MASS_WORD})(?: {_FORM})?) ?(?:x|×) ?(\d+){_RHYTHM_NEXT}")
# The form that the mass of one tablet leaves behind: "6 x 2.5 mg tablets".
_FORM_LEFT = re.compile(rf"(?<!\d )\b{_FORM}")
_EACH_BEFORE = re.compile(r"(?:(?:\bx|×|\*|\bof|\bof the) ?\(?|\d ?x ?)$")
# "Each" before a day is a rhythm, not a tablet.
_EACH = r"each(?! (?:day|week|mon|tue|wed|thu|fri|sat|sun|morning|evening|night|dose|time))"
_EACH_AFTER = re.compile(rf"^\)? ?(?:{_EACH}|/ ?tab|/ ?cap|per tab|per cap|strength|(?:\w+ )?{_FORM})")


@dataclass(frozen=True, slots=True)
class Said:
    """What a sig says of the dose: tablets (``count``), a mass (``amount``), a ``measure`` of mL or pens; or several.

    ``each_mg`` is what one tablet holds and ``mg_per_ml`` what one millilitre does, where the text says so.
    """

    count: Amount | None = None
    amount: Amount | None = None
    measure: Amount | None = None
    each_mg: Decimal | None = None
    mg_per_ml: Decimal | None = None

    @property
    def is_dose(self) -> bool:
        """Whether it tells how much is taken; a strength alone does not."""
        return bool(self.count or self.amount or self.measure)


def amounts_in(plain: str) -> tuple[Said, str]:
    """The amounts of a piece that tells one dose, the first of each kind; and the piece without them."""
    plain = _TIMES_AFTER.sub(r"\2 x \1", plain)
    strength = _STRENGTH.search(plain)
    rest = _without(plain, [strength])
    masses = list(_MASS.finditer(rest))
    each = next((found for found in masses if _is_each(found, rest)), None)
    whole = next((found for found in masses if not _is_each(found, rest)), None)
    times = _TIMES.search(rest) if each else None
    rest = _without(rest, [each, whole, times])
    rest = _without(rest, [_FORM_LEFT.search(rest) if times else None])
    counted = _COUNT.search(rest)
    rest = _without(rest, [counted])
    measured = _VOLUME.search(rest) or _OTHER.search(rest)
    said = Said(
        _span(times[1], None, "tablet")
        if times
        else _span(counted[1], counted[2], "tablet")
        if counted
        else None,
        _amount(whole) if whole else None,
        _measure(measured) if measured else None,
        _milligrams(each) if each else None,
        _concentration(strength) if strength else None,
    )
    return said, _without(rest, [measured])


def starts_of_doses(plain: str) -> list[int]:
    """Where an amount of drug begins: a mass, a number of tablets, a volume."""
    return sorted({found.start() for one in (_MASS, _COUNT, _VOLUME) for found in one.finditer(plain)})


def _is_each(found: re.Match[str], plain: str) -> bool:
    """Whether a mass is that of one tablet: "of 2.5 mg", "2.5 mg tablet", "2.5 mg each"."""
    before, after = plain[: found.start()], plain[found.end() :]
    return bool(_EACH_BEFORE.search(before) or _EACH_AFTER.search(after))


def _without(plain: str, taken: list[re.Match[str] | None]) -> str:
    """The piece without what was read, so that no figure is read twice."""
    for found in sorted((each for each in taken if each), key=lambda each: each.start(), reverse=True):
        plain = f"{plain[: found.start()]} {plain[found.end() :]}"
    return re.sub(r"\( *\)|\s+", " ", plain)


def _amount(found: re.Match[str]) -> Amount:
    unit, per = found[3], found[4]
    return _span(found[1], found[2], f"{unit}/{'kg' if per[0] == 'k' else 'm2'}" if per else unit)


def _milligrams(found: re.Match[str]) -> Decimal | None:
    return None if found[4] else Decimal(found[1]) * _mg(found[3])


def _concentration(found: re.Match[str]) -> Decimal:
    return Decimal(found[1]) * _mg(found[2]) / (Decimal(found[3] or 1) or 1)


def _mg(unit: str) -> Decimal:
    return MG.get(unit) or MG[unit.removesuffix("s")]


def _measure(found: re.Match[str]) -> Amount:
    return _span(found[1], found[2], "mL" if found.re is _VOLUME else found[3].rstrip("s"))


def _span(low: str, high: str | None, unit: str) -> Amount:
    unsure = any(_EITHER.fullmatch(each) for each in (low, high or low))
    doubt = "a number may have thousands or decimals behind its point" if unsure else ""
    return Amount(Decimal(low), Decimal(high or low), unit, doubt)
