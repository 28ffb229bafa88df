"""A site's own limits, severities and switches over the shipped knowledge: ``overlay.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cds_service.knowledge.catalogue import Lists
from cds_service.knowledge.files import Faults, Reporter, items, mapping, near, read_yaml
from cds_service.knowledge.limits import Limit, decimal
from cds_service.knowledge.pages import INDICATORS, Page

_KEYS = ("site", "limits", "severities", "off", "profiles")


@dataclass(frozen=True, slots=True)
class Overlay:
    """What a site changed: limits by full name, indicators by (rule, shipped indicator), rules off.

    ``profiles`` are the monitoring profiles it picked, by schedule.
    """

    site: str = ""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    severities: Mapping[tuple[str, str], str] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    profiles: Mapping[str, str] = field(default_factory=dict)

    def applied(self, page: Page) -> Page:
        """The page with the site's severities, its tiers most severe first again."""
        changed = [
            replace(tier, indicator=new, shipped=tier.indicator)
            if (new := self.severities.get((page.rule, tier.indicator), tier.indicator)) != tier.indicator
            else tier
            for tier in page.tiers
        ]
        return replace(page, tiers=tuple(sorted(changed, key=lambda tier: INDICATORS.index(tier.indicator))))

    def check(self, pages: Iterable[Page], faults: Faults) -> None:
        """A severity that no page of the rule has is a fault: the site would believe it changed."""
        there = {(page.rule, tier.indicator) for page in pages for tier in page.tiers}
        rules = {rule for rule, _ in there}
        for rule, indicator in self.severities:
            if rule in rules and (rule, indicator) not in there:
                faults.at("overlay.yaml")(
                    f"severities.{rule}.{indicator}", f"{rule} has no {indicator} tier; leave it out"
                )

    def softened(self, pages: Iterable[Page]) -> Iterator[str]:
        """Every critical tier as shipped that the site lowered or switched off, in words."""
        for page in pages:
            if any(tier.indicator == "critical" for tier in page.tiers):
                if page.rule in self.off:
                    yield f"{page.rule} is switched off: {page.title}"
                elif (page.rule, "critical") in self.severities:
                    yield f"{page.rule} is {self.severities[page.rule, 'critical']}: {page.title}"


NO_OVERLAY = Overlay()


def read_overlay(folder: Path, limits: Mapping[str, Limit], lists: Lists, faults: Faults) -> Overlay:
    """The overlay in a folder; what it names must exist in the shipped knowledge."""
    content = read_yaml(folder / "overlay.yaml", folder, faults)
    report = faults.at("overlay.yaml")
    for strange in sorted(set(content) - set(_KEYS)):
        report(strange, f"is not a key of an overlay{near(strange, _KEYS)}")
    site = str(content.get("site", "")).strip()
    if not site:
        report("site", "must name the site: it shows in the provenance of every card")
    return Overlay(
        site,
        _limits(mapping(content.get("limits"), "limits", report), limits, report),
        _severities(mapping(content.get("severities"), "severities", report), lists, report),
        _off(content, lists, report),
        {str(k): str(v) for k, v in mapping(content.get("profiles"), "profiles", report).items()},
    )


def _limits(entries: Mapping[str, Any], shipped: Mapping[str, Limit], report: Reporter) -> dict[str, Limit]:
    found = {}
    for name, entry in entries.items():
        known, key = shipped.get(name), f"limits.{name}"
        members = mapping(entry, key, report)
        value = decimal(members.get("value"))
        if known is None:
            report(key, f"no limit of this name is shipped{near(name, shipped)}")
        elif value is None:
            report(f"{key}.value", "must be a number")
        elif members.get("unit") != known.unit:
            report(f"{key}.unit", f"wrong unit: the limit is in '{known.unit}'")
        elif not str(members.get("reason", "")).strip():
            report(f"{key}.reason", "a threshold needs a source: say who decided and why")
        else:
            found[name] = replace(known, value=value, site=True, means=str(members["reason"]))
    return found


def _severities(entries: Mapping[str, Any], lists: Lists, report: Reporter) -> dict[tuple[str, str], str]:
    found = {}
    for rule, changes in entries.items():
        if rule not in lists.rules:
            report(f"severities.{rule}", f"unknown rule id{near(rule, lists.rules)}")
        for old, new in mapping(changes, f"severities.{rule}", report).items():
            if old not in INDICATORS or new not in INDICATORS:
                report(f"severities.{rule}.{old}", f"must be one of {', '.join(INDICATORS)}")
            found[rule, str(old)] = str(new)
    return found


def _off(content: Mapping[str, Any], lists: Lists, report: Reporter) -> frozenset[str]:
    rules = frozenset(map(str, items(content.get("off"))))
    for rule in sorted(rules - lists.rules):
        report("off", f"unknown rule id '{rule}'{near(rule, lists.rules)}")
    return rules
