"""A plan made into the card that is sent: words, topic, record, suggestions, override reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from cds_service.clinical.chart import Chart, Medication
from cds_service.decide.choices import choices
from cds_service.decide.offers import Offers
from cds_service.knowledge.compose import NOT_CHECKED, REMARKS, Plan
from cds_service.knowledge.conditions import Condition
from cds_service.knowledge.detail import Choices, put_in_words
from cds_service.knowledge.evaluate import Finding
from cds_service.knowledge.load import Knowledge
from cds_service.knowledge.words import escape
from cds_service.protocol.cards import Card, Coding, Source
from cds_service.protocol.request import HookRequest

PROJECT = "https://dermatomyositis-cds.org"
TOPICS = f"{PROJECT}/rules"
OVERRIDES = f"{PROJECT}/override-reasons"
EXTENSION = "org.dermatomyositis-cds"


@dataclass(frozen=True, slots=True)
class CardMaker:
    """Makes the cards of one call."""

    knowledge: Knowledge
    new_id: Callable[[], str]
    public_url: str
    request: HookRequest
    chart: Chart
    today: date
    offered: set[str] = field(default_factory=set)
    named: dict[int, Choices] = field(default_factory=dict)

    def card(self, plan: Plan) -> Card:
        """The card of one plan."""
        offers = self._offers(plan)
        suggestions, behavior = offers.suggestions()
        words = put_in_words(plan, self.knowledge, self._choices, offers.counted(suggestions))
        return Card(
            uuid=self.new_id(),
            summary=words.summary,
            indicator=plan.indicator,  # type: ignore[arg-type]
            source=self._source(plan),
            detail=words.detail,
            suggestions=suggestions,
            selection_behavior=behavior,
            override_reasons=tuple(self._reasons(plan)),
            extension=self._extension(plan),
        )

    def _choices(self, finding: Finding) -> Choices:
        """The drugs a finding's words may name, tried once for summary and text."""
        found = self.named.get(id(finding))
        if found is None:
            found = self.named[id(finding)] = choices(finding, self.knowledge)
        return found

    def unreadable_card(self, drafts: Sequence[Medication]) -> Card:
        """The card that says an order's drug could not be read, so that nothing was checked for it."""
        phrases = self.knowledge.lists.lexicon.phrases
        listed = "\n".join(f"- {escape(draft.reference)}" for draft in drafts)
        return Card(
            uuid=self.new_id(),
            summary=phrases["drug_unreadable"],
            indicator="warning",
            source=Source(phrases["label"], topic=self._topic(NOT_CHECKED)),
            detail=f"{phrases['could_not_check_detail']}\n\n{listed}\n\n{phrases['advisory']}",
            extension={EXTENSION: {"knowledge": self.knowledge.version}},
        )

    def _offers(self, plan: Plan) -> Offers:
        return Offers(plan, self.knowledge, self.request, self.chart, self.new_id, self.offered)

    def _source(self, plan: Plan) -> Source:
        """Labelled by the first source of the finding that leads; a heuristic is labelled as one."""
        phrases, sources = self.knowledge.lists.lexicon.phrases, self.knowledge.lists.sources
        topic = self._topic(_topic_of(plan))
        if plan.top is None or plan.top.tier is None:
            return Source(phrases["label"], topic=topic)
        first = sources[plan.top.tier.sources[0]]
        page = (
            f"{self.public_url}/knowledge/{plan.top.rule}" if self.public_url else str(first.get("url") or "")
        )
        return Source(str(first.get("title") or phrases["label"]), page, topic)

    def _topic(self, code: str) -> Coding:
        return Coding(TOPICS, code.replace("-", ""), code)

    def _extension(self, plan: Plan) -> dict[str, object]:
        rules = [self._rule(finding) for finding in _once(plan)]
        return {EXTENSION: {"rules": rules, "knowledge": self.knowledge.version}}

    def _rule(self, finding: Finding) -> dict[str, str]:
        tier = finding.tier
        if tier is None:
            return {"rule": finding.rule}
        grade = str(self.knowledge.lists.sources[tier.sources[0]].get("grade", "heuristic"))
        return {"rule": finding.rule, "indicator": tier.indicator, "evidence": grade, "seen": tier.evidence}

    def _reasons(self, plan: Plan) -> Iterator[Coding]:
        """Those of the finding that leads, then the generic ones that fit. A card that only informs asks for none."""
        if plan.top is None or plan.top.tier is None or plan.indicator == "info":
            return
        lists, tier = self.knowledge.lists, plan.top.tier
        own = [code for code in tier.overrides if self._fits(plan.top, tier.override_when.get(code))]
        top = (plan.top.rule, plan.top.group, tier.indicator)
        generic = [reason.code for reason in lists.generic_overrides if reason.fits(*top)]
        for code in dict.fromkeys((*own, *generic)):
            yield Coding(OVERRIDES, code, lists.overrides[code])

    def _fits(self, finding: Finding, when: Condition | None) -> bool:
        """Whether an override reason is one for what was found."""
        return when is None or bool(when.judge(finding.scope).truth)


def _topic_of(plan: Plan) -> str:
    """The rule that sets the indicator; the constant topics for what is not one rule's."""
    if plan.group in (REMARKS, NOT_CHECKED) or plan.top is None:
        return REMARKS if plan.group == REMARKS else NOT_CHECKED
    return plan.top.rule


def _once(plan: Plan) -> Iterator[Finding]:
    """Every recorded finding of a rule at its highest indicator, once."""
    seen = set()
    for finding in plan.recorded():
        if finding.rule not in seen:
            seen.add(finding.rule)
            yield finding
