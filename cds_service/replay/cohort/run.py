"""The population put through the service: what each call was answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from cds_service.fhir.synthesis import Codes, Notation, Store, answer_prefetch, bare_call, chart
from cds_service.replay.cohort.people import Person
from cds_service.replay.cohort.population import assumptions, person
from cds_service.replay.cohort.year import Occasion, occasions
from cds_service.replay.observed import EXTENSION
from cds_service.replay.run import Target


@dataclass(frozen=True, slots=True)
class Shown:
    """One card as far as the report needs it: topic, indicator, summary and the rules it speaks for.

    ``offers`` says whether it offers an order, which, once taken, is not offered again.
    """

    topic: str
    indicator: str
    summary: str
    rules: tuple[str, ...]
    offers: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """One call and its cards; ``unjudged`` are the rules that could not be judged."""

    patient: int
    state: str
    hook: str
    about: str
    status: int
    cards: tuple[Shown, ...]
    unjudged: tuple[str, ...]
    day: int = 0

    @property
    def criticals(self) -> int:
        return sum(card.indicator == "critical" for card in self.cards)


def run_some(
    target: Target, terms: Codes, as_of: date, seed: int, numbers: Iterable[int]
) -> Iterator[Answered]:
    """Every call of a year of the patients of these numbers."""
    templates = _templates(target)
    for found in (person(seed, number) for number in numbers):
        yield from answered(target, terms, as_of, templates, found, occasions(found, seed, assumptions()))


def answered(
    target: Target,
    terms: Codes,
    as_of: date,
    templates: Mapping[str, Mapping[str, str]],
    found: Person,
    calls: Iterable[Occasion],
) -> Iterator[Answered]:
    """The answers to some calls about one patient."""
    charts: dict[str, _Chart] = {}
    for each in calls:
        kept = charts.setdefault(each.about if each.about == "problem" else "", _Chart())
        call = bare_call(each.notation, each.hook, as_of, terms)
        prefetch = kept.answers(each.notation, as_of, terms, templates[each.hook], found)
        status, body = target.post(
            f"/cds-services/dermatomyositis-{each.hook}", call | {"prefetch": prefetch}
        )
        yield _read(found, each, status, body)


class _Chart:
    """A patient's chart, written once, and what each template finds in it, looked for once."""

    def __init__(self) -> None:
        self._store: Store | None = None
        self._found: dict[str, object] = {}

    def answers(
        self, notation: Notation, as_of: date, terms: Codes, templates: Mapping[str, str], found: Person
    ) -> dict[str, object]:
        """The prefetch of one call."""
        if self._store is None:
            self._store = Store(chart(notation, as_of, terms))
        new = {template: template for template in templates.values() if template not in self._found}
        self._found |= answer_prefetch(self._store, new, found.identity)
        return {key: self._found[template] for key, template in templates.items()}


def _templates(target: Target) -> dict[str, Mapping[str, str]]:
    _, body = target.get("/cds-services")
    listed = body["services"] if isinstance(body, dict) else []
    return {service["hook"]: service.get("prefetch", {}) for service in listed}


def _read(found: Person, call: Occasion, status: int, body: object) -> Answered:
    answer = body if isinstance(body, dict) else {}
    own = answer.get("extension", {}).get(EXTENSION, {})
    cards = tuple(_shown(card) for card in answer.get("cards", ()))
    unjudged = tuple(str(each["rule"]) for each in own.get("notEvaluated", ()))
    return Answered(found.number, found.state, call.hook, call.about, status, cards, unjudged, call.day)


def _shown(card: Mapping[str, object]) -> Shown:
    source, extension = card.get("source"), card.get("extension")
    topic = source.get("topic", {}).get("code", "") if isinstance(source, dict) else ""
    rules = extension.get(EXTENSION, {}).get("rules", ()) if isinstance(extension, dict) else ()
    told = tuple(str(each["rule"]) for each in rules)
    return Shown(topic, str(card["indicator"]), str(card["summary"]), told, _offers(card.get("suggestions")))


def _offers(suggestions: object) -> bool:
    listed = suggestions if isinstance(suggestions, list) else []
    return any(action["type"] == "create" for each in listed for action in each["actions"])
