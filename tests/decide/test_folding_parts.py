"""A card that speaks for another one does not swallow what the other tells besides."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, OURS, ask

PREDNISONE = {"drug": "prednisone", "dose": "40 mg", "timing": "daily", "route": "oral", "days": 60}
POSITIVE = {"labs": [{"hbsag": "positive", "on": "20 days ago"}]}
MYOSITIS = MAN["problems"]


def lines(notation: dict[str, Any]) -> str:
    """Everything the cards say."""
    return "\n".join(f"{card['summary']}\n{card['detail']}" for card in ask(notation)["cards"])


@pytest.mark.parametrize(("problems", "told"), [([], False), (["tb_exposure"], True)])
def test_hepatitis_b_does_not_hide_tuberculosis(problems: list[str], told: bool) -> None:
    """The screen is on the record under the hepatitis B card; exposure to tuberculosis keeps its words."""
    notation = MAN | POSITIVE | {"problems": [*MYOSITIS, *problems], "orders": [PREDNISONE]}
    rules = {
        rule["rule"]
        for card in ask(notation)["cards"]
        for rule in card.get("extension", {}).get(OURS, {}).get("rules", ())
    }
    assert {"SAF-GC-04", "SAF-GC-01"} <= rules
    assert ("tuberculosis exposure untested" in lines(notation)) is told


@pytest.mark.parametrize(
    ("more", "told"),
    [({}, True), ({"problems": ["dermatomyositis", {"is": "pregnancy", "since": "60 days ago"}]}, False)],
    ids=["pregnancy test wanting", "pregnant"],
)
def test_what_mycophenolate_needs_is_told_unless_it_is_stopped(more: dict[str, Any], told: bool) -> None:
    """A test that is wanting takes no drug away: the blood count before it is told, too. A pregnancy does."""
    woman = {"age": 30, "sex": "female", "height": "165 cm", "weight": "60 kg", "onset": "5 weeks ago"}
    order = {"drug": "mycophenolate", "dose": "500 mg", "timing": "twice daily", "route": "oral"}
    body = ask(MAN | {"patient": woman, "orders": [order]} | more)
    assert any("repeat the blood count" in card["summary"] for card in body["cards"]) is told
