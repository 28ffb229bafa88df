"""Who speaks for whom: a finding that makes another needless silences it, and carries it on its record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cds_service.clinical.facts import FACTS
from cds_service.knowledge.evaluate import Finding
from cds_service.knowledge.files import Faults, Reporter, items, mapping, near, read_yaml
from cds_service.knowledge.pages import GROUPS, INDICATORS


@dataclass(frozen=True, slots=True)
class Dominance:
    """When ``rule`` fires (with ``indicator``), other rules, or groups about the same order, are not worded.

    Another rule that also rests on a fact of ``spares`` keeps its words: it tells something else besides. Where
    ``rule`` itself rests on a fact of ``unless`` it silences nobody; with ``milder`` no critical finding.
    """

    rule: str
    indicator: str
    silent: frozenset[str]
    groups: frozenset[str]
    spares: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    milder: bool = False


def read_dominance(root: Path, rules: Collection[str], faults: Faults) -> tuple[Dominance, ...]:
    """The list of ``dominance.yaml``, keeping every fault."""
    content = read_yaml(root / "dominance.yaml", root, faults)
    report = faults.at("dominance.yaml")
    known = {
        "when": rules, "indicator": INDICATORS, "silent": rules, "groups": GROUPS, "spares": FACTS,
        "unless": FACTS, "milder": ("True",),
    }  # fmt: skip
    return tuple(_read(content.get("dominance"), known, report))


def _read(entries: object, known: Mapping[str, Collection[str]], report: Reporter) -> Iterator[Dominance]:
    for n, entry in enumerate(items(entries)):
        members = mapping(entry, f"dominance[{n}]", report)
        if not members.get("when"):
            report(f"dominance[{n}].when", "must name the rule that dominates")
        for key in members:
            if key not in known:
                report(f"dominance[{n}].{key}", f"unknown key{near(key, known)}")
            for name in items(members[key]) if key in known else ():
                plain = str(name).partition(" of ")[0] if key == "spares" else str(name)
                if plain not in known[key]:
                    report(f"dominance[{n}].{key}", f"'{name}' is not known here{near(name, known[key])}")
        sets = (
            frozenset(map(str, items(members.get(key)))) for key in ("silent", "groups", "spares", "unless")
        )
        silent, groups, spares, unless = sets
        yield Dominance(
            str(members.get("when")), str(members.get("indicator", "")), silent, groups, spares, unless,
            members.get("milder") is True,
        )  # fmt: skip


def silenced(
    fired: Iterable[Finding], speaking: Iterable[Finding], dominance: tuple[Dominance, ...]
) -> Mapping[int, Finding]:
    """By the id of each silenced finding, the one that speaks for it: the last of the chain. Rings silence nobody."""
    ruling = [(over, rules) for over in speaking if (rules := _dominance_of(over, dominance))]
    over_of = {
        id(finding): over
        for finding in fired
        if (over := next((other for other, rules in ruling if _dominates(other, finding, rules)), None))
    }
    return {each: last for each in over_of if (last := _last(each, over_of))}


def same_order(one: Finding, other: Finding) -> bool:
    """Whether both may be about one order; a finding about the patient is about every order."""
    return one.order is None or other.order is None or one.order.reference == other.order.reference


def _last(each: int, over_of: Mapping[int, Finding]) -> Finding | None:
    seen, last = {each}, over_of[each]
    while id(last) in over_of:
        if id(last) in seen:
            return None
        seen.add(id(last))
        last = over_of[id(last)]
    return last


def _dominance_of(over: Finding, dominance: tuple[Dominance, ...]) -> tuple[Dominance, ...]:
    """The rules by which a finding silences others."""
    named = (each for each in dominance if each.rule == over.rule and each.indicator in ("", over.indicator))
    return tuple(each for each in named if not _rests_on(over, each.unless))


def _dominates(over: Finding, under: Finding, rules: tuple[Dominance, ...]) -> bool:
    if over is under or not under.tier or not same_order(over, under):
        return False
    milder = under.tier.indicator != "critical"
    needed = milder and _needs_the_drug(over, under)
    return any(
        (
            (under.rule in each.silent and (milder or not each.milder))
            or (needed and under.group in each.groups)
        )
        and not _rests_on(under, each.spares)
        for each in rules
    )


def _rests_on(finding: Finding, facts: frozenset[str]) -> bool:
    """Whether it rests on any of the facts, by name or with what it was asked of: "lab of platelets"."""
    return bool(facts) and any(
        used.fact in facts or any(f"{used.fact} of {name}" in facts for name in used.of)
        for used in finding.used
    )


def _needs_the_drug(over: Finding, under: Finding) -> bool:
    """Whether a finding is about the drug of another: what is found in the patient stays when the drug goes."""
    if under.order is not None:
        return True
    return over.order is not None and bool(under.page.drugs & over.order.ingredients)
