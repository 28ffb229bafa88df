"""Generated calls: the shipped patients' calls to every service, spoilt by shape or by bytes."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cds_service.fhir.synthesis import Mode, Store, equip
from cds_service.fhir.synthesis.call import answer_prefetch
from cds_service.protocol import codec
from cds_service.protocol.contexts import HOOKS
from cds_service.replay.scenario import Scenario, find, load
from tests.fuzz.mutations import spoil, spoil_bytes

SERVER = "http://127.0.0.1:8081/fhir"
PREFIX = "dermatomyositis-"
FETCHED: tuple[Mode, ...] = ("fetch", "partial")
_STRANGE = json.loads((Path(__file__).parents[1] / "vectors" / "strange.json").read_text("utf-8"))


@dataclass(slots=True)
class Call:
    """One generated request. ``fhir`` is what the FHIR server answers to each query below its base."""

    path: str
    body: bytes
    method: str = "POST"
    content_type: str = "application/json"
    headers: list[tuple[str, str]] = field(default_factory=list)
    fhir: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def described(self) -> str:
        """Enough to send it again, in one line; the patients in it are synthetic."""
        return repr((self.method, self.path, self.content_type, self.headers, self.body, self.fhir))


@cache
def scenarios() -> tuple[Scenario, ...]:
    """The shipped patients."""
    return tuple(load(folder) for folder in find())


class Sound:
    """Sound calls of the shipped patients to every service. All generators of a process share them."""

    def __init__(self, templates: Mapping[str, Mapping[str, str]]) -> None:
        """``templates`` are the prefetch templates of each hook."""
        self._templates = templates
        # A body is written once and decoded for each call: much faster than copying it.
        self._bodies: dict[tuple[int, str, Mode], bytes] = {}
        self._answers: dict[tuple[int, str], dict[str, bytes]] = {}

    def body(self, number: int, hook: str, mode: Mode) -> dict[str, Any]:
        """A patient's call to a hook."""
        if (number, hook, mode) not in self._bodies:
            self._bodies[number, hook, mode] = self._write(scenarios()[number], hook, mode)
        return decoded(self._bodies[number, hook, mode])

    def answers(self, number: int, hook: str) -> dict[str, bytes]:
        """What the patient's FHIR server answers to each query of a hook."""
        if (number, hook) not in self._answers:
            self._answers[number, hook] = self._answer(scenarios()[number], self._templates[hook])
        return self._answers[number, hook]

    def _write(self, scenario: Scenario, hook: str, mode: Mode) -> bytes:
        body = decoded(codec.encode(scenario.request))
        body["hook"] = hook
        _fit(body["context"], hook, scenario.resources)
        return codec.encode(equip(body, Store(scenario.resources), self._templates[hook], mode, SERVER))

    def _answer(self, scenario: Scenario, templates: Mapping[str, str]) -> dict[str, bytes]:
        context = scenario.request["context"]
        assert isinstance(context, dict)
        person = str(context.get("patientId"))
        found = answer_prefetch(Store(scenario.resources), templates, person)
        return {
            templates[key].replace("{{context.patientId}}", person): codec.encode(answer)
            for key, answer in found.items()
        }


class Generator:
    """Calls without end, the same for the same seed."""

    def __init__(self, seed: int, sound: Sound) -> None:
        """``sound`` are the calls to spoil."""
        self._chance = random.Random(seed)  # noqa: S311  # no secret hangs on it
        self._sound = sound

    def call(self) -> Call:
        """The next one: mostly spoilt by shape, else by bytes or at the edge."""
        kind = self._chance.random()
        if kind < 0.55:
            return self._by_shape()
        if kind < 0.70:
            return self._with_server()
        if kind < 0.88:
            return self._by_bytes()
        return self._feedback() if kind < 0.94 else self._at_the_edge()

    def _valid(self, mode: Mode) -> tuple[str, dict[str, Any], int]:
        """A sound call to any service, made of any patient: hook, body and the patient's number."""
        chance = self._chance
        number = chance.randrange(len(scenarios()))
        hook = scenarios()[number].plan.hook if chance.random() < 0.5 else chance.choice(sorted(HOOKS))
        return hook, self._sound.body(number, hook, mode), number

    def _times(self) -> int:
        return self._chance.choice((1, 1, 1, 2, 3, 5, 10))

    def _by_shape(self) -> Call:
        hook, body, _ = self._valid("prefetch")
        part = self._chance.choice(("whole", "context", "prefetch", "resource", "resource", "resource"))
        return Call(f"/cds-services/{PREFIX}{hook}", _encoded(self._spoilt(body, part)))

    def _spoilt(self, body: dict[str, Any], part: str) -> object:
        if part == "whole":
            return spoil(body, self._chance, self._times())
        if part in ("context", "prefetch"):
            body[part] = spoil(body.get(part, {}), self._chance, self._times())
            return body
        for _ in range(self._chance.choice((1, 1, 2, 8))):
            self._spoil_one_resource(body)
        return body

    def _spoil_one_resource(self, body: dict[str, Any]) -> None:
        holders = [body["context"], *body.get("prefetch", {}).values()]
        entries = [entry for holder in holders for entry in _entries(holder)]
        if entries:
            entry = self._chance.choice(entries)
            entry["resource"] = spoil(entry["resource"], self._chance, self._times())

    def _with_server(self) -> Call:
        """A call whose chart is fetched from a server that answers sense and nonsense."""
        hook, body, number = self._valid(self._chance.choice(FETCHED))
        fhir = {query: self._answer(sound) for query, sound in self._sound.answers(number, hook).items()}
        return Call(f"/cds-services/{PREFIX}{hook}", _encoded(body), fhir=fhir)

    def _answer(self, sound: bytes) -> tuple[int, bytes]:
        chance = self._chance
        status = chance.choice((200, 200, 200, 200, 200, 404, 401, 500, 429, 302))
        if chance.random() < 0.6:
            sound = _encoded(spoil(codec.decode(sound), chance, self._times()))
        return status, spoil_bytes(sound, chance) if chance.random() < 0.2 else sound

    def _by_bytes(self) -> Call:
        hook, body, _ = self._valid("prefetch")
        if self._chance.random() < 0.5:
            body["prefetch"] = {}
        return Call(f"/cds-services/{PREFIX}{hook}", spoil_bytes(codec.encode(body), self._chance))

    def _feedback(self) -> Call:
        """What was done with a card, spoilt; all of it invented."""
        chance = self._chance
        one = {
            "card": "f7ad9a2c-8a71-4b59-9bd3-c3b0e6a9a9a1",
            "outcome": chance.choice(("accepted", "overridden", "other")),
            "acceptedSuggestions": [{"id": "a"}],
            "overrideReason": {
                "reason": {"code": "d7ecf885", "system": "https://example.org/reasons"},
                "userComment": "x",
            },
            "outcomeTimestamp": "2026-11-24T10:00:00Z",
        }
        body = {"feedback": [copy.deepcopy(one) for _ in range(chance.choice((0, 1, 2, 300)))]}
        path = f"/cds-services/{PREFIX}{chance.choice(sorted(HOOKS))}/feedback"
        return Call(path, _encoded(spoil(body, chance, self._times())))

    def _at_the_edge(self) -> Call:
        """Wrong methods, addresses, types and headers around a sound body."""
        hook, body, _ = self._valid("prefetch")
        chance = self._chance
        call = Call(f"/cds-services/{PREFIX}{hook}", codec.encode(body))
        for spoiler in chance.sample(("method", "path", "type", "header"), k=chance.choice((1, 1, 2))):
            if spoiler == "method":
                call.method = chance.choice(_STRANGE["methods"])
            elif spoiler == "path":
                call.path = chance.choice(_STRANGE["paths"])
            elif spoiler == "type":
                call.content_type = chance.choice(_STRANGE["content_types"])
            else:
                call.headers.append(tuple(chance.choice(_STRANGE["headers"])))
        return call


def decoded(body: bytes) -> dict[str, Any]:
    """A JSON object of our own."""
    value = codec.decode(body)
    assert isinstance(value, dict)
    return value


def _fit(context: dict[str, Any], hook: str, resources: Sequence[Mapping[str, object]]) -> None:
    """Give a context what another hook asks of it."""
    running = [{"resource": dict(each)} for each in resources if each["resourceType"] == "MedicationRequest"]
    written = context.get("draftOrders") or context.get("medications")
    orders = written or {"resourceType": "Bundle", "type": "collection", "entry": copy.deepcopy(running)}
    spec = HOOKS[hook]
    if spec.orders:
        context[spec.orders] = orders
    if spec.selections:
        context["selections"] = [
            f"{e['resource']['resourceType']}/{e['resource'].get('id')}" for e in orders["entry"]
        ]
    if spec.proposals:
        kind = "Condition" if spec.proposals == "conditions" else "Appointment"
        found = [
            {"resource": copy.deepcopy(dict(each))} for each in resources if each["resourceType"] == kind
        ][:1]
        context[spec.proposals] = {"resourceType": "Bundle", "type": "collection", "entry": found}


def _entries(holder: object) -> list[dict[str, Any]]:
    """The entries with a resource, of a Bundle or of the Bundles of a context."""
    if not isinstance(holder, dict):
        return []
    bundles = [holder, *(inner for inner in holder.values() if isinstance(inner, dict))]
    listed = [
        entry for bundle in bundles if isinstance(bundle.get("entry"), list) for entry in bundle["entry"]
    ]
    return [entry for entry in listed if isinstance(entry, dict) and "resource" in entry]


def _encoded(value: object) -> bytes:
    """JSON, of whatever can be written at all: half a surrogate pair is written as its escape."""
    try:
        return codec.encode(value)
    except (TypeError, ValueError, UnicodeError, OverflowError, RecursionError):
        return json.dumps(value, default=str).encode("utf-8", "surrogatepass")
