"""Every threshold of every page, just below, at and just above: generated from the page, put to worked patients.

A worked patient of the rule is judged again with one fact moved around its threshold; all else stays as charted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from cds_service.clinical.facts import Scope
from cds_service.clinical.facts.registry import Key
from cds_service.clinical.known import Known
from cds_service.knowledge.conditions import Ask, Because, Compare, Condition, Every, Not
from cds_service.knowledge.evaluate import Finding, evaluate
from cds_service.knowledge.pages import Page
from tests.test_cards import cases, findings, knowledge

STEP = Decimal("0.000000001")
OPERATORS = ("at most", "at least", "below", "above")
HOLDS = {
    "below": (True, False, False),
    "at most": (True, True, False),
    "above": (False, False, True),
    "at least": (False, True, True),
}
# Thresholds that no single worked patient turns on, with the reason.
NOT_PIVOTAL: dict[str, str] = {}


@dataclass(frozen=True)
class Threshold:
    """One comparison of a fact with a number, as its page prints it: ``below 30 mL/min``."""

    page: Page
    ask: Ask
    leaf: Compare

    @property
    def operator(self) -> str:
        return next(name for name in OPERATORS if self.leaf.words.startswith(name))

    @property
    def bound(self) -> Decimal:
        return Decimal(self.leaf.words.removeprefix(self.operator).split()[0])

    def __str__(self) -> str:
        of = f"({','.join(self.ask.of)})" if self.ask.of else ""
        return f"{self.page.file}:{self.ask.fact}{of} {self.operator} {self.leaf.limit or self.bound}"


class Moved:
    """A scope in which one fact has another value."""

    def __init__(self, scope: Scope, ask: Ask, value: Decimal) -> None:
        self._scope, self._ask, self._value = scope, ask, value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scope, name)

    def at(self, key: Key) -> Any:
        """The moved value for the one question, the chart's answer to every other."""
        return Known(self._value) if Ask(*key) == self._ask else self._scope.at(key)


def leaves(condition: Condition) -> Iterator[Compare]:
    """Every comparison of a condition."""
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, Because | Not):
        yield from leaves(condition.part)
    elif isinstance(condition, Every):
        for part in condition.parts:
            yield from leaves(part)


def thresholds() -> list[Threshold]:
    """Every comparison with a number of every page, once."""
    found: dict[str, Threshold] = {}
    for page in knowledge().pages:
        for tier in page.tiers:
            for leaf in leaves(tier.condition):
                if leaf.words.startswith(OPERATORS):
                    each = Threshold(page, leaf.ask, leaf)
                    found.setdefault(str(each), each)
    return list(found.values())


@cache
def judged() -> dict[str, list[Finding]]:
    """The findings of every page about its worked patients."""
    told: dict[str, list[Finding]] = {}
    for each in cases():
        rule, case, notation, as_of = each.values
        for finding in findings(notation, case.get("hook", "order-sign"), as_of):
            if finding.rule == rule:
                told.setdefault(finding.page.file, []).append(finding)
    return told


def outcomes(threshold: Threshold, finding: Finding) -> tuple[tuple[str, str], ...]:
    """What the page says just below, at and just above the threshold."""
    values = (threshold.bound - STEP, threshold.bound, threshold.bound + STEP)
    said = []
    for value in values:
        scope: Any = Moved(finding.scope, threshold.ask, value)
        found = evaluate(finding.page, scope, finding.hook)
        said.append((found.outcome, found.indicator))
    return tuple(said)


def also_at(threshold: Threshold) -> bool:
    """Whether the page compares the same fact with the same number in another way too."""
    return any(
        other.ask == threshold.ask and other.bound == threshold.bound and other.operator != threshold.operator
        for other in thresholds()
        if other.page is threshold.page
    )


@pytest.mark.parametrize("threshold", thresholds(), ids=str)
def test_a_threshold_is_where_its_page_says(threshold: Threshold) -> None:
    """The comparison turns exactly at the printed number, and one worked patient's answer turns with it."""
    expected = HOLDS[threshold.operator]
    values = (threshold.bound - STEP, threshold.bound, threshold.bound + STEP)
    assert tuple(threshold.leaf.test(value) for value in values) == expected
    said = [outcomes(threshold, finding) for finding in judged().get(threshold.page.file, [])]
    same_side = (0, 1) if expected[0] is expected[1] else (1, 2)
    if not also_at(threshold):
        assert all(told[same_side[0]] == told[same_side[1]] for told in said)
    turns = any(len(set(told)) > 1 for told in said)
    assert turns or str(threshold) in NOT_PIVOTAL, "no worked patient turns on this threshold"
