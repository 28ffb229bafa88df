"""Charts from a line: what is written is valid FHIR, dated from the day asked, and never guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cds_service.fhir.synthesis import Mode, NotationFault, chart, drafts, hook_call
from cds_service.protocol.codec import encode
from cds_service.protocol.contexts import HOOKS
from cds_service.protocol.request import parse_request

TODAY = date(2026, 11, 24)
RXNORM, LOINC, SNOMED = (
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://loinc.org",
    "http://snomed.info/sct",
)
TABLE = {
    ("drug", "methotrexate"): (RXNORM, "6851", "methotrexate"),
    ("drug", "steroid"): (RXNORM, "0", "any steroid"),
    ("drug", "prednisone"): (RXNORM, "8640", "prednisone"),
    ("drug", "folic_acid"): (RXNORM, "4511", "folic acid"),
    ("lab", "creatinine"): (LOINC, "2160-0", "Creatinine [Mass/volume] in Serum or Plasma"),
    ("lab", "hbsag"): (LOINC, "5196-1", "Hepatitis B virus surface Ag"),
    ("lab", "body_weight"): (LOINC, "29463-7", "Body weight"),
    ("lab", "body_height"): (LOINC, "8302-2", "Body height"),
    ("lab", "bp"): (LOINC, "85354-9", "Blood pressure panel"),
    ("lab", "bp_systolic"): (LOINC, "8480-6", "Systolic blood pressure"),
    ("lab", "bp_diastolic"): (LOINC, "8462-4", "Diastolic blood pressure"),
    ("condition", "dm"): (SNOMED, "396230008", "Dermatomyositis"),
    ("condition", "ild"): ("http://hl7.org/fhir/sid/icd-10-cm", "J84.9", "Interstitial lung disease"),
    ("order", "dxa"): (LOINC, "38269-7", "DXA scan"),
    ("route", "subcutaneous"): (SNOMED, "34206005", "Subcutaneous route"),
    ("allergy", "sulfonamide"): (SNOMED, "387406002", "Sulfonamide"),
}


class Table:
    """A few code lists, enough to write a chart."""

    def exists(self, kind: str, name: str) -> bool:
        return (kind, name) in TABLE

    def coding(self, name: str, kind: str) -> tuple[str, str, str] | None:
        return TABLE.get((kind, name))

    def display(self, name: str, kind: str | None = None) -> str:
        return f"{name} ({kind})" if kind == "lab" else name.replace("_", " ")

    def members(self, name: str) -> frozenset[str]:
        return frozenset({"prednisone", "prednisolone"}) if name == "steroid" else frozenset({name})


TERMS = Table()
WORKED = {
    "patient": {"age": 58, "sex": "female", "height": "165 cm", "weight": "68 kg", "onset": "5 weeks ago"},
    "problems": ["dermatomyositis", {"is": "ild", "since": "3 months ago"}, {"text": "Knee pain"}],
    "labs": [
        {"creatinine": "0.80 mg/dL", "on": "6 days ago", "range": "0.5-1.1"},
        {"hbsag": "negative"},
        {"bp": "130/80"},
        {"text": "Lab comment", "words": True},
    ],
    "medications": [
        {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "route": "subcutaneous",
         "since": "26 months ago"},
        {"drug": "folic_acid", "dose": "5 mg", "timing": "weekly thu", "statement": True},
        {"drug": "prednisone", "medication": "contained", "reason": "dm",
         "timing": "daily", "steps": [{"dose": "60 mg", "days": 28}, {"dose": "50 mg", "days": 14}]},
    ],
    "allergies": ["none-known", {"to": "sulfonamide", "severe": True, "reaction": "rash"}],
    "services": ["dxa", {"order": "creatinine", "since": "2 days ago"}],
    "orders": [
        {"drug": "methotrexate", "dose": "10-15 mg", "timing": "daily", "medication": "sibling"},
        {"drug": "prednisone", "sig": "as directed", "selected": False},
        {"order": "dxa"},
    ],
}  # fmt: skip
TEMPLATES = {
    "patient": "Patient/{{context.patientId}}",
    "conditions": "Condition?patient={{context.patientId}}",
    "medicationRequests": "MedicationRequest?patient={{context.patientId}}&status=active",
    "kidneyTests": "Observation?patient={{context.patientId}}&code=http://loinc.org|2160-0,98979-8",
}


def by_type(resources: tuple[dict[str, object], ...], kind: str) -> list[Any]:
    return [each for each in resources if each["resourceType"] == kind]


def test_every_resource_is_valid_fhir() -> None:
    """A chart with each kind of item in it is accepted by the FHIR models, and so are the drafts."""
    written = chart(WORKED, TODAY, TERMS) + drafts(WORKED, TODAY, TERMS)
    for resource in written:
        kind = str(resource["resourceType"])
        get_fhir_model_class(kind).model_validate_json(encode(resource))
    assert len({(each["resourceType"], each["id"]) for each in written}) == len(written)


def test_digits_survive() -> None:
    """0.80 mg/dL stays 0.80, with its UCUM code and its range in the same unit."""
    creatinine = by_type(chart(WORKED, TODAY, TERMS), "Observation")[2]
    assert str(creatinine["valueQuantity"]["value"]) == "0.80"
    assert creatinine["valueQuantity"]["code"] == "mg/dL"
    assert creatinine["referenceRange"][0]["low"] == {
        "value": Decimal("0.5"), "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"
    }  # fmt: skip


def test_days_count_back_from_the_day_asked() -> None:
    """ "6 days ago" is six days before the as-of date, and the onset dates the dermatomyositis only."""
    written = chart(WORKED, TODAY, TERMS)
    assert by_type(written, "Observation")[2]["effectiveDateTime"] == "2026-11-18T08:00:00Z"
    onsets = [each.get("onsetDateTime") for each in by_type(written, "Condition")]
    assert onsets == ["2026-10-20", "2026-08-24", None]


def test_on_is_a_word_in_yaml_too() -> None:
    """YAML 1.1 reads the key ``on`` as true; the day is read all the same."""
    lab = {"creatinine": "1 mg/dL", True: "2 days ago"}
    assert chart({"labs": [lab]}, TODAY, TERMS)[1]["effectiveDateTime"] == "2026-11-22T08:00:00Z"


def test_an_age_is_that_age_on_the_day() -> None:
    """A patient of 58 has had the 58th birthday and not the 59th."""
    born = date.fromisoformat(str(chart(WORKED, TODAY, TERMS)[0]["birthDate"]))
    assert date(1967, 11, 24) < born <= date(1968, 11, 24)


def test_a_long_course_is_renewed_every_year() -> None:
    """Methotrexate for 26 months is two completed orders and one running order, as an EHR would hold."""
    orders: list[Any] = [
        each for each in by_type(chart(WORKED, TODAY, TERMS), "MedicationRequest")
        if "methotrexate" in str(each["id"])
    ]  # fmt: skip
    assert [each["status"] for each in orders] == ["completed", "completed", "active"]
    assert orders[0]["authoredOn"] == "2024-09-24T09:00:00Z"
    assert orders[2]["dosageInstruction"][0]["text"] == "15 mg once weekly on Mondays"


def test_a_taper_is_rows_in_sequence() -> None:
    """Steps become rows with a sequence and a bounded length."""
    order = by_type(chart(WORKED, TODAY, TERMS), "MedicationRequest")[-1]
    rows = order["dosageInstruction"]
    assert [row["sequence"] for row in rows] == [1, 2]
    assert [row["timing"]["repeat"]["boundsDuration"]["value"] for row in rows] == [28, 14]


@pytest.mark.parametrize("hook", sorted(HOOKS))
@pytest.mark.parametrize("mode", ["prefetch", "fetch", "partial"])
def test_the_service_accepts_the_call(hook: str, mode: Mode) -> None:
    """For every hook and mode the request is one the service reads without a fault."""
    call = hook_call(WORKED, hook, TODAY, terms=TERMS, templates=TEMPLATES, mode=mode)
    request = parse_request(call.request, hook)
    assert request.patient_id == "patient-1"
    assert (request.fhir is None) == (mode == "prefetch")
    assert (request.prefetch is None) == (mode == "fetch")


def test_the_prefetch_holds_what_the_templates_ask_for() -> None:
    """Each key is answered by its template: one kidney test, one active methotrexate, no completed one."""
    call = hook_call(WORKED, "patient-view", TODAY, terms=TERMS, templates=TEMPLATES)
    prefetch: Any = call.request["prefetch"]
    assert prefetch["patient"]["resourceType"] == "Patient"
    assert prefetch["kidneyTests"]["total"] == 1
    assert {each["resource"]["status"] for each in prefetch["medicationRequests"]["entry"]} == {"active"}


def test_unreadable_and_not_given_are_different() -> None:
    """An unreadable key holds an OperationOutcome; one not given is absent."""
    notation = WORKED | {"unreadable": ["conditions"], "not_given": ["kidneyTests"]}
    call = hook_call(notation, "patient-view", TODAY, terms=TERMS, templates=TEMPLATES)
    prefetch: Any = call.request["prefetch"]
    assert prefetch["conditions"]["resourceType"] == "OperationOutcome"
    assert "kidneyTests" not in prefetch


def test_only_the_selected_orders_are_selected() -> None:
    """On order-select an order with selected: false is background."""
    call = hook_call(WORKED, "order-select", TODAY, terms=TERMS, templates=TEMPLATES)
    context: Any = call.request["context"]
    selections = context["selections"]
    assert selections == [
        "MedicationRequest/medicationrequest-draft-methotrexate",
        "ServiceRequest/servicerequest-draft-dxa",
    ]


@pytest.mark.parametrize(
    ("notation", "words"),
    [
        ({"labs": [{"creatinin": "1 mg/dL"}]}, "creatinin"),
        ({"labs": [{"creatinine": "1 mg/dL", "hbsag": "negative"}]}, "one name"),
        ({"labs": [{"creatinine": "1 mg/dL", "on": "last week"}]}, "last week"),
        ({"medications": [{"drug": "methotrexate", "timing": "now and then"}]}, "now and then"),
        ({"medications": [{"drug": "methotrexate", "does": "15 mg"}]}, "does"),
        ({"medications": [{"drug": "methotrexate", "dose": "some"}]}, "some"),
        ({"medications": ["steroid"]}, "is a class; write one of prednisolone, prednisone"),
        ({"problems": [{"since": "today"}]}, "names nothing"),
        ({"lab": []}, "unknown section"),
        ({"labs": "creatinine"}, "not a list"),
    ],
)
def test_what_cannot_be_read_is_a_fault(notation: dict[str, object], words: str) -> None:
    """A slip in a name, key, day, amount or timing is refused with the words at fault, never guessed."""
    with pytest.raises(NotationFault, match=words):
        chart(notation, TODAY, TERMS)
