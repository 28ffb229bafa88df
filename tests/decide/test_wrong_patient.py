"""One call, one patient: an order or a result that is not plainly this patient's makes the call wrong."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, request_of, send

WEEKLY = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "route": "oral"}
SERVER = "https://ehr.example.org/fhir"
_MRN = {"system": "https://ehr.example.org/mrn", "value": "1"}


def _call(subject: dict[str, Any], where: str, **more: Any) -> dict[str, Any]:
    """A call in which the first draft, or the first problem, is about ``subject``."""
    request = request_of(MAN | {"orders": [WEEKLY]}, "order-sign")
    bundle = request["context"]["draftOrders"] if where == "draft" else request["prefetch"]["conditions"]
    bundle["entry"][0]["resource"] |= {"subject": subject, **more}
    request["prefetch"]["patient"]["identifier"] = [_MRN]
    request["fhirServer"] = SERVER
    return request


def _subject(reference: str) -> dict[str, Any]:
    request = request_of(MAN | {"orders": [WEEKLY]}, "order-sign")
    return {"reference": reference.format(id=request["context"]["patientId"])}


_OTHERS = {
    "another id": _subject("Patient/somebody-else"),
    "another server": _subject("https://elsewhere.example.org/fhir/Patient/{id}"),
    "a server that begins alike": _subject("https://ehr.example.org.elsewhere.example/fhir/Patient/{id}"),
    "a group": _subject("Group/{id}"),
    "a bare id": _subject("somebody-else"),
    "a contained patient": {"reference": "#other"},
    "a contained patient that is not there": {"reference": "#nobody"},
    "a name nobody bears": {"reference": "urn:uuid:7c9e6679-7425-40de-944b-e07fc1f90ae7"},
    "another number of the same register": {"identifier": _MRN | {"value": "2"}},
}


@pytest.mark.parametrize("where", ["draft", "prefetch"])
@pytest.mark.parametrize("subject", _OTHERS.values(), ids=_OTHERS)
def test_another_patients_data_are_refused(subject: dict[str, Any], where: str) -> None:
    """400 that says where the resource stands, and repeats nothing of what was sent."""
    inner = {"contained": [{"resourceType": "Patient", "id": "other"}]}
    answer = send("order-sign", _call(subject, where, **inner))
    assert answer.status_code == 400
    (issue,) = answer.get_json()["issue"]
    expected = {"draft": "context.draftOrders.entry[0].resource", "prefetch": "prefetch.conditions"}
    assert issue["expression"] == [expected[where]]
    assert "another patient" in issue["diagnostics"]
    assert not any(each in answer.text for each in ("somebody-else", "elsewhere", "7c9e6679"))


@pytest.mark.parametrize(
    "subject",
    [
        _subject("Patient/{id}"), _subject("{id}"), _subject("Patient/{id}/_history/3"),
        _subject(SERVER + "/Patient/{id}"), _subject(SERVER + "/Patient/{id}/_history/3"),
        {"identifier": _MRN}, {"identifier": {"system": "https://other.example.org", "value": "9"}},
        {"display": "the patient"}, {},
    ],
)  # fmt: skip
def test_the_patient_is_known_under_every_form_of_the_same_name(subject: dict[str, Any]) -> None:
    """Relative, absolute on the client's server, versioned, by number, or not named at all: this patient."""
    assert send("order-sign", _call(subject, "draft")).status_code == 200


def test_an_appointment_for_somebody_else_is_refused() -> None:
    """The patient of an appointment is among its participants."""
    request = request_of(MAN, "appointment-book")
    booked = request["context"]["appointments"]["entry"][0]["resource"]
    booked["participant"] = [
        {"actor": {"reference": "Practitioner/a"}},
        {"actor": {"reference": "Patient/b"}},
    ]
    answer = send("appointment-book", request)
    assert answer.status_code == 400
    assert answer.get_json()["issue"][0]["expression"] == ["context.appointments.entry[0].resource"]
