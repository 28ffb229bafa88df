"""Where methotrexate is to be held, that is what the first card says, whichever page tells it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask

Json = dict[str, Any]
MTX: Json = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "route": "oral"}
RUNNING: Json = {**MTX, "since": "400 days ago"}
IBUPROFEN: Json = {"drug": "ibuprofen", "dose": "400 mg", "timing": "daily", "since": "10 days ago"}
TACROLIMUS: Json = {"drug": "tacrolimus", "dose": "2 mg", "timing": "twice daily", "since": "90 days ago"}
AZATHIOPRINE: Json = {"drug": "azathioprine", "dose": "100 mg", "timing": "daily", "since": "200 days ago"}
INJURED: Json = {
    "problems": ["dermatomyositis", {"is": "aki", "since": "2 days ago"}],
    "labs": [
        {"creatinine": "0.9 mg/dL", "on": "420 days ago"},
        {"creatinine": "2.0 mg/dL", "on": "5 days ago"},
    ],
}
ILL: Json = {"problems": ["dermatomyositis", {"is": "gastroenteritis", "since": "2 days ago"}]}
BREATHLESS: Json = {"labs": [{"spo2": "88 %", "on": "today"}]}


def answer(notation: Json, hook: str) -> list[Json]:
    """The cards."""
    cards: list[Json] = ask({**MAN, "orders": [], **notation}, hook)["cards"]
    return cards


@pytest.mark.parametrize("hook", ["patient-view", "encounter-start"])
def test_a_lung_alarm_holds_methotrexate_that_is_taken(hook: str) -> None:
    """The alarm of the lungs speaks for methotrexate's own page, so it says its act."""
    first = answer({**BREATHLESS, "medications": [RUNNING]}, hook)[0]
    assert first["summary"].startswith("Hold methotrexate; same-day review")
    assert "88 %" in first["summary"]
    assert "Hold methotrexate now" in first["detail"]


def test_a_lung_alarm_does_not_name_a_drug_that_is_not_taken() -> None:
    """No methotrexate, no word of it."""
    first = answer(BREATHLESS, "patient-view")[0]
    assert first["summary"].startswith("Same-day review")
    assert "methotrexate" not in first["detail"]


def test_low_oxygen_at_a_first_order() -> None:
    """What was never taken is not held but not begun."""
    first = answer({**BREATHLESS, "orders": [MTX]}, "order-sign")[0]
    assert first["summary"] == "Do not start methotrexate, image the chest today: SpO₂ 88 %, 2026-11-24"


def test_low_oxygen_at_a_renewal() -> None:
    """What is taken is held."""
    first = answer({**BREATHLESS, "orders": [MTX], "medications": [RUNNING]}, "order-sign")[0]
    assert first["summary"].startswith("Hold methotrexate now")


def test_an_injured_kidney_at_a_refill() -> None:
    """Hold leads, names both drugs and the numbers, and removes the refill; nobody halves or watches beside it."""
    cards = answer({**INJURED, "orders": [MTX], "medications": [RUNNING, IBUPROFEN]}, "medication-refill")
    first = cards[0]
    assert first["summary"].startswith("Hold methotrexate, ibuprofen until recovered: acute kidney injury")
    assert "2 mg/dL" in first["detail"]
    assert "Remove this order: methotrexate" in {each["label"] for each in first["suggestions"]}
    told = " ".join(card["summary"] + card["detail"] for card in cards)
    assert "half the" not in told
    assert "calcineurin" not in told


def test_kidneys_too_weak_are_told_beside_it() -> None:
    """A critical finding is not silenced by a warning."""
    labs = [{"creatinine": "0.9 mg/dL", "on": "420 days ago"}, {"creatinine": "3.9 mg/dL", "on": "today"}]
    found = {**INJURED, "labs": labs, "orders": [MTX], "medications": [RUNNING]}
    first = answer(found, "medication-refill")[0]
    assert (first["indicator"], first["source"]["topic"]["code"]) == ("critical", "SAFMTX04")
    assert "Hold methotrexate until recovered" in first["detail"]


def test_a_sick_day_names_what_is_taken() -> None:
    """Each drug that is held, and no other."""
    found = {**ILL, "medications": [RUNNING, TACROLIMUS, IBUPROFEN]}
    told = [
        c["summary"] for c in answer(found, "patient-view") if c["source"]["topic"]["code"] == "SAFSTOP01"
    ]
    assert told == ["Hold methotrexate, ibuprofen, tacrolimus until recovered: gastroenteritis (2026-11-22)"]


def test_a_sick_day_on_azathioprine_holds_nothing() -> None:
    """Creatinine and blood count are asked for; methotrexate is not mentioned."""
    found = {**ILL, "medications": [AZATHIOPRINE]}
    told = [c for c in answer(found, "patient-view") if c["source"]["topic"]["code"] == "SAFSTOP01"]
    assert told[0]["summary"].startswith(
        "Check creatinine and blood count today: gastroenteritis (2026-11-22)"
    )
    assert "methotrexate" not in told[0]["detail"]


LOW: list[Json] = [
    {"wbc": "2.6 10*9/L", "on": "1 days ago"},
    {"neutrophils": "1.3 10*9/L", "on": "1 days ago"},
    {"platelets": "121 10*9/L", "on": "1 days ago"},
]
CO_TRIMOXAZOLE: Json = {"drug": "tmp_smx", "dose": "960 mg", "timing": "twice daily"}


@pytest.mark.parametrize(
    ("notation", "hook", "summary"),
    [
        ({"medications": [RUNNING]}, "encounter-start", "Hold methotrexate now, repeat the count today: "),
        (
            {"orders": [MTX], "medications": [RUNNING]},
            "medication-refill",
            "Hold methotrexate, repeat the count today: ",
        ),
        ({"orders": [MTX]}, "order-sign", "Do not start methotrexate, repeat the count today: "),
        (
            {"orders": [AZATHIOPRINE], "medications": [AZATHIOPRINE]},
            "medication-refill",
            "Hold azathioprine, repeat the count today: ",
        ),
    ],
)
def test_a_low_count_names_drug_value_and_day(notation: Json, hook: str, summary: str) -> None:
    """One interval at every hook, and the drug that is held."""
    first = answer({**notation, "labs": LOW}, hook)[0]
    assert first["summary"].startswith(f"{summary}white cells 2.6 × 10⁹/L (2026-11-23)")
    assert "Repeat the count today and again in 24 to 72 hours" in first["detail"]


def test_an_antibiotic_that_is_taken_with_methotrexate_is_stopped() -> None:
    """Both are taken: stop the one, hold the other."""
    cards = answer(
        {"medications": [RUNNING, {**CO_TRIMOXAZOLE, "since": "6 days ago"}], "labs": LOW}, "encounter-start"
    )
    (card,) = (each for each in cards if each["source"]["topic"]["code"] == "SAFMTX02")
    assert card["summary"].startswith(
        "Stop trimethoprim–sulfamethoxazole (co-trimoxazole), hold methotrexate now"
    )
    assert "2.6 × 10⁹/L (2026-11-23)" in card["summary"]
    assert "Choose another antibiotic" in card["detail"]


def test_an_antibiotic_that_is_ordered_is_not_given() -> None:
    """Nothing to stop yet."""
    first = answer({"orders": [CO_TRIMOXAZOLE], "medications": [RUNNING]}, "order-sign")[0]
    assert first["summary"].startswith("Do not give methotrexate with trimethoprim–sulfamethoxazole")
