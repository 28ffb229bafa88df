"""Requests (R): what is a call is answered, what is none is refused as the caller's fault."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cds_service.conform.calls import library
from cds_service.conform.checks.transport import summaries
from cds_service.conform.patient import encode
from cds_service.conform.probe import Answer, Probe, Target
from cds_service.conform.registry import NotApplicable, check
from cds_service.conform.subjects import targets, whole

AT_ONCE = 4
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NO_CALLS = (
    ("half a body", b'{"hook"'),
    ("a list", b"[]"),
    ("a number", b"1"),
    ("nothing", b""),
    ("no UTF-8", b'{"a":"\xff"}'),
)


def _refused(status: int, what: str) -> Iterator[str]:
    if not 400 <= status < 500:
        yield f"answers {status} to {what}"


@check("R1", targets)
def what_is_no_call_is_refused(target: Target) -> Iterator[str]:
    """GET, and bodies that are no call, are 4xx"""
    yield from _refused(target.probe.send("GET", target.url).status, "GET")
    for what, body in NO_CALLS:
        yield from _refused(target.post(body).status, what)


@check("R1", whole)
def an_unknown_id_is_404(probe: Probe) -> Iterator[str]:
    """An id that is not on offer is 404"""
    unknown = f"{probe.discovery_url}/{probe.world.new_id()}"
    status = probe.send("POST", unknown, b"{}").status
    if status != 404 and not (status == 401 and probe.signer is None):
        yield f"answers {status} to an unknown id"


@check("R2", targets)
def the_hook_of_a_call_is_the_services(target: Target) -> Iterator[str]:
    """No hook, another hook and a hook that is no text are refused"""
    for hook in (None, "org.example.another-hook", 7):
        yield from _refused(target.post(target.call(hook=hook)).status, f"the hook {hook}")


@check("R3", targets)
def a_call_has_an_instance(target: Target) -> Iterator[str]:
    """None is refused, any text is taken"""
    yield from _refused(target.post(target.call(hookInstance=None)).status, "a call without hookInstance")
    status = target.post(target.call(hookInstance="conformance.1")).status
    if status != target.answers[0].reply.status:
        yield f"answers {status} to a hookInstance that is no UUID"


@check("R4", targets)
def a_call_has_its_context(target: Target) -> Iterator[str]:
    """A call without context, or without a required member of it, is refused"""
    yield from _refused(target.post(target.call(context=None)).status, "a call without context")
    context = target.call()["context"]
    for name in library()[target.hook]["required"]:
        lacking = {member: value for member, value in context.items() if member != name}
        yield from _refused(target.post(target.call(context=lacking)).status, f"a context without {name}")


@check("R5", targets)
def authorization_without_a_server_does_no_harm(target: Target) -> Iterator[str]:
    """fhirAuthorization without fhirServer is no fault of the service's"""
    access = {
        "access_token": "conformance",
        "token_type": "Bearer",
        "expires_in": 1,
        "scope": "none",
        "subject": "none",
    }
    status = target.post(target.call(fhirAuthorization=access)).status
    if status >= 500:
        yield f"answers {status}"


@check("R6", targets)
def a_prefetch_is_enough(target: Target) -> Iterator[str]:
    """A call with its whole prefetch and without access to FHIR is answered"""
    status = target.answers[0].reply.status
    if status != 200:
        yield f"answers {status} though every template was answered"


@check("R7", targets)
def nothing_in_the_prefetch_is_no_fault(target: Target) -> Iterator[str]:
    """Absent, empty and null prefetch, and null for every key"""
    whole_call = target.call()
    empty: list[tuple[str, Any]] = [
        ("empty", {}),
        ("null in every key", dict.fromkeys(whole_call.get("prefetch", {}))),
    ]
    for what, prefetch in empty:
        status = target.post({**whole_call, "prefetch": prefetch}).status
        if status not in (200, 412):
            yield f"answers {status} where the prefetch is {what}"
    status = target.post({**whole_call, "prefetch": None}).status
    if status not in (200, 400, 412):
        yield f"answers {status} where the prefetch is null"


@check("R8", targets)
def the_same_call_gets_the_same_answer(target: Target) -> Iterator[str]:
    """Again and at the same time"""
    expected = target.answers[0]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found: list[Answer] = list(pool.map(target.ask, [target.call() for _ in range(AT_ONCE)]))
    for answer in [*target.answers[1:2], *found]:
        if (answer.reply.status, summaries(answer)) != (expected.reply.status, summaries(expected)):
            yield "says something else to the same call"
            return


@check("R10", targets)
def utf_8_is_read_however_labelled(target: Target) -> Iterator[str]:
    """With a charset, and with a byte order mark"""
    expected = target.answers[0].reply.status
    if expected != 200:
        raise NotApplicable("no call is answered")
    charset = target.post(target.call(), {"Content-Type": "application/json; charset=utf-8"}).status
    if charset != expected:
        yield f"answers {charset} where the charset is named"
    marked = target.post(BYTE_ORDER_MARK + encode(target.call())).status
    if marked != expected:
        yield f"answers {marked} to a byte order mark"
