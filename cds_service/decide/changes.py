"""Changes that a card offers to a draft on the screen: take it away, once a week, a lower dose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import runs, same_drug
from cds_service.clinical.facts import Scope
from cds_service.clinical.known import Known, Unknown
from cds_service.decide.lower_doses import lower_doses
from cds_service.decide.trial import Outcome, is_settled, objection
from cds_service.fhir import suggestions as edits
from cds_service.fhir.chart import read_order
from cds_service.fhir.rewriting import DAYS
from cds_service.knowledge.evaluate import Finding
from cds_service.knowledge.load import Knowledge
from cds_service.knowledge.offers import Offer, Target
from cds_service.knowledge.rhythm import rhythm
from cds_service.knowledge.words import number, plain
from cds_service.protocol.cards import Action, Suggestion

WEEKLY_DAY = "mon"
FIRST_DOSE = "methotrexate.adult_start_high"
FIRST_PHASES = ("start", "restart")
FOLATES = ("folic_acid", "leucovorin")
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Changes:
    """Works out the changes of drafts for one patient, who is seen from no order."""

    knowledge: Knowledge
    drafts: Sequence[Mapping[str, object]]
    today: date
    patient: Scope
    new_id: Callable[[], str]

    def of(self, finding: Finding, offer: Offer) -> Iterator[Suggestion]:
        """The change that the offer means for the draft the finding is about; none without such a draft."""
        draft = edits.find_draft(self.drafts, finding.order.reference) if finding.order else None
        if draft is None or finding.order is None:
            return
        drug = self._named(finding.order)
        if offer.kind == "delete":
            label = self._phrase("delete_order", drug=drug)
            yield from self._one(label, edits.delete(draft, label))
        elif offer.kind == "once-weekly" and not _is_plainly_weekly(finding.order):
            yield from self._once_weekly(finding, draft, drug)
        elif offer.kind == "set-dose" and offer.target:
            yield from self._set_dose(finding, offer.name, offer.target, draft, drug)

    def _phrase(self, name: str, **values: object) -> str:
        return self.knowledge.lists.lexicon.phrase(name, **values)

    def _named(self, order: Medication) -> str:
        """The drug as the order says it, if that is one short line; labels are plain text to every client."""
        said = plain(order.name)
        if order.ingredients and not 0 < len(said) <= LONGEST_NAME:
            return self.knowledge.terms.display(min(order.ingredients))
        return said

    def _set_dose(
        self, finding: Finding, fact: str, target: Target, draft: Mapping[str, object], drug: str
    ) -> Iterator[Suggestion]:
        """The first lower dose that can be taken and leaves nothing to object to; none where there is doubt.

        The doses of the pages are an adult's.
        """
        adult = self.patient.get("is_adult")
        if isinstance(adult, Unknown) or not adult.value:
            return
        for dose in lower_doses(finding, fact, target):
            action = edits.set_dose(draft, dose, drug)
            if action is not None:
                label = self._phrase("set_dose", drug=drug, dose=f"{dose:f}", rhythm=self._rhythm(action))
                action = replace(action, description=label)
            settled = action is not None and self._settles(finding, action)
            if action is not None and settled:
                yield Suggestion(label, self.new_id(), (action,))
            # A dose that could not be judged is no reason to offer a still lower one.
            if settled is not False:
                return

    def _once_weekly(self, finding: Finding, draft: Mapping[str, object], drug: str) -> Iterator[Suggestion]:
        """The order at its dose once a week, with the warning that another page then has about the dose."""
        day = self._day(finding.scope)
        action = edits.once_weekly(draft, day, drug)
        if action is not None and self._is_high_first_dose(finding.scope, action):
            lower = finding.scope.limit(FIRST_DOSE)
            action = edits.set_dose(action.resource or {}, lower, drug)
        if action is None:
            return
        after = read_order(action.resource or {}, self.knowledge.terms, self.today)
        dose = after.exposure.mg_per_dose
        said = f"{number(dose.value)} mg " if isinstance(dose, Known) and not dose.doubt else ""
        label = self._phrase("once_weekly", drug=drug, dose=said, day=DAYS[day])
        action = replace(action, description=label)
        trial = objection(after, finding.page, self.knowledge, finding.scope.about(None))
        if trial.outcome is Outcome.REFUSED:
            return
        if trial.outcome is Outcome.WARNED:
            label = self._phrase("with_warning", label=label, warning=trial.title)
            action = replace(action, description=label)
        yield Suggestion(label, self.new_id(), (action,))

    def _is_high_first_dose(self, scope: Scope, action: Action) -> bool:
        """Whether the weekly dose would be above what an adult who has not taken the drug begins with.

        In doubt whether it was taken it counts as such: no high dose is proposed.
        """
        adult, phase = scope.get("is_adult"), scope.get("phase")
        if isinstance(adult, Known) and not adult.value:
            return False
        if isinstance(phase, Known) and phase.value not in FIRST_PHASES:
            return False
        dose = read_order(action.resource or {}, self.knowledge.terms, self.today).exposure.mg_per_dose
        return isinstance(dose, Known) and dose.value > scope.limit(FIRST_DOSE)

    def _day(self, scope: Scope) -> str:
        """The weekday on which the drug is taken already; else the first that is no day of folic acid."""
        order = scope.order
        running = scope.chart.medications()
        if order is None or isinstance(running, Unknown):
            return WEEKLY_DAY
        active = [each for each in running.value if runs(each, self.today)]
        for each in active:
            if same_drug(each, order) and len(each.exposure.weekdays) == 1:
                return min(each.exposure.weekdays)
        folate = frozenset[str]().union(*map(self.knowledge.terms.members, FOLATES))
        days = [each.exposure.weekdays for each in active if each.ingredients & folate]
        taken = frozenset[str]().union(*(each for each in days if len(each) < len(DAYS)))
        return next((day for day in DAYS if day not in taken), WEEKLY_DAY)

    def _rhythm(self, action: Action) -> str:
        """How often the order, as changed, is taken."""
        after = read_order(action.resource or {}, self.knowledge.terms, self.today)
        return rhythm(after.exposure, self.knowledge.lists.lexicon)

    def _settles(self, finding: Finding, action: Action) -> bool | None:
        """Whether the order, as changed, is still of the same drug and passes."""
        before = finding.order
        after = read_order(action.resource or {}, self.knowledge.terms, self.today)
        if before is None or (after.ingredients, after.route) != (before.ingredients, before.route):
            return False
        return is_settled(after, finding.page, self.knowledge, finding.scope.about(None))

    def _one(self, label: str, action: Action | None) -> Iterator[Suggestion]:
        if action is not None:
            yield Suggestion(label, self.new_id(), (action,))


def _is_plainly_weekly(order: Medication) -> bool:
    """Whether nothing is left to change: one dose a week on a named day. Its fault is then beside it."""
    taken = order.exposure
    once = [
        isinstance(n, Known) and n.value == 1
        for n in (taken.dosing_days_per_week, taken.doses_per_dosing_day)
    ]
    return all(once) and taken.names_day and not taken.as_needed and not taken.disagreement
