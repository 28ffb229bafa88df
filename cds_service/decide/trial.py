"""A drug put through the safety pages before it is offered, as if it had been ordered for this patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from cds_service.clinical.chart import (
    Allergy,
    Chart,
    Measurement,
    Medication,
    Patient,
    Problem,
    ReadingProblem,
    ServiceOrder,
)
from cds_service.clinical.facts import Scope
from cds_service.clinical.known import Fact
from cds_service.fhir.chart import read_order
from cds_service.knowledge.evaluate import evaluate
from cds_service.knowledge.load import Knowledge

SIGN = "order-sign"


class Trial(Enum):
    """What the safety pages say about a drug that might be offered."""

    PASSED = "passed"
    WARNED = "warned"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class WithDraft:
    """A chart with one more order on the screen."""

    chart: Chart
    order: Medication

    @property
    def today(self) -> date:
        return self.chart.today

    @property
    def problems_with_data(self) -> tuple[ReadingProblem, ...]:
        return self.chart.problems_with_data

    @property
    def drafts(self) -> tuple[Medication, ...]:
        return (*self.chart.drafts, self.order)

    @property
    def draft_services(self) -> tuple[ServiceOrder, ...]:
        return self.chart.draft_services

    def patient(self) -> Fact[Patient]:
        return self.chart.patient()

    def measurements(self, concept: str) -> Fact[tuple[Measurement, ...]]:
        return self.chart.measurements(concept)

    def problems(self) -> Fact[tuple[Problem, ...]]:
        return self.chart.problems()

    def allergies(self) -> Fact[tuple[Allergy, ...]]:
        return self.chart.allergies()

    def medications(self) -> Fact[tuple[Medication, ...]]:
        return self.chart.medications()

    def services(self) -> Fact[tuple[ServiceOrder, ...]]:
        return self.chart.services()


def try_order(resource: dict[str, object], knowledge: Knowledge, chart: Chart) -> Trial:
    """Refused where a critical row fires or could not be judged; warned where a warning fires."""
    order = read_order({**resource, "id": "offered"}, knowledge.terms, chart.today)
    scope = Scope(
        WithDraft(chart, order), knowledge.terms, knowledge.values, order, schedules=knowledge.schedules
    )
    worst = Trial.PASSED
    for page in knowledge.by_hook.get(SIGN, ()):
        if page.subject == "patient" or not page.drugs & order.ingredients:
            continue
        finding = evaluate(page, scope, SIGN)
        if finding.unsure_critical or (finding.outcome == "fired" and finding.indicator == "critical"):
            return Trial.REFUSED
        if finding.outcome == "fired" and finding.indicator == "warning":
            worst = Trial.WARNED
    return worst
