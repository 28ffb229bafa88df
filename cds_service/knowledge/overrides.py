"""Override reasons of ``overrides.yaml``: those of the pages, and the generic ones with where each makes sense."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cds_service.knowledge.files import Faults, Reporter, items, mapping, near, read_yaml, texts
from cds_service.knowledge.pages import GROUPS, INDICATORS


@dataclass(frozen=True, slots=True)
class GenericReason:
    """A reason for any page. It fits findings of its ``groups`` or ``rules`` (all where it names neither) that have
    one of its ``indicators``, ``but`` never those of some rules."""

    code: str
    groups: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()
    indicators: frozenset[str] = frozenset()
    but: frozenset[str] = frozenset()

    def fits(self, rule: str, group: str, indicator: str) -> bool:
        """Whether it is a reason to keep an order despite this finding."""
        if rule in self.but or (self.indicators and indicator not in self.indicators):
            return False
        return not (self.groups or self.rules) or group in self.groups or rule in self.rules


@dataclass(frozen=True, slots=True)
class Overrides:
    """Every reason in words by its code, and the generic ones in the order in which they are offered."""

    words: Mapping[str, str]
    generic: tuple[GenericReason, ...]


def read_overrides(root: Path, rules: Collection[str], faults: Faults) -> Overrides:
    """The list, keeping every fault."""
    content = read_yaml(root / "overrides.yaml", root, faults)
    report = faults.at("overrides.yaml")
    generic = texts(mapping(content.get("generic"), "generic", report))
    specific = texts(mapping(content.get("specific"), "specific", report))
    fits = mapping(content.get("fits"), "fits", report)
    for code in set(fits) - set(generic):
        report(f"fits.{code}", f"is no generic reason{near(str(code), generic)}")
    known = {"groups": GROUPS, "rules": rules, "indicators": INDICATORS, "but": rules}
    found = tuple(
        _generic(code, mapping(fits.get(code), f"fits.{code}", report), known, report) for code in generic
    )
    return Overrides(generic | specific, found)


def _generic(
    code: str, members: Mapping[str, Any], known: Mapping[str, Collection[str]], report: Reporter
) -> GenericReason:
    for key in members:
        if key not in known:
            report(f"fits.{code}.{key}", f"unknown key{near(key, known)}")
        for name in items(members[key]) if key in known else ():
            if name not in known[key]:
                report(f"fits.{code}.{key}", f"'{name}' is not known here{near(str(name), known[key])}")
    named = {key: frozenset(map(str, items(members.get(key)))) for key in known}
    return GenericReason(code, **named)
