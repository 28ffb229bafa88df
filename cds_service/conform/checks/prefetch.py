"""Prefetch (P): what is asked for beforehand, and what is made of it when it does not come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

from cds_service.conform.calls import library
from cds_service.conform.checks.transport import summaries
from cds_service.conform.http import Reply
from cds_service.conform.patient import TOKEN, bundle, tokens
from cds_service.conform.probe import Probe, Target
from cds_service.conform.reading import Members
from cds_service.conform.registry import NotApplicable, check
from cds_service.conform.subjects import entries, targets

USER_TOKENS = ("userPractitionerId", "userPractitionerRoleId", "userPatientId", "userRelatedPersonId")
FIELD = re.compile(r"context\.([A-Za-z]\w*)(.*)", re.DOTALL)
CALCULATED = re.compile(r"today\(\)(\s*[+-]\s*\d{1,9}\s*[A-Za-z]\w*)?|%\w+.*", re.DOTALL)
BARE = re.compile(r"[A-Za-z]\w*")
EARLIER = re.compile(r"%(\w+)")
OF_TYPE = re.compile(r"ofType\(([^()]*)\)")
RESOURCE_TYPE = re.compile(r"(FHIR\.)?[A-Z][A-Za-z]+")
NOT_RESOURCES = frozenset(
    {"String", "Boolean", "Integer", "Decimal", "Quantity", "Coding", "Reference", "Period"}
)
NAME = re.compile(r"[A-Za-z-]+(:in)?")
FORBIDDEN = frozenset(
    {"_include", "_revinclude", "_has", "_elements", "_summary", "_contained", "_text", "_content"}
)
STRANGE_PREFIX = re.compile(r"(ne|sa|eb|ap)\d")
OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "exception", "diagnostics": "the query failed"}],
}


def templates(probe: Probe) -> Iterator[tuple[str, tuple[str, Members]]]:
    """Every template with the entry it belongs to."""
    for where, entry in entries(probe):
        held = entry.get("prefetch")
        for key, template in (held if isinstance(held, dict) else {}).items():
            if isinstance(template, str):
                yield f"{where}, prefetch.{key}", (template, entry)


def asking(probe: Probe) -> Iterator[tuple[str, Target]]:
    """Every service with a published hook that asks for prefetch."""
    found = [(where, target) for where, target in targets(probe) if target.call().get("prefetch")]
    if not found:
        raise NotApplicable("no service asks for prefetch")
    yield from found


@check("P1", templates)
def tokens_are_delimited_and_known(subject: tuple[str, Members]) -> Iterator[str]:
    """Every brace belongs to a token, and every token is of a kind that is known"""
    template, _ = subject
    rest = TOKEN.sub("", template)
    if "{" in rest or "}" in rest:
        yield "has a brace that belongs to no token"
    for path in tokens(template):
        is_known = path in USER_TOKENS or FIELD.fullmatch(path) or CALCULATED.fullmatch(path)
        if not is_known and not BARE.fullmatch(path):
            yield f"the token {path!r} is none of the specification"


@check("P2", templates)
def a_context_token_says_context(subject: tuple[str, Members]) -> Iterator[str]:
    """A member of the context is named with context before it"""
    for path in tokens(subject[0]):
        if BARE.fullmatch(path) and path not in USER_TOKENS:
            yield f"the token {path!r} does not begin with context"


@check("P3", templates)
def a_token_may_be_used(subject: tuple[str, Members]) -> Iterator[str]:
    """Only members that the hook marks for it; a path into others where version 3 is spoken"""
    template, entry = subject
    walks = str(entry.get("version", "")).startswith("3.")
    hook = library().get(str(entry.get("hook")))
    if hook is None:
        raise NotApplicable("the hook is not a published one")
    for path in tokens(template):
        field = FIELD.fullmatch(path)
        if field and field[1] not in hook["tokens"] and not (walks and field[2]):
            yield f"context.{field[1]} is no token of {entry.get('hook')}"


@check("P4", templates)
def a_template_keeps_to_the_subset(subject: tuple[str, Members]) -> Iterator[str]:
    """Only queries that every client can run, or a word about it in usageRequirements"""
    template, entry = subject
    if "usageRequirements" in entry and "prefetch" in str(entry["usageRequirements"]).lower():
        return
    kind, is_search, query = template.lstrip("/").partition("?")
    if is_search and not re.fullmatch(r"[A-Z][A-Za-z]+", kind):
        yield "searches no type of resource"
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name.partition(":")[0] in FORBIDDEN or not NAME.fullmatch(name.removeprefix("_")):
            yield f"uses the parameter {name}"
        if STRANGE_PREFIX.match(value):
            yield f"compares {name} with {value[:2]}"


@check("P5", entries)
def a_key_is_used_after_it_is_asked_for(entry: Members) -> Iterator[str]:
    """Another key's result is used after that key"""
    held = entry.get("prefetch")
    seen: set[str] = set()
    for key, template in (held if isinstance(held, dict) else {}).items():
        for path in tokens(str(template)):
            yield from (
                f"{key} uses {name}, which does not stand before it"
                for name in EARLIER.findall(path)
                if name not in seen
            )
        seen.add(key)


@check("P5a", templates)
def of_type_names_a_type(subject: tuple[str, Members]) -> Iterator[str]:
    """ofType names a type of resource"""
    for path in tokens(subject[0]):
        for name in map(str.strip, OF_TYPE.findall(path)):
            if not RESOURCE_TYPE.fullmatch(name) or name.removeprefix("FHIR.") in NOT_RESOURCES:
                yield f"ofType({name}) names no type of resource"


def _answered_or_412(reply: Reply) -> Iterator[str]:
    if reply.status not in (200, 412):
        yield f"answers {reply.status}; 200 or 412 is meant"


@check("S4", targets)
@check("P7", targets)
def data_that_cannot_be_had_are_412(target: Target) -> Iterator[str]:
    """Without prefetch and FHIR server: 412, or 200 where the data are not required"""
    yield from _answered_or_412(target.post(target.call(prefetch=None)))


@check("P8", asking)
def a_failed_query_is_no_resource(target: Target) -> Iterator[str]:
    """With an OperationOutcome for every key: 412, or 200 where the data are not required"""
    yield from _answered_or_412(target.post(_with(target, OUTCOME)))


@check("P10", asking)
def a_page_of_many_makes_no_call_fail(target: Target) -> Iterator[str]:
    """With a next page that cannot be fetched: 200 or 412"""
    body = target.call()
    page = {"link": [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]}
    body["prefetch"] = {
        key: {**value, **page} if isinstance(value, dict) and value["resourceType"] == "Bundle" else value
        for key, value in body["prefetch"].items()
    }
    yield from _answered_or_412(target.post(body))


@check("P11", targets)
def a_key_not_asked_for_is_passed_over(target: Target) -> Iterator[str]:
    """A key of the tester's own changes nothing"""
    body = target.call()
    body["prefetch"] = {**body.get("prefetch", {}), "conformanceTest": bundle("searchset", [], total=0)}
    before, after = target.answers[0], target.ask(body)
    if (after.reply.status, summaries(after)) != (before.reply.status, summaries(before)):
        yield "shows other cards, or none"


@check("P12", asking)
def what_is_no_resource_makes_no_call_fail(target: Target) -> Iterator[str]:
    """Texts, HTML and foreign types in place of resources are no fault of the service's"""
    for what, value in (
        ("a text", "123"),
        ("HTML", "<html>"),
        ("another type", {"resourceType": "Basic", "id": "1"}),
    ):
        status = target.post(_with(target, value)).status
        if status >= 500 or 300 <= status < 400:
            yield f"answers {status} to {what} in place of a resource"


def _with(target: Target, value: object) -> Members:
    body = target.call()
    body["prefetch"] = dict.fromkeys(body["prefetch"], value)
    return body
