"""A renewal is no news: what was decided long ago is not remarked upon at every refill."""

from __future__ import annotations

from typing import Any

from tests.decide.service import MAN, ask

LABS = [
    {name: value, "on": "20 days ago"}
    for name, value in (
        ("wbc", "6.1 10*9/L"), ("neutrophils", "4.0 10*9/L"), ("platelets", "240 10*9/L"), ("hemoglobin", "14.1 g/dL"),
        ("alt", "22 U/L"), ("ast", "20 U/L"), ("creatinine", "0.9 mg/dL"), ("hbsag", "negative"),
        ("anti_hbc", "negative"),
        ("anti_hcv", "negative"), ("tpmt_phenotype", "normal metabolizer"),
    )
]  # fmt: skip
UPPER: dict[str, Any] = {
    "drug": "azathioprine",
    "dose": "175 mg",
    "timing": "daily",
    "route": "oral",
    "reason": "dm",
}
LONG_ILL: dict[str, Any] = {
    **MAN, "patient": {**MAN["patient"], "onset": "4 years ago"}, "labs": LABS, "allergies": ["none-known"],
}  # fmt: skip


def remarked(notation: dict[str, Any], hook: str = "order-sign") -> set[str]:
    """The rules of all cards."""
    cards = ask(notation, hook)["cards"]
    return {each["rule"] for card in cards for each in card["extension"]["org.dermatomyositis-cds"]["rules"]}


def test_the_upper_range_is_remarked_upon_when_the_drug_is_begun() -> None:
    """2.19 mg/kg: intended?"""
    assert "SAF-DOSE-AZA" in remarked(LONG_ILL | {"orders": [UPPER]})


def test_the_same_order_again_is_not() -> None:
    """Neither at signing nor at a refill."""
    running = LONG_ILL | {"medications": [{**UPPER, "since": "2 years ago"}], "orders": [UPPER]}
    assert ask(running)["cards"] == []
    assert ask(running, "medication-refill")["cards"] == []


def test_a_raised_dose_is() -> None:
    """Raising it to the upper range is a decision of today."""
    before = {**UPPER, "dose": "100 mg", "since": "2 years ago"}
    assert "SAF-DOSE-AZA" in remarked(LONG_ILL | {"medications": [before], "orders": [UPPER]})


def test_what_is_dangerous_is_told_at_every_renewal() -> None:
    """Three and a half mg/kg stays critical however long it has run."""
    high = {**UPPER, "dose": "280 mg"}
    running = LONG_ILL | {"medications": [{**high, "since": "2 years ago"}], "orders": [high]}
    assert "SAF-DOSE-AZA" in remarked(running, "medication-refill")
