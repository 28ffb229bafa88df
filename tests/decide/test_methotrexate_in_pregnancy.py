"""Pregnant or breastfeeding, taken or ordered: four patients, each with her own text."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import ask

Json = dict[str, Any]
MTX: Json = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "route": "oral"}
RUNNING: Json = {**MTX, "since": "400 days ago"}
WOMAN: Json = {"age": 29, "sex": "female", "height": "165 cm", "weight": "65 kg", "onset": "5 weeks ago"}
PREGNANT: Json = {"is": "pregnancy", "since": "60 days ago"}
FEEDING: Json = {
    "text": "Breastfeeding",
    "code": ["http://hl7.org/fhir/sid/icd-10-cm", "Z39.1"],
    "since": "60 days ago",
}


def first_card(problem: Json | None, hook: str, **more: Any) -> Json:
    """The leading card."""
    problems = ["dermatomyositis", *([problem] if problem else [])]
    body = ask({"patient": WOMAN, "problems": problems, "orders": [], **more}, hook)
    card: Json = body["cards"][0]
    return card


@pytest.mark.parametrize(
    ("problem", "told", "not_told", "reason"),
    [
        (PREGNANT, "miscarriage", "milk", "Pregnancy record is wrong or ended"),
        (FEEDING, "passes into milk", "miscarriage", "Breastfeeding record is wrong or ended"),
    ],
)
def test_what_is_taken_is_stopped_today(problem: Json, told: str, not_told: str, reason: str) -> None:
    """Stop, since when it is taken, the harm of this patient, and the reason that fits."""
    card = first_card(problem, "patient-view", medications=[RUNNING])
    assert card["summary"].startswith("Stop methotrexate today: ")
    assert "(2026-09-25)" in card["summary"]
    assert told in card["detail"]
    assert not_told not in card["detail"]
    assert "since 2025-10-20" in card["detail"]
    reasons = [each["display"] for each in card["overrideReasons"]]
    assert [each for each in reasons if "record is wrong" in each] == [reason]


def test_an_order_is_not_given() -> None:
    """The finding itself, with its day."""
    labs = [{"pregnancy_test": "positive", "on": "4 days ago"}]
    card = first_card(None, "order-sign", orders=[MTX], labs=labs)
    assert card["summary"] == "Do not give methotrexate: pregnancy test positive (2026-11-20)"


def test_no_routine_test_is_overdue_beside_it() -> None:
    """The drug is stopped: its calendar ends."""
    body = ask(
        {
            "patient": WOMAN, "problems": ["dermatomyositis", PREGNANT], "orders": [], "medications": [RUNNING],
            "labs": [{"alt": "22 U/L", "on": "290 days ago"}],
        },
        "patient-view",
    )  # fmt: skip
    assert "overdue" not in " ".join(card["summary"] + card["detail"] for card in body["cards"])
