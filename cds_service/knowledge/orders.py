"""The orders that cards can offer: ``orders.yaml``, checked against the code lists and the facts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from cds_service.clinical.facts import FACTS
from cds_service.clinical.terms import Terminology
from cds_service.knowledge.files import Faults, Reporter, items, mapping, near
from cds_service.knowledge.limits import cited_sources, decimal, read_evidence
from cds_service.knowledge.reserve import NONE, Reserve

CATEGORIES = ("laboratory", "imaging", "referral", "procedure")
PERIODS = ("d", "wk", "mo")
_TEST_KEYS = {"test", "label", "category", "meets", "note", "not_in_pregnancy"}
_DRUG_KEYS = {
    "drug", "label", "dose", "rhythm", "route", "days", "meets", "note", "sources", "evidence", "course",
    "not_in_pregnancy", "named", "beside", "reserve",
}  # fmt: skip
_RHYTHM_KEYS = {"frequency", "period", "unit", "day"}


@dataclass(frozen=True, slots=True)
class Dose:
    """``low`` to ``high`` of ``unit``, or the ``fact`` (a range) that gives them for a patient."""

    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = "mg"
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """``frequency`` doses each ``period`` of ``unit``, on ``day`` if one is named."""

    frequency: int = 1
    period: int = 1
    unit: str = "d"
    day: str = ""


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """One order on offer: a test (lab or order concept) or a drug. ``meets``: what makes it needless.

    ``code_list`` is the kind of list that holds the concept. ``not_in_pregnancy``: not offered where a pregnancy
    is on record. ``course`` is the fact that gives the steps of a drug whose running order the new one replaces.
    ``named`` is what words call it to an adult among choices, with its dose. ``beside`` are the drugs without one of
    which it has no purpose; empty where it has one of its own.
    ``reserve`` says when a drug would itself do harm.
    """

    name: str
    kind: Literal["test", "drug"]
    concept: str
    code_list: str
    label: str
    meets: frozenset[str]
    category: str = ""
    note: str = ""
    dose: Dose | None = None
    rhythm: Rhythm | None = None
    route: str = ""
    days: int | None = None
    not_in_pregnancy: bool = False
    course: str = ""
    named: str = ""
    beside: frozenset[str] = frozenset()
    reserve: Reserve = NONE


def read_orders(
    written: Mapping[str, Any], terms: Terminology, sources: Collection[str], faults: Faults
) -> Mapping[str, OrderEntry]:
    """Every entry of ``orders.yaml``, still without its reserve, keeping every fault."""
    report = faults.at("orders.yaml")
    found = {}
    for name, entry in written.items():
        reader = _Reader(str(name), mapping(entry, str(name), report), terms, sources, report)
        found[str(name)] = reader.entry()
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    name: str
    members: Mapping[str, Any]
    terms: Terminology
    sources: Collection[str]
    report: Reporter

    def entry(self) -> OrderEntry:
        is_drug = "drug" in self.members
        self._keys(self.members, _DRUG_KEYS if is_drug else _TEST_KEYS, "")
        concept = str(self.members.get("drug" if is_drug else "test", ""))
        kinds = ("drug", "vaccine") if is_drug else ("lab", "order")
        self._exists(concept, kinds, "drug" if is_drug else "test")
        for key in ("meets", "beside"):
            for each in items(self.members.get(key)):
                self._exists(str(each), kinds, key)
        if not str(self.members.get("label") or "").strip():
            self.report(f"{self.name}.label", "must say what the button does")
        return OrderEntry(
            name=self.name,
            kind="drug" if is_drug else "test",
            concept=concept,
            code_list=next((kind for kind in kinds if self.terms.exists(kind, concept)), kinds[0]),
            label=str(self.members.get("label", "")),
            meets=self._meets(concept),
            beside=self._members("beside"),
            category=self._category(is_drug),
            note=str(self.members.get("note", "")),
            dose=self._dose(),
            rhythm=self._rhythm(),
            route=self._route(),
            days=self.members.get("days"),
            not_in_pregnancy=self.members.get("not_in_pregnancy") is True,
            named=str(self.members.get("named", "")),
            course=self._fact("course", str(self.members.get("course", "")), "course"),
        )

    def _keys(self, found: Mapping[str, Any], allowed: Collection[str], inside: str) -> None:
        for strange in sorted(set(found) - set(allowed)):
            self.report(f"{self.name}.{inside}{strange}", f"is not a key here{near(strange, allowed)}")

    def _exists(self, concept: str, kinds: Collection[str], key: str) -> None:
        if not any(self.terms.exists(kind, concept) for kind in kinds):
            self.report(f"{self.name}.{key}", f"no {' or '.join(kinds)} code list named '{concept}'")

    def _meets(self, concept: str) -> frozenset[str]:
        return self.terms.members(concept) | self._members("meets")

    def _members(self, key: str) -> frozenset[str]:
        named = map(str, items(self.members.get(key)))
        return frozenset[str]().union(*(self.terms.members(each) for each in named))

    def _category(self, is_drug: bool) -> str:
        category = "" if is_drug else str(self.members.get("category", "laboratory"))
        if category and category not in CATEGORIES:
            self.report(f"{self.name}.category", f"must be one of {', '.join(CATEGORIES)}")
        return category

    def _route(self) -> str:
        route = str(self.members.get("route", ""))
        if route:
            self._exists(route, ("route",), "route")
        return route

    def _dose(self) -> Dose | None:
        if "dose" not in self.members:
            return None
        dose = mapping(self.members["dose"], f"{self.name}.dose", self.report)
        if "fact" in dose:
            return self._dose_by_fact(str(dose["fact"]))
        low, high = decimal(dose.get("low")), decimal(dose.get("high"))
        if low is None or high is None or not dose.get("unit"):
            self.report(f"{self.name}.dose", "needs low, high and unit, or a fact")
        cited_sources(self.members, self.name, self.sources, self.report, "sources")
        read_evidence(self.members.get("evidence"), f"{self.name}.evidence", self.report)
        return Dose(low, high, str(dose.get("unit", "")))

    def _dose_by_fact(self, name: str) -> Dose:
        return Dose(fact=self._fact("dose.fact", name, "range"))

    def _fact(self, key: str, name: str, kind: str) -> str:
        """The name of a fact of that kind, or none where the order names none."""
        spec = FACTS.get(name)
        if name and (spec is None or spec.kind != kind):
            fitting = [each.name for each in FACTS.values() if each.kind == kind]
            self.report(f"{self.name}.{key}", f"no {kind} named '{name}'{near(name, fitting)}")
        return name

    def _rhythm(self) -> Rhythm | None:
        if "rhythm" not in self.members:
            return None
        rhythm = mapping(self.members["rhythm"], f"{self.name}.rhythm", self.report)
        self._keys(rhythm, _RHYTHM_KEYS, "rhythm.")
        if rhythm.get("unit", "d") not in PERIODS:
            self.report(f"{self.name}.rhythm.unit", f"must be one of {', '.join(PERIODS)}")
        return Rhythm(**{key: value for key, value in rhythm.items() if key in _RHYTHM_KEYS})
