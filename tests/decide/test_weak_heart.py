"""Immunoglobulin for a patient whose heart is weak."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask

Json = dict[str, Any]
IVIG: Json = {"drug": "ivig", "dose": "80 g", "timing": "daily", "days": 2, "route": "intravenous"}


def told(notation: Json) -> str:
    """All summaries and texts of the answer."""
    cards = ask({**MAN, "orders": [IVIG], **notation}, "order-sign")["cards"]
    return " / ".join(f"{card['summary']} {card['detail']}" for card in cards)


@pytest.mark.parametrize(
    "weak",
    [
        {"problems": ["dermatomyositis", "heart_failure"]},
        {"labs": [{"lvef": "35 %", "on": "200 days ago"}]},
    ],
)
def test_a_weak_heart_is_not_loaded_with_fluid(weak: Json) -> None:
    """Wherever the risk is told, nothing says to hydrate."""
    said = told(weak)
    assert "do not load with fluid" in said
    assert "hydrate" not in said


def test_a_good_heart_is() -> None:
    """Others are hydrated."""
    diabetes = told({"problems": ["dermatomyositis", "diabetes"]})
    assert "hydrate, run slowly" in diabetes
