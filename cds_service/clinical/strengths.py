"""What a product's name says about its strength: "2.5 MG Oral Tablet", "25 mg/mL", "50 mg/2 mL vial"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from cds_service.clinical.dosing import ProductStrength
from cds_service.clinical.dosing.masses import MG
from cds_service.clinical.dosing.types import PIECE, SINGLE_PIECE

_INTERNATIONAL = frozenset({"iu", "unit", "unt"})
_AMOUNT = re.compile(
    r"(?<![\d.,])(\d+(?:,\d{3})*(?:\.\d+)?)\s*-?\s*"
    rf"({'|'.join(sorted((*MG, *_INTERNATIONAL), key=len, reverse=True))})s?\b"
    r"(?:\s*(?:/|per\b)\s*(\d+(?:\.\d+)?)?\s*([a-z0-9]+))?",
    re.IGNORECASE,
)
_VOLUME = frozenset({"ml", "millilitre", "milliliter"})
_FORMS = {"tablet": "tablet", "tab": "tablet", "capsule": "capsule", "cap": "capsule", "vial": "vial",
          "ampoule": "vial", "injection": "vial", "actuation": "dose", "dose": "dose", "spray": "dose",
          "puff": "dose", "tablette": "tablet", "tabletten": "tablet", "filmtabletten": "tablet", "kapsel": "capsule",
          "kapseln": "capsule"}  # fmt: skip
_FORM = re.compile(rf"\b({'|'.join(_FORMS)})s?\b", re.IGNORECASE)
_PEN = re.compile(r"\b(pen|auto-?injector|syringe)s?\b", re.IGNORECASE)
# What makes an amount in a name another thing than that of one tablet: a rhythm, a route or a form of another kind.
_NO_PIECE = re.compile(
    r"[/%+]|\d ?x|\b(?:ml|per|for|daily|once|twice|times|every|weekly|week|wk|days?|bid|tid|qid|qd|od|inj\w*|inf\w*|iv"
    r"|sc|im|susp\w*|sol\w*|syrup|elixir|cream|ointment|gel|patch|drops?|eye|pens?|syringes?|vials?|amp\w*|packs?|kit|powder"
    r"|granules|total|dose)\b",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"(?<![\d.])(\d{1,2}(?:\.\d+)?) ?%")
# One gram in 100 mL.
_MG_PER_ML_IN_A_PERCENT = 10
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d{1,2}(?!\d))")


def read_strength(text: str) -> ProductStrength | None:
    """The strength a product's text states.

    ``None`` if it states no amount, two different ones, or one by body size or time ("15 mg/m2").
    """
    text = _DECIMAL_COMMA.sub(".", text)
    found = {_strength(match, text) for match in _AMOUNT.finditer(text)}
    return found.pop() if len(found) == 1 else None


def read_as_sold(text: str, sold: Iterable[ProductStrength | None]) -> ProductStrength | None:
    """The strength in a name that gives it without a form or without milligrams ("prednisone 20 mg", "Octagam 10 %").

    Trusted where the drug is ``sold`` so. Another amount of milligrams may be that of several tablets together,
    and tells something of a single one only; another percentage tells nothing.
    """
    text = _DECIMAL_COMMA.sub(".", text)
    listed = [each for each in sold if each is not None and each.unit == "mg"]
    amounts, percentages = list(_AMOUNT.finditer(text)), _PERCENT.findall(text)
    if percentages and not amounts:
        per_ml = Decimal(percentages[0]) * _MG_PER_ML_IN_A_PERCENT
        known = any((each.per, each.amount) == ("mL", per_ml) for each in listed)
        return ProductStrength(per_ml, "mg", "mL") if known and len(percentages) == 1 else None
    solid = {each.amount for each in listed if each.per in ("tablet", "capsule")}
    if not solid or len(amounts) != 1 or _NO_PIECE.search(text) or amounts[0][2].lower() in _INTERNATIONAL:
        return None
    mg = Decimal(amounts[0][1].replace(",", "")) * MG[amounts[0][2].lower()]
    return ProductStrength(mg, "mg", PIECE if mg in solid else SINGLE_PIECE)


def _strength(match: re.Match[str], text: str) -> ProductStrength | None:
    number, unit, count, per = match.groups()
    written = Decimal(number.replace(",", ""))
    holder = _holder(per.lower().removesuffix("s") if per else "", text)
    if holder is None:
        return None
    if unit.lower() in _INTERNATIONAL:
        return ProductStrength(written / Decimal(count or 1), "[IU]", holder)
    amount = written * MG[unit.lower()]
    whole = amount if count and holder == "mL" and _PEN.search(text) else None
    return ProductStrength(amount / Decimal(count or 1), "mg", holder, whole)


def _holder(per: str, text: str) -> str | None:
    """What holds the amount: named after a slash, else the one form the text names."""
    if per:
        return "mL" if per in _VOLUME else _FORMS.get(per)
    forms = {_FORMS[form.lower()] for form in _FORM.findall(text)}
    return forms.pop() if len(forms) == 1 else None
