"""When an order on offer would itself do harm: what keeps it back, what is said with it, what is measured first.

The pages of the safety tables are asked of every drug on offer. What none of them says, because it is about a drug
that the tables only offer, stands beside the order: ``reserve`` in ``orders.yaml``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.knowledge.causes import SEEN, causes_of, names_a_cause
from cds_service.knowledge.compile import Compiler
from cds_service.knowledge.conditions import Ask, Condition
from cds_service.knowledge.files import Reporter, items, mapping, near
from cds_service.knowledge.limits import cited_sources, read_evidence
from cds_service.knowledge.offers import Offer, read_offers

_KEYS = {"unless", "warns", "first", "sources", "evidence"}


@dataclass(frozen=True, slots=True)
class Reserve:
    """Where one of ``unless`` holds the order is neither offered nor named; where one of ``warns``, with its words.

    ``first`` are the tests that are offered with it.
    """

    unless: tuple[Condition, ...] = ()
    warns: tuple[Condition, ...] = ()
    first: tuple[Offer, ...] = ()

    def facts(self) -> Iterator[Ask]:
        """Every fact asked for."""
        for condition in (*self.unless, *self.warns, *(each.when for each in self.first if each.when)):
            yield from condition.facts()


NONE = Reserve()


def read_reserve(written: object, key: str, orders: Collection[str], compiler: Compiler) -> Reserve:
    """The reserve of one order, keeping every fault."""
    report = compiler.report
    members = mapping(written, key, report)
    for strange in sorted(set(members) - _KEYS):
        report(f"{key}.{strange}", f"is not a key here{near(strange, _KEYS)}")
    cited_sources(members, key, compiler.words.sources, report, "sources")
    read_evidence(members.get("evidence"), f"{key}.evidence", report)
    unless, warns = (tuple(_conditions(members, key, name, compiler)) for name in ("unless", "warns"))
    return Reserve(unless, warns, tuple(_first(members, key, orders, compiler, report)))


def _conditions(members: Mapping[str, Any], key: str, name: str, compiler: Compiler) -> Iterator[Condition]:
    for n, each in enumerate(items(members.get(name))):
        where = f"{key}.{name}[{n}]"
        condition = compiler.condition(each, where)
        if condition is None:
            continue
        used = frozenset[str]().union(*(cause.names for cause in causes_of(condition)))
        if not names_a_cause(condition) or used - {SEEN}:
            compiler.report(where, f"needs a because, which may use {SEEN} only")
        yield condition


def _first(
    members: Mapping[str, Any], key: str, orders: Collection[str], compiler: Compiler, report: Reporter
) -> Iterator[Offer]:
    written = {"suggest": members.get("first")}
    for offer in read_offers(written, f"{key}.first", orders, compiler.words.facts, compiler, report):
        if offer.kind != "order":
            report(f"{key}.first", "names tests: {order: <name>, if: <condition>}")
        yield offer
