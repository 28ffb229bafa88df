"""What is missing beside a running glucocorticoid: when it is told, and what is offered for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, OURS, ask

UNPROTECTED: dict[str, Any] = {
    **MAN, "medications": [{"drug": "prednisone", "dose": "40 mg", "timing": "daily", "since": "90 days ago"}],
}  # fmt: skip


def rules(answer: dict[str, Any]) -> set[str]:
    """The rules of all cards."""
    return {each["rule"] for card in answer["cards"] for each in card["extension"][OURS]["rules"]}


@pytest.mark.parametrize(
    ("hook", "told"), [("patient-view", False), ("encounter-start", False), ("encounter-discharge", True)]
)
def test_between_its_days_a_reminder_waits_except_before_going_home(hook: str, told: bool) -> None:
    """On day 90 of the course it waits where the chart is opened, and is told at discharge."""
    assert ("SAF-PJP-01" in rules(ask(UNPROTECTED, hook))) is told


@pytest.mark.parametrize(
    ("chart", "offered"),
    [
        ({"labs": [{"creatinine": "0.9 mg/dL", "on": "20 days ago"}]}, True),
        ({"labs": [{"creatinine": "2.6 mg/dL", "on": "20 days ago"}]}, False),
        ({"labs": []}, False),
        (
            {"labs": [{"creatinine": "0.9 mg/dL", "on": "20 days ago"}], "problems": ["dm", "dysphagia"]},
            False,
        ),
    ],
    ids=["kidneys well", "eGFR below 35", "creatinine not known", "dysphagia"],
)
def test_alendronate_is_offered_only_where_it_may_be_taken(chart: dict[str, Any], offered: bool) -> None:
    """Known kidney function of 35 or more and undisturbed swallowing; otherwise a person chooses."""
    answer = ask({**UNPROTECTED, **chart}, "encounter-discharge")
    labels = [each["label"] for card in answer["cards"] for each in card.get("suggestions", [])]
    assert any("lendronate" in label for label in labels) is offered


@pytest.mark.parametrize(
    ("mg", "days", "told"),
    [
        ("25", 119, set()),
        ("25", 120, {"MON-GC-01"}),
        ("25", 147, {"MON-GC-01"}),
        ("25", 148, set()),
        ("25", 184, {"MON-GC-01", "REG-GC-06"}),
        ("25", 208, set()),
        ("10", 365, {"REG-GC-07"}),
        ("10", 388, set()),
    ],
)
def test_a_long_course_has_its_days(mg: str, days: int, told: set[str]) -> None:
    """Too much for too long is told when it is first so and twice a year, for four weeks."""
    course = {"drug": "prednisone", "dose": f"{mg} mg", "timing": "daily", "since": f"{days} days ago"}
    patient = {**MAN["patient"], "onset": "2 years ago"}
    chart = {"patient": patient, "problems": [{"is": "dm", "since": "2 years ago"}], "medications": [course]}
    assert rules(ask(chart, "patient-view")) & {"MON-GC-01", "REG-GC-06", "REG-GC-07"} == told
