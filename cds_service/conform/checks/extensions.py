"""Extensions, and names of hooks (E)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds_service.conform.calls import library
from cds_service.conform.probe import Probe
from cds_service.conform.reading import Members, walk
from cds_service.conform.registry import check
from cds_service.conform.subjects import answers, entries

REVERSE_DOMAIN = re.compile(r"[a-z][a-z0-9-]*(\.[A-Za-z0-9_-]+)+")
IN_A_RESOURCE = re.compile(r"\bresource\b|\bresource\[|context|prefetch")


def of_entries(probe: Probe) -> Iterator[tuple[str, object]]:
    """The extension of every entry of discovery that has one."""
    for where, entry in entries(probe):
        if "extension" in entry:
            yield where, entry["extension"]


def extensions(probe: Probe) -> Iterator[tuple[str, object]]:
    """Every extension of discovery and of answers, but for those of FHIR resources."""
    for where, value in [*entries(probe), *((where, answer.body) for where, answer in answers(probe))]:
        for path, held in walk(value):
            if (path == "extension" or path.endswith(".extension")) and not IN_A_RESOURCE.search(path):
                yield f"{where}, {path}", held


@check("D15", of_entries)
@check("E2", extensions)
def an_extension_is_an_object(extension: object) -> Iterator[str]:
    """An object, unlike FHIR's list"""
    if not isinstance(extension, dict):
        yield "is no object"


@check("E3", extensions)
def its_members_have_reverse_domain_names(extension: object) -> Iterator[str]:
    """Names like org.example.thing"""
    for name in extension if isinstance(extension, dict) else ():
        if not REVERSE_DOMAIN.fullmatch(name):
            yield f"the name {name!r} may be somebody else's, too"


@check("E7", entries)
def a_hook_of_ones_own_has_a_reverse_domain_name(entry: Members) -> Iterator[str]:
    """A hook outside the library is named like org.example.hook"""
    hook = entry.get("hook")
    if isinstance(hook, str) and hook not in library() and not REVERSE_DOMAIN.fullmatch(hook):
        yield f"{hook} is neither a published hook nor has it a reverse domain name"
