"""The worked cases that a card is expected for: each built rule fires with exactly the stated indicator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cds_service.fhir.synthesis.worked import notation
from tests.clinical.oracle import cases
from tests.test_cards import findings, knowledge, outcome

TODAY = date(2026, 11, 24)


def expected() -> Iterator[Any]:
    """(case, rule, indicator) of every card a worked case expects, as far as the rule is built."""
    built = {page.rule for page in knowledge().pages}
    for case in cases():
        for card in case["expected"].get("cards", ()):
            if card["rule"] in built and "patient" in case:
                yield pytest.param(case, card, id=f"{case['id']}-{card['rule']}")


def hooks(case: dict[str, Any]) -> tuple[str, ...]:
    """Where a card of the case may appear: with its order, and when the chart is opened."""
    return ("order-sign", "patient-view") if "order" in case else ("patient-view",)


@pytest.mark.parametrize(("case", "card"), list(expected()))
def test_the_expected_card_comes(case: dict[str, Any], card: dict[str, str]) -> None:
    """The rule fires with the indicator the case states, on one of its hooks."""
    said = {outcome(findings(notation(case), hook, TODAY), card["rule"]) for hook in hooks(case)}
    assert card["indicator"] in said


@pytest.mark.parametrize("case", [c for c in cases() if "features" in c], ids=lambda c: c["id"])
def test_the_cancer_group_is_the_worked_one(case: dict[str, Any]) -> None:
    """From the chart: the group, how many factors it rests on, and whether one scan may stand for the panel."""
    wanted = case["expected"]["numbers"]
    (found, *_) = findings(notation(case), "patient-view", TODAY)
    group = found.scope.get("cancer_group")
    assert group.value == wanted["imacs_category"].replace("_", "-")
    if "n_high" in wanted:
        assert len(group.inputs) == wanted["n_high"] + wanted["n_intermediate"]
    scan = found.scope.get("cancer_single_scan")
    assert scan.value is wanted.get("pet_ct_single_scan_option", False)


@pytest.mark.parametrize("case", [c for c in cases() if "core_set" in c], ids=lambda c: c["id"])
def test_the_improvement_score_is_the_worked_one(case: dict[str, Any]) -> None:
    """From the chart: the score, and its word by the limits of adults or of children."""
    wanted = case["expected"]["numbers"]
    (found, *_) = findings(notation(case), "patient-view", TODAY)
    assert found.scope.get("tis").value == Decimal(str(wanted["tis"]))
    word = wanted.get("category_adult") or wanted["category_juvenile"]
    assert found.scope.get("tis_word").value == word


@pytest.mark.parametrize("case", [c for c in cases() if c["expected"].get("absent")], ids=lambda c: c["id"])
def test_the_absent_card_does_not_come(case: dict[str, Any]) -> None:
    """No rule that the case calls absent fires, on any of its hooks."""
    for hook in hooks(case):
        found = findings(notation(case), hook, TODAY)
        said = {rule: outcome(found, rule) for rule in case["expected"]["absent"]}
        assert set(said.values()) <= {"silent", "unknown"}, said
