"""Gather what the open cards need: from the prefetch first, the rest from the client's server, all at once.

The call has one deadline. Fetches run together on a pool the application owns; what has not arrived when the
deadline passes is left behind, and its need has failed. Nothing that is missing is ever taken for empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, field, replace
from urllib.parse import quote

import requests

from cds_service.fhir import answers, identity, needs, references
from cds_service.fhir.answers import NOT_GATHERED, Answer
from cds_service.fhir.client import Budget, Deadline, FetchFault, FhirClient
from cds_service.fhir.needs import LabCodes, Query
from cds_service.fhir.references import Index, Reference
from cds_service.fhir.values import Resource
from cds_service.protocol.request import HookRequest

MOST_PAGES = 5
_DRUG_NEEDS = ("medicationRequests", "medicationStatements")


@dataclass(frozen=True, slots=True)
class Gathered:
    """The answers to the needs of one call, and every resource of the call by reference."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    index: Index = field(default_factory=Index, repr=False)

    def of(self, need: str) -> Answer:
        """The answer to a need; one nobody asked for was not gathered."""
        return self.answers.get(need, NOT_GATHERED)


def sent(request: HookRequest) -> Gathered:
    """What came with the call, before anything is asked: no answers, and its resources by reference."""
    return Gathered({}, Index(_sources(request)))


def lacks_drugs(request: HookRequest, gathered: Gathered) -> bool:
    """Whether a draft's drug is another resource that is not at hand: what it orders is not known yet."""
    return any(True for _ in _missing(request.draft_orders, gathered.index))


def gather(
    asked: Iterable[str],
    request: HookRequest,
    *,
    http: requests.Session,
    pool: Executor,
    deadline: Deadline,
    terms: LabCodes,
    may_call: Callable[[str], bool],
    before: Gathered | None = None,
) -> Gathered:
    """Answer the needs named in ``asked``; what was gathered ``before`` stays and is not asked again.

    ``may_call`` says whether a FHIR base may be called at all. ``deadline`` bounds the whole; ``http`` brings
    the connections. Raises :class:`~cds_service.errors.WrongPatient` where the prefetch is another patient's.
    A resource *fetched* that is another's makes its need fail.
    """
    before = before or sent(request)
    had = before.answers
    queries = {need: needs.queries(need, terms) for need in asked if need not in had}
    given = {key: _given(request, key, query) for each in queries.values() for key, query in each.items()}
    index = before.index
    for key, answer in given.items():
        came = (*answer.resources, *answer.others)
        identity.check(request, ((f"prefetch.{key}", each) for each in came), index)
    keys = {key: query for each in queries.values() for key, query in each.items()}
    client = _client(request, http, deadline, may_call)
    if client:
        _fetch_all(client, request, keys, given, index, pool, deadline)
    found = {need: answers.joined(given[key] for key in queries[need]) for need in queries}
    return Gathered({**had, **found}, index)


def _given(request: HookRequest, key: str, query: Query) -> Answer:
    """What the prefetch says; a key that is not there was not gathered."""
    prefetch = request.prefetch
    if prefetch is None or key not in prefetch:
        return NOT_GATHERED
    return answers.read(prefetch[key], query.kind)


def _sources(request: HookRequest) -> Iterator[object]:
    """The Bundles of the context and of the prefetch, as received: their entries have a ``fullUrl``."""
    yield from request.draft_orders
    yield from request.context.values()
    yield from (request.prefetch or {}).values()


def _client(
    request: HookRequest, http: requests.Session, deadline: Deadline, may_call: Callable[[str], bool]
) -> FhirClient | None:
    if request.fhir is None or not may_call(request.fhir.server):
        return None
    return FhirClient(http, request.fhir, deadline, Budget())


@dataclass(slots=True)
class _Errand:
    """One thing to bring from the server: the answer to a query, or one Medication."""

    client: FhirClient
    request: HookRequest
    kind: str
    address: str
    begun: Answer | None = None

    def run(self) -> Answer:
        """Bring it, page after page. Raises :class:`FetchFault` if not even the first page came."""
        whole = self.begun or self._page(self.address)
        seen = {self.address}
        while whole.next:
            if whole.next in seen or len(seen) >= MOST_PAGES:
                return replace(whole, next="", detail="has more pages than are read")
            seen.add(whole.next)
            try:
                whole = answers.with_page(whole, self._page(whole.next, further=True))
            except FetchFault as fault:
                return replace(whole, next="", detail=str(fault))
        return whole

    def _page(self, address: str, *, further: bool = False) -> Answer:
        body = self.client.get(address)
        if body is None:
            raise FetchFault("the server sent nothing")
        answer = answers.read(body, self.kind, further=further)
        came = (*answer.resources, *answer.others)
        if any(identity.is_about_another(each, self.request) for each in came):
            raise FetchFault("the server sent another patient's data")
        return answer


def _fetch_all(
    client: FhirClient,
    request: HookRequest,
    keys: Mapping[str, Query],
    given: dict[str, Answer],
    index: Index,
    pool: Executor,
    deadline: Deadline,
) -> None:
    """Fetch what is missing, and the drugs that orders refer to, and put it into ``given`` and ``index``."""
    errands = {
        key: _errand(client, request, keys[key], given[key]) for key in keys if not given[key].is_whole
    }
    drugs = _drugs(request.draft_orders, client, request, index)
    brought = _run({**errands, **drugs}, pool, deadline)
    _put(brought, errands, given, index)
    listed = (order for key in _DRUG_NEEDS if key in given for order in given[key].resources)
    later = _drugs(sorted(listed, key=_is_over), client, request, index)
    rest = {name: errand for name, errand in later.items() if name not in drugs}
    _put(_run(rest, pool, deadline), {}, given, index)


def _is_over(order: Resource) -> bool:
    """Whether the drug of an order may wait behind those still taken, should there be too many to fetch."""
    return order.get("status") not in ("active", "on-hold", "draft")


def _errand(client: FhirClient, request: HookRequest, query: Query, answer: Answer) -> _Errand:
    address = query.template.replace("{{context.patientId}}", quote(request.patient_id, safe=""))
    begun = answer if answer.next else None
    return _Errand(client, request, query.kind, address, begun)


def _drugs(
    orders: Iterable[Resource], client: FhirClient, request: HookRequest, index: Index
) -> dict[str, _Errand]:
    """An errand for each Medication that is referred to and not at hand."""
    return {str(each): _drug(each, client, request) for each in _missing(orders, index)}


def _missing(orders: Iterable[Resource], index: Index) -> Iterator[Reference]:
    wanted = (references.of(order.get("medicationReference")) for order in orders)
    return (each for each in wanted if each.type == "Medication" and index.get(each) is None)


def _drug(wanted: Reference, client: FhirClient, request: HookRequest) -> _Errand:
    return _Errand(client, request, "Medication", f"Medication/{quote(wanted.id, safe='')}")


def _run(errands: Mapping[str, _Errand], pool: Executor, deadline: Deadline) -> dict[str, Answer]:
    """Run errands together; those not back by the deadline have failed, and nobody waits for them."""
    running: dict[str, Future[Answer]] = {name: pool.submit(errand.run) for name, errand in errands.items()}
    wait(running.values(), timeout=deadline.remaining())
    return {name: _result(future) for name, future in running.items()}


def _result(future: Future[Answer]) -> Answer:
    if not future.done():
        future.cancel()
        return answers.failed("the server did not answer in time")
    try:
        return future.result()
    except FetchFault as fault:
        return answers.failed(str(fault))


def _put(
    brought: Mapping[str, Answer], errands: Mapping[str, _Errand], given: dict[str, Answer], index: Index
) -> None:
    for name, answer in brought.items():
        index.add(*answer.resources, *answer.others)
        if name in errands:
            given[name] = _better(given[name], answer)


def _better(before: Answer, fetched: Answer) -> Answer:
    """What was fetched, unless it brought less than the prefetch had."""
    if fetched.is_whole or len(fetched.resources) > len(before.resources):
        return fetched
    return before if before.resources else fetched
