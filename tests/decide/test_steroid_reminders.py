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


PROTECTED: dict[str, Any] = {
    **MAN,
    "medications": [{"drug": "prednisone", "dose": "20 mg", "timing": "daily", "since": "60 days ago"}],
}  # fmt: skip
MTX = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon"}
NEWS: dict[str, tuple[dict[str, Any], str]] = {
    "glucose twice": ({"labs": [{"glucose": "400 mg/dL", "on": "2 days ago"},
                                {"glucose": "380 mg/dL", "on": "5 days ago"}]}, "SAF-GLU-01"),
    "HbA1c": ({"labs": [{"hba1c": "9 %", "on": "2 days ago"}]}, "SAF-GLU-01"),
    "fracture": ({"problems": ["dm", {"is": "osteoporotic_fracture", "since": "3 days ago"}]}, "SAF-GIO-02"),
    "lymphocytes": ({"labs": [{"lymphocytes": "0.3 10*9/L", "on": "2 days ago"}]}, "SAF-PJP-01"),
    "anti-HBc": ({"labs": [{"hbsag": "negative", "on": "2 days ago"}, {"anti_hbc": "positive", "on": "2 days ago"}]},
                 "SAF-GC-01"),
    "second drug": ({"medications": [*PROTECTED["medications"], MTX | {"since": "5 days ago"}]}, "SAF-PJP-01"),
    "rituximab": ({"medications": [*PROTECTED["medications"], {"drug": "rituximab", "dose": "1000 mg",
                  "timing": "once", "since": "5 days ago"}]}, "SAF-PJP-01"),
}  # fmt: skip


@pytest.mark.parametrize(("chart", "rule"), NEWS.values(), ids=NEWS)
@pytest.mark.parametrize("hook", ["patient-view", "encounter-start"])
def test_a_new_fact_is_told_between_the_days(chart: dict[str, Any], rule: str, hook: str) -> None:
    """A result, problem or drug of this week is no reminder, and waits for none."""
    assert rule in rules(ask({**PROTECTED, **chart}, hook))


@pytest.mark.parametrize(
    "chart",
    [
        {"labs": [{"hba1c": "9 %", "on": "50 days ago"}]},
        {"medications": [*PROTECTED["medications"], MTX | {"since": "58 days ago"}]},
        {"medications": [{**PROTECTED["medications"][0], "dose": "40 mg", "since": "90 days ago"}]},
    ],
    ids=["old result", "old drug", "dose alone"],
)
def test_an_old_fact_waits_for_its_day(chart: dict[str, Any]) -> None:
    """What was told when it was new is told again with the reminders."""
    found = rules(ask({**PROTECTED, **chart}, "patient-view"))
    assert not found & {"SAF-GLU-01", "SAF-GIO-02", "SAF-PJP-01"}
