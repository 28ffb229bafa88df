"""Worked cases of the vector file become charts with the same numbers in them."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir.synthesis.words import NotationFault
from cds_service.fhir.synthesis.worked import notation

CASE: dict[str, Any] = {
    "patient": {"age_years": 70, "sex": "male", "height_cm": 172, "weight_kg": 80, "age_at_onset": 68},
    "labs": [
        {"name": "Creatinine", "value": 1.3, "unit": "mg/dL"},
        {"name": "CK", "value": 9, "unit": "U/L", "uln": 8},
    ],
    "current_meds": [
        {"drug": "methotrexate", "dose": 20, "unit": "mg", "frequency": "once weekly", "route": "SC"}
    ],
    "conditions": ["history of DVT"],
    "order": {
        "drug": "sulfamethoxazole-trimethoprim", "dose": "800/160", "unit": "mg", "frequency": "twice daily",
    },
}  # fmt: skip


def test_a_case_becomes_a_chart() -> None:
    """Every part of a case is in the chart, under the names of the code lists."""
    assert notation(CASE) == {
        "patient": {"age": 70, "sex": "male", "height": "172 cm", "weight": "80 kg"},
        "problems": [{"is": "dm", "since": "2 years ago"}, "thrombosis_history"],
        "labs": [{"creatinine": "1.3 mg/dL"}, {"ck": "9 U/L", "range": "<8"}],
        "medications": [
            {"drug": "methotrexate", "route": "subcutaneous", "dose": "20 mg", "timing": "weekly"}
        ],
        "orders": [
            {"drug": "tmp_smx", "dose": "1 tablet", "timing": "twice daily",
             "text": "sulfamethoxazole-trimethoprim 800/160 mg"}
        ],
    }  # fmt: skip


def test_a_child_has_the_juvenile_disease() -> None:
    """An onset below 18 is juvenile dermatomyositis."""
    child = {"patient": {"age_years": 20, "sex": "female", "age_at_onset": 12}}
    assert notation(child)["problems"] == [{"is": "jdm", "since": "8 years ago"}]


def test_a_course_of_days_has_that_length() -> None:
    """Daily x3 is daily for three days."""
    course = {
        "drug": "methylprednisolone",
        "dose": 1000,
        "unit": "mg",
        "frequency": "daily x3",
        "route": "IV",
    }
    written = notation({"patient": CASE["patient"], "courses": [course]})["medications"]
    assert written == [
        {
            "drug": "methylprednisolone",
            "route": "intravenous",
            "dose": "1000 mg",
            "timing": "daily",
            "days": 3,
        }
    ]


def test_a_frequency_nobody_taught_it_is_refused() -> None:
    """A new way of saying how often is a fault, not a guess."""
    with pytest.raises(NotationFault, match="now and then"):
        notation({"patient": CASE["patient"], "order": CASE["order"] | {"frequency": "now and then"}})
