"""A plan in words: summary and detail, from the page's text, the values used, the sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cds_service.clinical.known import Input
from cds_service.knowledge.causes import CAUSES, in_words
from cds_service.knowledge.compose import NOT_CHECKED, REMARKS, Plan
from cds_service.knowledge.conditions import Ask
from cds_service.knowledge.evaluate import Finding
from cds_service.knowledge.load import Knowledge
from cds_service.knowledge.pages import CHOICE_NAMES, CHOICES, DRUG, LONGEST_SUMMARY, OTHERS
from cds_service.knowledge.site_words import site_changes
from cds_service.knowledge.words import Shown, escape, plain

MOST_LINES = 8
# A line of the detail has more room than a summary.
LONGEST_LINE = 280
LONGEST_REASON = 60
_UNFINISHED = re.compile(r"[;,] [^;,]*:\s*$")
# Those of what leads the card come first; each rule's own page has all of its own.
MOST_SOURCES = 4
_TOLD_IN_FULL = 1


@dataclass(frozen=True, slots=True)
class Choices:
    """The drugs that words may name: as a choice, with dose and warning, and by the bare name."""

    told: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


FindChoices = Callable[[Finding], Choices]


@dataclass(frozen=True, slots=True)
class Words:
    """What a clinician reads on a card."""

    summary: str
    detail: str


def put_in_words(plan: Plan, knowledge: Knowledge, choices: FindChoices, counted: str = "") -> Words:
    """The words of one plan; ``choices`` finds the drugs that the words of a finding may name.

    ``counted`` names what the button of the card only counts.
    """
    return _Writer(plan, knowledge, choices, counted).words()


def reason_of(finding: Finding, knowledge: Knowledge) -> str:
    """What a finding holds against an order, in brackets behind it: its causes, else its one sentence.

    As many causes as fit, with the number of the rest. It names no choices.
    """
    plan = Plan(finding.group, (finding,))
    return _Writer(plan, knowledge, lambda _: Choices()).reason_of(finding)


@dataclass(frozen=True, slots=True)
class _Writer:
    plan: Plan
    knowledge: Knowledge
    choices: FindChoices
    counted: str = ""

    def words(self) -> Words:
        return Words(self._summary(), "\n\n".join(filter(None, self._blocks())))

    def _phrase(self, name: str, **values: object) -> str:
        return self.knowledge.lists.lexicon.phrase(name, **values)

    def _summary(self) -> str:
        plan = self.plan
        if not plan.top:
            return self._unknown_summary()
        named = plan.top.tier is not None and plan.top.tier.names_others
        others = len({f.rule for f in plan.told if not named} - {plan.top.rule})
        return self.summary_of(plan.top, others)

    def summary_of(self, finding: Finding, others: int = 0, longest: int = LONGEST_SUMMARY - 4) -> str:
        """One finding in one sentence; the page's title where its values make the sentence too long.

        ``others`` are the rules it leads: they and the causes left out are one number.
        """
        if finding.tier is None:
            return finding.page.title
        for most in range(max(1, len(finding.causes), len(self.plan.told)), 0, -1):
            text = self._without_unknown(finding.tier.summary.render(self._values(finding, most)))
            if len(text) <= longest:
                return self._with_others(text, len(finding.causes) - most, others)
        return self._with_others(finding.page.title, 0, others)

    def _with_others(self, text: str, left_out: int, others: int) -> str:
        """The sentence with the number of the other findings and of causes it had no room for: one number in all."""
        if not others:
            return text
        before, counted, after = text.rpartition(f" {self._phrase('more', count=left_out)}")
        sentence, left = (before + after, others + left_out) if counted else (text, others)
        for name in ("more_findings", "more_findings_short"):
            told = f"{sentence} {self._phrase(name, count=left)}"
            if len(told) <= LONGEST_SUMMARY:
                return told
        return text

    def reason_of(self, finding: Finding) -> str:
        """The causes that hold; the one sentence where none has words, without the drug that is named already."""
        for most in range(len(finding.causes), 0, -1):
            told = str(self._values(finding, most)[CAUSES])
            if len(told) <= LONGEST_REASON or most == 1:
                return told
        drug = f"{self._drug(finding)}: "
        # A clause that would have named choices has nothing left to tell.
        summary = _UNFINISHED.sub("", self.summary_of(finding))
        return summary[len(drug) :] if summary.lower().startswith(drug.lower()) else summary

    def _unknown_summary(self) -> str:
        titles = list(dict.fromkeys(f.page.title for f in self.plan.unknown))
        text = self._phrase("could_not_check", what="; ".join(titles))
        if len(text) > LONGEST_SUMMARY:
            text = self._phrase("could_not_check_many", count=len(titles), what=titles[0])
        return (
            text
            if len(text) <= LONGEST_SUMMARY
            else self._phrase("could_not_check", what=titles[0])[:LONGEST_SUMMARY]
        )

    def _values(self, finding: Finding, most: int | None = None) -> dict[str, Shown]:
        """The values of a page, the first causes that hold, and what the other findings are about.

        Of causes and other findings so many are told, with the number of those left out. Only what leads the
        card names others; in a line of it they have lines of their own.
        """
        lexicon = self.knowledge.lists.lexicon
        values = {
            name: lexicon.shown(
                value.ask.get(finding.scope), value.unit, value.digits, value.otherwise,
                self._passed(finding, value.ask),
            )
            for name, value in finding.page.values.items()
        }  # fmt: skip
        found = self.choices(finding) if finding.page.choices else Choices()
        values |= {CHOICES: Shown("; ".join(found.told)), CHOICE_NAMES: Shown(self._either(found.names))}
        values[DRUG] = Shown(self._drug(finding))
        causes = list(
            dict.fromkeys(in_words(cause, self.knowledge.lists.lexicon, values) for cause in finding.causes)
        )
        leads = finding is self.plan.top
        others = list(
            dict.fromkeys(f.page.short for f in self.plan.told if leads and f is not finding and f.page.short)
        )
        return {
            **values,
            CAUSES: self._first(causes, most, "; "),
            OTHERS: self._first(others, most, ", "),
        }

    def _drug(self, finding: Finding) -> str:
        """The drugs of the order by the names of their code lists; of a page about the patient nothing."""
        names = sorted(finding.order.ingredients & finding.page.drugs) if finding.order else ()
        return ", ".join(map(self.knowledge.terms.display, names))

    def _passed(self, finding: Finding, ask: Ask) -> frozenset[Decimal]:
        """The limits that the finding rests on a fact having passed."""
        limits = (used.limit for used in finding.used if (used.fact, used.of) == (ask.fact, ask.of))
        return frozenset(self.knowledge.values[name] for name in limits if name)

    def _either(self, names: Sequence[str]) -> str:
        """Names as alternatives: "a, b or c"."""
        *others, last = names or ("",)
        return self._phrase("either", others=", ".join(others), last=last) if others else last

    def _first(self, names: Sequence[str], most: int | None, between: str) -> Shown:
        """The first of the names, and how many are left out."""
        told = names[:most]
        left = len(names) - len(told)
        return Shown(between.join(told) + (f" {self._phrase('more', count=left)}" if left > 0 else ""))

    def _blocks(self) -> Iterable[str]:
        plan = self.plan
        first = plan.told[:_TOLD_IN_FULL]
        for finding in first:
            yield self._order_line(finding)
            yield self._text(finding)
        rest = plan.told[_TOLD_IN_FULL:]
        yield "\n".join(f"- {escape(line)}" for line in self._lines(rest)[:MOST_LINES])
        yield "\n\n".join(map(escape, self.counted.split("\n\n")))
        yield self._checked(plan.told)
        yield self._not_checked(plan.unknown)
        yield self._noted(plan.noted)
        yield site_changes(plan.told, self.knowledge)
        yield self._provenance(plan)

    def _lines(self, rest: Sequence[Finding]) -> list[str]:
        """What is told in one line each; not again what leads the card, of another order."""
        lead = self.summary_of(self.plan.told[0], longest=LONGEST_LINE) if self.plan.told else ""
        lines = ((f.rule, self.summary_of(f, longest=LONGEST_LINE)) for f in rest)
        return [line for rule, line in lines if (rule, line) != (self.plan.told[0].rule, lead)]

    def _order_line(self, finding: Finding) -> str:
        if finding.order is None or self.plan.group == REMARKS:
            return ""
        told = f"**{escape(finding.order.name)}**"
        return told + (f" – {self._phrase('name_only')}" if finding.order.recognised == "text" else "")

    def _text(self, finding: Finding) -> str:
        return self._without_unknown(finding.tier.text.render(self._values(finding))) if finding.tier else ""

    def _without_unknown(self, text: str) -> str:
        """An amount beside another one, in brackets, is left out where it is not known."""
        return text.replace(f" ({self._phrase('unknown')})", "")

    def _checked(self, told: tuple[Finding, ...]) -> str:
        inputs = list(dict.fromkeys(i for f in told for used in f.used for i in used.inputs))
        if not inputs:
            return ""
        return f"{self._phrase('checked')}: " + "; ".join(map(self._input, inputs[:MOST_LINES])) + "."

    def _not_checked(self, unknown: tuple[Finding, ...]) -> str:
        if not unknown:
            return ""
        lines = [f"- {escape(f.page.title)}: {escape('; '.join(f.reasons[:1]))}" for f in unknown]
        head = self._phrase("not_checked")
        if self.plan.group == NOT_CHECKED:
            head = self._phrase("could_not_check_detail")
        head = head if head.endswith(".") else f"{head}:"
        return "\n".join([head, "", *self._so_many(list(dict.fromkeys(lines)))])

    def _so_many(self, lines: Sequence[str]) -> Sequence[str]:
        """The first lines, and how many more there are."""
        left = len(lines) - MOST_LINES
        return (*lines[:MOST_LINES], f"- {self._phrase('and_more', count=left)}") if left > 0 else lines

    def _noted(self, noted: tuple[Plan, ...]) -> str:
        if not noted:
            return ""
        lines = [f"- {escape(_Writer(plan, self.knowledge, self.choices)._summary())}" for plan in noted]
        return "\n".join([f"**{self._phrase('also_noted')}**", "", *lines])

    def _provenance(self, plan: Plan) -> str:
        lexicon, lists = self.knowledge.lists.lexicon, self.knowledge.lists
        cited: dict[str, str] = {}
        for finding in plan.told:
            if finding.tier:
                for source in finding.tier.sources:
                    cited.setdefault(source, finding.tier.evidence)
        shown = [
            self._cited(lists.sources[key], lexicon.evidence.get(tag, tag)) for key, tag in cited.items()
        ]
        if (left := len(shown) - MOST_SOURCES) > 1:
            shown = [*shown[:MOST_SOURCES], self._phrase("more_sources", count=left)]
        site = f" · {self.knowledge.overlay.site}" if self.knowledge.overlay.site else ""
        tail = f"{self._phrase('advisory')} {self._phrase('knowledge')} {self.knowledge.version}{site}."
        return (f"{self._phrase('sources')}: " + "; ".join(map(escape, shown)) + ". " if shown else "") + tail

    def _cited(self, source: Mapping[str, object], evidence: str) -> str:
        """A source and how it was seen; a rule of our own was seen nowhere, and its title says what it is."""
        title = plain(str(source["title"]))
        return title if source.get("grade") == "heuristic" else f"{title} ({evidence})"

    def _input(self, found: Input) -> str:
        day = f" ({found.on.isoformat()})" if found.on else ""
        return f"{escape(found.label)} {escape(self.knowledge.lists.lexicon.printed(found.value))}{day}"
