"""What the population saw, as numbers and as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from cds_service.replay.cohort.again import MONTH, again
from cds_service.replay.cohort.run import Answered

STATES = ("new", "induction", "tapering", "maintenance", "remission", "refractory")
STABLE = ("maintenance", "remission")


@dataclass(frozen=True, slots=True)
class Figures:
    """Cards a call: how many calls, the median, the 95th percentile, the mean, the most."""

    calls: int
    median: float
    percentile_95: int
    mean: Fraction
    most: int


def figures(calls: Iterable[Answered]) -> Figures:
    """The figures of some calls; all zero where there are none."""
    counts = sorted(len(call.cards) for call in calls)
    if not counts:
        return Figures(0, 0, 0, Fraction(0), 0)
    at = (len(counts) * 95 + 99) // 100 - 1
    return Figures(len(counts), median(counts), counts[at], Fraction(sum(counts), len(counts)), counts[-1])


def critical_share(calls: Sequence[Answered]) -> Fraction:
    """The share of calls that show a critical card."""
    return Fraction(sum(call.criticals > 0 for call in calls), len(calls) or 1)


def is_stable(call: Answered) -> bool:
    """A call about a patient on a settled regimen or on none any more."""
    return call.state in STABLE


def page(calls: Sequence[Answered], *, patients: int, seed: int, knowledge: str) -> str:
    """The report in Markdown."""
    told = (
        f"{patients} synthetic patients, seed {seed}, knowledge {knowledge}; {len(calls)} hook calls of a year. Nobody "
        "is real; what is assumed of patients, records and prescribers stands in "
        "`cds_service/replay/cohort/assumptions.yaml`. Made by `cds-service cohort`."
    )
    unjudged = Fraction(sum(bool(call.unjudged) for call in calls), len(calls) or 1)
    shares = (
        f"Calls with a critical card: {_percent(critical_share(calls))}. Calls in which something could not be "
        f"checked: {_percent(unjudged)}."
    )
    hooks, orders = (sorted({getattr(call, name) for call in calls}) for name in ("hook", "about"))
    blocks = [
        "# Cards in a synthetic population",
        told,
        _table("in all", [("all", calls), ("stable", [call for call in calls if is_stable(call)])]),
        shares,
        _repeats(calls),
        _table("by state", _split(calls, lambda call: call.state, STATES)),
        _table("by hook", _split(calls, lambda call: call.hook, hooks)),
        _table("by what the order is for", _split(calls, lambda call: call.about, orders)),
        _topics(calls),
    ]
    return "\n\n".join(blocks) + "\n"


def again_share(calls: Sequence[Answered], *, taken: bool) -> Fraction:
    """The share of calls that show a card again within a month; ``taken`` as for :func:`~.again.again`."""
    return Fraction(len({id(call) for call, _ in again(calls, taken=taken)}), len(calls) or 1)


def _repeats(calls: Sequence[Answered]) -> str:
    """How often the same card comes again, and which rules head those that no order would end."""
    idle, acted = (_percent(again_share(calls, taken=taken)) for taken in (False, True))
    heads = Counter(card.topic for _, card in again(calls, taken=True))
    named = ", ".join(f"{topic} {count}" for topic, count in heads.most_common(5))
    return (
        f"Calls that show a card which the patient was shown on another day of the last {MONTH}: {idle} where "
        f"nothing is done and nothing changes, {acted} where every order on offer is taken (most often {named})."
    )


def _split(
    calls: Sequence[Answered], of: Callable[[Answered], str], names: Iterable[str]
) -> list[tuple[str, Sequence[Answered]]]:
    return [(name, [call for call in calls if of(call) == name]) for name in names]


def _table(title: str, rows: Iterable[tuple[str, Iterable[Answered]]]) -> str:
    lines = [
        f"## Cards a call, {title}",
        "",
        "| | calls | median | 95th percentile | mean | most |",
        "|---|---|---|---|---|---|",
    ]
    for name, calls in rows:
        found = figures(calls)
        mean = f"{float(found.mean):.2f}"
        lines.append(
            f"| {name} | {found.calls} | {found.median:g} | {found.percentile_95} | {mean} | {found.most} |"
        )
    return "\n".join(lines)


def _topics(calls: Sequence[Answered]) -> str:
    """Which rules head the cards, and how often a rule speaks at all."""
    heads = Counter((card.indicator, card.topic) for call in calls for card in call.cards)
    lines = [
        "## Cards by severity and leading rule",
        "",
        "| severity | topic | cards | in 100 calls |",
        "|---|---|---|---|",
    ]
    order = ("critical", "warning", "info")
    for (indicator, topic), count in sorted(
        heads.items(), key=lambda each: (order.index(each[0][0]), -each[1], each[0][1])
    ):
        lines.append(f"| {indicator} | {topic} | {count} | {100 * count / len(calls):.1f} |")
    return "\n".join(lines)


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.1f} %"
