"""The calls that are made from discovery: contexts of the library, templates answered as a client answers them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cds_service.conform.calls import call, context_of, library
from cds_service.conform.patient import PATIENT, Patient, encode
from cds_service.conform.reading import NotStrict, read

TODAY = date(2026, 11, 25)
CONTEXT = {"patientId": PATIENT, "userId": "Practitioner/conformance-user"}


@pytest.fixture(scope="module")
def patient() -> Patient:
    """The synthetic patient."""
    return Patient(TODAY)


def ids(patient: Patient, template: str) -> Any:
    """What a template finds, by id; its value where that is no Bundle."""
    value = patient.prefetch({"key": template}, CONTEXT).get("key", "left out")
    if not isinstance(value, dict):
        return value
    return [each["resource"]["id"] for each in value.get("entry", [])] if "type" in value else value["id"]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Patient/{{context.patientId}}", PATIENT),
        ("/Patient/{{context.patientId}}", PATIENT),
        ("{{context.userId}}", "conformance-user"),
        ("Practitioner/{{userPractitionerId}}", "conformance-user"),
        ("PractitionerRole/{{userPractitionerRoleId}}", "left out"),
        ("Encounter/{{context.encounterId}}", "left out"),
        ("Patient/nobody", None),
        ("Condition?patient={{context.patientId}}", ["hypertension"]),
        ("AllergyIntolerance?patient={{context.patientId}}", []),
        ("Observation?patient={{context.patientId}}&code=http://loinc.org|2160-0,1-1", ["creatinine"]),
        ("Observation?patient={{context.patientId}}&code=1-1", []),
        ("Observation?category=laboratory&_count=1&_sort=-date", ["creatinine"]),
        ("Observation?category=vital-signs", []),
        ("Observation?date=ge{{today() - 90 days}}", ["creatinine"]),
        ("Observation?date=ge{{today() - 9 days}}", []),
        ("Observation?date=lt{{today()}}", ["creatinine"]),
        ("MedicationRequest?status=active", ["running-medication"]),
        ("MedicationRequest?status=draft", []),
        ("MedicationRequest?code=29046", ["running-medication"]),
        ("Condition?_id=another", []),
        ("Condition?patient={{context.draftOrders}}", "left out"),
    ],
)
def test_a_template_is_answered_as_a_client_would(template: str, expected: object, patient: Patient) -> None:
    """A read by its resource or null, a search by a Bundle; without a value for a token the key is left out."""
    assert ids(patient, template) == expected


def test_the_resources_are_valid_fhir(patient: Patient) -> None:
    """Each by the model of its type."""
    resources = [patient.resource(name) for name in patient._named]
    for resource in resources:
        get_fhir_model_class(str(resource["resourceType"])).model_validate(resource)
    assert len(resources) == 13


@pytest.mark.parametrize("hook", sorted(library()))
def test_every_hook_of_the_library_has_a_call(hook: str, patient: Patient) -> None:
    """With every member of its context, each a resource or an id, and as JSON."""
    made = call({"hook": hook, "id": "a", "prefetch": {"p": "Patient/{{context.patientId}}"}}, patient, "i")
    assert made["context"] == context_of(hook, patient)
    assert made["context"]["patientId"] == PATIENT
    assert made["prefetch"]["p"]["id"] == PATIENT
    assert read(encode(made))


def test_decimals_are_sent_as_they_are_written(patient: Patient) -> None:
    """Else nobody could tell whether a service rounds them."""
    assert b"0.90" in encode(patient.resource("Observation/creatinine"))
    assert b"200.0" in encode(patient.resource("MedicationRequest/draft-medication"))


@pytest.mark.parametrize(
    "body", [b"{", b'{"a":1,"a":2}', b"[NaN]", b"[-Infinity]", b'"\xff"', b"[1,]", b"[" * 200_000]
)
def test_what_is_not_strict_json_is_not_read(body: bytes) -> None:
    """However an answer breaks the rules, it is a fault of the answer and none of the tester."""
    with pytest.raises(NotStrict):
        read(body)
