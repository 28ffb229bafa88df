"""The monitoring schedules of ``monitoring/schedules.yaml``, checked at start-up, with the profiles a site picked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cds_service.clinical.calendar import ONLY, Band, Baseline, Cadence, Check, FollowUp, Schedule, Schedules
from cds_service.clinical.terms import Terminology
from cds_service.knowledge.files import Faults, Reporter, items, mapping, near, read_yaml
from cds_service.knowledge.limits import cited_sources, read_evidence
from cds_service.knowledge.orders import OrderEntry

FILE = "monitoring/schedules.yaml"
_TEST_KEYS = {"words", "results", "order"}
_SCHEDULE_KEYS = {"drugs", "source", "evidence", "baseline", "profile", "child", "profiles", "lasts", "only"}
_PROFILE_KEYS = {"source", "evidence", "follow_up"}
_BASELINE_KEYS = {"tests", "within", "only", "each_order"}
_FOLLOW_UP_KEYS = {"tests", "every", "only"}
_AFTER = "after"


def read_schedules(
    root: Path,
    terms: Terminology,
    orders: Mapping[str, OrderEntry],
    sources: Collection[str],
    faults: Faults,
    chosen: Mapping[str, str] | None = None,
) -> Schedules:
    """All schedules in force. ``chosen`` are the profiles a site picked, by schedule; every fault is kept."""
    content = read_yaml(root / FILE, root, faults)
    report = faults.at(FILE)
    tests = _Tests(terms, orders, report).read(mapping(content.get("tests"), "tests", report))
    entries = mapping(content.get("schedules"), "schedules", report)
    site = faults.at("overlay.yaml")
    for name in sorted(set(chosen or {}) - set(entries)):
        site(f"profiles.{name}", f"no schedule of this name is shipped{near(name, entries)}")
    found = []
    for name, entry in entries.items():
        members = mapping(entry, f"schedules.{name}", report)
        reader = _Reader(str(name), members, tests, terms, sources, report, site)
        found.append(reader.schedule((chosen or {}).get(str(name))))
    return Schedules(tuple(found), {each.name: each.profile for each in found})


@dataclass(frozen=True, slots=True)
class _Tests:
    terms: Terminology
    orders: Mapping[str, OrderEntry]
    report: Reporter

    def read(self, entries: Mapping[str, Any]) -> dict[str, Check]:
        return {str(name): self._test(str(name), entry) for name, entry in entries.items()}

    def _test(self, name: str, entry: object) -> Check:
        key = f"tests.{name}"
        members = mapping(entry, key, self.report)
        _only_keys(members, _TEST_KEYS, key, self.report)
        results = frozenset(map(str, items(members.get("results"))))
        for concept in sorted(results):
            if not self.terms.exists("lab", concept):
                self.report(f"{key}.results", f"no lab code list named '{concept}'")
        words = str(members.get("words") or "").strip()
        if not words or not results:
            self.report(key, "needs words and at least one of results")
        order = str(members.get("order") or "")
        entry_of = self.orders.get(order)
        if order and entry_of is None:
            self.report(f"{key}.order", f"no order named '{order}' in orders.yaml{near(order, self.orders)}")
        return Check(name, words, results, order, entry_of.meets if entry_of else frozenset())


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one schedule."""

    name: str
    members: Mapping[str, Any]
    tests: Mapping[str, Check]
    terms: Terminology
    sources: Collection[str]
    report: Reporter
    site: Reporter

    @property
    def key(self) -> str:
        return f"schedules.{self.name}"

    def schedule(self, chosen: str | None) -> Schedule:
        members = self.members
        _only_keys(members, _SCHEDULE_KEYS, self.key, self.report)
        self._cited(members, self.key)
        profiles = {
            str(name): self._profile(str(name), entry)
            for name, entry in mapping(members.get("profiles"), f"{self.key}.profiles", self.report).items()
        }
        profile = self._picked(chosen, profiles)
        child = members.get("child")
        if child is not None and child not in profiles:
            self.report(f"{self.key}.child", f"no profile named '{child}'{near(child, profiles)}")
        return Schedule(
            self.name,
            self._drugs(),
            profiles.get(profile, ()),
            tuple(self._baseline()),
            None if child is None else profiles.get(str(child), ()),
            self._days(members.get("lasts", 0), f"{self.key}.lasts"),
            self._only(members, self.key),
            profile,
            str(child or ""),
        )

    def _picked(self, chosen: str | None, profiles: Collection[str]) -> str:
        shipped = str(self.members.get("profile"))
        if shipped not in profiles:
            self.report(f"{self.key}.profile", f"no profile named '{shipped}'{near(shipped, profiles)}")
        if chosen is not None and chosen not in profiles:
            self.site(f"profiles.{self.name}", f"no profile named '{chosen}'{near(chosen, profiles)}")
        return chosen or shipped

    def _drugs(self) -> frozenset[str]:
        drugs = frozenset(map(str, items(self.members.get("drugs"))))
        for drug in sorted(drugs):
            if not self.terms.exists("drug", drug):
                self.report(f"{self.key}.drugs", f"no drug code list named '{drug}'")
        if not drugs:
            self.report(f"{self.key}.drugs", "must name at least one drug")
        return drugs.union(*(self.terms.members(drug) for drug in drugs))

    def _profile(self, name: str, entry: object) -> tuple[FollowUp, ...]:
        key = f"{self.key}.profiles.{name}"
        members = mapping(entry, key, self.report)
        _only_keys(members, _PROFILE_KEYS, key, self.report)
        self._cited(members, key)
        found = []
        for n, row in enumerate(items(members.get("follow_up"))):
            where = f"{key}.follow_up[{n}]"
            line = mapping(row, where, self.report)
            _only_keys(line, _FOLLOW_UP_KEYS, where, self.report)
            cadence, only = self._cadence(line.get("every"), f"{where}.every"), self._only(line, where)
            found += [FollowUp(test, cadence, only) for test in self._named(line, where)]
        return tuple(found)

    def _baseline(self) -> Iterator[Baseline]:
        for n, row in enumerate(items(self.members.get("baseline"))):
            where = f"{self.key}.baseline[{n}]"
            line = mapping(row, where, self.report)
            _only_keys(line, _BASELINE_KEYS, where, self.report)
            within = line.get("within")
            days = None if within is None else self._days(within, f"{where}.within")
            only, each_order = self._only(line, where), line.get("each_order") is True
            for test in self._named(line, where):
                yield Baseline(test, days, only, each_order)

    def _cadence(self, value: object, key: str) -> Cadence:
        entries: dict[Any, Any] = {**mapping(value, key, self.report)}
        last = entries.pop(_AFTER, None)
        days = [day for day in entries if type(day) is int]
        if len(days) != len(entries) or days != sorted(days):
            self.report(key, "must name days in rising order, then perhaps after")
            return Cadence((Band(None, 1),))
        bands = [Band(day, self._days(entries[day], f"{key}.{day}", 1)) for day in days]
        if last is not None:
            bands.append(Band(None, self._days(last, f"{key}.{_AFTER}", 1)))
        if not bands:
            self.report(key, "needs at least one interval")
        return Cadence(tuple(bands))

    def _named(self, line: Mapping[str, Any], key: str) -> Iterator[Check]:
        for name in items(line.get("tests")):
            if str(name) in self.tests:
                yield self.tests[str(name)]
            else:
                self.report(f"{key}.tests", f"no test named '{name}' in tests{near(name, self.tests)}")

    def _only(self, line: Mapping[str, Any], key: str) -> str:
        only = str(line.get("only") or "")
        if only and only not in ONLY:
            self.report(f"{key}.only", f"must be one of {', '.join(ONLY)}")
        return only

    def _days(self, value: object, key: str, least: int = 0) -> int:
        if type(value) is int and value >= least:
            return value
        self.report(key, "must be a whole number of days")
        return least

    def _cited(self, members: Mapping[str, Any], key: str) -> None:
        cited_sources(members, key, self.sources, self.report)
        read_evidence(members.get("evidence"), f"{key}.evidence", self.report)


def _only_keys(members: Mapping[str, Any], allowed: Collection[str], key: str, report: Reporter) -> None:
    for strange in sorted(set(map(str, members)) - set(allowed)):
        report(f"{key}.{strange}", f"is not a key here{near(strange, allowed)}")
