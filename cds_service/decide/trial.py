"""A drug put through the safety pages before it is offered, as if it had been ordered for this patient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from functools import lru_cache

from cds_service.clinical.chart import (
    Allergy,
    Chart,
    Done,
    Measurement,
    Medication,
    Patient,
    Problem,
    ReadingProblem,
    ServiceOrder,
)
from cds_service.clinical.courses import same_drug
from cds_service.clinical.facts import FACTS, Scope
from cds_service.clinical.known import Fact, Known, Unknown
from cds_service.clinical.terms import Terminology
from cds_service.fhir.chart import read_order
from cds_service.fhir.orders import NewMedication, new_medication
from cds_service.knowledge.causes import in_words
from cds_service.knowledge.detail import reason_of
from cds_service.knowledge.evaluate import Finding, evaluate
from cds_service.knowledge.load import Knowledge
from cds_service.knowledge.orders import OrderEntry
from cds_service.knowledge.pages import Page

SIGN = "order-sign"
FIX = "FIX"
"""The group of what is put right in the order itself."""
# Behind the name of a drug, in brackets, there is room for the gravest warnings only.
MOST_REASONS, LONGEST_REASONS = 2, 110


class Outcome(Enum):
    """Whether a drug may be offered."""

    PASSED = "passed"
    WARNED = "warned"
    REFUSED = "refused"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Trial:
    """What the safety pages say about a drug that might be offered.

    ``title`` says what the first page that refuses it, or the gravest pages that warn, have found in this patient,
    with what the order's own reserve says; or is the title of the first whose critical tier could not be judged.
    """

    outcome: Outcome
    title: str = ""


@dataclass(frozen=True, slots=True)
class WithDraft:
    """A chart with one more order on the screen, or with one as it would be instead of as it is.

    ``instead_of`` is the order whose place it takes: what runs of that drug is gone, too.
    """

    chart: Chart
    order: Medication
    instead_of: Medication | None = None

    @property
    def today(self) -> date:
        return self.chart.today

    @property
    def problems_with_data(self) -> tuple[ReadingProblem, ...]:
        return self.chart.problems_with_data

    @property
    def drafts(self) -> tuple[Medication, ...]:
        others = (each for each in self.chart.drafts if each.reference != self.order.reference)
        return (*others, self.order)

    @property
    def draft_services(self) -> tuple[ServiceOrder, ...]:
        return self.chart.draft_services

    @property
    def next_visit(self) -> date | None:
        return self.chart.next_visit

    def patient(self) -> Fact[Patient]:
        return self.chart.patient()

    def measurements(self, concept: str) -> Fact[tuple[Measurement, ...]]:
        return self.chart.measurements(concept)

    def problems(self) -> Fact[tuple[Problem, ...]]:
        return self.chart.problems()

    def allergies(self) -> Fact[tuple[Allergy, ...]]:
        return self.chart.allergies()

    def medications(self) -> Fact[tuple[Medication, ...]]:
        found = self.chart.medications()
        if isinstance(found, Unknown):
            return found
        kept = tuple(
            each for each in found.value if each.reference != self.order.reference and not self._gone(each)
        )
        return Known(kept, found.inputs, found.doubt)

    def _gone(self, course: Medication) -> bool:
        return self.instead_of is not None and same_drug(course, self.instead_of)

    def services(self) -> Fact[tuple[ServiceOrder, ...]]:
        return self.chart.services()

    def done(self) -> Fact[tuple[Done, ...]]:
        return self.chart.done()

    def vaccinations(self) -> Fact[tuple[Done, ...]]:
        return self.chart.vaccinations()


def try_order(
    entry: OrderEntry,
    drug: NewMedication,
    knowledge: Knowledge,
    patient: Scope,
    *,
    instead_of: Medication | None = None,
    is_named_only: bool = False,
) -> Trial:
    """Refused where a critical row fires, unchecked where one could not be judged, warned where a warning fires.

    ``drug`` is ``entry`` drafted for the patient; what the list itself holds against it counts as the rows do.
    ``patient`` is the scope of the call without an order; what it has worked out is not worked out again.
    ``instead_of`` is the order whose place the drug would take. A drug that is only named and has no dose is
    not asked about its dose.
    """
    order = read_draft(drug, knowledge, patient, instead_of)
    scope = scope_of(order, knowledge, patient, instead_of)
    trial, warn = Trial(Outcome.PASSED), list[Finding]()
    for page in knowledge.by_hook.get(SIGN, ()):
        if page.tries(order.ingredients) and not (is_named_only and drug.dose is None and page.judges_dosage):
            finding = evaluate(page, scope, SIGN)
            trial = _worse(trial, finding, knowledge)
            warn += [finding] if _warns(finding) else []
        if trial.outcome is Outcome.REFUSED:
            return trial
    if trial.outcome is Outcome.WARNED:
        trial = Trial(Outcome.WARNED, _gravest(warn, knowledge))
    return _held_back(trial, entry, scope, knowledge)


def _gravest(warn: Sequence[Finding], knowledge: Knowledge) -> str:
    """What the pages that warn have found, in words: those whose harm comes first, as many as there is room for."""
    by_harm = sorted(warn, key=lambda finding: finding.page.rank[1:])
    first, *others = dict.fromkeys(reason_of(each, knowledge) for each in by_harm)
    told = first
    for reason in others[: MOST_REASONS - 1]:
        if len(told) + len(reason) <= LONGEST_REASONS:
            told = f"{told}; {reason}"
    return told


def _held_back(trial: Trial, entry: OrderEntry, scope: Scope, knowledge: Knowledge) -> Trial:
    """The trial after what the list of orders itself holds against the drug."""
    against = [each.judge(scope) for each in entry.reserve.unless]
    if any(each.truth for each in against):
        return Trial(Outcome.REFUSED)
    unjudged = [reason for each in against if each.truth is None for reason in each.reasons]
    if trial.outcome is Outcome.UNCHECKED or unjudged:
        return trial if trial.outcome is Outcome.UNCHECKED else Trial(Outcome.UNCHECKED, unjudged[0])
    told = dict.fromkeys(_warnings(entry, scope, knowledge))
    if not told:
        return trial
    return Trial(Outcome.WARNED, "; ".join(filter(None, (trial.title, *told))))


def _warnings(entry: OrderEntry, scope: Scope, knowledge: Knowledge) -> Iterator[str]:
    """What the list says with the drug, and once why some of it could not be judged: silence would deny it."""
    lexicon = knowledge.lists.lexicon
    found = [each.judge(scope) for each in entry.reserve.warns]
    yield from (in_words(cause, lexicon) for each in found for cause in each.causes)
    unjudged = [reason for each in found if each.truth is None for reason in each.reasons]
    yield from (lexicon.phrase("not_judged", why=reason) for reason in unjudged[:1])


def tests_first(entry: OrderEntry, knowledge: Knowledge, patient: Scope) -> Iterator[OrderEntry]:
    """The tests that are wanted before the drug is begun; one that nobody can tell to be needless is wanted."""
    for offer in entry.reserve.first:
        if offer.when is None or offer.when.judge(patient).truth is not False:
            yield knowledge.lists.orders[offer.name]


def _worse(trial: Trial, finding: Finding, knowledge: Knowledge) -> Trial:
    """The trial after one more page; those that warn are told when all are known."""
    fired = finding.indicator if finding.outcome == "fired" else ""
    if fired == "critical":
        return Trial(Outcome.REFUSED, reason_of(finding, knowledge))
    if finding.unsure_critical:
        return trial if trial.outcome is Outcome.UNCHECKED else Trial(Outcome.UNCHECKED, finding.page.title)
    if fired == "warning" and trial.outcome is Outcome.PASSED:
        return Trial(Outcome.WARNED, reason_of(finding, knowledge))
    return trial


def is_settled(order: Medication, page: Page, knowledge: Knowledge, patient: Scope) -> bool | None:
    """Whether an order with another dose, offered by ``page``, leaves nothing to object to.

    Nothing critical may fire, and of ``page`` and those about the dose nothing above a remark; ``None`` where
    one of these could not be judged. ``patient`` is as for :func:`try_order`.
    """
    found = _about(order, knowledge, patient)
    of_dose = [finding for finding in found if _is_about_dose(finding) or finding.rule == page.rule]
    if any(each.indicator == "critical" for each in found if each.outcome == "fired") or any(
        _objects(each) for each in found if each in of_dose or _rests_on_dose(each)
    ):
        return False
    return None if any(each.outcome == "unknown" or each.doubtful for each in of_dose) else True


def objection(order: Medication, page: Page, knowledge: Knowledge, patient: Scope) -> Trial:
    """What the pages say about an order changed by ``page`` in its rhythm alone: its dose is the prescriber's.

    Refused where something critical fires; warned where a page warns of the dose that is left.
    """
    found = [each for each in _about(order, knowledge, patient) if each.outcome == "fired"]
    if any(each.indicator == "critical" for each in found):
        return Trial(Outcome.REFUSED)
    of_dose = (each for each in found if each.rule != page.rule and _rests_on_dose(each) and _warns(each))
    first = next(of_dose, None)
    return Trial(Outcome.PASSED) if first is None else Trial(Outcome.WARNED, reason_of(first, knowledge))


def _about(order: Medication, knowledge: Knowledge, patient: Scope) -> list[Finding]:
    """What every page about the order's drug says when it is signed."""
    scope = scope_of(order, knowledge, patient)
    return [evaluate(p, scope, SIGN) for p in knowledge.by_hook.get(SIGN, ()) if p.drugs & order.ingredients]


def _warns(finding: Finding) -> bool:
    return finding.outcome == "fired" and finding.indicator != "info"


def _objects(finding: Finding) -> bool:
    """Whether it warns, or asks in a remark to put this dose right."""
    asks = finding.outcome == "fired" and finding.group == FIX and _rests_on_dose(finding)
    return _warns(finding) or asks


def _rests_on_dose(finding: Finding) -> bool:
    """Whether what holds is a dose above a limit. One that asks for something beside it is *at least* so much."""
    specs = (FACTS[each.fact] for each in finding.used if each.comparison.startswith("above"))
    return any(spec.about == "order" and spec.unit.startswith("mg") for spec in specs)


def scope_of(
    order: Medication, knowledge: Knowledge, patient: Scope, instead_of: Medication | None = None
) -> Scope:
    """The scope of an order that is not on the screen, over what the call has worked out of its patient."""
    return Scope(
        WithDraft(patient.chart, order, instead_of), knowledge.terms, knowledge.values, order,
        schedules=knowledge.schedules, lender=patient,
    )  # fmt: skip


def read_draft(
    drug: NewMedication, knowledge: Knowledge, patient: Scope, instead_of: Medication | None = None
) -> Medication:
    """The order as this service would read it, in the place of another one where it would take that."""
    order = _read(drug, knowledge.terms, patient.chart.today)
    return order if instead_of is None else replace(order, reference=instead_of.reference)


def _is_about_dose(finding: Finding) -> bool:
    """Whether another dose could be the answer to what the page says of this patient."""
    offers = (each for tier in finding.page.tiers for each in tier.offers if each.kind == "set-dose")
    return finding.page.judges_dosage or any(
        each.when is None or each.when.judge(finding.scope).truth for each in offers
    )


@lru_cache(maxsize=256)
def _read(drug: NewMedication, terms: Terminology, today: date) -> Medication:
    """It says nothing of a patient, so it is read once a day."""
    return read_order({**new_medication(drug, ""), "id": "offered"}, terms, today)
