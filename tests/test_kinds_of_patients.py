"""Patients whom a rule for the usual case would serve badly: each is handled on purpose, as its fixture expects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cds_service.replay.command import in_process
from cds_service.replay.run import answer
from cds_service.replay.scenario import load

FIXTURES = Path(__file__).parents[1] / "fixtures"


def cards(scenario: str) -> list[dict[str, Any]]:
    """The cards a fixture expects; that they come is proven by its replay."""
    found: list[dict[str, Any]] = json.loads((FIXTURES / scenario / "expected.json").read_text("utf-8"))[
        "cards"
    ]
    return found


def rules(scenario: str) -> set[str]:
    """The rules its cards speak for."""
    return {rule.split(" ")[0] for card in cards(scenario) for rule in card["rules"]}


def offers(scenario: str) -> str:
    """Everything its cards offer."""
    return "; ".join(offer for card in cards(scenario) for offer in card["offers"])


def created(scenario: str) -> list[str]:
    """What every order says that its cards would create."""
    fixture = load(FIXTURES / scenario)
    _, body = answer(fixture, "prefetch", in_process(fixture.plan.as_of))
    shown: Any = body
    suggestions = [each for card in shown["cards"] for each in card.get("suggestions", [])]
    resources = [action["resource"] for each in suggestions for action in each["actions"]]
    return [(each.get("code") or each["medicationCodeableConcept"])["text"] for each in resources]


@pytest.mark.parametrize("scenario", ["recorded-death", "juvenile-onset-adult-visit", "stable-visit"])
def test_nothing_is_said(scenario: str) -> None:
    """After a death, whatever the list still holds; of grown-up juvenile disease and stable disease with all done."""
    assert cards(scenario) == []


def test_polymyositis_without_a_rash_hears_nothing_of_skin() -> None:
    """The regimen and the screening of myositis, and no sun, skin care or skin score."""
    assert {"REG-SEQ-01", "SCR-CA-01", "SCR-PT-01"} <= rules("polymyositis-visit")
    assert not {"SCR-SUN-01", "SCR-SKIN", "MON-CDASI-01"} & rules("polymyositis-visit")


def test_disease_of_the_skin_alone_brings_no_induction() -> None:
    """Amyopathic disease seven months old: screening and the eyes, no prednisone."""
    assert not [rule for rule in rules("amyopathic-visit") if rule.startswith("REG-GC")]


def test_in_pregnancy_nothing_is_offered_that_harms_the_child() -> None:
    """No methotrexate, folate for it, radiation or pregnancy test; prednisone is."""
    ordered = created("pregnancy-visit")
    harmful = {
        "methotrexate",
        "mycophenolate",
        "folic acid",
        "chest X-ray",
        "mammogram",
        "pregnancy test",
        "CA-125",
    }
    assert "prednisone" in ordered
    assert not [name for name in ordered if name in harmful or "CT" in name]
    assert {"chest X-ray", "mammogram"} <= set(created("taper-visit")), "the names are those that are written"


def test_scleroderma_beside_myositis() -> None:
    """Overlap adds no weight to the cancer group, asks for the lungs, and warns of 40 mg of prednisone."""
    assert [card["indicator"] for card in cards("overlap-visit") if card["topic"] == "SCRCA01"] == []
    assert "SCR-ILD-01" in rules("overlap-visit")
    assert cards("overlap-steroid-order")[0]["topic"] == "SAFGC03"


def test_a_refill_is_blocked_by_a_limit_and_never_by_an_overdue_test() -> None:
    """Overdue bloods: one warning that orders them. A low count: the refill can be removed."""
    (card,) = cards("overdue-refill")
    assert card["indicator"] == "warning"
    assert "Remove" not in offers("overdue-refill")
    assert cards("low-count-refill")[0]["indicator"] == "critical"
    assert "Remove this order: methotrexate" in offers("low-count-refill")


def test_a_new_problem_brings_its_whole_work_up() -> None:
    """Antibodies, baseline tests, lungs, heart, swallowing and referrals, before the problem is saved."""
    wanted = {
        "CLS-MSA",
        "MON-OVERDUE-01",
        "SCR-ILD-01",
        "SCR-CAR-01",
        "SCR-DYS-01",
        "SCR-PT-01",
        "SCR-SUN-01",
    }
    assert wanted <= rules("new-problem")
