"""What a tier offers to do, as a page writes it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cds_service.clinical.facts.registry import FactSpec
from cds_service.knowledge.files import Reporter, items, near

_WRITTEN = (
    "must be delete, once-weekly, {order: <name in orders.yaml>}, the same with `if: missing`, "
    "or {order-each: <fact that lists such names>}"
)


@dataclass(frozen=True, slots=True)
class Offer:
    """``delete``, ``once-weekly``, ``order`` with the name of an order, or ``order-each`` with the name of a
    fact that lists such names. A test ``if_missing`` is offered only where no result of it is on record."""

    kind: Literal["delete", "once-weekly", "order", "order-each"]
    name: str = ""
    if_missing: bool = False


def read_offers(
    tier: Mapping[str, Any],
    key: str,
    orders: Collection[str],
    facts: Mapping[str, FactSpec],
    report: Reporter,
) -> tuple[Offer, ...]:
    """The offers under ``suggest``, keeping every fault."""
    return tuple(
        offer
        for n, entry in enumerate(items(tier.get("suggest")))
        for offer in _offer(entry, f"{key}.suggest[{n}]", orders, facts, report)
    )


def _offer(
    entry: object, key: str, orders: Collection[str], facts: Mapping[str, FactSpec], report: Reporter
) -> Iterator[Offer]:
    if entry == "delete":
        yield Offer("delete")
    elif entry == "once-weekly":
        yield Offer("once-weekly")
    elif isinstance(entry, dict) and "order" in entry and entry.items() <= _orders_of(entry).items():
        name = str(entry["order"])
        if name not in orders:
            report(key, f"no order named '{name}' in orders.yaml{near(name, orders)}")
        yield Offer("order", name, "if" in entry)
    elif isinstance(entry, dict) and set(entry) == {"order-each"}:
        name = str(entry["order-each"])
        lists = [each for each, spec in facts.items() if spec.kind == "words" and not spec.of]
        if name not in lists:
            report(key, f"no fact that lists words named '{name}'{near(name, lists)}")
        yield Offer("order-each", name)
    else:
        report(key, _WRITTEN)


def _orders_of(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The whole of what an order offer may say."""
    return {"order": entry["order"], "if": "missing"}
