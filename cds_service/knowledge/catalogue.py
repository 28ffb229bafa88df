"""The lists beside the pages: services, sources, overrides, orders, rules, dominance, words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cds_service.clinical.terms import Terminology
from cds_service.knowledge.dominance import Dominance, read_dominance
from cds_service.knowledge.files import Faults, items, mapping, read_yaml, texts
from cds_service.knowledge.orders import OrderEntry, read_orders
from cds_service.knowledge.overrides import GenericReason, read_overrides
from cds_service.knowledge.words import Lexicon

ORDERED = ("drug", "vaccine")
"""The kinds of code list a medication order may be of."""
_SERVICE_KEYS = ("id", "hook", "title", "description")


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """A service on offer; ``required`` are the needs without which nothing can be said."""

    id: str
    hook: str
    title: str
    description: str
    usage: str
    required: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lists:
    """Everything in ``cards/`` that is not a page, a number or a code."""

    services: tuple[ServiceEntry, ...]
    sources: Mapping[str, Mapping[str, Any]]
    generic_overrides: tuple[GenericReason, ...]
    overrides: Mapping[str, str]
    orders: Mapping[str, OrderEntry]
    # As written: a reserve is made of conditions, which need the limits that these lists come before.
    reserves: Mapping[str, object]
    safety: Mapping[str, frozenset[str]]
    rules: frozenset[str]
    dominance: tuple[Dominance, ...]
    lexicon: Lexicon


def read_lists(root: Path, terms: Terminology, faults: Faults) -> Lists:
    """Read them all, keeping every fault."""
    rules = read_yaml(root / "rules.yaml", root, faults)
    safety = _safety(rules, terms, faults)
    known = frozenset(safety) | frozenset(map(str, items(rules.get("regimen"))))
    sources = read_yaml(root / "sources.yaml", root, faults)
    orders = read_yaml(root / "orders.yaml", root, faults)
    overrides = read_overrides(root, known, faults)
    return Lists(
        _services(root, faults),
        sources,
        overrides.generic,
        overrides.words,
        read_orders(orders, terms, sources, faults),
        _reserves(orders),
        safety,
        known,
        read_dominance(root, known, faults),
        _lexicon(root, faults),
    )


def _reserves(orders: Mapping[str, Any]) -> Mapping[str, object]:
    entries = {str(name): entry for name, entry in orders.items() if isinstance(entry, dict)}
    return {name: entry["reserve"] for name, entry in entries.items() if "reserve" in entry}


def _services(root: Path, faults: Faults) -> tuple[ServiceEntry, ...]:
    content = read_yaml(root / "services.yaml", root, faults)
    report = faults.at("services.yaml")
    required = mapping(content.get("required"), "required", report)
    found = []
    for n, entry in enumerate(items(content.get("services"))):
        members = mapping(entry, f"services[{n}]", report)
        for name in _SERVICE_KEYS:
            if not str(members.get(name) or "").strip():
                report(f"services[{n}].{name}", "must not be empty")
        texts = {name: str(members.get(name, "")).strip() for name in (*_SERVICE_KEYS, "usage")}
        found.append(ServiceEntry(**texts, required=frozenset(items(required.get(texts["hook"])))))
    for name in ("id", "hook"):
        values = [getattr(service, name) for service in found]
        if len(set(values)) != len(values):
            report("services", f"two services have the same {name}; each needs its own")
    return tuple(found)


def _safety(rules: Mapping[str, Any], terms: Terminology, faults: Faults) -> dict[str, frozenset[str]]:
    report = faults.at("rules.yaml")
    found = {}
    for rule, drugs in mapping(rules.get("safety"), "safety", report).items():
        for name in items(drugs):
            if not any(terms.exists(kind, str(name)) for kind in ORDERED):
                report(f"safety.{rule}", f"no drug or vaccine code list named '{name}'")
        found[str(rule)] = frozenset().union(*(terms.members(str(name)) for name in items(drugs)))
    return found


def _lexicon(root: Path, faults: Faults) -> Lexicon:
    content = read_yaml(root / "words.yaml", root, faults)
    report = faults.at("words.yaml")
    parts = {
        name: texts(mapping(content.get(name), name, report)) for name in ("units", "evidence", "phrases")
    }
    return Lexicon(**parts)
