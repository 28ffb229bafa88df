"""Pages put to a chart: each says *fired*, *silent* or *unknown*, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from cds_service.clinical.chart import Medication
from cds_service.clinical.facts.registry import Scope
from cds_service.clinical.known import Unknown
from cds_service.knowledge.conditions import Cause, Used, Verdict
from cds_service.knowledge.pages import Page, Tier

Outcome = Literal["fired", "silent", "unknown"]
REGIMEN = "regimen"
"""The class of the drugs that dermatomyositis is treated with."""
_GRAVITY = ("critical", "warning", "info", "unknown", "silent")
ORDER_HOOKS = frozenset({"order-select", "order-sign", "medication-refill"})


@dataclass(frozen=True, slots=True)
class Finding:
    """What one page says about one order, course or patient.

    ``tier`` is the one that fired, or the most severe that is unknown. ``doubtful`` are the tiers above a
    fired one that could not be judged. ``reasons`` and ``missing`` say why something is unknown, ``causes``
    are those that hold.
    """

    page: Page
    hook: str
    outcome: Outcome
    scope: Scope
    tier: Tier | None = None
    used: tuple[Used, ...] = ()
    doubtful: tuple[Tier, ...] = ()
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()

    @property
    def rule(self) -> str:
        return self.page.rule

    @property
    def order(self) -> Medication | None:
        return self.scope.order

    @property
    def indicator(self) -> str:
        return self.tier.indicator if self.tier else ""

    @property
    def group(self) -> str:
        return self.tier.group(self.hook) if self.tier else ""

    @property
    def unsure_critical(self) -> bool:
        """Whether a critical tier could not be judged."""
        unsure = (
            self.doubtful if self.outcome == "fired" else (self.tier,) if self.outcome == "unknown" else ()
        )
        return any(tier is not None and tier.indicator == "critical" for tier in unsure)

    def explains(self, other: Finding) -> bool:
        """Whether its card says what the other, about the same order, could not be judged for want of."""
        same = (
            self.order is not None
            and other.order is not None
            and self.order.reference == other.order.reference
        )
        return same and bool(other.missing) and self.page.tells_missing.issuperset(other.missing)


def is_visit(hook: str) -> bool:
    """Whether a hook is about the patient as such, not about orders on the screen."""
    return hook not in ORDER_HOOKS


def evaluate(page: Page, scope: Scope, hook: str) -> Finding:
    """The tiers from the top: the first that holds fires; unknown ones above it are kept."""
    unsure: list[tuple[Tier, Verdict]] = []
    for tier in page.tiers_on(hook):
        verdict = tier.condition.judge(scope)
        if verdict.truth:
            return _finding(page, hook, scope, "fired", tier, verdict, unsure)
        if verdict.truth is None:
            unsure.append((tier, verdict))
    if unsure:
        return _finding(page, hook, scope, "unknown", unsure[0][0], Verdict(None), unsure)
    return Finding(page, hook, "silent", scope)


def _finding(
    page: Page, hook: str, scope: Scope, outcome: Outcome, tier: Tier, verdict: Verdict,
    unsure: list[tuple[Tier, Verdict]],
) -> Finding:  # fmt: skip
    reasons = dict.fromkeys(reason for _, verdict in unsure for reason in verdict.reasons)
    missing = dict.fromkeys(name for _, verdict in unsure for name in verdict.missing)
    return Finding(
        page, hook, outcome, scope, tier, verdict.used, tuple(t for t, _ in unsure),
        tuple(reasons), tuple(missing), verdict.causes,
    )  # fmt: skip


def findings(pages: Iterable[Page], scope: Scope, hook: str) -> tuple[Finding, ...]:
    """Every page about what the call is about. ``scope`` is the patient's, without an order."""
    pages = tuple(pages)
    orders = _orders(scope, hook)
    # One scope for all that is asked about an order: what one page has worked out, the next one finds.
    about = {id(order): scope.about(order) for order in orders} | {id(None): scope}
    judged = tuple(found for page in pages for found in _judged(page, orders, about, hook))
    return judged + (() if hook in ORDER_HOOKS else _unseen(pages, judged, scope, hook))


def _unseen(pages: Iterable[Page], judged: Iterable[Finding], scope: Scope, hook: str) -> tuple[Finding, ...]:
    """At a visit, the pages about courses that could not be looked for, the list being unread or incomplete."""
    courses = scope.chart.medications()
    reason = courses.reason if isinstance(courses, Unknown) else courses.doubt
    if not reason:
        return ()
    seen = {finding.rule for finding in judged}
    return tuple(
        Finding(
            page, hook, "unknown", scope, page.tiers_on(hook)[0], reasons=(reason,), missing=("medications",)
        )
        for page in pages
        if page.subject != "patient" and page.rule not in seen
    )


def concerned(pages: Iterable[Page], scope: Scope, hook: str) -> tuple[Page, ...]:
    """The pages that have something to be about: an order of theirs, a running course, or the patient.

    At a visit the running courses are not known before the chart is gathered, so every page stays.
    """
    if is_visit(hook):
        return tuple(pages)
    orders = _orders(scope, hook)
    pages = tuple(pages)
    ours = (p for p in pages if p.subject != "patient" and any(_subjects(p, orders, hook)))
    about = {id(page) for page in ours}
    # An order that is none of ours is no occasion to look into the chart.
    return tuple(page for page in pages if id(page) in about or (about and page.subject == "patient"))


def evaluate_open(pages: Iterable[Page], scope: Scope, hook: str) -> tuple[Page, ...]:
    """The pages that fire or might, as far as the chart is known yet: what is silent now stays silent."""
    pages = tuple(pages)
    still = {id(f.page) for f in findings(pages, scope, hook) if f.outcome != "silent"}
    return tuple(page for page in pages if id(page) in still)


def _orders(scope: Scope, hook: str) -> tuple[Medication, ...]:
    """The drafts on order hooks (those selected, on order-select); the running courses at visits."""
    if hook in ORDER_HOOKS:
        return tuple(d for d in scope.chart.drafts if d.selected or hook != "order-select")
    courses = scope.chart.medications()
    if isinstance(courses, Unknown):
        return ()
    return tuple(course for course in courses.value if course.state in ("active", "on-hold"))


def _judged(
    page: Page, orders: tuple[Medication, ...], about: Mapping[int, Scope], hook: str
) -> Iterator[Finding]:
    found = [evaluate(page, about[id(order)], hook) for order in _subjects(page, orders, hook)]
    if page.subject == "pair" and len(found) > 1:
        found = [min(found, key=_first_of_a_pair)]
    yield from found


def _first_of_a_pair(finding: Finding) -> tuple[int, bool, bool]:
    """What a pair is told about: the gravest; then a drug it rests on, for another one would be taken away in vain;
    then the drug that the regimen can do without: the antibiotic goes, not methotrexate, whichever was sent first.
    """
    order, terms = finding.order, finding.scope.terms
    drugs = order.ingredients if order else frozenset[str]()
    gravity = _GRAVITY.index(finding.indicator if finding.outcome == "fired" else finding.outcome)
    met = {
        member
        for used in finding.used
        if used.value is not False
        for of in used.of
        for member in terms.members(of)
    }
    regimen = frozenset[str]() if is_visit(finding.hook) else terms.members(REGIMEN)
    return gravity, not drugs & met, bool(drugs & regimen)


def _subjects(page: Page, orders: tuple[Medication, ...], hook: str) -> Iterator[Medication | None]:
    """What the page is asked about."""
    if page.subject == "patient":
        yield None
        return
    about = [order for order in orders if order.ingredients & page.drugs]
    if page.judges_dosage and hook == "order-select":
        about = [order for order in about if order.has_dosage]
    yield from about
