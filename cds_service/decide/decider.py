"""One call decided: drafts first, then only as much of the chart as the pages that are still open need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import requests

from cds_service.clinical.chart import Chart, Medication
from cds_service.clinical.facts import Scope
from cds_service.clinical.known import Known
from cds_service.decide.cards import CardMaker
from cds_service.decide.drug_drafts import refusal
from cds_service.decide.unchecked import not_evaluated, nothing_can_be_said, unreadable
from cds_service.errors import DataRequired, Fault
from cds_service.fhir.answers import State
from cds_service.fhir.chart import read_chart
from cds_service.fhir.client import Deadline
from cds_service.fhir.gather import Gathered, gather, lacks_drugs, sent
from cds_service.fhir.needs import prefetch
from cds_service.knowledge.catalogue import ServiceEntry
from cds_service.knowledge.compose import compose
from cds_service.knowledge.evaluate import Finding, concerned, evaluate_open, findings, is_visit
from cds_service.knowledge.load import Knowledge
from cds_service.knowledge.pages import Page
from cds_service.protocol.annotations import Check, check_of
from cds_service.protocol.cards import Card
from cds_service.protocol.discovery import Service
from cds_service.protocol.request import HookRequest
from cds_service.protocol.trust import Caller

EXTENSION = "org.dermatomyositis-cds"
_COURSES = ("medicationRequests", "medicationStatements")


@dataclass(frozen=True, slots=True)
class Decision:
    """The cards to show, what the answer says beside them, and the check that may leave its mark on orders."""

    cards: tuple[Card, ...] = ()
    extension: Mapping[str, object] = field(default_factory=dict)
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class World:
    """Everything a decision takes from outside: time, identities, the network and who may be called."""

    today: Callable[[], date]
    new_id: Callable[[], str]
    monotonic: Callable[[], float]
    http: requests.Session
    pool: Executor
    may_call: Callable[[str, Caller], bool]
    deadline: float = 2.0
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class Decider:
    """Answers calls from one body of knowledge."""

    knowledge: Knowledge
    world: World
    ceiling: int = 3

    def services(self) -> tuple[Service, ...]:
        """What is on offer, each with the prefetch its pages need."""
        return tuple(self._service(entry) for entry in self.knowledge.lists.services)

    def _service(self, entry: ServiceEntry) -> Service:
        needs = sorted(self.knowledge.needs(entry.hook) | entry.required, key=_first_things_first)
        templates = prefetch(needs, self.knowledge.terms)
        return Service(entry.id, entry.hook, entry.title, entry.description, templates, entry.usage)

    def __call__(self, service: Service, request: HookRequest, caller: Caller) -> Decision:
        """The decision on one call.

        Raises :class:`~cds_service.errors.WrongPatient` where the call mixes patients, and
        :class:`~cds_service.errors.DataRequired` where data without which nothing can be said are missing.
        """
        return _Call(self, service.hook, request, caller).decide()

    def findings(self, request: HookRequest, caller: Caller) -> tuple[Finding, ...]:
        """What every page says on a call, before it is composed into cards."""
        return _Call(self, request.hook, request, caller).judge()[0]


def _unread(chart: Chart) -> list[Medication]:
    return [draft for draft in chart.drafts if not draft.ingredients and unreadable(draft)]


def _first_things_first(need: str) -> tuple[int, str]:
    order = ("patient", "conditions", *_COURSES, "allergies", "serviceRequests")
    return (order.index(need) if need in order else len(order), need)


class _Call:
    """One call on its way to a decision."""

    def __init__(self, decider: Decider, hook: str, request: HookRequest, caller: Caller) -> None:
        self.knowledge = decider.knowledge
        self.world = decider.world
        self.ceiling = decider.ceiling
        self.hook = hook
        self.request = request
        self.caller = caller
        self.today = decider.world.today()
        self.deadline = Deadline(decider.world.deadline, decider.world.monotonic)
        self.gathered = sent(request)

    def decide(self) -> Decision:
        """Cards from as little data as they need."""
        found, chart, unread = self.judge()
        self._refuse_if_mute(found)
        plans = compose(found, self.hook, self.knowledge.lists.dominance, self.ceiling)
        maker = CardMaker(
            self.knowledge, self.world.new_id, self.world.public_url, self.request, chart, self.today
        )
        cards = [maker.card(plan) for plan in plans]
        if unread:
            cards.append(maker.unreadable_card(unread))
        unjudged = not_evaluated(found, self.knowledge, chart, self.hook, unread)
        extension = {EXTENSION: {"notEvaluated": unjudged}} if unjudged else {}
        return Decision(tuple(cards), extension, self._check(found))

    def _check(self, found: Sequence[Finding]) -> Check | None:
        """The check of the drafts about which something could be judged."""
        judged = {each.order.reference for each in found if each.order and each.outcome != "unknown"}
        return check_of(self.request, judged, self.knowledge.lists.lexicon.phrases["order_marked"])

    def judge(self) -> tuple[tuple[Finding, ...], Chart, list[Medication]]:
        """Every finding of the call, the chart as far as it was needed, and the drafts without a drug.

        At a visit nothing is said about a patient whose death is on record.
        """
        chart = self._chart()
        unread = _unread(chart)
        if unread or self._is_drug_elsewhere(chart):
            chart = self._gather(frozenset())
            unread = _unread(chart)
        pages = concerned(self.knowledge.by_hook[self.hook], self._scope(chart), self.hook)
        if not pages and not self._required():
            return (), chart, unread
        needs = self._needs(pages) | self._required()
        chart = self._given(needs) or self._fetched(pages)
        self._refuse_without_required()
        scope = self._scope(chart)
        if is_visit(self.hook) and scope.get("deceased") == Known(True):
            return (), chart, unread
        return findings(pages, scope, self.hook), chart, unread

    def _is_drug_elsewhere(self, chart: Chart) -> bool:
        """Whether a draft of no drug we know by its words refers to a resource that is not at hand."""
        unknown = any(not draft.ingredients for draft in chart.drafts)
        return unknown and lacks_drugs(self.request, self.gathered)

    def _given(self, needs: frozenset[str]) -> Chart | None:
        """The chart from what was sent with the call, if that is all there is or all that is needed."""
        sent = self._asked(needs, lambda _server: False)
        if self._can_fetch() and not all(sent.of(need).is_whole for need in needs):
            return None
        self.gathered = sent
        return self._chart()

    def _can_fetch(self) -> bool:
        access = self.request.fhir
        return access is not None and self.world.may_call(access.server, self.caller)

    def _fetched(self, pages: Sequence[Page]) -> Chart:
        """The chart with what the pages need that could still fire.

        At a visit who the patient is and what runs is read first: for most patients that closes every page.
        """
        chart = self._chart()
        if required := self._required():
            chart = self._gather(required | frozenset(_COURSES))
            self._refuse_without_required()
        still_open = evaluate_open(pages, self._scope(chart), self.hook)
        return self._gather(self._needs(still_open)) if still_open else chart

    def _chart(self) -> Chart:
        return read_chart(self.gathered, self.request, self.knowledge.terms, self.today)

    def _scope(self, chart: Chart) -> Scope:
        knowledge = self.knowledge
        return Scope(
            chart, knowledge.terms, knowledge.values, schedules=knowledge.schedules,
            refusals=partial(refusal, knowledge),
        )  # fmt: skip

    def _gather(self, needs: Iterable[str]) -> Chart:
        self.gathered = self._asked(needs, lambda server: self.world.may_call(server, self.caller))
        return self._chart()

    def _asked(self, needs: Iterable[str], may_call: Callable[[str], bool]) -> Gathered:
        return gather(
            needs,
            self.request,
            http=self.world.http,
            pool=self.world.pool,
            deadline=self.deadline,
            terms=self.knowledge.terms,
            may_call=may_call,
            before=self.gathered,
        )

    def _needs(self, pages: Iterable[Page]) -> frozenset[str]:
        knowledge = self.knowledge
        return frozenset().union(*(knowledge.page_needs(page, self.hook) for page in pages))

    def _required(self) -> frozenset[str]:
        entries = (entry for entry in self.knowledge.lists.services if entry.hook == self.hook)
        return next((entry.required for entry in entries), frozenset())

    def _refuse_without_required(self) -> None:
        lacking = sorted(need for need in self._required() if not self._is_usable(need))
        if lacking:
            raise DataRequired(*(self._lack(need) for need in lacking))

    def _is_usable(self, need: str) -> bool:
        """Whether anything was read; that there is no patient is no answer about one."""
        state = self.gathered.of(need).state
        return state in (State.GIVEN, State.INCOMPLETE) or (state is State.KNOWN_EMPTY and need != "patient")

    def _lack(self, need: str) -> Fault:
        return Fault(
            f"{need} {self.gathered.of(need).detail or 'could not be had'}; send it as prefetch, or a FHIR "
            "server with a token",
            f"prefetch.{need}",
        )

    def _refuse_if_mute(self, found: Sequence[Finding]) -> None:
        """Where nothing at all could be judged and nothing open could be critical, say which data lack."""
        if not is_visit(self.hook) and nothing_can_be_said(found):
            lacking = sorted(need for need in self.gathered.answers if not self._is_usable(need))
            if lacking:
                raise DataRequired(*(self._lack(need) for need in lacking))
