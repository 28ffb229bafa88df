"""A product's name with milligrams and no form: what its tablets hold, as far as that is certain."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.clinical.known import Known
from cds_service.fhir.chart import read_order
from cds_service.replay.knowledge import terminology

TODAY = date(2026, 11, 24)


def taken(name: str, sig: str, dose: dict[str, Any] | None = None) -> Any:
    """The order as the service reads it."""
    row: dict[str, Any] = {"text": sig, **({"doseAndRate": [{"doseQuantity": dose}]} if dose else {})}
    order: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "id": "a",
        "status": "draft",
        "intent": "order",
    }
    order |= {"medicationCodeableConcept": {"text": name}, "dosageInstruction": [row]}
    return read_order(order, terminology(), TODAY)


@pytest.mark.parametrize(
    ("name", "sig", "mg_a_day"),
    [
        ("prednisone 50 mg", "1 tablet TID", "150"),
        ("CellCept 500 mg", "5 tablets BID", "5000"),
        ("Prograf 5 mg", "2 caps BID", "20"),
        ("Medrol 32 mg", "3 tablets daily", "96"),
        ("hydroxychloroquine 200 mg", "5 tablets daily", "1000"),
        ("cyclophosphamide 50 mg", "6 tablets daily", "300"),
        ("Imuran 50 mg", "TWO to be taken each day", "100"),
        ("methotrexate 2,5 mg Tabletten", "1-0-1", "5"),
        ("prednisone 60 mg", "1 tablet daily", "60"),
        ("methotrexate 15 mg", "6 tablets of 2.5 mg daily", "15"),
        ("methotrexate 10 mg", "10 mg daily", "10"),
        ("Octagam 10 %", "1600 mL daily for 2 days", "160000"),
        ("Octagam 5%", "400 mL daily", "20000"),
    ],
)
def test_tablets_of_a_strength_that_is_sold(name: str, sig: str, mg_a_day: str) -> None:
    """Tablets times the strength; a single tablet of any; what the dosage says of milligrams is surer."""
    found = taken(name, sig).exposure.mg_per_day
    assert isinstance(found, Known)
    assert f"{found.value.normalize():f}" == mg_a_day
    assert not found.doubt


@pytest.mark.parametrize(
    ("name", "sig"),
    [
        ("prednisone 60 mg", "3 tablets daily"),
        ("methotrexate 20 mg", "8 tablets daily"),
        ("methotrexate 15 mg weekly", "6 tablets daily"),
        ("azathioprine 100 mg vial", "1 tablet daily"),
        ("methotrexate 25 mg injection", "2 tablets daily"),
        ("prednisone 5 mg, 20 mg", "2 tablets daily"),
        ("Octagam 12 %", "400 mL daily"),
        ("Octagam 10 %", "2 tablets daily"),
    ],
)
def test_what_may_be_another_amount_stays_unknown(name: str, sig: str) -> None:
    """An amount that no tablet of the drug holds may be that of all of them."""
    assert not isinstance(taken(name, sig).exposure.mg_per_day, Known)


def test_a_dose_in_milligrams_is_not_multiplied() -> None:
    """A name that repeats the dose is no strength: 15 mg, beside which six tablets are counted."""
    dose = {"value": 15, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
    assert taken("methotrexate 15 mg", "6 tablets once a week", dose).exposure.mg_per_dose == Known(15)
    unsure = taken("methotrexate 15 mg", "15 mg (6 tablets) once a week").exposure.mg_per_dose
    assert isinstance(unsure, Known)
    assert (unsure.value, bool(unsure.doubt)) == (15, True)


def test_a_name_without_a_form_does_not_say_which_tablets_are_supplied() -> None:
    """ "Methotrexate 10 mg" may be the dose, so that nobody is told of 10 mg tablets."""
    assert taken("methotrexate 10 mg", "10 mg once a week").product_strengths == ()
