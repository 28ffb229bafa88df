"""What stands under a prefetch key, or came from the server: five states that must never be confused.

====================================================================  ===================
key absent, and it could not be fetched                               ``NOT_GATHERED``
``null``; a Bundle without matches, notes of the server aside         ``KNOWN_EMPTY``
a Bundle with matches; a bare resource where a search was expected    ``GIVEN``
a page with a ``next`` link, a total above its entries, broken rows   ``INCOMPLETE``
an OperationOutcome, another type, a string, HTML                     ``FAILED``
====================================================================  ===================

https://cds-hooks.hl7.org/2.0/#prefetch-template
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum

from cds_service.fhir import references
from cds_service.fhir.values import Resource, member, number, rows, text


class State(Enum):
    """How much is known of what a need asked for."""

    GIVEN = "given"
    KNOWN_EMPTY = "known empty"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    NOT_GATHERED = "not gathered"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one need. ``detail`` says in plain words what is wrong with it, without any value.

    ``others`` are resources of other types that came along; ``next`` is the address of the next page.
    """

    state: State
    resources: tuple[Resource, ...] = field(default=(), repr=False)
    detail: str = ""
    others: tuple[Resource, ...] = field(default=(), repr=False)
    next: str = field(default="", repr=False)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing from it."""
        return self.state in (State.GIVEN, State.KNOWN_EMPTY)


KNOWN_EMPTY = Answer(State.KNOWN_EMPTY)
NOT_GATHERED = Answer(State.NOT_GATHERED, detail="was not given and could not be fetched")


PAGED = "is one page of several"


def failed(detail: str) -> Answer:
    """An answer that cannot be used, and why."""
    return Answer(State.FAILED, detail=detail)


def read(value: object, kind: str, *, further: bool = False) -> Answer:
    """The answer that a prefetch value, or a body from the server, is to a query for ``kind``.

    The total of a ``further`` page counts the pages before it too, so it says nothing about the page.
    """
    if value is None:
        return KNOWN_EMPTY
    if not isinstance(value, Mapping):
        return failed("is not a FHIR resource")
    found = value.get("resourceType")
    if found == kind:
        return Answer(State.GIVEN, (value,))
    if found == "Bundle":
        return _read_bundle(value, kind, further)
    if found == "OperationOutcome":
        return failed("is an OperationOutcome: the query failed")
    return failed(f"is not a {kind} or a Bundle of them")


def _read_bundle(bundle: Resource, kind: str, further: bool) -> Answer:
    listed = bundle.get("entry", [])
    if not isinstance(listed, list):
        return failed("is a Bundle whose entries are no list")
    matches: list[Resource] = []
    others: list[Resource] = []
    broken = 0
    for entry in listed:
        resource = entry.get("resource") if isinstance(entry, Mapping) else None
        if not isinstance(resource, Mapping):
            broken += 1
        elif resource.get("resourceType") == kind:
            matches.append(resource)
        else:
            others.append(resource)
    outcomes = [each for each in others if each.get("resourceType") == "OperationOutcome"]
    following = _next(bundle)
    answer = Answer(State.GIVEN, _newest_of_each(matches), "", tuple(others), following)
    total = None if further else number(bundle.get("total"))
    doubt = _doubt(total, following, broken, outcomes, len(matches))
    if matches:
        return replace(answer, state=State.INCOMPLETE, detail=doubt) if doubt else answer
    if following or (doubt and not broken and not any(map(_is_error, outcomes))):
        return replace(answer, state=State.INCOMPLETE, detail=doubt)
    if doubt:
        return replace(answer, state=State.FAILED, detail=doubt)
    if len(others) > len(outcomes):
        return replace(answer, state=State.FAILED, detail=f"holds no {kind}, but other resources")
    return replace(answer, state=State.KNOWN_EMPTY)


def _doubt(
    total: Decimal | None, following: str, broken: int, outcomes: Iterable[Resource], matches: int
) -> str:
    """Why the Bundle may not hold everything that matches, or nothing."""
    if broken:
        return "has entries that could not be read"
    if any(map(_is_error, outcomes)):
        return "tells of an error of the server"
    if following:
        return PAGED
    if total is not None and total > matches:
        return "holds less than its total"
    return ""


def _newest_of_each(resources: list[Resource]) -> tuple[Resource, ...]:
    """One resource a name: of two versions the one updated last, otherwise the first.

    Of one name and two patients both stay: that they are there at all makes the call wrong.
    """
    kept: dict[object, Resource] = {}
    for position, resource in enumerate(resources):
        name = resource.get("id")
        holder = references.of(resource.get("subject") or resource.get("patient"))
        key = (name, holder) if isinstance(name, str) and name else position
        if key not in kept or _updated(resource) > _updated(kept[key]):
            kept[key] = resource
    return tuple(kept.values())


def _updated(resource: Resource) -> str:
    return text(member(resource, "meta").get("lastUpdated"))


def _is_error(outcome: Resource) -> bool:
    return any(issue.get("severity") in ("error", "fatal") for issue in rows(outcome.get("issue")))


def _next(bundle: Resource) -> str:
    links = rows(bundle.get("link"))
    return next((text(link.get("url")) for link in links if link.get("relation") == "next"), "")


def with_page(before: Answer, page: Answer) -> Answer:
    """A page put behind those before it. The whole is given when its last page came and none had a doubt."""
    doubts = [each.detail for each in (before, page) if each.detail not in ("", PAGED)]
    resources = _newest_of_each([*before.resources, *page.resources])
    state = State.GIVEN if resources else State.KNOWN_EMPTY
    if doubts or page.next or page.state is State.FAILED:
        state = State.INCOMPLETE
    detail = doubts[0] if doubts else page.detail
    return Answer(state, resources, detail, before.others + page.others, page.next)


def joined(answers: Iterable[Answer]) -> Answer:
    """Several answers to one need as one: never more certain than the least certain of them."""
    parts = tuple(answers)
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Answer(State.NOT_GATHERED, detail="has no code to ask for")
    resources = _newest_of_each([each for part in parts for each in part.resources])
    others = tuple(each for part in parts for each in part.others)
    doubtful = [part for part in parts if not part.is_whole]
    if doubtful:
        states = {part.state for part in doubtful}
        same = len(doubtful) == len(parts) and len(states) == 1 and not resources
        state = doubtful[0].state if same else State.INCOMPLETE
        return Answer(state, resources, doubtful[0].detail, others)
    return Answer(State.GIVEN if resources else State.KNOWN_EMPTY, resources, "", others)
