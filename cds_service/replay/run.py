"""One scenario replayed in one mode: the call made, the answer compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import requests
from flask import Flask

from cds_service.fhir.synthesis import Mode, Store, equip
from cds_service.protocol.codec import decode, encode
from cds_service.replay.loopback import fhir_server
from cds_service.replay.observed import Pinned, differences, pinned
from cds_service.replay.scenario import Scenario

JSON = {"Content-Type": "application/json"}
SECONDS = 30
NO_SERVER = "http://127.0.0.1:9/fhir"


class Target(Protocol):
    """A service to replay against."""

    def get(self, path: str) -> tuple[int, object]:
        """Status and decoded body of a GET."""

    def post(self, path: str, body: object) -> tuple[int, object]:
        """Status and decoded body of a POST."""


@dataclass(frozen=True, slots=True)
class InProcess:
    """The application itself, through its test client."""

    app: Flask

    def get(self, path: str) -> tuple[int, object]:
        """Status and decoded body of a GET."""
        answer = self.app.test_client().get(path)
        return answer.status_code, decode(answer.data)

    def post(self, path: str, body: object) -> tuple[int, object]:
        """Status and decoded body of a POST."""
        answer = self.app.test_client().post(path, data=encode(body), headers=JSON)
        return answer.status_code, decode(answer.data)


@dataclass(frozen=True, slots=True)
class Running:
    """A running service at an address."""

    url: str

    def get(self, path: str) -> tuple[int, object]:
        """Status and decoded body of a GET."""
        answer = requests.get(self.url.rstrip("/") + path, timeout=SECONDS)
        return answer.status_code, decode(answer.content)

    def post(self, path: str, body: object) -> tuple[int, object]:
        """Status and decoded body of a POST."""
        answer = requests.post(self.url.rstrip("/") + path, data=encode(body), headers=JSON, timeout=SECONDS)
        return answer.status_code, decode(answer.content)


@dataclass(frozen=True, slots=True)
class Result:
    """One replay: what came, and how it differs from what was expected, a sentence each."""

    scenario: Scenario
    mode: Mode
    found: Pinned
    differences: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether the answer is the expected one."""
        return not self.differences


TargetOf = Callable[[date], Target]


def replay(scenario: Scenario, mode: Mode, target: Target) -> Result:
    """Make the scenario's call in a mode and compare the answer with the fixture."""
    found = pinned(*answer(scenario, mode, target))
    if scenario.expected is None:
        return Result(scenario, mode, found, ("there is no expected.json; write it with --update",))
    return Result(scenario, mode, found, tuple(differences(scenario.expected, found)))


def answer(scenario: Scenario, mode: Mode, target: Target) -> tuple[int, object]:
    """Status and body of the scenario's call."""
    service, templates = _service(target, scenario.plan.hook)
    store = Store(scenario.resources)
    if mode == "prefetch":
        return target.post(f"/cds-services/{service}", _call(scenario, store, templates, mode, NO_SERVER))
    with fhir_server(store, up=scenario.plan.server_up) as base:
        return target.post(f"/cds-services/{service}", _call(scenario, store, templates, mode, base))


def _call(
    scenario: Scenario, store: Store, templates: Mapping[str, str], mode: Mode, base: str
) -> dict[str, object]:
    unreadable, not_given = (_names(scenario, key) for key in ("unreadable", "not_given"))
    return equip(scenario.request, store, templates, mode, base, unreadable=unreadable, not_given=not_given)


def _names(scenario: Scenario, section: str) -> frozenset[str]:
    listed = scenario.plan.notation.get(section)
    return frozenset(map(str, listed)) if isinstance(listed, list) else frozenset()


def _service(target: Target, hook: str) -> tuple[str, dict[str, str]]:
    """The id and the prefetch templates of the service of a hook, as discovery gives them."""
    status, body = target.get("/cds-services")
    listed = body.get("services", []) if isinstance(body, dict) else []
    for service in listed:
        if service["hook"] == hook:
            return service["id"], service.get("prefetch", {})
    raise LookupError(f"the service answers {status} to discovery and offers nothing for {hook}")
