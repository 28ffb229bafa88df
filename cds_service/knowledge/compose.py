"""Findings become cards: grouped, merged, dominated, ordered, cut to the ceiling; nothing is lost.

A *plan* is a card before it has words. Every finding ends in exactly one plan's record, or, where no card
may carry it (remarks on order-select), in none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from cds_service.clinical.known import Unknown
from cds_service.knowledge.alternatives import removes, seen_together
from cds_service.knowledge.dominance import Dominance, same_order, silenced
from cds_service.knowledge.evaluate import Finding, is_visit
from cds_service.knowledge.pacing import is_put_off, is_renewal
from cds_service.knowledge.pages import GROUPS, INDICATORS

RANK = {name: n for n, name in enumerate(GROUPS)}
REMARKS = "REMARKS"
NOT_CHECKED = "NOTCHECKED"
_PER_ORDER = ("STOP", "FIX")
_PER_RULE = ("ALARM", "WATCH")
_WITHOUT_REMARKS = ("order-select", "medication-refill")
# Where a running course is looked at again and again; before going home a reminder does not wait for its day.
_ABOUT_THE_PATIENT = ("NEWDX", "PLAN", "DUE", "COURSE", "CANCER")


@dataclass(frozen=True, slots=True)
class Plan:
    """One card to be: ``told`` findings in words, ``silent`` ones on the record only.

    ``noted`` are whole plans told in one line each; ``unknown`` what could not be judged about the
    same drug.
    """

    group: str
    told: tuple[Finding, ...]
    silent: tuple[Finding, ...] = ()
    unknown: tuple[Finding, ...] = ()
    noted: tuple[Plan, ...] = ()

    @property
    def indicator(self) -> str:
        """The highest of its findings; a critical check that could not be made is at least a warning."""
        found = [INDICATORS.index(f.tier.indicator) for f in self.told if f.tier]
        if any(f.unsure_critical for f in self.unknown):
            found.append(INDICATORS.index("warning"))
        return INDICATORS[min(found, default=INDICATORS.index("info"))]

    @property
    def top(self) -> Finding | None:
        return self.told[0] if self.told else None

    def rank(self) -> tuple[int, int, tuple[int, int, str]]:
        """Indicator, then group, then the rank of the top finding: time to harm, then id."""
        last = (9, 9, "")
        return (
            INDICATORS.index(self.indicator),
            RANK.get(self.group, len(RANK)),
            self.top.page.rank if self.top else last,
        )

    def recorded(self) -> tuple[Finding, ...]:
        """Every fired finding the card speaks for."""
        return self.told + self.silent + tuple(f for plan in self.noted for f in plan.recorded())


@dataclass(slots=True)
class _Sorted:
    """Findings by what becomes of them."""

    worded: list[Finding] = field(default_factory=list)
    silent: list[tuple[Finding, Finding]] = field(default_factory=list)
    remarks: list[Finding] = field(default_factory=list)
    unknown: list[Finding] = field(default_factory=list)


def compose(
    found: Iterable[Finding], hook: str, dominance: Iterable[Dominance], ceiling: int = 3
) -> tuple[Plan, ...]:
    """The plans of a call, in the order shown."""
    piles = _dominated([each for each in found if not is_put_off(each, hook)], hook, tuple(dominance))
    plans = sorted(_merged(piles.worded), key=Plan.rank)
    plans = _with_silent(plans, piles.silent)
    plans = _with_remarks(plans, piles.remarks, hook)
    plans = _with_unknown(plans, piles.unknown, hook)
    return _cut(sorted(plans, key=Plan.rank), hook, ceiling)


def _dominated(found: list[Finding], hook: str, dominance: tuple[Dominance, ...]) -> _Sorted:
    piles = _Sorted()
    fired = [finding for finding in found if finding.outcome == "fired"]
    piles.unknown = [finding for finding in found if finding.outcome == "unknown" or finding.doubtful]
    # A remark may be told nowhere, so it silences nothing.
    spoken_for = silenced(fired, [f for f in fired if not _is_remark(f, hook)], dominance)
    for finding in fired:
        over = spoken_for.get(id(finding))
        if over:
            piles.silent.append((over, finding))
        elif _is_remark(finding, hook):
            piles.remarks.append(finding)
        else:
            piles.worded.append(finding)
    piles.unknown = [f for f in piles.unknown if id(f) not in spoken_for]
    return piles


def _is_remark(finding: Finding, hook: str) -> bool:
    return finding.group == REMARKS or _is_old_news(finding, hook)


def _merged(worded: list[Finding]) -> list[Plan]:
    """One plan for each group and object; two criticals share one only where one act resolves both."""
    heaps: dict[tuple[str, ...], list[Finding]] = {}
    seen = Counter(map(seen_together, worded))
    for finding in worded:
        together = seen_together(finding)
        heaps.setdefault(together if together and seen[together] > 1 else _object(finding), []).append(
            finding
        )
    plans = [Plan(key[0], tuple(sorted(heap, key=_weight))) for key, heap in heaps.items()]
    return _same_blood(plans)


def _same_blood(plans: list[Plan]) -> list[Plan]:
    """What two drugs need before their first dose is one card where one blood sample answers both."""
    kept: list[Plan] = []
    for plan in sorted(plans, key=lambda p: (-len(p.told), p.rank())):
        home = next((n for n, other in enumerate(kept) if _share_a_test(plan, other)), None)
        if home is None:
            kept.append(plan)
        else:
            told = tuple(sorted((*kept[home].told, *plan.told), key=_weight))
            kept[home] = replace(kept[home], told=told)
    return kept


def _share_a_test(one: Plan, other: Plan) -> bool:
    return one.group == other.group == "START" and bool(_orders(one) & _orders(other))


def _orders(plan: Plan) -> frozenset[str]:
    return frozenset(o.name for f in plan.told if f.tier for o in f.tier.offers if o.kind == "order")


def _weight(finding: Finding) -> tuple[int, tuple[int, int, str]]:
    indicator = finding.tier.indicator if finding.tier else "info"
    return INDICATORS.index(indicator), finding.page.rank


def _object(finding: Finding) -> tuple[str, ...]:
    """What a card of the finding's group is about."""
    group, order = finding.group, finding.order
    if group == "STOP" and not removes(finding):
        return group, finding.rule, order.reference if order else ""
    if group in _PER_ORDER:
        return group, order.reference if order else finding.rule
    if group in _PER_RULE:
        return group, finding.rule
    if group == "START" and order:
        return group, *sorted(order.ingredients)
    return (group,)


def _with_silent(plans: list[Plan], silent: list[tuple[Finding, Finding]]) -> list[Plan]:
    """Dominated findings go on the record of the card whose finding dominates them."""
    for over, finding in silent:
        for n, plan in enumerate(plans):
            if any(told is over for told in plan.told):
                plans[n] = replace(plan, silent=(*plan.silent, finding))
    return plans


def _with_remarks(plans: list[Plan], remarks: list[Finding], hook: str) -> list[Plan]:
    """Lines go to a card about the same drug; the rest share one remarks card, at order-sign and at visits."""
    homeless = []
    for finding in remarks:
        homes = [n for n, plan in enumerate(plans) if _home(plan, finding)]
        if homes:
            home = min(homes, key=lambda n: _nearest(plans[n].group))
            plans[home] = replace(plans[home], told=(*plans[home].told, finding))
        elif not _is_old_news(finding, hook):
            homeless.append(finding)
    if homeless and hook not in _WITHOUT_REMARKS:
        plans.append(Plan(REMARKS, tuple(sorted(homeless, key=_weight))))
    return plans


def _nearest(group: str) -> int:
    """A line about the patient joins the work-up or the plan before a card about cancer."""
    return _ABOUT_THE_PATIENT.index(group) if group in _ABOUT_THE_PATIENT else len(_ABOUT_THE_PATIENT)


def _is_old_news(finding: Finding, hook: str) -> bool:
    """A mere remark on an order that only renews what is taken: it was told when the drug was begun or changed.

    A page that asks for the phase itself knows what a renewal means to it.
    """
    is_remark = finding.group in ("FIX", "START", REMARKS) and finding.indicator == "info"
    if is_visit(hook) or finding.tier is None or not is_remark:
        return False
    own = any(ask.fact == "phase" for ask in finding.tier.condition.facts())
    return not own and is_renewal(finding)


def _home(plan: Plan, finding: Finding) -> bool:
    """Whether the plan is about the same order; or, of a finding about the patient, a plan about the patient."""
    if finding.order is None:
        return plan.group in _ABOUT_THE_PATIENT
    return any(
        told.order is not None and finding.order is not None and same_order(told, finding)
        for told in plan.told
    )


def _with_unknown(plans: list[Plan], unknown: list[Finding], hook: str) -> list[Plan]:
    """What could not be judged is told in a card about the same order, else in a card of its own."""
    if hook == "order-select":
        unknown = [finding for finding in unknown if finding.unsure_critical]
    homeless = []
    for finding in unknown:
        home = _card_for(plans, finding)
        if home is None:
            homeless.append(finding)
        else:
            plans[home] = replace(plans[home], unknown=(*plans[home].unknown, finding))
    if homeless:
        plans.append(Plan(NOT_CHECKED, (), unknown=tuple(sorted(homeless, key=_dose_first))))
    return plans


def _dose_first(finding: Finding) -> tuple[bool, bool, tuple[int, tuple[int, int, str]]]:
    """Critical checks before others, that of the dose before them all: a wrong dose kills more often."""
    return not finding.unsure_critical, not finding.page.judges_dosage, _weight(finding)


def _card_for(plans: list[Plan], finding: Finding) -> int | None:
    own = [n for n, p in enumerate(plans) if any(t is finding or t.explains(finding) for t in p.told)]
    if own:
        return own[0]
    for group in ("START", "FIX", "STOP"):
        for n, plan in enumerate(plans):
            if plan.group == group and _home(plan, finding) and _is_grave_enough(plan, finding):
                return n
    return None


def _is_grave_enough(plan: Plan, finding: Finding) -> bool:
    """A critical check that was not made does not hide in a card that only informs; nor does a dose that
    nobody could read, in any: that is a fault of the order, where the rest is missing from the chart."""
    return not finding.unsure_critical or (plan.indicator != "info" and not _is_dose_unread(finding))


def _is_dose_unread(finding: Finding) -> bool:
    taken = finding.order.exposure if finding.order and finding.page.judges_dosage else None
    return taken is not None and all(
        isinstance(each, Unknown) for each in (taken.mg_per_dose, taken.mg_per_week)
    )


def _cut(plans: list[Plan], hook: str, ceiling: int) -> tuple[Plan, ...]:
    """Every critical, then up to the ceiling; what does not fit is one line each in the last card."""
    if hook == "order-select":
        ceiling = min(ceiling, 2)
        plans = [p for p in plans if p.group in (*_PER_ORDER, NOT_CHECKED)]
    keep = max(ceiling, sum(plan.indicator == "critical" for plan in plans))
    shown, rest = plans[:keep], plans[keep:]
    unchecked = [plan for plan in rest if any(f.unsure_critical for f in plan.unknown)]
    if unchecked and shown:
        # A critical check that was not made is never just a line.
        shown, rest = shown + unchecked, [plan for plan in rest if plan not in unchecked]
    if rest and shown:
        shown[-1] = replace(shown[-1], noted=tuple(rest))
    return tuple(shown)
