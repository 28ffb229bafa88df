"""What each fault answers to a query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cds_service.faults import bodies
from cds_service.faults.query import Query
from cds_service.faults.wire import Reply
from cds_service.fhir.synthesis import outcome
from cds_service.fhir.synthesis.store import searchset
from cds_service.protocol.codec import encode

Answer = Callable[[Query], Reply]


def sound(query: Query, **changed: Any) -> Reply:
    """What a sound server answers, with some members of the reply changed."""
    status, resource = query.sound()
    return replace(Reply(encode(resource), status), **changed)


def spoilt(**changed: Any) -> Answer:
    """A sound answer, sent otherwise."""
    return lambda query: sound(query, **changed)


def resource(make: Callable[[Query], Any]) -> Answer:
    """A resource with 200."""
    return lambda query: Reply(encode(make(query)))


def always(body: bytes = b"", content_type: str = "application/fhir+json") -> Answer:
    """The same bytes with 200."""
    return lambda _query: Reply(body, content_type=content_type)


def silence(_query: Query) -> Reply:
    """Nothing, for an hour."""
    return Reply(delay=3600.0)


def failing(status: int, *headers: tuple[str, str]) -> Answer:
    """A status and an OperationOutcome."""
    body = encode(outcome("exception", "this server fails on purpose"))
    return lambda _query: Reply(body, status, headers=headers)


def busy(pause: str, *headers: tuple[str, str]) -> Answer:
    """Too many requests: come back later."""
    return failing(429, ("Retry-After", pause), *headers)


def no_patient(query: Query) -> Reply:
    """There is no such patient; all else is sound."""
    return failing(404)(query) if query.kind == "Patient" else sound(query)


def cut_short(query: Query) -> Reply:
    """Half of the body that is announced."""
    whole = encode(query.sound()[1])
    return Reply(whole[: len(whole) // 2], length=len(whole))


def half(query: Query) -> Reply:
    """Half of the JSON, as if it were all."""
    whole = encode(query.sound()[1])
    return Reply(whole[: len(whole) // 2])


def to(where: Callable[[Query], str], status: int = 302) -> Answer:
    """A redirect."""
    return lambda query: Reply(b"", status, headers=(("Location", where(query)),))


def away(query: Query) -> str:
    """The address of another server."""
    return query.witness


def huge(_query: Query) -> Reply:
    """More than anybody should read."""
    return Reply(bodies.huge())


def packed(make: Callable[[], bytes], *encodings: str) -> Answer:
    """A compressed body."""
    return lambda _query: Reply(make(), headers=(("Content-Encoding", ", ".join(encodings)),))


def page(following: Callable[[Query], str]) -> Answer:
    """A page of a search, and where the next one is said to be."""
    return resource(lambda query: bodies.page(query.kind, query.patient, str(query.page), following(query)))


def many(query: Query) -> Reply:
    """Five thousand entries."""
    return Reply(bodies.many(query.kind, query.patient, 5_000))


def twice(query: Query) -> Any:
    """One id three times."""
    one = bodies.person(query.kind, "twice", query.patient)
    return searchset([one, {**one, "meta": {"lastUpdated": "2026-01-01T00:00:00Z"}}, one])


def turning(query: Query) -> Any:
    """Contained resources that refer to each other."""
    return searchset([bodies.turning(query.kind, query.patient)])


def another(query: Query) -> Any:
    """Everything about another patient."""
    return bodies.about_another(query.sound()[1])


def basic(_query: Query) -> Any:
    """A resource nobody asked for."""
    return {"resourceType": "Basic", "id": "basic"}


def failed(_query: Query) -> Any:
    """An OperationOutcome in place of what was asked for."""
    return outcome("exception", "the search failed")


def entries(*listed: object) -> Answer:
    """A search that finds these."""
    return resource(lambda _query: {"resourceType": "Bundle", "type": "searchset", "entry": list(listed)})


_NOTE = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "not-found"}]}
nothing = entries({"resource": _NOTE, "search": {"mode": "outcome"}})
