"""A drafted test carries the day on which it is to be done: today, or later where the calendar asks for it later."""

from __future__ import annotations

from typing import Any

from tests.decide.service import MAN, ask

METHOTREXATE = {
    "drug": "methotrexate",
    "dose": "15 mg",
    "timing": "weekly mon",
    "route": "oral",
    "since": "400 days ago",
}
FOLATE = {"drug": "folic_acid", "dose": "5 mg", "timing": "weekly thu", "since": "400 days ago"}
BLOODS = {
    "wbc": "7 10*9/L", "neutrophils": "4 10*9/L", "platelets": "250 10*9/L", "alt": "25 U/L", "ast": "22 U/L",
    "creatinine": "0.9 mg/dL",
}  # fmt: skip


def days(hook: str, drawn: int) -> set[str]:
    """The days of the drafted blood tests of a man whose blood was last drawn so many days ago (as of 24 November)."""
    labs = [{name: value, "on": f"{drawn} days ago", "range": "<40"} for name, value in BLOODS.items()]
    body = ask(MAN | {"medications": [METHOTREXATE, FOLATE], "labs": labs, "orders": []}, hook)
    drafts: list[dict[str, Any]] = [
        action["resource"]
        for card in body["cards"] if card["source"]["topic"]["code"].startswith("MON")
        for each in card.get("suggestions", ())
        for action in each["actions"]
    ]  # fmt: skip
    return {draft["occurrenceDateTime"] for draft in drafts if draft["resourceType"] == "ServiceRequest"}


def test_a_test_that_falls_due_later_is_ordered_for_that_day() -> None:
    """At a discharge: drawn 70 days ago, due after 84."""
    assert days("encounter-discharge", 70) == {"2026-12-08"}


def test_a_test_that_is_overdue_is_ordered_for_today() -> None:
    """Drawn 200 days ago."""
    assert days("patient-view", 200) == {"2026-11-24"}
