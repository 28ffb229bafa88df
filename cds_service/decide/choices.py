"""The drugs that a card's words may name for this patient: each put to the safety pages as if it had been ordered."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.clinical.facts import Scope
from cds_service.clinical.known import Fact, Unknown
from cds_service.decide.drug_drafts import name_drug, taken
from cds_service.decide.trial import Outcome
from cds_service.knowledge.detail import Choices
from cds_service.knowledge.evaluate import Finding
from cds_service.knowledge.load import Knowledge
from cds_service.knowledge.orders import OrderEntry

_NAMED = (Outcome.PASSED, Outcome.WARNED, Outcome.UNCHECKED)


def choices(finding: Finding, knowledge: Knowledge) -> Choices:
    """Those of the page that pass, then those that warn, then those with a check still to be made, each saying so.

    A page may have them in its own order instead. What is taken already is no choice, nor is what does not fit the
    disease. In words, where there are none.
    """
    tried = list(_tried(finding, knowledge))
    by_outcome = [[(entry, name) for found, entry, name in tried if found is each] for each in _NAMED]
    kept = [each for group in by_outcome for each in group]
    if finding.page.choices_in_order:
        kept = [(entry, name) for found, entry, name in tried if found in _NAMED]
    if finding.page.choices_first:
        # Of drugs that do the same the first that passes; those that warn, or wait for a check, only where none does.
        kept = by_outcome[0][:1] or next(filter(None, by_outcome), [])
    none = (knowledge.lists.lexicon.phrases["no_choice"],)
    names = (knowledge.terms.display(entry.concept, entry.code_list) for entry, _ in kept)
    return Choices(tuple(name for _, name in kept) or none, tuple(names) or none)


def _tried(finding: Finding, knowledge: Knowledge) -> Iterator[tuple[Outcome, OrderEntry, str]]:
    patient = finding.scope.about(None)
    for entry in _fitting(finding, knowledge, patient):
        if not any(order.ingredients & entry.meets for order in taken(finding.scope.chart)):
            outcome, name = name_drug(entry, knowledge, patient, finding.order)
            yield outcome, entry, name


def _fitting(finding: Finding, knowledge: Knowledge, patient: Scope) -> Iterator[OrderEntry]:
    """The orders that the page lists, without those that do not fit the disease."""
    page = finding.page
    fits: Fact[tuple[str, ...]] | None = patient.get(page.choices_among) if page.choices_among else None
    for entry in (knowledge.lists.orders[name] for name in page.choices):
        if fits is None or isinstance(fits, Unknown) or entry.concept in fits.value:
            yield entry
