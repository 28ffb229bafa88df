"""Transport and JSON (T): what holds for every answer, whatever it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from cds_service.conform.http import Reply
from cds_service.conform.probe import Answer, Probe, Target
from cds_service.conform.reading import NotStrict, read, text, walk
from cds_service.conform.registry import NotApplicable, check
from cds_service.conform.subjects import Part, actions, answers, discovery, said, targets, whole

SOON = 0.5
MAY_BE_EMPTY = frozenset({"cards", "services"})


def bodies(probe: Probe) -> Iterator[tuple[str, Reply]]:
    """Every 2xx answer of discovery and of the services."""
    for where, reply in [*discovery(probe), *((where, answer.reply) for where, answer in said(probe))]:
        if 200 <= reply.status < 300:
            yield where, reply


def values(probe: Probe) -> Iterator[tuple[str, object]]:
    """The value of every answer that is JSON."""
    for where, reply in bodies(probe):
        try:
            yield where, read(reply.body)
        except NotStrict:
            continue


@check("T1", bodies)
def json_is_strict_and_labelled(reply: Reply) -> Iterator[str]:
    """Strict JSON with its content type"""
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        yield f"has the content type {kind or '(none)'}"
    try:
        read(reply.body)
    except NotStrict as fault:
        yield f"the body {fault}"


@check("T2", whole)
def the_line_is_encrypted(probe: Probe) -> Iterator[str]:
    """TLS 1.2 or later (this client speaks no older one)"""
    if not probe.base.startswith("https://"):
        if probe.is_local:
            raise NotApplicable("the service runs on this machine; ask its deployed address, too")
        yield "is asked without TLS"


@check("T3", values)
def no_null(value: object) -> Iterator[str]:
    """No member is null"""
    for path, each in walk(value):
        # FHIR writes null in a list of primitives, beside which a list of their extensions stands.
        if each is None and not (path.endswith("]") and ".resource." in path):
            yield f"{path} is null"


@check("T4", values)
def nothing_empty(value: object) -> Iterator[str]:
    """No empty text, list or object"""
    for path, each in walk(value):
        if path and each in ("", [], {}) and path not in MAY_BE_EMPTY:
            yield f"{path} is empty"


@check("T6", values)
def no_blank_text(value: object) -> Iterator[str]:
    """No text of blanks alone"""
    yield from (
        f"{path} is blank"
        for path, each in walk(value)
        if isinstance(each, str) and each and not each.strip()
    )


@check("T7", actions)
def resources_are_fhir(action: Part) -> Iterator[str]:
    """Resources have their type, and decimals keep their digits"""
    resource = action.value.get("resource")
    if not isinstance(resource, dict):
        return
    if not isinstance(resource.get("resourceType"), str):
        yield "the resource has no resourceType"
    before = dict(walk(sent_as(action)))
    for path, value in walk(resource):
        if (
            isinstance(value, Decimal | int)
            and not isinstance(value, bool)
            and _is_rounded(before.get(path), value)
        ):
            yield f"{path} was sent as {before[path]} and comes back as {value}"


def sent_as(action: Part) -> Mapping[str, object]:
    """The resource of the call that has the type and id of an action's, if there is one."""
    wanted = named(action.value.get("resource"))
    found = (value for _, value in walk(dict(action.sent)) if wanted and named(value) == wanted)
    return next((value for value in found if isinstance(value, Mapping)), {})


def named(value: object) -> str:
    """A resource as ``Type/id``; nothing for what has not both."""
    if not isinstance(value, Mapping) or not text(value.get("resourceType")) or not text(value.get("id")):
        return ""
    return f"{value['resourceType']}/{value['id']}"


def _is_rounded(before: object, after: Decimal | int) -> bool:
    return isinstance(before, Decimal | int) and before == after and str(before) != str(after)


@check("T8", bodies)
def nothing_that_json_does_not_know(reply: Reply) -> Iterator[str]:
    """No comment and no trailing comma"""
    if reply.headers.get("content-type", "").startswith("application/json"):
        try:
            read(reply.body)
        except NotStrict as fault:
            yield f"the body {fault}"


@check("T9", targets)
def a_call_is_answered_soon(target: Target) -> Iterator[str]:
    """The faster of two equal calls within half a second"""
    fastest = min((answer.reply.seconds for answer in target.answers[:2]), default=0.0)
    if fastest > SOON:
        yield f"takes {fastest:.2f} seconds"


@check("T10", targets)
def what_is_unknown_is_passed_over(target: Target) -> Iterator[str]:
    """Unknown members and extensions change nothing"""
    body = target.call(conformance=1, extension={"org.example.conformance": {"a": 1}})
    body["context"] = {**body["context"], "conformance": 1}
    before, after = target.answers[0], target.ask(body)
    if after.reply.status != before.reply.status:
        yield f"answers {after.reply.status} in place of {before.reply.status}"
    elif summaries(after) != summaries(before):
        yield "shows other cards"


def summaries(answer: Answer) -> list[str]:
    """The summaries of an answer's cards, to tell whether two answers say the same."""
    shown = answer.body.get("cards") if isinstance(answer.body, dict) else None
    held = [card for card in shown if isinstance(card, dict)] if isinstance(shown, list) else []
    return sorted(str(card.get("summary")) for card in held)


@check("T5", answers)
def optional_members_are_left_out(answer: Answer) -> Iterator[str]:
    """No optional member of an answer is there without a value"""
    body = answer.body if isinstance(answer.body, dict) else {}
    yield from (
        f"{name} is there without a value"
        for name in ("systemActions", "extension")
        if name in body and not body[name]
    )
