"""References compared as what they name, and resources found by them.

``https://ehr.example.org/fhir/Patient/1/_history/2``, ``Patient/1`` and the ``fullUrl`` of an entry may all
mean one resource.
https://hl7.org/fhir/R4/references.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cds_service.fhir.values import Resource, member, rows, text

_TYPED = re.compile(r"(?:^|.*/)([A-Z][A-Za-z]{1,63})/([^/?#|]+)(?:/_history/[^/]*)?/?")


class Reference(NamedTuple):
    """What is referred to. ``type`` is empty where only an id is known, ``#`` for a contained resource."""

    type: str
    id: str

    def __str__(self) -> str:
        return f"{self.type}/{self.id}" if self.type not in ("", "#") else self.id


NOTHING = Reference("", "")
_NOTHING_HELD: Resource = {}


def parse(written: str) -> Reference:
    """Type and id of a reference: relative, absolute, versioned, contained (``#x``) or ``urn:uuid:``."""
    written = written.strip()
    if written.startswith("#"):
        return Reference("#", written[1:])
    if written.lower().startswith(("urn:uuid:", "urn:oid:")):
        return Reference("", written.lower())
    found = _TYPED.fullmatch(written.partition("?")[0])
    return Reference(found[1], found[2]) if found else Reference("", written)


def of(holder: object) -> Reference:
    """The reference of a Reference object; :data:`NOTHING` where there is none."""
    written = text(member(holder).get("reference"))
    if not written:
        return NOTHING
    found = parse(written)
    kind = text(member(holder).get("type"))
    return Reference(kind, found.id) if found.type == "" and kind and ":" not in found.id else found


def name(resource: Resource) -> str:
    """``Type/id`` of a resource, for people and for matching; the bare type where it has no id."""
    kind, its_id = text(resource.get("resourceType")), text(resource.get("id"))
    return f"{kind}/{its_id}" if its_id else kind


class Index:
    """The resources of a call, found by reference.

    A resource is known by type and id, and by the ``fullUrl`` of its entry where it came in a Bundle; the
    first of two with one name stays. Sorted only when something is looked for: most calls look for nothing.
    """

    def __init__(self, sources: Iterable[object] = ()) -> None:
        """``sources`` are Bundles or bare resources; anything else holds nothing."""
        self._waiting = list(sources)
        self._known: dict[Reference, Resource] = {}

    def add(self, *sources: object) -> None:
        """Make more resources findable."""
        self._waiting += sources

    def find(self, holder: object, within: Resource | None = None) -> Resource | None:
        """The resource a Reference object points to; contained ones are those of ``within``."""
        wanted = of(holder)
        if wanted.type == "#":
            return contained(within or _NOTHING_HELD, wanted.id)
        return self.get(wanted)

    def get(self, wanted: Reference) -> Resource | None:
        """The resource of that name, contained ones aside."""
        while self._waiting:
            for resource, full_url in entries(self._waiting.pop(0)):
                self._learn(resource, full_url)
        return self._known.get(wanted)

    def _learn(self, resource: Resource, full_url: str) -> None:
        kind, its_id = text(resource.get("resourceType")), text(resource.get("id"))
        if kind and its_id:
            self._known.setdefault(Reference(kind, its_id), resource)
        if full_url:
            self._known.setdefault(parse(full_url), resource)


def contained(resource: Resource, its_id: str) -> Resource | None:
    """The contained resource of that id."""
    inner = rows(resource.get("contained"))
    return next((each for each in inner if text(each.get("id")).lstrip("#") == its_id), None)


def entries(value: object) -> Iterator[tuple[Resource, str]]:
    """Each resource of a Bundle with its ``fullUrl``; a bare resource is given as it is."""
    if not isinstance(value, Mapping):
        return
    if value.get("resourceType") != "Bundle":
        yield value, ""
        return
    for entry in rows(value.get("entry")):
        resource = entry.get("resource")
        if isinstance(resource, Mapping):
            yield resource, text(entry.get("fullUrl"))
