"""Which drug an order names, and how much of it the product holds.

By RxNorm, then ATC, then by the words; an answer always says how it was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain

from cds_service.clinical.chart import Recognised
from cds_service.clinical.dosing import ProductStrength
from cds_service.clinical.dosing.masses import in_mg
from cds_service.clinical.terms import Terminology
from cds_service.fhir.references import Index
from cds_service.fhir.values import Coding, Resource, codings, member, quantity, rows, text, words

_SOLID = ("tablet", "capsule")
_HOLDERS = {
    "tbl": "tablet", "tablet": "tablet", "tab": "tablet", "capsule": "capsule", "cap": "capsule", "ml": "mL",
    "vial": "vial",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drug:
    """What an order orders. ``name`` is what a person reads; ``strength`` what one unit of the product holds.

    ``form`` is the product's form in words ("tablet"), where its resource states it.
    """

    ingredients: frozenset[str]
    name: str
    recognised: Recognised
    strength: ProductStrength | None = None
    form: str = ""

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
        named += [product.get("code"), *_ingredients(product, index)]
    shown = text(holder.get("display"))
    found = _recognised([c for c in named if c], shown, terms)
    if product is None:
        return found
    stated = _composition(product)
    if found.strength is None or (stated is not None and found.strength.is_by_name):
        found = replace(found, strength=stated)
    return replace(found, form=words(product.get("form")))


def _ingredients(product: Resource, index: Index) -> Iterator[object]:
    """The active ingredients of a product, each as a concept."""
    for each in _active(product):
        inner = index.find(each.get("itemReference"), within=product)
        yield each.get("itemCodeableConcept") or (inner.get("code") if inner is not None else None)


def _active(product: Resource) -> tuple[Resource, ...]:
    return tuple(each for each in rows(product.get("ingredient")) if each.get("isActive") is not False)


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
    vaccines = frozenset[str]().union(*(terms.vaccines_in_text(each) for each in texts))
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
    if not any(map(terms.local, found)):
        return found
    by_words = frozenset[str]().union(*(terms.drugs_in_text(each) for each in texts))
    return frozenset(local if (local := terms.local(each)) and local in by_words else each for each in found)


def _strength(coded: Iterable[Coding], texts: Iterable[str], terms: Terminology) -> ProductStrength | None:
    by_code = (terms.strength(each.system, each.code) for each in coded)
    in_words = (terms.strength_in_text(each) for each in texts)
    stated = next((found for found in chain(by_code, in_words) if found is not None), None)
    if stated is not None:
        return stated
    by_name = {found for each in texts if (found := terms.strength_as_sold(each)) is not None}
    return by_name.pop() if len(by_name) == 1 else None


def _composition(product: Resource) -> ProductStrength | None:
    """The strength of a product with one active ingredient, as its resource states it."""
    active = _active(product)
    if len(active) != 1:
        return None
    top = quantity(member(active[0], "strength", "numerator"))
    bottom = quantity(member(active[0], "strength", "denominator"))
    size = in_mg(top.unit) if top else None
    if top is None or bottom is None or size is None or not bottom.value:
        return None
    # "2.5 mg per 1" is per unit of the form.
    per = _holder(words(product.get("form")) if bottom.unit in ("", "1") else bottom.unit)
    return ProductStrength(top.value * size / bottom.value, "mg", per) if per else None


def _holder(said: str) -> str:
    """What a strength is per: the first word of a unit or form that names a holder ("Oral tablet")."""
    plain = (each.removesuffix("s") for each in re.findall(r"[a-z]+", said.lower()))
    return next((_HOLDERS[each] for each in plain if each in _HOLDERS), "")
