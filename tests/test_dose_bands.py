"""The dose bands of the worked cases, each dose ordered for a patient and judged by the service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cds_service.clinical.facts import Scope
from cds_service.fhir.synthesis.worked import notation
from tests.clinical.oracle import case, cases, numbers
from tests.test_cards import findings, outcome

TODAY = date(2026, 11, 24)
LABS = [
    {name: value, "on": "6 days ago"}
    for name, value in (("creatinine", "0.9 mg/dL"), ("wbc", "6 10*9/L"), ("neutrophils", "4 10*9/L"))
]
# Rule, name in the notation, rhythm and unit of each drug of the vectors.
DRUGS = {
    "prednisone": ("SAF-DOSE-GC", "prednisone", "daily", "mg"),
    "methotrexate": ("SAF-DOSE-MTX", "methotrexate", "weekly mon", "mg"),
    "azathioprine": ("SAF-DOSE-AZA", "azathioprine", "daily", "mg"),
    "mycophenolate mofetil": ("SAF-DOSE-MMF", "mycophenolate", "daily", "mg"),
    "IVIG g per 28 d": ("SAF-IVIG-03", "ivig", "every 4 weeks", "g"),
    "hydroxychloroquine mg/day": ("SAF-HCQ-01", "hydroxychloroquine", "daily", "mg"),
}


# Up to 5.5 mg/kg of hydroxychloroquine is only remarked upon: whole tablets of 200 mg leave many people there.
JUST_ABOVE = {("hydroxychloroquine mg/day", "351")}


def says(band: str) -> set[str]:
    """What the rule may say of a dose in the band. Below the range is for the plan to tell, never for an alarm."""
    if band.startswith("dangerous"):
        return {"critical"}
    if band == "above":
        return {"warning"}
    if band.startswith(("above_usual_cap", "within_upper")):
        return {"info"}
    return {"silent", "info"} if band.startswith("below") else {"silent"}


def bands() -> Iterator[Any]:
    """(drug, patient, dose, band) of every vector."""
    for vector in case("G52")["expected"]["numbers"]["vectors"]:
        child = "JDM" in vector.get("context", "")
        patient = (
            {"age": 8, "sex": "female", "height": "128 cm", "weight": "26 kg", "onset": "5 weeks ago"}
            if child
            else {"age": 52, "sex": "male", "height": "175 cm", "weight": f"{vector.get('weight_kg', 75)} kg"}
        )
        for dose, band in vector["cases"].items():
            named = f"{vector['drug']}-{vector.get('weight_kg', 'child' if child else '')}-{dose}"
            yield pytest.param(vector["drug"], patient, dose, band, id=named.replace(" ", "-"))


@pytest.mark.parametrize(("drug", "patient", "dose", "band"), list(bands()))
def test_a_dose_is_judged_by_its_band(drug: str, patient: dict[str, Any], dose: str, band: str) -> None:
    """Below, within, above the usual ceiling, above, dangerous: to the milligram."""
    rule, name, timing, unit = DRUGS[drug]
    order: dict[str, Any] = {"drug": name, "dose": f"{dose} {unit}", "timing": timing, "route": "oral"}
    if name == "ivig":
        # A course is given on two days.
        order |= {"dose": f"{Decimal(dose) / 2} g", "timing": "daily", "days": 2, "route": "intravenous"}
    # What is usual for someone who takes the drug is much for a first dose.
    running = (
        [{**order, "dose": "20 mg", "since": "200 days ago"}]
        if name == "methotrexate" and Decimal(dose) > 15
        else []
    )
    chart = {
        "medications": running,
        "patient": {"onset": "5 weeks ago", **patient},
        "problems": ["jdm" if patient["age"] == 8 else "dermatomyositis"],
        "labs": LABS,
        "orders": [order],
    }
    expected = {"info"} if (drug, dose) in JUST_ABOVE else says(band)
    assert outcome(findings(chart, "order-sign", TODAY), rule) in expected


def test_daily_methotrexate_amounts_to_seven_doses_a_week() -> None:
    """15 mg a day is 105 mg a week, 4.2 times the most an adult takes."""
    expected = numbers("G02")
    chart = {
        "patient": {
            "age": 62,
            "sex": "female",
            "height": "160 cm",
            "weight": "60 kg",
            "onset": "5 weeks ago",
        },
        "problems": ["dermatomyositis"],
        "orders": [{"drug": "methotrexate", "dose": "15 mg", "timing": "daily", "route": "oral"}],
    }
    (found,) = {f.scope for f in findings(chart, "order-sign", TODAY) if f.rule == "SAF-MTX-01" and f.order}
    weekly = found.get("mg_per_week").value
    assert weekly == expected["implied_weekly_mg"]
    assert weekly / found.limit("methotrexate.adult_target_high") == expected["ratio_to_adult_cap_25"]


def test_no_card_comes_that_a_case_excludes() -> None:
    """Cancer screening by IMACS is for adult onset."""
    excluding = [each for each in cases() if each["expected"].get("absent")]
    assert excluding
    for each in excluding:
        found = findings(notation(each), "patient-view", TODAY)
        assert not {rule for rule in each["expected"]["absent"] if outcome(found, rule) != "silent"}


@pytest.mark.parametrize(
    ("sodium", "mofetil"), list(zip(numbers("G55")["ec_mps_mg"], numbers("G55")["mmf_eq_mg"], strict=True))
)
def test_mycophenolate_sodium_as_mofetil(sodium: Any, mofetil: Any) -> None:
    """720 mg of the sodium salt is 1,000 mg of mofetil."""
    chart = {
        "patient": {"age": 52, "sex": "male", "height": "175 cm", "weight": "75 kg", "onset": "5 weeks ago"},
        "problems": ["dermatomyositis"],
        "orders": [{"drug": "mycophenolic_acid", "dose": f"{sodium} mg", "timing": "daily", "route": "oral"}],
    }
    here: Scope = next(f.scope for f in findings(chart, "order-sign", TODAY) if f.rule == "SAF-DOSE-MMF")
    assert here.get("mycophenolate_equivalent_mg_per_day").value == mofetil


def test_allopurinol_leaves_room_for_a_quarter_to_a_third_of_azathioprine() -> None:
    """150 mg becomes 37.5 to 50 mg."""
    (here,) = {
        f.scope for f in findings(notation(plain("G15")), "order-sign", TODAY) if f.rule == "SAF-AZA-01"
    }
    found = here.get("thiopurine_range_with_allopurinol").value
    assert [found.low, found.high] == numbers("G15")["reduced_25_33pct"]


def plain(name: str) -> dict[str, Any]:
    """A case as the file tells it."""
    return next(each for each in cases() if each["id"] == name)
