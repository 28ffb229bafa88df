"""The worked patients of ``cards/*/cases.yaml``: each rule fires, is silent or does not know, as written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import cache
from typing import Any

import pytest
import requests
import yaml

from cds_service.content import cards_dir
from cds_service.decide.choices import choices
from cds_service.decide.decider import Decider, World
from cds_service.fhir.synthesis import hook_call
from cds_service.knowledge.compose import Plan
from cds_service.knowledge.detail import put_in_words
from cds_service.knowledge.evaluate import Finding
from cds_service.knowledge.load import Knowledge, load
from cds_service.protocol.codec import decode, encode
from cds_service.protocol.request import parse_request
from cds_service.protocol.trust import Caller

SHIPPED = cards_dir()
SEVERITY = ("critical", "warning", "info", "unknown", "silent")
_OF_A_CASE = {"it", "hook", "expect", "as_of"}


@cache
def knowledge() -> Knowledge:
    """The shipped knowledge."""
    return load(SHIPPED)


def decider(as_of: date) -> Decider:
    """The service's own decider, as of a day, without a network."""
    return Decider(knowledge(), World(
        today=lambda: as_of, new_id=lambda: "id", monotonic=lambda: 0.0, http=requests.Session(),
        pool=ThreadPoolExecutor(1), may_call=lambda _server, _caller: False,
    ))  # fmt: skip


@cache
def cases() -> tuple[Any, ...]:
    """Every case of every file, with the chart it stands on."""
    return tuple(_cases())


def _cases() -> Iterator[Any]:
    for path in sorted(SHIPPED.glob("*/cases.yaml")):
        content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
        usual = str(content["as_of"])
        for rule, listed in content["cases"].items():
            for case in listed:
                notation = content["base"] | {k: v for k, v in case.items() if k not in _OF_A_CASE}
                as_of = date.fromisoformat(str(case.get("as_of", usual)))
                name = f"{path.parent.name}-{rule}-{case['it'].replace(' ', '-')}"
                yield pytest.param(rule, case, notation, as_of, id=name)


def findings(notation: dict[str, Any], hook: str, as_of: date) -> tuple[Finding, ...]:
    """What the pages say on the call this notation describes."""
    judge = decider(as_of)
    templates = next(s.prefetch for s in judge.services() if s.hook == hook)
    call = hook_call(notation, hook, as_of, terms=knowledge().terms, templates=templates)
    return judge.findings(parse_request(decode(encode(call.request)), hook), Caller())


def outcome(found: tuple[Finding, ...], rule: str) -> str:
    """The gravest thing a rule says: an indicator, ``unknown`` or ``silent``."""
    said = [f.indicator if f.outcome == "fired" else f.outcome for f in found if f.rule == rule]
    return min(said, key=SEVERITY.index, default="silent")


@pytest.mark.parametrize(("rule", "case", "notation", "as_of"), cases())
def test_worked_patient(rule: str, case: dict[str, Any], notation: dict[str, Any], as_of: date) -> None:
    """The rule says about the worked patient what the case expects."""
    found = findings(notation, case.get("hook", "order-sign"), as_of)
    reasons = [reason for f in found if f.rule == rule for reason in f.reasons]
    assert outcome(found, rule) == case["expect"], reasons
    for finding in found:
        if finding.rule == rule and finding.outcome == "fired":
            assert not faults_of_words(finding)


# Said twice, once by a value's own unit; units as machines write them; what a template left over.
DOUBLED = re.compile(r"\ba (day|week)\b,? (a|per|in one|in a) (day|week)\b|\b(days|years|weeks|mg|kg) \4\b")
UNTOLD = re.compile(r"\bnot known (times|above|below|more|less)\b")
RAW_UNIT = re.compile(r"\bmg/d\b|\bg/kg/d\b|\bmg/wk\b|mm\[Hg\]|10\*|\{|\}|\bNone\b|  +\S")


def faults_of_words(finding: Finding) -> list[str]:
    """What a reader would stumble over in the summary and the detail of one finding.

    A summary that does not fit its line falls back to the title of the page, which tells no act.
    """
    words = put_in_words(
        Plan(finding.group, (finding,)), knowledge(), lambda found: choices(found, knowledge())
    )
    said = [words.summary, *words.detail.splitlines()]
    faults = [line for line in said if any(p.search(line) for p in (DOUBLED, RAW_UNIT, UNTOLD))]
    return [*faults, *([words.summary] if words.summary == finding.page.title else [])]


@pytest.mark.parametrize("rule", sorted({page.rule for page in knowledge().pages}))
def test_a_rule_fires_is_silent_and_does_not_know(rule: str) -> None:
    """A rule without a worked patient of each kind is not proven."""
    expected = {each.values[1]["expect"] for each in cases() if each.values[0] == rule}
    assert expected & set(SEVERITY[:3]), "none that it fires about"
    assert {"silent", "unknown"} <= expected
