"""The worked cases that a card is expected for: each built rule fires with exactly the stated indicator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
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


@pytest.mark.parametrize("case", [c for c in cases() if c["id"] in ("G10", "G11")], ids=lambda c: c["id"])
def test_nothing_is_said_about_a_usual_dose(case: dict[str, Any]) -> None:
    """40 mg of prednisone for 70 kg, and 8 mg of dexamethasone, are within the range."""
    assert outcome(findings(notation(case), "order-sign", TODAY), "SAF-DOSE-GC") == "silent"
