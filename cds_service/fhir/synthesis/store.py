"""A FHIR server in memory: read, and the searches the prefetch templates use.

Strict on purpose: a search parameter nobody taught it is refused, so that a template with a slip is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urlsplit

from cds_service.fhir.synthesis.maker import Resource

Test = Callable[[Resource], bool]
# Of the values of a parameter, any of which may match, the test of one resource.
Matcher = Callable[[Sequence[str]], Test]


class SearchRefused(ValueError):
    """The search asks for something this server does not do."""


@dataclass(slots=True)
class Store:
    """Resources by type and id, searched like a server would."""

    resources: tuple[Resource, ...]
    _by_name: dict[str, Resource] = field(init=False)

    def __post_init__(self) -> None:
        self._by_name = {f"{each['resourceType']}/{each['id']}": each for each in self.resources}

    def read(self, name: str) -> Resource | None:
        """The resource ``Type/id``, or ``None``."""
        return self._by_name.get(name)

    def matches(self, kind: str, parameters: Iterable[tuple[str, str]]) -> list[Resource]:
        """Every resource of a type that meets all parameters; ``_count`` is left to the caller."""
        asked = [(name, value) for name, value in parameters if name not in ("_count", "_offset", "_format")]
        found = [each for each in self.resources if each["resourceType"] == kind]
        for name, value in asked:
            if name == "_sort":
                found.sort(key=_date_of, reverse=value.startswith("-"))
            else:
                found = list(filter(_matcher(name)(value.split(",")), found))
        return found


def resolve(store: Store, template: str, context: Mapping[str, str]) -> Resource | None:
    """What a client puts under a prefetch key: the resource read, or a searchset Bundle of all matches."""
    for name, value in context.items():
        template = template.replace("{{context." + name + "}}", value)
    parts = urlsplit(template)
    if not parts.query:
        return store.read(parts.path)
    found = store.matches(parts.path, parse_qsl(parts.query, keep_blank_values=True))
    return searchset(found)


def respond(store: Store, path: str, query: str, base: str) -> tuple[int, Resource]:
    """What a FHIR server at ``base`` answers to ``GET base/path?query``: status and resource.

    A search with ``_count`` is paged, with a ``next`` link.
    """
    kind, _, identity = path.strip("/").partition("/")
    if identity:
        found = store.read(f"{kind}/{identity}")
        return (200, found) if found else (404, outcome("not-found", "there is no such resource"))
    parameters = parse_qsl(query, keep_blank_values=True)
    try:
        matches = store.matches(kind, parameters)
        return 200, _page(matches, dict(parameters), f"{base.rstrip('/')}/{kind}")
    except ValueError as refused:
        return 400, outcome("not-supported", str(refused))


def _page(matches: list[Resource], asked: Mapping[str, str], address: str) -> Resource:
    start, size = int(asked.get("_offset", 0)), int(asked.get("_count", len(matches) or 1))
    bundle = searchset(matches[start : start + size]) | {"total": len(matches)}
    if start + size < len(matches):
        onward = urlencode(dict(asked) | {"_offset": str(start + size)})
        bundle["link"] = [{"relation": "next", "url": f"{address}?{onward}"}]
    return bundle


def outcome(code: str, diagnostics: str) -> Resource:
    """An OperationOutcome with one error."""
    issue = {"severity": "error", "code": code, "diagnostics": diagnostics}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def searchset(found: Iterable[Resource]) -> Resource:
    """A searchset Bundle of all matches."""
    entries = [{"resource": each, "search": {"mode": "match"}} for each in found]
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return bundle | ({"entry": entries} if entries else {})


def _matcher(name: str) -> Matcher:
    plain = name.removesuffix(":in") if name.endswith(":in") else name
    if plain not in _MATCHERS:
        raise SearchRefused(f"the search parameter {name} is not supported")
    return _MATCHERS[plain]


def _patient(wanted: Sequence[str]) -> Test:
    people = {each.rpartition("/")[2] for each in wanted}

    def test(resource: Resource) -> bool:
        holder = resource.get("subject") or resource.get("patient")
        reference = holder.get("reference", "") if isinstance(holder, dict) else ""
        return str(reference).rpartition("/")[2] in people

    return test


def _token(*elements: str) -> Matcher:
    """Matches ``system|code``, ``|code`` or ``code`` against any coding or code of the elements."""

    def matcher(wanted: Sequence[str]) -> Test:
        parts = [each.rpartition("|") for each in wanted]
        pairs = {(system, code) for system, bar, code in parts if bar}
        codes = {code for _, bar, code in parts if not bar}

        def test(resource: Resource) -> bool:
            found = [pair for element in elements for pair in _codes(resource.get(element))]
            return any(pair in pairs or pair[1] in codes for pair in found)

        return test

    return matcher


def _codes(value: object) -> Iterable[tuple[str, str]]:
    if isinstance(value, str):
        yield "", value
    elif isinstance(value, list):
        for each in value:
            yield from _codes(each)
    elif isinstance(value, dict):
        for coding in value.get("coding", []):
            yield str(coding.get("system", "")), str(coding.get("code", ""))


_BOUNDS: Mapping[str, Callable[[str, str], bool]] = {
    "ge": lambda day, wanted: day >= wanted,
    "gt": lambda day, wanted: day > wanted,
    "le": lambda day, wanted: day <= wanted,
    "lt": lambda day, wanted: day < wanted,
    "eq": lambda day, wanted: day == wanted,
}


def _day(wanted: Sequence[str]) -> Test:
    return lambda resource: any(_is_day(_date_of(resource), each) for each in wanted)


def _is_day(day: str, wanted: str) -> bool:
    bound, limit = (wanted[:2], wanted[2:]) if wanted[:2] in _BOUNDS else ("eq", wanted)
    return _BOUNDS[bound](day[: len(limit)], limit)


def _date_of(resource: Resource) -> str:
    period = resource.get("effectivePeriod")
    start = period.get("start") if isinstance(period, dict) else None
    days = (
        resource.get("effectiveDateTime"),
        start,
        resource.get("authoredOn"),
        resource.get("recordedDate"),
        resource.get("performedDateTime"),
        resource.get("occurrenceDateTime"),
    )
    return str(next((day for day in days if day), ""))


_MATCHERS: Mapping[str, Matcher] = {
    "_id": lambda wanted: lambda resource: resource.get("id") in wanted,
    "patient": _patient,
    "subject": _patient,
    "code": _token("code", "medicationCodeableConcept"),
    "combo-code": _token("code", "component"),
    "status": _token("status"),
    "intent": _token("intent"),
    "category": _token("category"),
    "clinical-status": _token("clinicalStatus"),
    "verification-status": _token("verificationStatus"),
    "date": _day,
    "authoredon": _day,
}
