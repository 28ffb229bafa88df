"""Milligrams of one dose: of a mass as written, of tablets or millilitres by the product's strength.

A unit nobody vouches for is never guessed: the answer is Unknown and says which unit it was.
"""

from __future__ import annotations

import re
from decimal import Decimal

from cds_service.clinical.dosing.masses import in_mg
from cds_service.clinical.dosing.sig.amounts import Said
from cds_service.clinical.dosing.types import PIECE, Amount, ProductStrength
from cds_service.clinical.known import Fact, Known, Unknown

_HOLDERS = {
    "tablet": "tablet", "tab": "tablet", "tbl": "tablet", "pill": "tablet", "capsule": "capsule", "cap": "capsule",
    "ml": "mL", "cc": "mL", "millilitre": "mL", "milliliter": "mL", "vial": "vial", "pen": "whole",
    "syringe": "whole", "injection": "whole", "auto-injector": "whole", "autoinjector": "whole", "dose": "dose",
    "puff": "dose", "spray": "dose", "actuation": "dose",
}  # fmt: skip
# A pharmacy counts either as "one".
_SOLID = frozenset({"tablet", "capsule"})
_PIECE = frozenset({"each", "ea", "piece"})
# Words beside a form that do not change what is counted.
_KINDS = frozenset(
    {"oral", "film", "coated", "scored", "chewable", "delayed", "release", "enteric", "extended"}
)
_BY_TIME = {"d": "d", "day": "d", "24h": "d", "wk": "wk", "week": "wk"}
_OTHER_STRENGTH = "the text names another strength than the product has"


def milligrams(
    amount: Amount, strength: ProductStrength | None, weight_kg: Decimal | None, bsa_m2: Decimal | None
) -> Fact[Decimal]:
    """The high end of an amount in milligrams of drug."""
    if amount.high <= 0 or amount.low < 0:
        return Unknown("the dose is not above zero", ("dose",))
    unit, _, per = _plain(amount.unit).partition("/")
    mass = in_mg(unit)
    if mass is not None:
        size = _body(per, weight_kg, bsa_m2)
        return (
            size
            if isinstance(size, Unknown)
            else Known(amount.high * mass * size.value, (), amount.doubt or None)
        )
    holder = _holder(amount.unit)
    if holder is None or per:
        named = f"in {amount.unit}" if amount.unit else "without a unit"
        return Unknown(f"the dose is {named}, which is not an amount of drug", ("dose unit",))
    held = _held(amount.high, holder, strength)
    return held if isinstance(held, Unknown) else Known(held.value, (), amount.doubt or None)


def by_time(unit: str) -> str:
    """The stretch a unit is written per ("mg/d", "mg/kg/d"): "d", "wk" or ""."""
    return _BY_TIME.get(_plain(unit).rpartition("/")[2], "") if "/" in unit else ""


def said_milligrams(
    said: Said,
    strength: ProductStrength | None,
    weight_kg: Decimal | None = None,
    bsa_m2: Decimal | None = None,
) -> Fact[Decimal]:
    """The dose a sig tells, in milligrams; with a doubt where "6 tablets (15 mg)" may mean one or all."""
    each = _each(said, strength)
    if said.count is not None and each is not None:
        counted = _counted(said, said.count.high * each, each)
        return _doubted(counted, _OTHER_STRENGTH if _differs(said.each_mg, strength, _SOLID) else "")
    if said.amount is not None:
        return _massed(said, strength, milligrams(said.amount, strength, weight_kg, bsa_m2))
    if said.measure is not None:
        return _measured(said.measure, said.mg_per_ml, strength)
    if said.count is not None:
        return milligrams(said.count, strength, None, None)
    if said.each_mg is not None:
        return Unknown("the text gives a strength but no number of tablets", ("dose",))
    return Unknown("the order states no dose", ("dose",))


def _counted(said: Said, total: Decimal, each: Decimal) -> Fact[Decimal]:
    """Tablets times strength, beside which the text may print the total or the strength again."""
    if total <= 0:
        return Unknown("the dose is not above zero", ("dose",))
    printed = None if said.amount is None else milligrams(said.amount, None, None, None)
    if not isinstance(printed, Known) or printed.value in (total, each):
        return Known(total)
    return Known(max(total, printed.value), (), "the number of tablets and the milligrams do not agree")


def _massed(said: Said, strength: ProductStrength | None, amount: Fact[Decimal]) -> Fact[Decimal]:
    """A mass, beside which tablets or a volume may be told."""
    if isinstance(amount, Unknown):
        return amount
    if said.count is not None and said.count.high != 1:
        return _doubted(amount, "the text does not say whether one tablet or all of them hold the dose")
    if said.measure is None:
        return amount
    measured = _measured(said.measure, said.mg_per_ml, strength)
    if isinstance(measured, Unknown):
        several = said.measure.unit != "mL" and said.measure.high != 1
        return _doubted(
            amount, "the text does not say whether one or all of them hold the dose" if several else ""
        )
    # A volume is rounded to what a syringe shows.
    if abs(measured.value - amount.value) * 50 <= amount.value:
        return amount
    return Known(max(measured.value, amount.value), (), "the volume and the milligrams do not agree")


def _measured(measure: Amount, mg_per_ml: Decimal | None, strength: ProductStrength | None) -> Fact[Decimal]:
    if measure.unit != "mL" or mg_per_ml is None:
        return milligrams(measure, strength, None, None)
    if measure.high <= 0:
        return Unknown("the dose is not above zero", ("dose",))
    doubt = _OTHER_STRENGTH if _differs(mg_per_ml, strength, frozenset({"mL"})) else None
    return Known(measure.high * mg_per_ml, (), doubt)


def _differs(told: Decimal | None, strength: ProductStrength | None, holders: frozenset[str]) -> bool:
    """Whether the text tells another strength than the product's, where both are per the same thing."""
    return told is not None and strength is not None and strength.per in holders and strength.amount != told


def _doubted(found: Fact[Decimal], doubt: str) -> Fact[Decimal]:
    return (
        found
        if isinstance(found, Unknown) or not doubt
        else Known(found.value, found.inputs, found.doubt or doubt)
    )


def _each(said: Said, strength: ProductStrength | None) -> Decimal | None:
    if said.each_mg is not None:
        return said.each_mg
    solid = strength is not None and strength.per in _SOLID and strength.unit == "mg"
    return strength.amount if strength is not None and solid else None


def counts_pieces(unit: str) -> bool:
    """Whether a unit counts tablets, vials or the like."""
    return _holder(unit) is not None


def _holder(unit: str) -> str | None:
    """What a unit counts: its one word that names a form ("oral tablet", "tab(s)"), no other word left."""
    words = [
        word
        for word in re.split(r"[\s{},-]+", unit.lower().replace("(s)", ""))
        if word and word not in _KINDS
    ]
    if len(words) != 1:
        words = ["".join(words)]
    plain = words[0].rstrip(".")
    return "tablet" if plain in _PIECE else _HOLDERS.get(plain) or _HOLDERS.get(plain.removesuffix("s"))


def _plain(unit: str) -> str:
    return unit.strip().strip("{}").lower().replace("²", "2").replace("^2", "2").replace(" ", "").rstrip(".")


def _body(per: str, weight_kg: Decimal | None, bsa_m2: Decimal | None) -> Fact[Decimal]:
    """What an amount by body size is multiplied with; 1 for a plain amount. A trailing "/d" says nothing new."""
    per = per.split("/")[0]
    if per in ("", "d", "day", "24h", "dose", "wk", "week"):
        return Known(Decimal(1))
    size = {"kg": weight_kg, "m2": bsa_m2}.get(per)
    if size is not None:
        return Known(size)
    return Unknown(f"the dose is per {per} and was not multiplied out", ("dose",))


def _held(count: Decimal, holder: str, strength: ProductStrength | None) -> Fact[Decimal]:
    """``count`` of a product, by its strength."""
    if strength is None:
        return Unknown("the strength of the product is not known", ("product strength",))
    if strength.unit != "mg":
        return Unknown("the product is measured in units, not in milligrams", ("product strength",))
    if strength.is_by_name:
        return _pieces(count, holder, strength)
    if holder in ("whole", "vial", "dose") and strength.whole is not None:
        return Known(count * strength.whole)
    if holder == strength.per or (holder in _SOLID and strength.per in _SOLID):
        return Known(count * strength.amount)
    if holder == "whole" and strength.per in ("vial", "dose"):
        return Known(count * strength.amount)
    return Unknown(f"the strength is per {strength.per}, the dose in another measure", ("product strength",))


def _pieces(count: Decimal, holder: str, strength: ProductStrength) -> Fact[Decimal]:
    """Tablets or capsules by a name that says no form."""
    if holder not in _SOLID:
        return Unknown("the name of the product does not say what holds its strength", ("product strength",))
    if count != 1 and strength.per != PIECE:
        return Unknown("the name of the product may tell the dose of all its tablets", ("product strength",))
    return Known(count * strength.amount)
