"""A page: one rule, its tiers, its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Template

from cds_service.clinical.facts.registry import FactSpec
from cds_service.clinical.terms import Terminology
from cds_service.knowledge.conditions import Ask, Condition
from cds_service.knowledge.offers import Offer

INDICATORS = ("critical", "warning", "info")
GROUPS = (
    "STOP", "ALARM", "FIX", "START", "STEROID", "WATCH", "DUE", "CANCER", "PLAN", "NEWDX", "COURSE", "REMARKS",
)  # fmt: skip
LONGEST_SUMMARY = 139
# In a summary, what the other findings of its card are about: the short names of their pages.
OTHERS = "others"
# In the words, the choices of the page that this patient may have: with dose and warning, or by the bare names.
CHOICES = "choices"
CHOICE_NAMES = "choice_names"
# In the words, the drug of the order the page is about, by the name of its code list.
DRUG = "drug"
# What words may use besides the values of their page.
GIVEN_NAMES = frozenset({OTHERS, CHOICES, CHOICE_NAMES, DRUG})
# A refill is judged as if the order were signed again.
_JUDGED_AS = {"medication-refill": ("order-sign",)}


@dataclass(frozen=True, slots=True)
class Value:
    """A name the text may use: a fact, how many places are printed, and what is said where it is not known."""

    ask: Ask
    unit: str
    digits: int | None
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Tier:
    """One severity of a page. ``groups`` maps a hook (or "default") to the card group.

    ``shipped`` is the indicator before a site changed it; "" where none did. ``names_others``: its summary
    names what the other findings of its card are about. ``paced`` is the flag fact that says whether it is told
    today where a chart is opened; "" where it always is. An override reason in ``override_when`` is offered only
    where its condition holds.
    """

    indicator: str
    groups: Mapping[str, str]
    hooks: frozenset[str]
    condition: Condition
    summary: Template
    text: Template
    offers: tuple[Offer, ...]
    overrides: tuple[str, ...]
    sources: tuple[str, ...]
    evidence: str
    shipped: str = ""
    names_others: bool = False
    paced: str = ""
    override_when: Mapping[str, Condition] = field(default_factory=dict)

    def group(self, hook: str) -> str:
        return self.groups.get(hook, self.groups["default"])


@dataclass(frozen=True, slots=True)
class Page:
    """One rule. ``drugs`` are ingredients, classes expanded; ``rank`` orders equals: time to harm first.

    ``short`` names it in the summary of another page that leads its card. ``choices`` are the orders, by name, whose
    drugs its words may name where they pass for the patient; ``choices_among`` is the fact that says which of them
    fit the disease, "" where all do; ``choices_first`` says that they do the same, so that the
    first that passes is named alone; ``choices_in_order`` that the order in which they are listed is that of their use.
    ``alternatives``: of the drafts it speaks against together any one may go, so they share a card.
    ``tells_missing`` names what its card says is wanting: checks not made for want of it alone are told there.
    """

    rule: str
    file: str
    title: str
    subject: str
    drugs: frozenset[str]
    judges_dosage: bool
    hooks: frozenset[str]
    values: Mapping[str, Value]
    tiers: tuple[Tier, ...]
    sources: tuple[str, ...]
    evidence: str
    review: Mapping[str, Any]
    rank: tuple[int, int, str]
    short: str = ""
    choices: tuple[str, ...] = ()
    choices_among: str = ""
    choices_first: bool = False
    choices_in_order: bool = False
    alternatives: bool = False
    tells_missing: frozenset[str] = frozenset()
    lists: frozenset[str] = field(default=frozenset())

    def tries(self, ingredients: frozenset[str]) -> bool:
        """Whether a drug is put to the page before it is offered: one of its own; whatever it is, for an allergy."""
        if self.subject == "patient":
            return False
        asked = (ask for tier in self.tiers for ask in tier.condition.facts())
        return bool(self.drugs & ingredients) or any((ask.fact, ask.of) == ("allergy", ()) for ask in asked)

    def tiers_on(self, hook: str) -> tuple[Tier, ...]:
        """The tiers that may fire on a hook, most severe first."""
        asked = {hook, *_JUDGED_AS.get(hook, ())}
        return tuple(tier for tier in self.tiers if asked & tier.hooks)

    def asks(self, hook: str) -> frozenset[Ask]:
        """Every fact the page asks for on a hook, those of its words among them."""
        tiers = self.tiers_on(hook)
        asked = {ask for tier in tiers for ask in tier.condition.facts()}
        asked |= {ask for tier in tiers for each in tier.offers if each.when for ask in each.when.facts()}
        return frozenset(asked | {value.ask for value in self.values.values()})

    def needs(self, hook: str, facts: Mapping[str, FactSpec], terms: Terminology) -> frozenset[str]:
        """The prefetch keys the page reads on a hook."""
        return frozenset().union(*(facts[ask.fact].needs(ask.of, terms) for ask in self.asks(hook)))
