"""Who speaks for whom: a finding that makes another needless silences it, and carries it on its record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cds_service.knowledge.catalogue import Dominance
from cds_service.knowledge.evaluate import Finding


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
    rule, indicator = over.rule, over.indicator
    return tuple(each for each in dominance if each.rule == rule and each.indicator in ("", indicator))


def _dominates(over: Finding, under: Finding, rules: tuple[Dominance, ...]) -> bool:
    if over is under or not under.tier or not same_order(over, under):
        return False
    milder = under.tier.indicator != "critical"
    return any(under.rule in each.silent or (milder and under.group in each.groups) for each in rules)
