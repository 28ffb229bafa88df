"""A result is told in the unit of the laboratory that wrote it, on the card and among what was checked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask

TACROLIMUS = {"drug": "tacrolimus", "dose": "2 mg", "timing": "twice daily", "since": "60 days ago"}
METHOTREXATE = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly fri", "since": "200 days ago"}


@pytest.mark.parametrize(
    ("topic", "taken", "test", "value", "told"),
    [
        ("MONTAC02", TACROLIMUS, "magnesium", "0.59 mmol/L", "magnesium 0.59 mmol/L"),
        ("MONTAC02", TACROLIMUS, "magnesium", "1.40 mg/dL", "magnesium 1.4 mg/dL"),
        ("MONTAC02", TACROLIMUS, "glucose", "11.1 mmol/L", "glucose 11.1 mmol/L"),
        ("MONTAC02", TACROLIMUS, "glucose", "200 mg/dL", "glucose 200 mg/dL"),
        ("MONCBC01", METHOTREXATE, "albumin", "29 g/L", "albumin 29 g/L"),
        ("MONCBC01", METHOTREXATE, "albumin", "2.9 g/dL", "albumin 2.9 g/dL"),
        ("MONCBC01", METHOTREXATE, "wbc", "3400 /uL", "white cells 3400 /µL"),
        ("MONCBC01", METHOTREXATE, "wbc", "3.4 10*3/uL", "white cells 3.4 × 10⁹/L"),
    ],
)
def test_as_the_laboratory_wrote_it(
    topic: str, taken: dict[str, Any], test: str, value: str, told: str
) -> None:
    """No figure that stands in no record: what was converted to be compared is told as it was written."""
    body = ask(MAN | {"medications": [taken], "labs": [{test: value, "on": "2 days ago"}]}, "patient-view")
    (card,) = (card for card in body["cards"] if card["source"]["topic"]["code"] == topic)
    assert told in card["summary"]
    assert f"{told} (2026-11-22)" in card["detail"]
