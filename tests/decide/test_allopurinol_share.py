"""The share of azathioprine that allopurinol leaves room for is told of a dose that is right in itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask

ALLOPURINOL = {
    "drug": "allopurinol",
    "dose": "300 mg",
    "timing": "daily",
    "statement": True,
    "since": "200 days ago",
}
NO_WEIGHT = {"patient": {"age": 52, "sex": "male", "onset": "5 weeks ago"}}


@pytest.mark.parametrize(
    ("drug", "dose", "more", "told"),
    [
        pytest.param("azathioprine", "150 mg", {}, "50 mg a day", id="of the dose ordered"),
        pytest.param(
            "azathioprine", "125 mg", {}, "25 mg a day", id="the lower tablet where none lies between"
        ),
        pytest.param(
            "azathioprine", "50 mg", {}, "12.5–16.67 mg a day", id="as it is where no tablet is so small"
        ),
        pytest.param("azathioprine", "300 mg", {}, "50 mg a day", id="of 2 mg/kg where that is less"),
        pytest.param("azathioprine", "300 mg", NO_WEIGHT, "", id="no number without a weight"),
        pytest.param("mercaptopurine", "300 mg", {}, "", id="none of too much mercaptopurine"),
    ],
)
def test_the_share_is_of_a_safe_dose(drug: str, dose: str, more: dict[str, Any], told: str) -> None:
    """300 mg for 80 kg is dangerous; a third of it would be a full dose beside allopurinol."""
    order = {"drug": drug, "dose": dose, "timing": "daily", "route": "oral"}
    cards = ask({**MAN, **more, "orders": [order], "medications": [ALLOPURINOL]})["cards"]
    (detail,) = (each["detail"] for each in cards if each["source"]["topic"]["code"] == "SAFAZA01")
    assert f"25–33 % of the\n{drug} dose" in detail
    assert (f"here {told}," in detail) if told else "here" not in detail
