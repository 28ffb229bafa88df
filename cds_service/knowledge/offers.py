"""What a tier offers to do, as a page writes it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from cds_service.clinical.facts.registry import FactSpec
from cds_service.knowledge.compile import Compiler
from cds_service.knowledge.conditions import Condition
from cds_service.knowledge.files import Reporter, items, near

_WRITTEN = (
    "must be delete, once-weekly, {order: <name in orders.yaml>}, the same with `if: missing` or `if: <condition>`, "
    "{order-first: [<names, the preferred first>]}, the same with `if: <condition>`, "
    "{order-each: <fact that lists such names>}, the same with `days: <fact that tells the day of each>`, "
    "{set-dose: <number of the order>, to: [<limits>], step: <limit in mg>}, "
    "or the same with times: <limit> in place of to, with rounded: down or with `if: <condition>`"
)
_SET_DOSE = ({"set-dose", "to", "step"}, {"set-dose", "times", "step"})
_ROUNDED = {"rounded": "down"}
_MORE = {*_ROUNDED, "if"}


@dataclass(frozen=True, slots=True)
class Target:
    """What a fact about the order is to become: the first of ``to`` that fits, or ``times`` what it is.

    ``step`` is the smallest part of a dose that can be taken, in mg; ``rounded`` to it is a dose by weight, which
    would seldom be a whole number of steps, and always down.
    """

    to: tuple[Decimal, ...]
    times: Decimal | None
    step: Decimal
    rounded: bool = False

    def values(self, now: Decimal) -> tuple[Decimal, ...]:
        """The values to try, in turn."""
        return self.to if self.times is None else (now * self.times,)

    def dose(self, before: Decimal, now: Decimal, value: Decimal) -> Decimal | None:
        """The single dose in mg with which the number becomes ``value`` instead of ``now``; ``None`` for no dose."""
        steps, rest = divmod(before * value, now * self.step)
        return steps * self.step if steps and (self.rounded or not rest) else None


@dataclass(frozen=True, slots=True)
class Offer:
    """``delete``, ``once-weekly``, ``order`` with the name of an order, or ``order-each`` with the name of a
    fact that lists such names; ``days`` is the fact that tells the day of each, today where it tells none.

    A test ``if_missing`` is offered only where no result of it is on record; of the orders ``among`` which one
    stands, one that passes without a warning makes the others needless.
    An order or a dose with ``when`` is offered only where that holds, too.
    ``set-dose`` has the name of a number of the order and the ``target`` it is to become.
    """

    kind: Literal["delete", "once-weekly", "order", "order-each", "set-dose"]
    name: str = ""
    if_missing: bool = False
    among: tuple[str, ...] = ()
    target: Target | None = None
    when: Condition | None = None
    days: str = ""


def read_offers(
    tier: Mapping[str, Any],
    key: str,
    orders: Collection[str],
    facts: Mapping[str, FactSpec],
    compiler: Compiler,
    report: Reporter,
) -> tuple[Offer, ...]:
    """The offers under ``suggest``, keeping every fault."""
    return tuple(
        offer
        for n, entry in enumerate(items(tier.get("suggest")))
        for offer in _offer(entry, f"{key}.suggest[{n}]", orders, facts, compiler, report)
    )


def _offer(
    entry: object, key: str, orders: Collection[str], facts: Mapping[str, FactSpec], compiler: Compiler,
    report: Reporter,
) -> Iterator[Offer]:  # fmt: skip
    if entry == "delete":
        yield Offer("delete")
    elif entry == "once-weekly":
        yield Offer("once-weekly")
    elif isinstance(entry, dict) and "order" in entry and entry.items() <= _orders_of(entry).items():
        yield Offer("order", _order(entry["order"], key, orders, report), "if" in entry)
    elif isinstance(entry, dict) and set(entry) == {"order", "if"} and isinstance(entry["if"], dict):
        when = compiler.condition(entry["if"], f"{key}.if")
        yield Offer("order", _order(entry["order"], key, orders, report), when=when)
    elif isinstance(entry, dict) and set(entry) - {"if"} == {"order-first"}:
        among = tuple(_order(name, key, orders, report) for name in items(entry["order-first"]))
        when = compiler.condition(entry["if"], f"{key}.if") if "if" in entry else None
        yield from (Offer("order", name, among=among, when=when) for name in among)
    elif isinstance(entry, dict) and set(entry) - {"days"} == {"order-each"}:
        name = str(entry["order-each"])
        lists = [each for each, spec in facts.items() if spec.kind == "words" and not spec.of]
        if name not in lists:
            report(key, f"no fact that lists words named '{name}'{near(name, lists)}")
        days = str(entry.get("days", ""))
        if days and (days not in facts or facts[days].kind != "course"):
            report(key, f"no fact that tells days named '{days}'{near(days, facts)}")
        yield Offer("order-each", name, days=days)
    elif isinstance(entry, dict) and set(entry) - _MORE in _SET_DOSE and _is_rounded(entry):
        yield from _set_dose(entry, key, facts, compiler, report)
    else:
        report(key, _WRITTEN)


def _order(written: object, key: str, orders: Collection[str], report: Reporter) -> str:
    name = str(written)
    if name not in orders:
        report(key, f"no order named '{name}' in orders.yaml{near(name, orders)}")
    return name


def _set_dose(
    entry: Mapping[str, Any], key: str, facts: Mapping[str, FactSpec], compiler: Compiler, report: Reporter
) -> Iterator[Offer]:
    name = str(entry["set-dose"])
    numbers = {each: spec for each, spec in facts.items() if spec.kind == "number" and spec.about == "order"}
    if name not in numbers:
        report(key, f"no number of an order named '{name}'{near(name, numbers)}")
        return

    def read(value: object, unit: str) -> Decimal:
        found = compiler.limit(value)
        if found is None or found.unit != unit:
            report(key, f"'{value}' must be a limit of drug.yaml in {unit}")
            return Decimal(1)
        return found.value

    to = tuple(read(each, numbers[name].unit) for each in items(entry.get("to")))
    times = read(entry["times"], "1") if "times" in entry else None
    step = read(entry["step"], "mg")
    if step <= 0 or (times is not None and not 0 < times < 1):
        report(key, "step must be above 0, times between 0 and 1")
        return
    when = compiler.condition(entry["if"], f"{key}.if") if "if" in entry else None
    yield Offer("set-dose", name, target=Target(to, times, step, "rounded" in entry), when=when)


def _is_rounded(entry: Mapping[str, Any]) -> bool:
    return bool(entry.get("rounded", _ROUNDED["rounded"]) == _ROUNDED["rounded"])


def _orders_of(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The whole of what an order offer may say."""
    return {"order": entry["order"], "if": "missing"}
