"""The suggestions of a card: what a clinician would really do next, nothing that is done already.

A drug is offered only after the safety pages were put to it for this patient, as if it had been ordered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from cds_service.clinical.chart import Chart, ServiceOrder
from cds_service.clinical.facts import Scope
from cds_service.clinical.known import Known, Unknown
from cds_service.decide.changes import Changes
from cds_service.decide.drug_drafts import Drafted, draft_drug, taken, with_tests_first
from cds_service.fhir import orders as written
from cds_service.fhir import suggestions as edits
from cds_service.knowledge.compose import NOT_CHECKED, Plan
from cds_service.knowledge.evaluate import Finding
from cds_service.knowledge.load import Knowledge
from cds_service.knowledge.offers import Offer
from cds_service.knowledge.orders import OrderEntry
from cds_service.knowledge.words import listed
from cds_service.protocol.cards import SelectionBehavior, Suggestion
from cds_service.protocol.request import HookRequest

Triple = tuple[str, str, str]
LONGEST_LABEL = 120
# How long an order counts, of a laboratory test and of anything else: the facts that ask use the same.
LAB_ORDER_COUNTS, ORDER_COUNTS = "monitoring.order_counts_days", "screening.order_counts_days"


@dataclass(frozen=True, slots=True)
class Offers:
    """Works out the suggestions of one plan."""

    plan: Plan
    knowledge: Knowledge
    request: HookRequest
    chart: Chart
    new_id: Callable[[], str]
    offered: set[str]

    def suggestions(self) -> tuple[tuple[Suggestion, ...], SelectionBehavior | None]:
        """The suggestions, and whether one or any of them may be accepted."""
        changes = list(self._changes())
        drugs = list(self._drugs())
        found = (*changes, *self._tests(drugs), *map(self._add, drugs))
        if not found:
            return (), None
        behavior: Literal["any", "at-most-one"] = "at-most-one" if len(changes) > 1 else "any"
        return found, behavior

    def counted(self, suggestions: Iterable[Suggestion]) -> str:
        """What a button has no room to name: the tests it only counts, the steps of the course it drafts."""
        return "\n\n".join(filter(None, map(self._in_full, suggestions)))

    def _in_full(self, suggestion: Suggestion) -> str:
        label = suggestion.label
        if label == self._phrase("order_many", count=len(suggestion.actions)):
            names = [edits.name_of_test(action) for action in suggestion.actions]
            return self._phrase("order_many_are", label=label, names="; ".join(names))
        steps = [step for action in suggestion.actions for step in edits.steps_of(action)]
        return self._phrase("course_steps", label=label, steps="; ".join(steps)) if len(steps) > 1 else ""

    def _phrase(self, name: str, **values: object) -> str:
        return self.knowledge.lists.lexicon.phrase(name, **values)

    def _offered(self) -> Iterator[tuple[Finding, Offer]]:
        """Each offer once, lists one by one: of what is told, or, where nothing is, of what was not checked."""
        told = self.plan.told or (self.plan.unknown if self.plan.group == NOT_CHECKED else ())
        seen = set()
        for finding in told:
            for offer in finding.tier.offers if finding.tier else ():
                if offer.if_missing and self._has_result(offer.name):
                    continue
                if offer.when and not offer.when.judge(finding.scope).truth:
                    continue
                for each in self._one_by_one(finding, offer):
                    about = finding.order.reference if finding.order and each.kind != "order" else ""
                    if (each.kind, each.name, about) not in seen:
                        seen.add((each.kind, each.name, about))
                        yield finding, each

    def _one_by_one(self, finding: Finding, offer: Offer) -> Iterable[Offer]:
        """The offer, or of those that a fact lists each."""
        if offer.kind != "order-each":
            return (offer,)
        listed = finding.scope.get(offer.name)
        names = sorted(listed.value) if isinstance(listed, Known) else ()
        return (Offer("order", name, days=offer.days) for name in names)

    def _changes(self) -> Iterator[Suggestion]:
        """Changes of drafts on the screen; a running order is another system's to change."""
        if self.plan.group == NOT_CHECKED:
            return
        changes = Changes(
            self.knowledge, self.request.draft_orders, self.chart.today, self._patient(), self.new_id
        )
        for finding, offer in self._offered():
            yield from changes.of(finding, offer)

    def _entries(self, kind: str) -> Iterator[tuple[Finding, Offer, OrderEntry]]:
        for finding, offer in self._offered():
            entry = self.knowledge.lists.orders.get(offer.name) if offer.kind == "order" else None
            if entry is None or entry.kind != kind or entry.name in self.offered or self._is_met(entry):
                continue
            if entry.not_in_pregnancy and self._is_pregnant():
                continue
            # Each test, drug and referral is offered once in an answer, by the card that comes first.
            self.offered.add(entry.name)
            yield finding, offer, entry

    def _is_met(self, entry: OrderEntry) -> bool:
        """Whether it is drafted or active already, or nobody can tell that it is wanting."""
        if self.plan.group == NOT_CHECKED and not self._is_known_to_be_absent(entry):
            return True
        if entry.kind == "drug":
            # A course of steps takes the place of what runs; only a draft of the same drug makes it needless.
            orders = self.chart.drafts if entry.course else taken(self.chart)
            is_taken = any(order.ingredients & entry.meets for order in orders)
            return is_taken or (entry.code_list == "vaccine" and self._may_be_vaccinated(entry))
        counts = LAB_ORDER_COUNTS if entry.code_list == "lab" else ORDER_COUNTS
        asked = (*self.chart.draft_services, *self._placed_lately(counts))
        return any(order.concepts & entry.meets for order in asked)

    def _placed_lately(self, limit: str) -> Iterator[ServiceOrder]:
        """The active orders that are not too old to count; one without a date counts."""
        services, days = self.chart.services(), timedelta(days=int(self.knowledge.values[limit]))
        for order in services.value if isinstance(services, Known) else ():
            if order.written is None or order.written >= self.chart.today - days:
                yield order

    def _may_be_vaccinated(self, entry: OrderEntry) -> bool:
        given = self.chart.vaccinations()
        return isinstance(given, Unknown) or any(each.concepts & entry.meets for each in given.value)

    def _is_pregnant(self) -> bool:
        pregnant = self._patient().get("pregnant")
        return isinstance(pregnant, Known) and bool(pregnant.value)

    def _is_known_to_be_absent(self, entry: OrderEntry) -> bool:
        """Whether the results were read and hold none that can be used: what was not read may well be there."""
        if entry.kind != "test" or not self.knowledge.terms.exists("lab", entry.concept):
            return False
        found = [self.chart.measurements(concept) for concept in sorted(entry.meets)]
        return all(not each.doubt if isinstance(each, Known) else not each.missing for each in found)

    def _has_result(self, name: str) -> bool:
        """Whether a usable result that answers the test, or a report of the examination, is on record."""
        entry = self.knowledge.lists.orders.get(name)
        if entry is None or entry.kind != "test":
            return False
        if entry.code_list != "lab":
            done = self.chart.done()
            return isinstance(done, Known) and any(each.concepts & entry.meets for each in done.value)
        found = [self.chart.measurements(concept) for concept in sorted(entry.meets)]
        return any(isinstance(each, Known) and each.value for each in found)

    def _tests(self, drugs: Sequence[Drafted]) -> Iterator[Suggestion]:
        """All missing tests, examinations and referrals in one suggestion; those wanted before a drug last."""
        today = self.chart.today
        entries = [
            (entry, finding.page.title, self._day(finding, offer))
            for finding, offer, entry in self._entries("test")
        ]
        entries += [(entry, reason, today) for entry, reason in self._tests_before(drugs)]
        if not entries:
            return
        actions = tuple(edits.new(self._test(*each), each[0].label) for each in entries)
        yield Suggestion(self._label([entry for entry, *_ in entries]), self.new_id(), actions)

    def _day(self, finding: Finding, offer: Offer) -> date:
        """The day on which a test falls due; today, where it is wanted now or nobody said when."""
        told = finding.scope.get(offer.days) if offer.days else None
        day = told.value.get(offer.name) if isinstance(told, Known) else None
        return max(self.chart.today, day or self.chart.today)

    def _tests_before(self, drugs: Sequence[Drafted]) -> Iterator[tuple[OrderEntry, str]]:
        """What is to be measured before one of the drugs is begun, and for which."""
        for drafted in drugs:
            for entry in drafted.first:
                if entry.name not in self.offered and not self._is_met(entry):
                    self.offered.add(entry.name)
                    yield entry, drafted.drug.name

    def _label(self, entries: list[OrderEntry]) -> str:
        if len(entries) == 1:
            return entries[0].label
        names = listed([self.knowledge.terms.display(entry.concept) for entry in entries])
        label = self._phrase("order_all", count=len(entries), names=names)
        return label if len(label) <= LONGEST_LABEL else self._phrase("order_many", count=len(entries))

    def _test(self, entry: OrderEntry, reason: str, day: date) -> dict[str, object]:
        terms, of = self.knowledge.terms, entry.code_list
        test = written.NewTest(
            terms.display(entry.concept, of), terms.coding(entry.concept, of), entry.category, entry.note, day
        )
        return written.new_test(test, self.request.patient_id, reason)

    def _drugs(self) -> Iterator[Drafted]:
        """The drugs that may be offered; of those that do the same, the first that passes without a warning."""
        among = {o.name: o.among for f in self.plan.told if f.tier for o in f.tier.offers if o.among}
        drafted = [each for *_, entry in self._entries("drug") if (each := self._drafted(entry))]
        drafted = [each for each in drafted if self._has_company(each.entry, drafted)]
        passed = [each.entry.name for each in drafted if each.passes]
        for each in drafted:
            beaten_by = [name for name in passed if name in among.get(each.entry.name, ())]
            if beaten_by[:1] in ([], [each.entry.name]):
                yield each

    def _add(self, drafted: Drafted) -> Suggestion:
        label = self._drug_label(drafted)
        order = written.new_medication(drafted.drug, self.request.patient_id)
        return Suggestion(label, self.new_id(), (edits.new(order, label),))

    def _has_company(self, entry: OrderEntry, drafted: Sequence[Drafted]) -> bool:
        """Whether a drug without which the order has no purpose is taken, drafted or offered with it."""
        if not entry.beside:
            return True
        with_it = [each.entry.meets for each in drafted] + [order.ingredients for order in taken(self.chart)]
        return any(entry.beside & drugs for drugs in with_it)

    def _drafted(self, entry: OrderEntry) -> Drafted | None:
        return draft_drug(entry, self.knowledge, self._patient())

    def _drug_label(self, drafted: Drafted) -> str:
        """What the button says: a dose only where the draft has one, and the warning that applies to it."""
        label = drafted.entry.label
        if not drafted.for_adult and drafted.drug.course is None:
            label = self._phrase("add_paediatric", drug=drafted.drug.name)
        if not drafted.passes:
            label = self._phrase("with_warning", label=label, warning=drafted.warning)
        return with_tests_first(label, drafted.first, self.knowledge)

    def _patient(self) -> Scope:
        """The patient of the call, seen from no order."""
        return next(iter((*self.plan.told, *self.plan.unknown))).scope.about(None)
