"""The lower doses that a page proposes: of a draft on the screen, and of a drug before it is offered or named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.facts import Scope
from cds_service.clinical.known import Unknown
from cds_service.decide.trial import SIGN, is_settled, read_draft, scope_of
from cds_service.fhir.orders import NewMedication
from cds_service.knowledge.evaluate import Finding, evaluate
from cds_service.knowledge.load import Knowledge
from cds_service.knowledge.offers import Target


def lower_doses(finding: Finding, fact: str, target: Target) -> Iterator[Decimal]:
    """Single doses in mg that bring the number of the order to a value of the target."""
    now, dose = finding.scope.get(fact), finding.scope.get("mg_per_dose")
    if isinstance(now, Unknown) or isinstance(dose, Unknown) or now.doubt or dose.doubt or not now.value:
        return
    for value in target.values(now.value):
        lower = target.dose(dose.value, now.value, value)
        if lower is not None and lower < dose.value:
            yield Decimal(f"{lower.normalize():f}")


def within_limits(
    drug: NewMedication, knowledge: Knowledge, patient: Scope, instead_of: Medication | None = None
) -> NewMedication | None:
    """The drug at the highest dose to which a page that warns of its dose brings it down for this patient.

    ``None`` where no page does, or no such dose leaves nothing to object to. ``patient`` and ``instead_of`` are as
    for :func:`~cds_service.decide.trial.try_order`.
    """
    if drug.dose is None:
        return None
    low, order = drug.dose[0], read_draft(drug, knowledge, patient, instead_of)
    scope = scope_of(order, knowledge, patient, instead_of)
    for finding in _of_dose(scope, knowledge):
        for dose in _proposed(finding):
            lower = replace(drug, dose=(min(low, dose), dose))
            order = read_draft(lower, knowledge, patient, instead_of)
            if is_settled(order, finding.page, knowledge, patient):
                return lower
    return None


def _of_dose(scope: Scope, knowledge: Knowledge) -> Iterator[Finding]:
    """The findings about the drug, graver than a remark, that propose another dose."""
    drugs = scope.order.ingredients if scope.order else frozenset()
    for page in knowledge.by_hook.get(SIGN, ()):
        if page.drugs & drugs and any(o.kind == "set-dose" for t in page.tiers for o in t.offers):
            finding = evaluate(page, scope, SIGN)
            if finding.outcome == "fired" and finding.indicator != "info":
                yield finding


def _proposed(finding: Finding) -> Iterator[Decimal]:
    for offer in finding.tier.offers if finding.tier else ():
        if offer.target and (offer.when is None or offer.when.judge(finding.scope).truth):
            yield from lower_doses(finding, offer.name, offer.target)
