"""Discovery (D): what is on offer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from cds_service.conform.calls import library
from cds_service.conform.http import Reply
from cds_service.conform.probe import Probe, Target
from cds_service.conform.reading import Members, NotStrict, read, text
from cds_service.conform.registry import NotApplicable, check
from cds_service.conform.subjects import discovery, entries, listed, whole

SEMVER = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
PLAIN_ID = re.compile(r"[A-Za-z0-9._~-]+")


@check("D1", discovery)
def it_is_where_it_should_be(reply: Reply) -> Iterator[str]:
    """The very address answers"""
    if 300 <= reply.status < 400:
        yield f"leads elsewhere with {reply.status}"
    elif reply.status in (404, 405):
        yield f"answers {reply.status}"


@check("D2", discovery)
def it_lists_services(reply: Reply) -> Iterator[str]:
    """An object with a list of objects named services"""
    try:
        body = read(reply.body)
    except NotStrict as fault:
        yield f"the body {fault}"
        return
    services = body.get("services") if isinstance(body, dict) else None
    if not isinstance(services, list):
        yield "has no list named services"
    elif not all(isinstance(each, dict) for each in services):
        yield "lists something that is no object"


@check("D3", discovery)
def it_succeeds_with_200(reply: Reply) -> Iterator[str]:
    """Status 200"""
    if reply.status != 200:
        yield f"answers {reply.status}"


@check("D6", entries)
def an_entry_names_its_hook(entry: Members) -> Iterator[str]:
    """A hook is named"""
    if not text(entry.get("hook")):
        yield "names no hook"


@check("D7", entries)
def an_entry_has_a_description(entry: Members) -> Iterator[str]:
    """A description"""
    if not text(entry.get("description")):
        yield "has no description"


@check("D8", entries)
def an_entry_has_an_id(entry: Members) -> Iterator[str]:
    """An id that can be the last part of an address"""
    if not text(entry.get("id")):
        yield "has no id"
    elif not PLAIN_ID.fullmatch(entry["id"]):
        yield "the id cannot stand in an address as it is"


@check("D8", listed)
def an_id_leads_to_its_service(target: Target) -> Iterator[str]:
    """There is a service at the address"""
    reply = target.post(b"{}")
    if reply.status in (404, 405) or 300 <= reply.status < 400:
        yield f"POST {target.url} answers {reply.status}"


@check("D9", entries)
def an_entry_has_a_title(entry: Members) -> Iterator[str]:
    """A title"""
    if not text(entry.get("title")):
        yield "has no title"


@check("D10", entries)
def prefetch_maps_keys_to_templates(entry: Members) -> Iterator[str]:
    """Prefetch is an object of texts"""
    templates = entry.get("prefetch", {})
    if not isinstance(templates, dict):
        yield "prefetch is no object"
        return
    for key, template in templates.items():
        if not text(key) or not text(template):
            yield f"the template of {key!r} is no text"


@check("D11", entries)
def usage_is_told_in_words(entry: Members) -> Iterator[str]:
    """usageRequirements is a text"""
    if "usageRequirements" not in entry:
        raise NotApplicable("nothing is said of usage")
    if not text(entry["usageRequirements"]):
        yield "usageRequirements is no text"


@check("D12", entries)
def the_version_is_told(entry: Members) -> Iterator[str]:
    """version is a version of the specification"""
    version = entry.get("version")
    if version is None:
        yield "does not say which version of CDS Hooks it follows"
    elif not isinstance(version, str) or not SEMVER.fullmatch(version):
        yield "version is no semantic version such as 2.0.1"


@check("D13", entries)
def the_version_of_the_hook_is_published(entry: Members) -> Iterator[str]:
    """hookVersion is one of the published hook"""
    hook = str(entry.get("hook"))
    if "hookVersion" not in entry or hook not in library():
        raise NotApplicable("no version of a published hook is named")
    known = [str(version) for version in library()[hook]["versions"]]
    if entry["hookVersion"] not in known:
        yield f"hookVersion is {entry['hookVersion']!r}; the hook has {', '.join(known)}"


@check("D14", whole)
def a_pair_of_id_and_hook_is_listed_once(probe: Probe) -> Iterator[str]:
    """Each pair of id and hook once"""
    pairs = Counter((str(entry.get("id")), str(entry.get("hook"))) for entry in probe.entries)
    for service, hook in sorted(pair for pair, times in pairs.items() if times > 1):
        yield f"{service} is listed more than once for {hook}"
