"""The worked patients of the folding policy see the cards it lists: so many, so grave, in this order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parents[1] / "fixtures"
ORDERED = [("warning", "SAFMTX05"), ("warning", "SAFPJP01")]
LATE, OVERDUE = [("info", "MONOVERDUE01")], [("warning", "MONOVERDUE01")]
WORKED: list[tuple[str, list[tuple[str, str]]]] = [
    ("new-adult-visit", [("warning", "SCRCA01"), ("info", "REGSEQ01"), ("info", "SCRDYS01")]),
    ("new-adult-order", ORDERED),
    ("new-adult-order-at-45", [("warning", "SAFMTX03"), ORDERED[1]]),
    ("stable-visit", []),
    ("stable-renewal", []),
    ("stable-refill", []),
    ("stable-late-visit", LATE),
    ("stable-late-renewal", []),
    ("stable-late-refill", LATE),
    ("stable-overdue-visit", OVERDUE),
    ("stable-overdue-renewal", OVERDUE),
    ("stable-overdue-refill", OVERDUE),
    ("refractory-visit", [("warning", "SCRCA01"), ("info", "REGREF01")]),
    ("refractory-rituximab", [("critical", "SAFRTX01"), ("warning", "SAFPJP01")]),
    ("juvenile-visit", [("info", "REGSEQ01"), ("info", "SCRDYS01")]),
    ("juvenile-order", [("warning", "SAFMTX05"), ("info", "SAFGLU01")]),
]
# What the policy lists on each card, as far as a rule of the tables holds; docs/decisions/0011 tells where not.
SPOKEN_FOR: list[tuple[str, int, str]] = [
    ("new-adult-visit", 0, "SCR-CA-01 SCR-CA-02 SCR-CA-03"),
    ("new-adult-visit", 1, "REG-SEQ-01 REG-GC-00 REG-GC-01 REG-MTX-01 REG-MTX-03 REG-MTX-04 REG-AZA-01"),
    ("new-adult-visit", 2, "SCR-DYS-01 SCR-CAR-01 SCR-ILD-01 SCR-VAX-01 SCR-PT-01 SCR-SUN-01 MON-MMT-01"),
    ("new-adult-visit", 2, "MON-CDASI-01 MON-LFT-02 MON-OVERDUE-01 CLS-01"),
    ("new-adult-order", 0, "SAF-MTX-05 SAF-MTX-08 SAF-GC-01 MON-OVERDUE-01 MON-LFT-02"),
    ("new-adult-order", 1, "SAF-PJP-01 SAF-GIO-02 SAF-GIO-01"),
    ("new-adult-order-at-45", 0, "SAF-MTX-03 SAF-MTX-05 SAF-MTX-08 SAF-GC-01"),
    ("refractory-visit", 0, "SCR-CA-01 SCR-CA-02"),
    ("refractory-visit", 1, "REG-REF-01 REG-REF-02 REG-REF-03 REG-BX-01 MON-TIS-01"),
    ("refractory-rituximab", 0, "SAF-RTX-01 SAF-GC-01"),
    ("refractory-rituximab", 1, "SAF-RTX-03 SAF-PJP-01 SAF-RTX-02"),
    ("juvenile-visit", 0, "REG-SEQ-01 REG-GC-02 REG-GC-03 REG-MTX-02"),
    ("juvenile-visit", 1, "SCR-DYS-01 SCR-CAR-01 SCR-ILD-01 SCR-CALC-01 SCR-VAX-01 SCR-PT-01 SCR-SUN-01 MON-MMT-01"),
    ("juvenile-order", 0, "SAF-MTX-05 SAF-MTX-08 SAF-GC-01 SCR-VAX-01"),
    ("juvenile-order", 1, "SAF-GLU-01 SCR-BONE"),
]  # fmt: skip
OFFERED = [
    ("new-adult-order", 0, ("Add folic acid 5 mg once a week", "Order all 7 missing tests")),
    ("new-adult-order", 1, ("atovaquone", "calcium with vitamin D", "DXA")),
    ("refractory-rituximab", 0, ("HBV DNA, referral to hepatology",)),
    ("refractory-rituximab", 1, ("Add co-trimoxazole 480 mg a day", "pneumococcal vaccine")),
    ("juvenile-order", 0, ("Add folic acid, paediatric dose",)),
    ("stable-late-visit", 0, ("Order all 4: ALT, AST, complete blood count, creatinine",)),
]
NOT_OFFERED = [
    ("new-adult-order", "co-trimoxazole"),
    ("refractory-rituximab", "atovaquone"),
    ("juvenile-order", "5 mg"),
    ("stable-overdue-refill", "Remove"),
]


def cards(scenario: str) -> list[dict[str, Any]]:
    """The cards a fixture expects; that they come is proven by its replay."""
    expected = json.loads((FIXTURES / scenario / "expected.json").read_text("utf-8"))
    found: list[dict[str, Any]] = expected["cards"]
    return found


@pytest.mark.parametrize(("scenario", "shown"), WORKED)
def test_a_worked_patient_sees_these_cards(scenario: str, shown: list[tuple[str, str]]) -> None:
    """The severity and the leading rule of each card, and no card more."""
    assert [(card["indicator"], card["topic"]) for card in cards(scenario)] == shown


@pytest.mark.parametrize(("scenario", "place", "rules"), SPOKEN_FOR)
def test_a_card_speaks_for_the_listed_rules(scenario: str, place: int, rules: str) -> None:
    """Each finding that the policy lists is on the record of that card."""
    recorded = {rule.split(" ")[0] for rule in cards(scenario)[place]["rules"]}
    assert set(rules.split()) <= recorded


@pytest.mark.parametrize(("scenario", "place", "offers"), OFFERED)
def test_a_card_offers_what_is_listed(scenario: str, place: int, offers: tuple[str, ...]) -> None:
    """The tests and drugs that the policy lists."""
    said = "; ".join(cards(scenario)[place]["offers"])
    assert [offer for offer in offers if offer not in said] == []


@pytest.mark.parametrize(("scenario", "word"), NOT_OFFERED)
def test_what_this_patient_must_not_have_is_not_offered(scenario: str, word: str) -> None:
    """Not both of two drugs that do the same; no dose to a child; no drug taken away for an overdue test."""
    assert not [offer for card in cards(scenario) for offer in card["offers"] if word in offer]


def test_a_child_hears_nothing_of_cancer_and_of_adult_thresholds() -> None:
    """No cancer card, and neither Pneumocystis by adult doses nor an adult fracture score."""
    rules = {
        rule
        for name in ("juvenile-visit", "juvenile-order")
        for card in cards(name)
        for rule in card["rules"]
    }
    assert not [rule for rule in rules if rule.startswith(("SCR-CA-0", "SAF-PJP", "SAF-GIO"))]
