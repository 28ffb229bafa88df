"""Methotrexate recorded as daily: what is taken is stopped, what is drafted is changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask

Json = dict[str, Any]
DAILY: Json = {"drug": "methotrexate", "dose": "2.5 mg", "timing": "daily", "route": "oral"}
RUNNING: Json = {**DAILY, "since": "6 days ago"}
WEEKLY: Json = {**DAILY, "dose": "15 mg", "timing": "weekly mon", "since": "300 days ago"}
PREDNISONE: Json = {"drug": "prednisone", "dose": "20 mg", "timing": "daily", "since": "300 days ago"}
OLD_COUNT: Json = {"wbc": "6.2 10*9/L", "on": "290 days ago"}


def leading(notation: Json, hook: str) -> Json:
    """The first card."""
    card: Json = ask({**MAN, "orders": [], **notation}, hook)["cards"][0]
    return card


def everything(notation: Json, hook: str) -> str:
    """All summaries and texts of an answer."""
    cards = ask({**MAN, "orders": [], **notation}, hook)["cards"]
    return " / ".join(f"{card['summary']} {card['detail']}" for card in cards)


@pytest.mark.parametrize("hook", ["patient-view", "encounter-start", "encounter-discharge"])
def test_what_is_taken_is_stopped_now(hook: str) -> None:
    """Stop is said first, with dose and day, and the tests of today have a button."""
    card = leading({"medications": [RUNNING]}, hook)
    assert card["summary"] == (
        "Stop methotrexate now, recorded since 2026-11-18: 2.5 mg DAILY; this can kill"
    )
    assert card["detail"].split("\n\n")[1].startswith("**Stop methotrexate now**")
    assert "17.5 mg a week in all" in card["detail"]
    assert [each["label"] for each in card["suggestions"]] == [
        "Order all 3: ALT, complete blood count, creatinine"
    ]


@pytest.mark.parametrize("hook", ["order-sign", "medication-refill"])
def test_a_renewal_of_what_is_taken_daily_says_stop(hook: str) -> None:
    """It was taken already, so changing the order is not enough."""
    card = leading({"orders": [DAILY], "medications": [RUNNING]}, hook)
    assert card["summary"].startswith("Stop methotrexate now, recorded since 2026-11-18")
    assert "Change to 2.5 mg once a week, on Monday: methotrexate" in {
        each["label"] for each in card["suggestions"]
    }


@pytest.mark.parametrize("medications", [[], [WEEKLY]])
def test_a_first_daily_order_is_not_signed(medications: list[Json]) -> None:
    """Nothing is taken daily yet: the order is changed."""
    card = leading({"orders": [DAILY], "medications": medications}, "order-sign")
    assert card["summary"].startswith("Do not sign methotrexate 2.5 mg DAILY")


@pytest.mark.parametrize("hook", ["patient-view", "encounter-start", "encounter-discharge"])
def test_a_routine_day_is_not_named_beside_a_stop(hook: str) -> None:
    """No test of methotrexate is overdue or due on a later day while its tests are wanted today; no refill is."""
    told = everything({"medications": [{**RUNNING, "since": "300 days ago"}], "labs": [OLD_COUNT]}, hook)
    assert "overdue" not in told
    assert "the first on" not in told
    assert "refill" not in told


def test_tests_of_other_drugs_stay_overdue() -> None:
    """What a glucocorticoid asks for is told as before."""
    medications = [{**RUNNING, "since": "300 days ago"}, PREDNISONE]
    told = everything({"medications": medications, "labs": [OLD_COUNT]}, "patient-view")
    assert "lood pressure" in told
    assert "overdue" in told


def test_since_when_counts_earlier_orders_of_the_same_rhythm() -> None:
    """A course renewed 40 days ago began with its first order; weekly orders before it do not count."""
    renewed = {**RUNNING, "since": "400 days ago"}
    assert "recorded since 2025-10-20" in leading({"medications": [renewed]}, "patient-view")["summary"]
    changed = [{**WEEKLY, "until": "7 days ago", "status": "completed"}, RUNNING]
    assert "recorded since 2026-11-18" in leading({"medications": changed}, "patient-view")["summary"]
