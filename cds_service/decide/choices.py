"""The drugs that a card's words may name for this patient: each put to the safety pages as if it had been ordered."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.clinical.chart import Medication
from cds_service.clinical.known import Unknown
from cds_service.decide.drug_drafts import name_drug
from cds_service.decide.trial import Outcome
from cds_service.knowledge.evaluate import Finding
from cds_service.knowledge.load import Knowledge

_NAMED = (Outcome.PASSED, Outcome.WARNED)


def choices(finding: Finding, knowledge: Knowledge) -> tuple[str, ...]:
    """Those of the page that pass, then those that warn, with the warning; in words, where there are none.

    What is taken already is no choice. What could not be checked is not named, but counted.
    """
    tried = list(_tried(finding, knowledge))
    named = [name for outcome in _NAMED for found, name in tried if found is outcome]
    unchecked = sum(outcome is Outcome.UNCHECKED for outcome, _ in tried)
    phrases = knowledge.lists.lexicon.phrases
    if unchecked:
        named.append(phrases["choices_unchecked"].format(count=unchecked))
    return tuple(named) or (phrases["no_choice"],)


def _tried(finding: Finding, knowledge: Knowledge) -> Iterator[tuple[Outcome, str]]:
    patient = finding.scope.about(None)
    for name in finding.page.choices:
        entry = knowledge.lists.orders[name]
        if not any(order.ingredients & entry.meets for order in _taken(finding)):
            yield name_drug(entry, knowledge, patient, finding.order)


def _taken(finding: Finding) -> Iterator[Medication]:
    """What is on the screen or running."""
    chart = finding.scope.chart
    yield from chart.drafts
    courses = chart.medications()
    if not isinstance(courses, Unknown):
        yield from (course for course in courses.value if course.state in ("active", "on-hold"))
