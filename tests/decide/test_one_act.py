"""Cards say one act with the drug, the value and its day, and no catalogue of causes the patient does not have."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask

Json = dict[str, Any]
MTX: Json = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "route": "oral"}
TACROLIMUS: Json = {"drug": "tacrolimus", "dose": "2 mg", "timing": "twice daily", "since": "90 days ago"}
PREDNISONE: Json = {"drug": "prednisone", "dose": "20 mg", "timing": "daily", "since": "200 days ago"}
KIDNEY: Json = {"creatinine": "0.9 mg/dL", "on": "5 days ago"}


def cards(notation: Json, hook: str = "order-sign") -> dict[str, Json]:
    """The cards by topic."""
    found = ask({**MAN, "orders": [], **notation}, hook)["cards"]
    return {card["source"]["topic"]["code"]: card for card in found}


def test_level_potassium_and_pressure_of_tacrolimus_agree() -> None:
    """Hold is what each says; none says to leave the dose alone first."""
    labs = [
        {"tacrolimus_level": "18 ng/mL", "on": "1 days ago"},
        {"potassium": "6.1 mmol/L", "on": "1 days ago"},
        {"bp": "185/112", "on": "1 days ago"},
    ]
    told = cards({"medications": [TACROLIMUS], "labs": labs}, "patient-view")
    assert told["MONTAC01"]["summary"].startswith("Hold tacrolimus")
    assert "before changing the dose" not in told["MONTAC01"]["detail"]
    assert told["MONTAC02"]["summary"].startswith("Hold tacrolimus now, treat")
    assert "hold tacrolimus" in told["MONBP01"]["summary"]


@pytest.mark.parametrize(
    ("notation", "topic", "summary", "not_told"),
    [
        pytest.param(
            {"orders": [MTX], "problems": ["dermatomyositis", {"is": "cirrhosis", "since": "30 days ago"}]},
            "SAFMTX08",
            "Do not give methotrexate: cirrhosis",
            ("hepatitis", "alcohol"),
            id="cirrhosis",
        ),
        pytest.param(
            {"orders": [{"drug": "naproxen", "dose": "500 mg", "timing": "twice daily"}],
             "medications": [{**MTX, "since": "400 days ago"}],
             "labs": [{"creatinine": "1.6 mg/dL", "on": "5 days ago"}]},
            "SAFMTX09",
            "Methotrexate with naproxen (this order); eGFR",
            ("robenecid", "ascites"),
            id="a pain killer",
        ),
        pytest.param(
            {"orders": [MTX], "labs": [{"creatinine": "1.7 mg/dL", "on": "5 days ago"}]},
            "SAFMTX04",
            "Methotrexate 15 mg a week: halve the dose, eGFR 47.9",
            (),
            id="a full dose for weak kidneys",
        ),
        pytest.param(
            {"orders": [MTX], "labs": [KIDNEY],
             "medications": [{"drug": "leflunomide", "dose": "20 mg", "timing": "daily", "since": "90 days ago"}]},
            "SAFMTX06",
            "Stop one: methotrexate with leflunomide (active)",
            (),
            id="leflunomide",
        ),
    ],
)  # fmt: skip
def test_the_cause_of_this_patient_and_no_other(
    notation: Json, topic: str, summary: str, not_told: tuple[str, ...]
) -> None:
    """What is on record is told; what is not is not."""
    card = cards(notation)[topic]
    assert card["summary"].startswith(summary)
    text = card["detail"].partition("Checked:")[0]
    assert not [word for word in not_told if word in text]


def test_leflunomide_stays_for_months() -> None:
    """Stopping it today is not enough."""
    running = {"drug": "leflunomide", "dose": "20 mg", "timing": "daily", "since": "90 days ago"}
    card = cards({"orders": [MTX], "medications": [running], "labs": [KIDNEY]})["SAFMTX06"]
    assert "stay for months" in card["detail"]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ([], "no steroid-sparing drug on record"),
        ([{**MTX, "since": "400 days ago"}], "review methotrexate"),
    ],
)
def test_a_long_steroid_names_the_sparing_drug(more: list[Json], told: str) -> None:
    """Or says that none is on record."""
    notation = {"orders": [PREDNISONE], "medications": [PREDNISONE, *more]}
    assert told in cards(notation, "medication-refill")["MONGC01"]["summary"]
