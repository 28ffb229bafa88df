"""Browsers (CO): pages of an allowed origin may call, others may not."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.conform.http import Reply
from cds_service.conform.probe import Probe
from cds_service.conform.registry import NotApplicable, check
from cds_service.conform.subjects import whole

FOREIGN = ("https://stranger.example.net", "null")
NEEDED = {
    "access-control-allow-methods": ("POST",),
    "access-control-allow-headers": ("authorization", "content-type"),
}
NOBODY = {"Authorization": ""}


def _origin(probe: Probe) -> str:
    if probe.wishes.origin is None:
        raise NotApplicable("no allowed origin was given; name one with --origin")
    return probe.wishes.origin


def _addresses(probe: Probe) -> list[str]:
    return [probe.discovery_url, *(target.url for target in probe.targets[:1])]


def _preflight(probe: Probe, url: str, origin: str) -> Reply:
    asked = {
        "Origin": origin, "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type", **NOBODY,
    }  # fmt: skip
    return probe.send("OPTIONS", url, headers=asked)


@check("CO1", whole)
def an_allowed_page_may_call(probe: Probe) -> Iterator[str]:
    """The pre-flight names the origin, the methods and the headers"""
    origin = _origin(probe)
    for url in _addresses(probe):
        reply = _preflight(probe, url, origin)
        if reply.headers.get("access-control-allow-origin") not in (origin, "*"):
            yield f"the pre-flight of {url} does not name the origin"
        for name, words in NEEDED.items():
            allowed = reply.headers.get(name, "").lower()
            if not all(word.lower() in allowed for word in words):
                yield f"the pre-flight of {url} does not allow {', '.join(words)}"


@check("CO2", whole)
def a_preflight_needs_no_token(probe: Probe) -> Iterator[str]:
    """The pre-flight without a token is 2xx"""
    origin = _origin(probe)
    for url in _addresses(probe):
        status = _preflight(probe, url, origin).status
        if not 200 <= status < 300:
            yield f"the pre-flight of {url} answers {status}"


@check("CO3", whole)
def refusals_can_be_read(probe: Probe) -> Iterator[str]:
    """A refusal names the origin, too"""
    origin = _origin(probe)
    for target in probe.targets[:1]:
        for headers in ({"Origin": origin}, {"Origin": origin, **NOBODY}):
            reply = target.post(b"{", headers)
            if reply.headers.get("access-control-allow-origin") not in (origin, "*"):
                yield f"a {reply.status} does not name the origin"


@check("CO4", whole)
def a_foreign_page_may_not_call(probe: Probe) -> Iterator[str]:
    """A foreign origin is not named, and no wildcard comes with credentials"""
    for origin in FOREIGN:
        reply = _preflight(probe, probe.discovery_url, origin)
        named = reply.headers.get("access-control-allow-origin")
        if named == origin or (named == "*" and "access-control-allow-credentials" in reply.headers):
            yield f"lets a page of {origin} call"
