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
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d{1,2}(?!\d))")


def read_strength(text: str) -> ProductStrength | None:
    """The strength a product's text states.

    ``None`` if it states no amount, two different ones, or one by body size or time ("15 mg/m2").
    """
    text = _DECIMAL_COMMA.sub(".", text)
    found = {_strength(match, text) for match in _AMOUNT.finditer(text)}
    return found.pop() if len(found) == 1 else None


def read_piece(text: str, sold: Iterable[ProductStrength | None]) -> ProductStrength | None:
    """What one tablet or capsule holds by a name that gives milligrams and no form ("prednisone 20 mg").

    Trusted where tablets or capsules of the drug are ``sold`` in that strength. Any other amount may be that of
    several together, and tells something of a single one only.
    """
    solid = {each.amount for each in sold if each and each.unit == "mg" and each.per in ("tablet", "capsule")}
    text = _DECIMAL_COMMA.sub(".", text)
    amounts = list(_AMOUNT.finditer(text))
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
