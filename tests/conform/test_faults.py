"""Every check notices what it is there for: a service that breaks in one way trips the check of that way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from joserfc.jwk import ECKey

from cds_service.conform.run import every_check, run
from tests.conform.asking import found, probe, signer
from tests.conform.gate import Gate
from tests.conform.model import Model, running

VECTORS: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("faults.yaml").read_text(encoding="utf-8")
)
KEY = ECKey.generate_key("P-384")


def name(vector: Mapping[str, Any]) -> str:
    """A vector as a test's id."""
    return " ".join(str(value) for value in vector.values())[:100]


def tripped(vector: Mapping[str, Any], only: set[str] | None) -> dict[str, str]:
    """The checks that found a fault, with the status of each."""
    model = Model(vector, Gate(KEY) if vector.get("auth") else None)
    with running(model) as base:
        credentials = signer(KEY) if vector.get("auth") else None
        asked = probe(vector.get("base", base), credentials, agreed_system_actions=vector.get("agreed", True))
        results = list(run(asked, only))
    return {f"{each.check.requirement.id} {each.check.name}": each.status for each in results if each.faults}


@pytest.mark.parametrize("vector", VECTORS, ids=name)
def test_a_fault_is_noticed(vector: dict[str, Any]) -> None:
    """By the check that is there for it; a SHALL fails, all else warns."""
    requirement = vector["trips"].split()[0]
    check = next(each for each in every_check() if f"{each.requirement.id} {each.name}" == vector["trips"])
    expected = "fail" if check.requirement.strength == "SHALL" else "warn"
    assert tripped(vector, {requirement}).get(vector["trips"]) == expected


def test_every_check_can_fail() -> None:
    """A check that no fault can trip proves nothing."""
    checks = {f"{each.requirement.id} {each.name}" for each in every_check()}
    assert checks == {vector["trips"] for vector in VECTORS}


def test_a_service_that_does_everything_right_passes_everything() -> None:
    """With a key and an allowed origin every check but that of TLS has something to judge, and no fault to tell."""
    with running(Model(gate=Gate(KEY))) as base:
        results = list(run(probe(base, signer(KEY))))
    assert found(results) == []
    assert [each.check.requirement.id for each in results if each.status != "pass"] == ["T2"]


def test_without_a_key_what_needs_one_does_not_apply() -> None:
    """Nothing that could not be judged passes."""
    with running(Model()) as base:
        results = list(run(probe(base)))
    assert found(results) == []
    unjudged = {each.check.group for each in results if each.status == "not applicable"}
    assert unjudged == {"transport", "callers"}


def test_a_service_that_takes_no_feedback_need_not() -> None:
    """Nothing is there: no fault."""
    with running(Model({"no_feedback": True})) as base:
        results = list(run(probe(base)))
    assert found(results) == []
    assert {each.status for each in results if each.check.group == "feedback"} == {"not applicable"}


def test_a_service_that_shows_nothing_has_no_faulty_cards() -> None:
    """No card, no judgement of cards; the reader is told how to get some."""
    with running(Model({"raw": '{"cards": []}'})) as base:
        results = [each for each in run(probe(base)) if each.check.group == "cards"]
    assert {each.why for each in results} == {"no card was shown; send calls of your own with --request"}


# What a service may do, and the checks that must not hold it against it: each names a vector of the model.
LEGITIMATE: dict[str, tuple[dict[str, Any], set[str]]] = {
    "callers are refused with 403": ({"auth": True, "status": {"stranger": 403}}, {"S7"}),
    "nobody is identified": ({"auth": True, "skip": ["everything"]}, {"X1"}),
    "a list of primitives with null beside their extensions": (
        {"answer": {"cards.0.suggestions.2.actions.0.resource.given": [None, "a"]}}, set(),
    ),
    "HTML in Markdown": ({"answer": {"cards.0.detail": "a<br>b"}}, {"C4a"}),
    "a path into drafts, in version 3": (
        {"discovery": {
            "services.0.version": "3.0.0",
            "services.0.prefetch.tests": "Medication?_id={{context.draftOrders.entry.resource.id}}",
        }}, set(),
    ),
    "an odd time is taken": ({"status": {"bad_time": 200}}, {"FB8a"}),
}  # fmt: skip


@pytest.mark.parametrize(("vector", "warned"), LEGITIMATE.values(), ids=LEGITIMATE)
def test_what_a_service_may_do_fails_nothing(vector: dict[str, Any], warned: set[str]) -> None:
    """At most a warning of what is better done otherwise."""
    statuses = tripped(vector, None)
    assert {name.split()[0] for name in statuses} == warned
    assert set(statuses.values()) <= {"warn"}
