"""What every synthetic resource shares: ids, codes, days, the patient it belongs to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from cds_service.fhir.synthesis.words import NotationFault, on_day

Resource = dict[str, object]
Notation = Mapping[str, object]

# What a reviewer would rather write -> the name of the code list.
SYNONYMS = {"dermatomyositis": "dm", "juvenile_dermatomyositis": "jdm"}


class Codes(Protocol):
    """The part of the terminology that writing a resource needs."""

    def exists(self, kind: str, name: str) -> bool: ...

    def coding(self, name: str, kind: str) -> tuple[str, str, str] | None: ...

    def display(self, name: str, kind: str | None = None) -> str: ...

    def members(self, name: str) -> frozenset[str]: ...


def about_patient(kind: str, patient_id: str) -> dict[str, object]:
    """The element with which a resource of ``kind`` says whom it is about."""
    holder = "patient" if kind in ("AllergyIntolerance", "Immunization") else "subject"
    return {holder: {"reference": f"Patient/{patient_id}"}}


@dataclass(slots=True)
class Maker:
    """Writes resources of one patient as of one day; ids count up in the order things are written."""

    terms: Codes
    today: date
    patient_id: str
    used: Counter[str] = field(default_factory=Counter)

    def day(self, words: object) -> date:
        return on_day(words, self.today)

    def resource(self, kind: str, name: str, item: Notation, **elements: object) -> Resource:
        """A resource of ``kind`` about this patient; ``None`` elements are left out, ``fhir:`` overrides."""
        written = {
            key.rstrip("_"): value for key, value in elements.items() if value not in (None, [], {}, "")
        }
        about = about_patient(kind, self.patient_id)
        identity = {"resourceType": kind, "id": self.id(kind, name, item), "meta": {"versionId": "1"}}
        overrides = mapping(item.get("fhir", {}), "fhir")
        merged = identity | about | written | overrides
        return {key: value for key, value in merged.items() if value is not None}

    def id(self, kind: str, name: str, item: Notation) -> str:
        given = item.get("id")
        if given is not None:
            return str(given)
        stem = re.sub(r"[^A-Za-z0-9]+", "-", f"{kind} {name}".lower()).strip("-")[:56]
        self.used[stem] += 1
        return stem if self.used[stem] == 1 else f"{stem}-{self.used[stem]}"

    def concept(self, name: str, kind: str, item: Notation) -> dict[str, object]:
        """A CodeableConcept of a code list's name, with ``code``, ``codes`` and ``text`` of the item.

        ``code: false`` sends the words alone, as systems do that never mapped them.
        """
        plain = SYNONYMS.get(name, name)
        if not self.terms.exists(kind, plain):
            raise NotationFault(f"{name!r} is no {kind} of cards/codes; write {{text: ...}} for mere words")
        if (members := self.terms.members(plain)) != {plain}:
            raise NotationFault(f"{name!r} is a class; write one of {', '.join(sorted(members))}")
        shown = str(item.get("text") or self.terms.display(plain, kind))
        if item.get("code") is False:
            return {"text": shown}
        found = self.terms.coding(plain, kind)
        return codeable([*codings(item), *([] if found is None or "code" in item else [found])], shown)


def codings(item: Notation) -> list[tuple[str, str, str]]:
    """The codings an item spells out: ``code: [system, code, display]`` or a list of such under ``codes``."""
    listed = [item["code"]] if item.get("code") else []
    listed += sequence(item.get("codes", []), "codes")
    return [_coding(entry) for entry in listed]


def _coding(entry: object) -> tuple[str, str, str]:
    if not isinstance(entry, list) or not 2 <= len(entry) <= 3:
        raise NotationFault(f"{entry!r} is not a coding; write [system, code] or [system, code, display]")
    system, code, display = (str(part) for part in (*entry, "")[:3])
    return system, code, display


def codeable(listed: Iterable[tuple[str, str, str]], text: str) -> dict[str, object]:
    """A CodeableConcept of (system, code, display) triples and words."""
    written = [
        {key: value for key, value in zip(("system", "code", "display"), triple, strict=True) if value}
        for triple in listed
    ]
    coded: dict[str, object] = {"coding": written} if written else {}
    return coded | ({"text": text} if text else {})


def mapping(value: object, where: str) -> dict[str, object]:
    """``value`` as a mapping with names for keys, or a fault that says where.

    YAML 1.1 reads the bare word ``on`` as true; as a key only the word can be meant.
    """
    if not isinstance(value, Mapping):
        raise NotationFault(f"{where}: {value!r} is not a mapping")
    return {"on" if key is True else str(key): inner for key, inner in value.items()}


def sequence(value: object, where: str) -> list[object]:
    """``value`` as a list, or a fault that says where."""
    if not isinstance(value, list):
        raise NotationFault(f"{where}: {value!r} is not a list")
    return value


def item_of(entry: object, key: str, allowed: frozenset[str]) -> dict[str, object]:
    """One entry of a list: a bare name is short for ``{key: name}``; a key that is not allowed is a fault."""
    item: dict[str, object] = {key: entry} if isinstance(entry, str) else mapping(entry, key)
    strange = sorted(set(item) - allowed - {key, "fhir", "id"})
    if strange:
        raise NotationFault(f"{item.get(key, key)}: unknown key {', '.join(strange)}")
    return item
