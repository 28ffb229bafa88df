"""Two methotrexate orders signed in one session add up: neither takes the place of the other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask

Json = dict[str, Any]
MTX = {"drug": "methotrexate", "dose": "7.5 mg", "route": "oral"}


def about_the_week(orders: list[Json], hook: str, **more: Any) -> list[Json]:
    """The cards of the rule that methotrexate is taken once a week."""
    cards = ask({**MAN, **more, "orders": orders}, hook)["cards"]
    return [card for card in cards if card["source"]["topic"]["code"] == "SAFMTX01"]


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_two_days_a_week_in_two_orders(hook: str) -> None:
    """Critical for each of them; it names both with dose and day and offers to remove one, not to change its day."""
    cards = about_the_week([{**MTX, "timing": "weekly mon"}, {**MTX, "timing": "weekly thu"}], hook)
    assert [card["indicator"] for card in cards] == ["critical", "critical"]
    for card in cards:
        assert "methotrexate 7.5 mg on Mon" in card["detail"]
        assert "methotrexate 7.5 mg on Thu" in card["detail"]
        assert "15 mg a week" in card["detail"]
        assert [each["label"] for each in card["suggestions"]] == ["Remove this order: methotrexate"]


def test_one_after_the_other() -> None:
    """A step that ends before the next order begins is not taken beside it."""
    first = {**MTX, "timing": "weekly mon", "days": 28}
    later = {**MTX, "timing": "weekly thu", "since": "in 35 days"}
    assert about_the_week([first, later], "order-sign") == []


def test_a_draft_takes_the_place_of_a_running_order() -> None:
    """Assumed, as for every change of a weekly order: the running one is not added."""
    running = {**MTX, "timing": "weekly mon", "since": "200 days ago"}
    assert about_the_week([{**MTX, "timing": "weekly thu"}], "order-sign", medications=[running]) == []


def test_a_dose_above_the_limit_tells_what_was_added() -> None:
    """Two orders of 20 mg are 40 mg, and the card says which two."""
    orders = [
        {**MTX, "dose": "20 mg", "timing": "weekly mon"},
        {**MTX, "dose": "20 mg", "timing": "weekly mon"},
    ]
    cards = ask({**MAN, "orders": orders})["cards"]
    told = [card["detail"] for card in cards if card["source"]["topic"]["code"] == "SAFDOSEMTX"]
    assert told
    assert all("together with methotrexate 20 mg on Mon" in each for each in told)
