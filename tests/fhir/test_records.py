"""The patient, problems, allergies and ordered tests, from what records hold."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical.chart import Allergy, Problem
from cds_service.fhir.allergies import read_allergy
from cds_service.fhir.conditions import read_condition
from cds_service.fhir.notes import Notes
from cds_service.fhir.patient import read_patient
from cds_service.fhir.services import read_service
from cds_service.replay.knowledge import terminology
from tests.fhir.codes import ICD, LOINC, RXNORM, SNOMED, TERMS, concept

Json = dict[str, object]
TODAY = date(2026, 3, 10)
SHIPPED = terminology()


def problem(code: object, **members: object) -> Problem | None:
    """A Condition, read."""
    resource = {"resourceType": "Condition", "id": "c", "code": code, **members}
    return read_condition(resource, TERMS, TODAY, Notes())


def allergy(code: object, **members: object) -> Allergy | None:
    """An AllergyIntolerance, read."""
    return read_allergy(
        {"resourceType": "AllergyIntolerance", "id": "a", "code": code, **members}, TERMS, Notes()
    )


def status(code: str) -> Json:
    """A status CodeableConcept."""
    return concept("http://terminology.hl7.org/CodeSystem/x", code)


def test_a_patient_is_read_without_a_name() -> None:
    """Id, day of birth and sex; nothing else leaves the resource."""
    sent: Json = {"id": "p", "birthDate": "1968-02-29", "gender": "female", "name": [{"family": "X"}]}
    found = read_patient(sent, TODAY, Notes())
    assert (found.id, found.born, found.sex, found.died) == ("p", date(1968, 2, 29), "female", False)


def test_a_year_of_birth_counts_as_its_middle_and_is_noted() -> None:
    """The age is then wrong by half a year at most, and nobody is misled."""
    notes = Notes()
    assert read_patient({"birthDate": "1968"}, TODAY, notes).born == date(1968, 7, 1)
    assert notes.all()[0].path == "birthDate"
    assert read_patient({"birthDate": "long ago"}, TODAY, notes).born is None
    assert read_patient({"gender": "F"}, TODAY, Notes()).sex == "unknown"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Exposure to tuberculosis", {"tb_exposure"}),
        ("history of DVT", {"thrombosis_history"}),
        ("History of fragility fracture (2019)", {"osteoporotic_fracture"}),
        ("No exposure to tuberculosis", set()),
        ("Exposure to tuberculosis, ruled out: not exposed", set()),
        ("Exposure to dermatomyositis", set()),
    ],
)
def test_a_problem_may_be_called_a_history_or_an_exposure(said: str, found: set[str]) -> None:
    """Words that take a diagnosis back elsewhere are part of some names; there they take nothing back."""
    read = read_condition(
        {"resourceType": "Condition", "id": "c", "code": {"text": said}}, SHIPPED, TODAY, Notes()
    )
    assert read is not None
    assert {each for each in read.concepts if read.active} == found


@pytest.mark.parametrize("members", [{"deceasedBoolean": True}, {"deceasedDateTime": "2026-03-10T10:00:00Z"}])
def test_death_is_read_in_both_forms(members: Json) -> None:
    """A date of death up to today, or a plain yes."""
    assert read_patient(members, TODAY, Notes()).died
    assert not read_patient({"deceasedDateTime": "2027-01-01"}, TODAY, Notes()).died


@pytest.mark.parametrize(
    "code",
    [
        concept(SNOMED, "396230008"),
        concept(ICD, "M33.13"),
        concept("urn:oid:2.16.840.1.113883.6.90", "M3390"),
        {"text": "Dermatomyositis"},
        {"coding": [{"system": "urn:local", "code": "9", "display": "Dermatomyositis, NOS"}]},
    ],
)
def test_a_problem_is_known_by_code_by_prefix_or_by_name(code: Json) -> None:
    """SNOMED, ICD with and without its dot, a local code with words, words alone."""
    found = problem(code, clinicalStatus=status("active"))
    assert found is not None
    assert found.concepts == {"dm"}
    assert (found.active, found.certain) == (True, True)


@pytest.mark.parametrize(
    "said", ["Family history of dermatomyositis", "No dermatomyositis", "Screening: pregnancy"]
)
def test_a_text_about_something_else_is_no_problem(said: str) -> None:
    """The mother's disease, and the disease looked for, are not the patient's."""
    found = problem({"text": said})
    assert found is not None
    assert found.concepts == frozenset()


def test_a_text_in_doubt_is_uncertain_and_a_text_of_the_past_is_over() -> None:
    """ "Possible" and "history of" say so in words where there is no status."""
    maybe = problem({"text": "Possible dermatomyositis"})
    past = problem({"text": "History of dermatomyositis"})
    without = problem({"text": "Dermatomyositis without weakness"})
    assert maybe is not None
    assert past is not None
    assert without is not None
    assert (maybe.certain, past.active, without.concepts) == (False, False, frozenset({"dm"}))


@pytest.mark.parametrize("verification", ["refuted", "entered-in-error"])
def test_a_problem_that_is_none_is_dropped(verification: str) -> None:
    """What the record takes back is not there."""
    assert problem(concept(ICD, "M33.1"), verificationStatus=status(verification)) is None


@pytest.mark.parametrize(
    ("verification", "certain"),
    [
        ("confirmed", True),
        ("provisional", False),
        ("differential", False),
        ("unconfirmed", False),
    ],
)
def test_certainty_is_as_recorded(verification: str, certain: bool) -> None:
    """Provisional and differential diagnoses are not certain."""
    found = problem(concept(ICD, "M33.1"), verificationStatus=status(verification))
    assert found is not None
    assert found.certain is certain


@pytest.mark.parametrize(
    ("members", "active"),
    [
        ({"clinicalStatus": status("recurrence")}, True),
        ({"clinicalStatus": status("remission")}, False),
        ({"clinicalStatus": "resolved"}, False),
        ({}, True),
        ({"abatementDateTime": "2025"}, False),
        ({"abatementPeriod": {"end": "2026-03"}}, True),
    ],
)
def test_a_problem_is_active_by_its_status_or_until_it_ended(members: Json, active: bool) -> None:
    """Without a status, the day it ended decides."""
    found = problem(concept(ICD, "M33.1"), **members)
    assert found is not None
    assert found.active is active


def test_dates_of_a_problem_are_read() -> None:
    """Onset from a period too, and the codes are kept for rules on codes."""
    found = problem(
        concept(ICD, "M33.1"),
        onsetPeriod={"start": "2025-12"},
        recordedDate="2026-01-05T10:00:00Z",
        abatementDateTime="2026-02",
    )
    assert found is not None
    assert (found.onset, found.recorded, found.ended) == (
        date(2025, 12, 1),
        date(2026, 1, 5),
        date(2026, 2, 28),
    )
    assert found.codes == ((ICD, "M33.1"),)
    assert found.reference == "Condition/c"


def test_a_problem_without_a_name_is_noted() -> None:
    """A Condition that names nothing is set aside, by reference."""
    notes = Notes()
    assert read_condition({"resourceType": "Condition", "id": "c"}, TERMS, TODAY, notes) is None
    assert [(each.reference, each.path) for each in notes.all()] == [("Condition/c", "code")]


def test_an_allergy_is_known_by_drug_by_class_and_by_name() -> None:
    """Codes of drugs and of classes, words, and the substance of a reaction."""
    cases: list[tuple[object, Json, str]] = [
        (concept(RXNORM, "6851"), {}, "methotrexate"),
        (concept(SNOMED, "387406002"), {}, "sulfonamide"),
        ({"text": "Sulfa drugs"}, {}, "sulfonamide"),
        ({"text": "rash with MTX"}, {}, "methotrexate"),
        ({}, {"reaction": [{"substance": concept(RXNORM, "10829")}]}, "trimethoprim"),
    ]
    for code, members, name in cases:
        found = allergy(code, **members)
        assert found is not None
        assert found.concepts == {name}


@pytest.mark.parametrize(
    "members",
    [
        {"clinicalStatus": status("resolved")},
        {"clinicalStatus": status("inactive")},
        {"verificationStatus": status("refuted")},
        {"verificationStatus": status("entered-in-error")},
        {"code": concept(SNOMED, "716186003")},
        {"code": {"text": "No known drug allergies"}},
        {"code": {"text": "NKDA"}},
    ],
)
def test_what_is_no_allergy_is_dropped(members: Json) -> None:
    """Refuted, over, or the statement that there is none."""
    resource: Json = {"resourceType": "AllergyIntolerance", "code": concept(RXNORM, "6851"), **members}
    assert read_allergy(resource, TERMS, Notes()) is None


@pytest.mark.parametrize(
    ("members", "severe", "intolerance"),
    [
        ({}, False, False),
        ({"criticality": "high"}, True, False),
        ({"reaction": [{"severity": "severe"}]}, True, False),
        ({"reaction": [{"manifestation": [{"text": "Anaphylaxis"}]}]}, True, False),
        ({"type": "intolerance"}, False, True),
        ({"reaction": [{"manifestation": [{"text": "Nausea"}]}]}, False, True),
        (
            {"reaction": [{"manifestation": [{"text": "Nausea"}]}, {"manifestation": [{"text": "Rash"}]}]},
            False,
            False,
        ),
        ({"type": "intolerance", "criticality": "high"}, True, False),
    ],
)
def test_severity_and_intolerance_are_told_apart(members: Json, severe: bool, intolerance: bool) -> None:
    """Nausea alone is an intolerance; what is severe never is a mere intolerance."""
    found = allergy(concept(RXNORM, "6851"), **members)
    assert found is not None
    assert (found.severe, found.intolerance_only) == (severe, intolerance)


def test_an_allergy_to_nothing_is_noted() -> None:
    """An entry without a substance is set aside, by reference."""
    notes = Notes()
    assert read_allergy({"resourceType": "AllergyIntolerance", "id": "a"}, TERMS, notes) is None
    assert notes.all()[0].reference == "AllergyIntolerance/a"


def test_an_ordered_test_is_known_by_code_and_by_name() -> None:
    """Orders and labs, drafted or active."""
    for code, name in (
        (concept(LOINC, "24627-2"), "hrct_chest"),
        ({"text": "Chest CT"}, "hrct_chest"),
        (concept(LOINC, "2160-0"), "creatinine"),
    ):
        found = read_service(
            {
                "resourceType": "ServiceRequest",
                "id": "s",
                "status": "active",
                "code": code,
                "authoredOn": "2026-03-01",
            },
            TERMS,
            draft=False,
        )
        assert found is not None
        assert (found.concepts, found.draft, found.written) == (frozenset({name}), False, date(2026, 3, 1))


@pytest.mark.parametrize(
    ("members", "draft", "counts"),
    [
        ({"status": "active", "intent": "order"}, False, True),
        ({"status": "active", "intent": "plan"}, False, False),
        ({"status": "completed"}, False, False),
        ({"status": "draft"}, False, False),
        ({"status": "draft", "intent": "proposal"}, True, True),
        ({"status": "draft", "doNotPerform": True}, True, False),
    ],
)
def test_only_what_is_to_be_done_is_an_order(members: Json, draft: bool, counts: bool) -> None:
    """Plans and finished orders are none; every draft on the screen is one, unless it forbids."""
    resource: Json = {"resourceType": "ServiceRequest", "code": concept(LOINC, "2160-0"), **members}
    assert (read_service(resource, TERMS, draft=draft) is not None) is counts


MEMBERS = [
    "code",
    "clinicalStatus",
    "verificationStatus",
    "reaction",
    "onsetDateTime",
    "abatementPeriod",
    "orderDetail",
    "birthDate",
    "gender",
    "deceasedDateTime",
    "status",
]
SLOPPY = st.recursive(
    st.none() | st.text() | st.integers() | st.booleans(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["coding", "code", "text", "substance", "manifestation", "start"]), inner
        )
    ),
)


@given(st.dictionaries(st.sampled_from(MEMBERS), SLOPPY))
def test_no_record_makes_reading_fail(resource: Json) -> None:
    """Whatever a record holds, it is read or set aside."""
    read_patient(resource, TODAY, Notes())
    read_condition(resource, TERMS, TODAY, Notes())
    read_allergy(resource, TERMS, Notes())
    read_service(resource, TERMS, draft=True)
