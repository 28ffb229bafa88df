"""One patient's chart over FHIR: every list read when something asks for it, with how much of it is known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import TypeVar

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
from cds_service.clinical.known import Fact, Known, Unknown
from cds_service.clinical.terms import Terminology
from cds_service.fhir import identity, needs, references
from cds_service.fhir.allergies import read_allergy
from cds_service.fhir.answers import Answer, State
from cds_service.fhir.appointments import next_visit
from cds_service.fhir.conditions import read_condition
from cds_service.fhir.done import read_completed_order, read_immunization, read_procedure, read_report
from cds_service.fhir.drafts import drug_orders
from cds_service.fhir.gather import Gathered
from cds_service.fhir.medications import Reader
from cds_service.fhir.notes import Notes
from cds_service.fhir.observations import Observations, Results
from cds_service.fhir.patient import read_patient
from cds_service.fhir.references import Index
from cds_service.fhir.services import read_service
from cds_service.fhir.values import Resource
from cds_service.protocol.request import HookRequest

T = TypeVar("T")
_LABELS = {
    "patient": "the patient", "conditions": "the problem list", "allergies": "the list of allergies",
    "medicationRequests": "the list of medication orders", "serviceRequests": "the list of ordered tests",
    "medicationStatements": "the list of medication statements", "procedures": "the list of procedures",
    "reports": "the list of reports", "immunizations": "the list of vaccinations",
}  # fmt: skip


def read_chart(gathered: Gathered, request: HookRequest, terms: Terminology, today: date) -> Chart:
    """The chart of one call.

    Raises :class:`~cds_service.errors.WrongPatient` where an order on the screen is another patient's.
    """
    identity.check(request, identity.on_screen(request), gathered.index)
    return FhirChart(gathered, request, terms, today)


def read_order(resource: Resource, terms: Terminology, today: date) -> Medication:
    """One order by itself, as if it stood on the screen."""
    return Reader(Index(), terms, today, Notes()).draft(resource)


class FhirChart:
    """A :class:`~cds_service.clinical.chart.Chart` over what was gathered."""

    def __init__(self, gathered: Gathered, request: HookRequest, terms: Terminology, today: date) -> None:
        self._gathered = gathered
        self._request = request
        self._terms = terms
        self._today = today
        self._notes = Notes()
        self._index = gathered.index
        self._medications = Reader(self._index, terms, today, self._notes)
        self._measured: dict[str, Fact[tuple[Measurement, ...]]] = {}

    @property
    def today(self) -> date:
        """The day the call is answered as of."""
        return self._today

    @property
    def problems_with_data(self) -> tuple[ReadingProblem, ...]:
        """What could not be used, as far as it was looked at."""
        return self._notes.all()

    @cached_property
    def drafts(self) -> tuple[Medication, ...]:
        """The medication orders on the screen, and what may be one though it cannot be read."""
        selections = self._request.selections
        return tuple(
            self._medications.draft(each, selected=not selections or references.name(each) in selections)
            for each in drug_orders(self._request.draft_orders)
        )

    @cached_property
    def draft_services(self) -> tuple[ServiceOrder, ...]:
        """The tests and referrals on the screen."""
        drafted = [
            each for each in self._request.draft_orders if each.get("resourceType") == "ServiceRequest"
        ]
        return self._kept(drafted, lambda each: read_service(each, self._terms, draft=True))

    @cached_property
    def next_visit(self) -> date | None:
        """The day of the visit being booked, if one is."""
        return next_visit(self._request.proposals, self._today)

    def patient(self) -> Fact[Patient]:
        """Who the patient is."""
        return self._patient

    @cached_property
    def _patient(self) -> Fact[Patient]:
        answer = self._gathered.of("patient")
        if not answer.resources:
            return self._lack("patient", answer)
        return Known(read_patient(answer.resources[0], self._today, self._notes))

    def problems(self) -> Fact[tuple[Problem, ...]]:
        """The problem list."""
        return self._problems

    @cached_property
    def _problems(self) -> Fact[tuple[Problem, ...]]:
        """Those on record; a problem that is being entered counts as if it were there already, from today."""

        def read(condition: Resource) -> Problem | None:
            return read_condition(condition, self._terms, self._today, self._notes)

        entered = [each for each in self._request.proposals if each.get("resourceType") == "Condition"]
        new = tuple(
            each if each.onset or each.recorded else replace(each, recorded=self._today)
            for each in self._kept(entered, read)
        )
        listed = self._listed("conditions", read)
        if isinstance(listed, Unknown):
            return Known(new, (), listed.reason) if new else listed
        return Known((*new, *listed.value), (), listed.doubt)

    def allergies(self) -> Fact[tuple[Allergy, ...]]:
        """Allergies and intolerances."""
        return self._allergies

    @cached_property
    def _allergies(self) -> Fact[tuple[Allergy, ...]]:
        return self._listed("allergies", lambda each: read_allergy(each, self._terms, self._notes))

    def services(self) -> Fact[tuple[ServiceOrder, ...]]:
        """Tests and referrals that are ordered."""
        return self._services

    @cached_property
    def _services(self) -> Fact[tuple[ServiceOrder, ...]]:
        return self._listed("serviceRequests", lambda each: read_service(each, self._terms, draft=False))

    def done(self) -> Fact[tuple[Done, ...]]:
        """Examinations that took place."""
        return self._done

    @cached_property
    def _done(self) -> Fact[tuple[Done, ...]]:
        """From the three places a record may say so, as far as each could be read."""
        readers = {
            "reports": read_report, "procedures": read_procedure, "serviceRequests": read_completed_order,
        }  # fmt: skip
        parts = [self._took_place(need, read) for need, read in readers.items()]
        known = [part for part in parts if isinstance(part, Known)]
        found = tuple(each for part in known for each in part.value)
        unread = next((part for part in parts if isinstance(part, Unknown)), None)
        if unread and not found:
            return unread
        doubts = (part.doubt for part in known if part.doubt)
        return Known(found, (), unread.reason if unread else next(doubts, None))

    def vaccinations(self) -> Fact[tuple[Done, ...]]:
        """Vaccines that were given."""
        return self._vaccinations

    @cached_property
    def _vaccinations(self) -> Fact[tuple[Done, ...]]:
        return self._took_place("immunizations", read_immunization)

    def _took_place(
        self, need: str, read: Callable[[Resource, Terminology, date], Done | None]
    ) -> Fact[tuple[Done, ...]]:
        return self._listed(need, lambda each: read(each, self._terms, self._today))

    def medications(self) -> Fact[tuple[Medication, ...]]:
        """Recorded orders and statements."""
        return self._courses

    @cached_property
    def _courses(self) -> Fact[tuple[Medication, ...]]:
        """Orders and statements together; doubtful where one of the two is missing.

        Without the orders only a statement that is there tells anything: that there is none tells nothing.
        """
        drafted = {references.name(each) for each in self._request.draft_orders if each.get("id")}
        orders = self._listed("medicationRequests", self._recorded(drafted))
        told = self._listed("medicationStatements", self._recorded(drafted))
        if isinstance(orders, Unknown):
            found = () if isinstance(told, Unknown) else told.value
            return Known(found, (), orders.reason) if found else orders
        if isinstance(told, Unknown):
            return Known(orders.value, (), orders.doubt or told.reason)
        both = orders.value + told.value
        return Known(both, (), orders.doubt or told.doubt or _unread(both))

    def _recorded(self, drafted: set[str]) -> Callable[[Resource], Medication | None]:
        def read(resource: Resource) -> Medication | None:
            return None if references.name(resource) in drafted else self._medications.recorded(resource)

        return read

    def measurements(self, concept: str) -> Fact[tuple[Measurement, ...]]:
        """The results of a concept, newest first."""
        found = self._measured.get(concept)
        if found is None:
            found = self._measured[concept] = self._measurements(concept)
        return found

    def _measurements(self, concept: str) -> Fact[tuple[Measurement, ...]]:
        topic = self._terms.topic(concept)
        answer = self._gathered.of(topic) if topic else None
        results = self._observations.of(concept)
        if answer is None or not self._is_asked(topic):
            # Nothing is fetched for a concept without a code: what came along is all there is.
            return self._measured_as(results, "")
        if not answer.is_whole and not answer.resources and not results.usable:
            return self._lack(topic, answer)
        doubt = "" if answer.is_whole else f"{_label(topic)} {answer.detail}"
        return self._measured_as(results, doubt)

    def _is_asked(self, topic: str) -> bool:
        return bool(needs.queries(topic, self._terms))

    def _measured_as(self, results: Results, doubt: str) -> Fact[tuple[Measurement, ...]]:
        newer = [
            unread
            for unread in results.unread
            if results.newest is None or unread.on is None or unread.on > results.newest
        ]
        if newer:
            return Unknown(f"a newer result {newer[0].reason}")
        if results.disputed and not doubt:
            doubt = "two results of the same time differ"
        return Known(results.usable, (), doubt or None)

    @cached_property
    def _observations(self) -> Observations:
        found: dict[int, Resource] = {}
        for answer in self._gathered.answers.values():
            for each in (*answer.resources, *answer.others):
                if each.get("resourceType") == "Observation":
                    found.setdefault(id(each), each)
        return Observations(_once(found.values()), self._index, self._terms, self._today, self._notes)

    def _listed(self, need: str, read: Callable[[Resource], T | None]) -> Fact[tuple[T, ...]]:
        answer = self._gathered.of(need)
        if answer.state in (State.FAILED, State.NOT_GATHERED):
            return self._lack(need, answer)
        doubt = None if answer.is_whole else f"{_label(need)} {answer.detail}"
        return Known(self._kept(answer.resources, read), (), doubt)

    def _kept(self, resources: Iterable[Resource], read: Callable[[Resource], T | None]) -> tuple[T, ...]:
        return tuple(found for each in resources if (found := read(each)) is not None)

    def _lack(self, need: str, answer: Answer) -> Unknown:
        return Unknown(f"{_label(need)} {answer.detail or 'could not be had'}", (need,))


def _unread(courses: Iterable[Medication]) -> str | None:
    """A drug that is taken and that nobody could read may be any drug."""
    runs = (each for each in courses if each.state != "past")
    unread = any(not each.ingredients and not each.name for each in runs)
    return f"{_LABELS['medicationRequests']} has an order whose drug could not be read" if unread else None


def _label(need: str) -> str:
    """A need in words: ``kidneyTests`` is "the answer for kidney tests"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", need).lower()
    return _LABELS.get(need, f"the answer for {words}")


def _once(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """One result that came under several keys is one result."""
    seen: set[str] = set()
    kept = []
    for each in resources:
        name = references.name(each)
        if name == "Observation" or name not in seen:
            seen.add(name)
            kept.append(each)
    return tuple(kept)
