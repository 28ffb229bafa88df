"""A reaction that threatens life makes an allergy severe, in words, in letters and in codes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask

Json = dict[str, Any]
OURS = "org.dermatomyositis-cds"
AZATHIOPRINE = {"drug": "azathioprine", "dose": "100 mg", "timing": "daily", "route": "oral"}


def told(allergy: Json) -> str:
    """How grave the allergy is told on an order of azathioprine, or ""."""
    cards = ask({**MAN, "orders": [AZATHIOPRINE], "allergies": [allergy]}, "order-sign")["cards"]
    found = [
        each for card in cards for each in card["extension"][OURS]["rules"] if each["rule"] == "SAF-ALL-01"
    ]
    return found[0]["indicator"] if found else ""


def coded(code: str) -> Json:
    """A reaction in SNOMED CT, without any words."""
    coding = {"system": "http://snomed.info/sct", "code": code}
    return {"text": "azathioprine", "fhir": {"reaction": [{"manifestation": [{"coding": [coding]}]}]}}


@pytest.mark.parametrize(
    "reaction",
    ["SJS", "TEN", "SJS/TEN", "DRESS", "DRESS syndrome", "Quincke oedema", "Lyell syndrome", "Angioneurotic edema",
     "Drug reaction with eosinophilia and systemic symptoms", "anaphylaxis"],
)  # fmt: skip
def test_a_reaction_that_threatens_life_is_severe(reaction: str) -> None:
    """As the row of the table names them, spelt out or not."""
    assert told({"text": "azathioprine", "reaction": reaction}) == "critical"


@pytest.mark.parametrize("code", ["39579001", "41291007", "73442001", "702809001", "768962006"])
def test_a_coded_reaction_is_severe_without_words(code: str) -> None:
    """Anaphylaxis, angioedema, Stevens-Johnson, DRESS, Lyell."""
    assert told(coded(code)) == "critical"


def test_a_rash_of_ten_days_is_not_severe() -> None:
    """The number is not the disease."""
    assert told({"text": "azathioprine", "reaction": "rash for ten days"}) == "warning"


@pytest.mark.parametrize(
    ("said", "grade"),
    [
        ("No known drug allergies except azathioprine", "warning"),
        ("NKDA apart from azathioprine", "warning"),
        ("azathioprine - no allergy testing done", "warning"),
        ("No known drug allergies", ""),
        ("NKDA", ""),
    ],
)
def test_no_known_allergy_but_one_is_an_allergy(said: str, grade: str) -> None:
    """What is excepted from "no known allergies" is an allergy."""
    assert told({"text": said}) == grade
