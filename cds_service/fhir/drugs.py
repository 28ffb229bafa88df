"""Which drug an order names, and how much of it the product holds.

By RxNorm, then ATC, then by the words; an answer always says how it was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from cds_service.clinical.chart import Recognised
from cds_service.clinical.dosing import ProductStrength
from cds_service.clinical.terms import Terminology
from cds_service.fhir.references import Index
from cds_service.fhir.values import Coding, Resource, codings, member, quantity, rows, text, words

_SOLID = ("tablet", "capsule")


@dataclass(frozen=True, slots=True)
class Drug:
    """What an order orders. ``name`` is what a person reads; ``strength`` what one unit of the product holds."""

    ingredients: frozenset[str]
    name: str
    recognised: Recognised
    strength: ProductStrength | None = None

    @property
    def tablet_mg(self) -> tuple[Decimal, ...]:
        """Milligrams of one tablet or capsule, where that is what is supplied."""
        strength = self.strength
        solid = strength is not None and strength.unit == "mg" and strength.per in _SOLID
        return (strength.amount,) if strength is not None and solid else ()


NOTHING_NAMED = Drug(frozenset(), "", "none")


def read_drug(order: Resource, index: Index, terms: Terminology) -> Drug:
    """The drug of a MedicationRequest or MedicationStatement: as a concept, or by a Medication it refers to."""
    holder = member(order, "medicationReference")
    product = index.find(holder, within=order) if holder else None
    named = [order.get("medicationCodeableConcept")]
    if product is not None:
        named += [product.get("code"), *_ingredients(product)]
    shown = text(holder.get("display"))
    found = _recognised([c for c in named if c], shown, terms)
    if product is not None and found.strength is None:
        return Drug(found.ingredients, found.name, found.recognised, _composition(product))
    return found


def _ingredients(product: Resource) -> Iterator[object]:
    """The active ingredients of a product, each as a concept."""
    for each in rows(product.get("ingredient")):
        if each.get("isActive") is not False and each.get("itemCodeableConcept"):
            yield each["itemCodeableConcept"]


def _recognised(concepts: list[object], shown: str, terms: Terminology) -> Drug:
    coded = [coding for concept in concepts for coding in codings(concept)]
    said = [*(words(concept) for concept in concepts), *(each.display for each in coded), shown]
    texts = tuple(dict.fromkeys(each for each in said if each))
    name = texts[0] if texts else ""
    strength = _strength(coded, texts, terms)
    for system, how in (("rxnorm", "rxnorm"), ("atc", "atc"), ("", "atc")):
        found = _by_code(coded, system, terms)
        if found:
            return Drug(_local(found, texts, terms), name, how, strength)  # type: ignore[arg-type]
    in_words = frozenset[str]().union(*(terms.drugs_in_text(each) for each in texts))
    vaccines = frozenset[str]().union(*(terms.named("vaccine", each) for each in texts))
    found = in_words or vaccines
    return Drug(found, name, "text" if found else "none", strength)


def _by_code(coded: Iterable[Coding], system: str, terms: Terminology) -> frozenset[str]:
    """The drugs of the codes of one system; of any other system (CVX among them) where none is named."""
    found: frozenset[str] = frozenset()
    for each in coded:
        if system and system not in _system_names(each):
            continue
        for kind in ("drug", "vaccine"):
            found |= terms.concepts(each.system, each.code, kind)
    return found


def _system_names(coding: Coding) -> str:
    lower = coding.system.lower()
    return "rxnorm" if "rxnorm" in lower or lower.endswith("6.88") else "atc" if "atc" in lower else lower


def _local(found: frozenset[str], texts: Iterable[str], terms: Terminology) -> frozenset[str]:
    """An ingredient's code with words of local use ("0.1 % ointment") is the local drug."""
    by_words = frozenset[str]().union(*(terms.drugs_in_text(each) for each in texts))
    return frozenset(local if (local := terms.local(each)) and local in by_words else each for each in found)


def _strength(coded: Iterable[Coding], texts: Iterable[str], terms: Terminology) -> ProductStrength | None:
    by_code = (terms.strength(each.system, each.code) for each in coded)
    in_words = (terms.strength_in_text(each) for each in texts)
    return next((found for found in (*by_code, *in_words) if found is not None), None)


def _composition(product: Resource) -> ProductStrength | None:
    """The strength of a product with one active ingredient, as its resource states it."""
    active = [each for each in rows(product.get("ingredient")) if each.get("isActive") is not False]
    if len(active) != 1:
        return None
    top = quantity(member(active[0], "strength", "numerator"))
    bottom = quantity(member(active[0], "strength", "denominator"))
    factor = {"mg": Decimal(1), "g": Decimal(1000), "ug": Decimal("0.001"), "mcg": Decimal("0.001")}
    size = factor.get(top.unit) if top else None
    per = _holder(bottom.unit) if bottom else ""
    if top is None or bottom is None or size is None or not per or not bottom.value:
        return None
    return ProductStrength(top.value * size / bottom.value, "mg", per)


def _holder(unit: str) -> str:
    plain = unit.strip("{}[]").lower().removesuffix("s")
    return {"tbl": "tablet", "tablet": "tablet", "tab": "tablet", "capsule": "capsule", "cap": "capsule",
            "ml": "mL", "vial": "vial"}.get(plain, "")  # fmt: skip
