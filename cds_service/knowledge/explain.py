"""A rule told to a reader: when it fires, in which words, from which sources; and its source attributes.

The thirteen source attributes are those of evidence-based decision support in 45 CFR 170.315(b)(11).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.knowledge.conditions import Because, Compare, Condition, Every, Not
from cds_service.knowledge.load import Knowledge
from cds_service.knowledge.pages import Page, Tier

DEVELOPER = "The project's maintainers (see the repository)"
NOT_USED = "not used"
_SEX = frozenset(
    {"sex", "frp", "pregnant", "possibly_fertile_age", "egfr", "ideal_weight_kg", "breastfeeding"}
)
_BIRTH = frozenset(
    {"age_years", "is_adult", "juvenile", "egfr", "frp", "weight_state", "height_state", "fib4"}
)
_SOCIAL = frozenset({"smoker", "smoking_status", "alcohol_use_disorder", "alcohol_units_per_week"})
_FUNCTION = frozenset({"mmt8", "haq", "haq_di", "cmas", "physician_global", "patient_global", "immobility"})


@dataclass(frozen=True, slots=True)
class Told:
    """A condition in words: ``text``, and under it what it is made of."""

    text: str
    parts: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class ToldTier:
    """One severity of a page: when it fires, what is offered, what it rests on."""

    indicator: str
    condition: Told
    sources: tuple[Mapping[str, Any], ...]
    evidence: str


def pages_of(knowledge: Knowledge, rule: str) -> tuple[Page, ...]:
    """The pages of a rule; none for a rule that is not known or switched off."""
    return tuple(page for page in knowledge.pages if page.rule == rule)


def tiers_of(knowledge: Knowledge, page: Page) -> Iterator[ToldTier]:
    """The tiers of a page as a reader sees them."""
    for tier in page.tiers:
        cited = tuple(knowledge.lists.sources[key] for key in tier.sources)
        evidence = knowledge.lists.lexicon.evidence.get(tier.evidence, tier.evidence)
        yield ToldTier(tier.indicator, tell(tier.condition), cited, evidence)


def tell(condition: Condition) -> Told:
    """A condition in words, at every depth."""
    if isinstance(condition, Compare):
        of = f" of {' or '.join(condition.ask.of)}" if condition.ask.of else ""
        args = "".join(f", {name.replace('_', ' ')} {value}" for name, value in condition.ask.args)
        text = f"{condition.ask.fact}{of}{args}: {condition.words}"
        return Told(text.replace("_", " "))
    if isinstance(condition, Because):
        return tell(condition.part)
    if isinstance(condition, Not):
        return Told("not", (tell(condition.part),))
    if isinstance(condition, Every):
        word = "any of" if condition.decisive else "all of"
        return Told(word, tuple(map(tell, condition.parts)))
    raise TypeError(f"no words for {type(condition).__name__}")


def source_attributes(knowledge: Knowledge, rule: str) -> dict[str, object]:
    """The thirteen attributes of a rule, each with an explicit value."""
    pages = pages_of(knowledge, rule)
    used = _used(pages)
    return {
        "bibliographicCitation": [_citation(each) for each in _cited(knowledge, pages)],
        "developer": DEVELOPER,
        "fundingSource": "none",
        "releaseAndRevisionDates": f"unreleased; knowledge {knowledge.version}; not reviewed by a clinician",
        "race": NOT_USED,
        "ethnicity": NOT_USED,
        "language": NOT_USED,
        "sexualOrientation": NOT_USED,
        "genderIdentity": NOT_USED,
        "sex": _use(used & _SEX),
        "dateOfBirth": _use(used & _BIRTH),
        "socialDeterminants": _use(used & _SOCIAL),
        "healthStatusAssessments": _use(used & _FUNCTION),
    }


def _tiers(pages: tuple[Page, ...]) -> Iterator[Tier]:
    for page in pages:
        yield from page.tiers


def _used(pages: tuple[Page, ...]) -> frozenset[str]:
    """Facts and concepts the pages ask for."""
    asks = {ask for tier in _tiers(pages) for ask in tier.condition.facts()}
    return frozenset({ask.fact for ask in asks} | {name for ask in asks for name in ask.of})


def _cited(knowledge: Knowledge, pages: tuple[Page, ...]) -> list[Mapping[str, Any]]:
    keys = dict.fromkeys(key for tier in _tiers(pages) for key in tier.sources)
    return [knowledge.lists.sources[key] for key in keys]


def _citation(source: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(source[name]) for name in ("title", "grade", "year", "url") if source.get(name)}


def _use(found: frozenset[str]) -> str:
    return f"used for: {', '.join(sorted(found)).replace('_', ' ')}" if found else NOT_USED
