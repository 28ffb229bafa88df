"""The synthetic patient, and what a client would send of it: resources on the screen, answers to templates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

Resource = dict[str, object]

USER, PATIENT, ENCOUNTER = "Practitioner/conformance-user", "conformance-patient", "conformance-encounter"
TOKEN = re.compile(r"\{\{([^{}]*)\}\}")
TODAY = re.compile(r"today\(\)(?:\s*([+-])\s*(\d{1,5})\s*days?)?")
COUNT = re.compile(r"[0-9]{1,6}")
DATED = ("effectiveDateTime", "authoredOn", "recordedDate", "start")
SIDES = {"lt": (-1,), "le": (-1, 0), "gt": (1,), "ge": (1, 0), "eq": (0,)}
CODED = {"code": ("code", "medicationCodeableConcept"), "category": ("category",)}
_DAY = re.compile(r"@(-?\d+)")
_NUMBERS = msgspec.json.Decoder(float_hook=Decimal)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


class Patient:
    """What is on record and on the screen, as of ``today``."""

    def __init__(self, today: date) -> None:
        self.today = today
        text = Path(__file__).with_name("patient.json").read_text(encoding="utf-8")
        dated = _DAY.sub(lambda day: (today + timedelta(days=int(day[1]))).isoformat(), text)
        read = decode(dated.encode())
        self.record: list[Resource] = read["resources"]
        self._named: dict[str, Resource] = {_name(each): each for each in [*self.record, *read["drafts"]]}

    def resource(self, name: str) -> Resource:
        """A resource by ``Type/id``, on record or on the screen."""
        return self._named[name]

    def prefetch(self, templates: Mapping[str, object], context: Mapping[str, object]) -> dict[str, object]:
        """What a client would send for these templates. A template it cannot fill is left out, as clients do."""
        told: dict[str, object] = {}
        for key, template in templates.items():
            query = self.fill(template, context) if isinstance(template, str) else None
            if query is not None:
                told[key] = self.answer(query)
        return told

    def fill(self, template: str, context: Mapping[str, object]) -> str | None:
        """The query of a template, or ``None`` where a token has no value in this call."""
        values = [self._value(path, context) for path in tokens(template)]
        if None in values:
            return None
        given = iter(values)
        return TOKEN.sub(lambda _: str(next(given)), template)

    def _value(self, path: str, context: Mapping[str, object]) -> str | None:
        if day := TODAY.fullmatch(path):
            days = int(day[2] or 0) * (-1 if day[1] == "-" else 1)
            return (self.today + timedelta(days=days)).isoformat()
        if path == "userPractitionerId":
            return USER.partition("/")[2]
        value = context.get(path.removeprefix("context."))
        return value if isinstance(value, str) and path.startswith("context.") else None

    def answer(self, query: str) -> Resource | None:
        """What a FHIR server would answer: a resource, ``None`` for none, or a Bundle of what was found."""
        kind, is_search, asked = query.lstrip("/").partition("?")
        if not is_search:
            return next((each for each in self.record if _name(each) == unquote(kind)), None)
        parameters = parse_qsl(asked)
        found = [each for each in self.record if each["resourceType"] == kind and _fits(each, parameters)]
        most = next(
            (int(value) for name, value in parameters if name == "_count" and COUNT.fullmatch(value)),
            len(found),
        )
        return bundle("searchset", found[:most], total=len(found))


def tokens(template: str) -> list[str]:
    """What stands between the double braces of a template."""
    return [path.strip() for path in TOKEN.findall(template)]


def bundle(kind: str, resources: list[Resource], **more: object) -> Resource:
    """A Bundle of resources."""
    entries = [{"resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": kind, **more, **({"entry": entries} if entries else {})}


def decode(body: bytes) -> Any:
    """Our own JSON, with decimals as they are written."""
    return _NUMBERS.decode(body)


def encode(value: object) -> bytes:
    """A JSON value, with decimals as they were written."""
    return _ENCODER.encode(value)


def _name(resource: Mapping[str, object]) -> str:
    return f"{resource['resourceType']}/{resource.get('id')}"


def _fits(resource: Resource, parameters: list[tuple[str, str]]) -> bool:
    return all(_matches(resource, name, value) for name, value in parameters)


def _matches(resource: Resource, name: str, value: str) -> bool:
    """Whether a resource answers a parameter; of one that is not known here everything does."""
    if name in CODED:
        wanted = {each.rpartition("|")[2] for each in value.split(",")}
        return bool(wanted & {code for member in CODED[name] for code in _codes(resource.get(member))})
    if name == "status":
        return resource.get("status") in value.split(",")
    if name == "_id":
        return resource.get("id") in value.split(",")
    if name == "date":
        return _is_dated(resource, value)
    return True


def _codes(value: object) -> Iterator[str]:
    for concept in value if isinstance(value, list) else [value]:
        codings = concept.get("coding", []) if isinstance(concept, Mapping) else []
        yield from (coding["code"] for coding in codings if "code" in coding)


def _is_dated(resource: Resource, value: str) -> bool:
    prefix, day = (value[:2], value[2:]) if value[:2] in SIDES else ("eq", value)
    own = next((str(resource[member])[:10] for member in DATED if member in resource), "")
    return bool(own) and ((own > day[:10]) - (own < day[:10])) in SIDES[prefix]
