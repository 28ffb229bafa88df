"""What was examined and vaccinated, from what records hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from cds_service.content import cards_dir
from cds_service.fhir.done import read_completed_order, read_immunization, read_procedure, read_report
from cds_service.knowledge.codes import load_codes

TODAY = date(2026, 3, 10)
TERMS = load_codes(cards_dir() / "codes")[0]
LOINC, CVX = "http://loinc.org", "http://hl7.org/fhir/sid/cvx"
Json = dict[str, object]


def report(code: Mapping[str, object], **members: object) -> Json:
    """A final report of yesterday."""
    plain = {"resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": code}
    return {**plain, "effectiveDateTime": "2026-03-09T10:00:00Z", **members}


@pytest.mark.parametrize(
    ("title", "concept"),
    [
        ("CT CHEST W/O CONTRAST", "ct_chest"),
        ("DEXA HIPS AND SPINE", "dxa"),
        ("CT Chest Abdomen and Pelvis with contrast", "ct_chest_abdomen_pelvis"),
        ("MG Screening Mammography Bilateral", "mammogram"),
        ("high-resolution CT of the chest", "hrct_chest"),
    ],
)
def test_a_report_without_a_known_code_is_known_by_its_title(title: str, concept: str) -> None:
    """Radiology titles name the examination among other words; the display of our own orders is one of them."""
    found = read_report(report({"text": title}), TERMS, TODAY)
    assert found is not None
    assert concept in found.concepts
    assert found.on == date(2026, 3, 9)


def test_a_code_wins_over_words() -> None:
    """A chest X-ray by its code is no CT, whatever the words beside it say."""
    code = {"coding": [{"system": LOINC, "code": "36643-5"}], "text": "compare CT chest"}
    found = read_report(report(code), TERMS, TODAY)
    assert found is not None
    assert found.concepts == {"xr_chest"}


@pytest.mark.parametrize("status", ["registered", "partial", "preliminary", "cancelled", "entered-in-error"])
def test_a_report_that_is_not_final_proves_nothing(status: str) -> None:
    """It may still be withdrawn."""
    assert read_report(report({"text": "CT chest"}, status=status), TERMS, TODAY) is None


@pytest.mark.parametrize("title", ["Colonoscopy declined", "Mammography not performed", "Haircut"])
def test_words_of_what_was_not_done_prove_nothing(title: str) -> None:
    """Refused, cancelled, or nothing of the code lists."""
    assert read_report(report({"text": title}), TERMS, TODAY) is None


def test_a_procedure_is_dated_by_its_end_and_none_lies_ahead() -> None:
    """The end of its period, else its day; what is planned was not done; what nobody dated has no day."""
    sent: Json = {
        "resourceType": "Procedure",
        "id": "p",
        "status": "completed",
        "code": {"text": "Colonoscopy"},
    }
    span = {"performedPeriod": {"start": "2025-01-01", "end": "2025-01-02"}}
    assert getattr(read_procedure({**sent, **span}, TERMS, TODAY), "on", None) == date(2025, 1, 2)
    undated = read_procedure(sent, TERMS, TODAY)
    assert undated is not None
    assert undated.on is None
    assert read_procedure({**sent, "performedDateTime": "2026-03-11"}, TERMS, TODAY) is None
    assert read_procedure({**sent, "status": "not-done"}, TERMS, TODAY) is None


def test_a_completed_order_counts_and_an_active_one_does_not() -> None:
    """Dated by the day it was for, else by the day it was written."""
    sent: Json = {"resourceType": "ServiceRequest", "id": "s", "status": "completed", "code": {"text": "DXA"}}
    dated = {**sent, "authoredOn": "2025-12-01", "occurrenceDateTime": "2026-01-05"}
    assert getattr(read_completed_order(dated, TERMS, TODAY), "on", None) == date(2026, 1, 5)
    assert read_completed_order({**sent, "status": "active"}, TERMS, TODAY) is None
    assert read_completed_order({**sent, "doNotPerform": True}, TERMS, TODAY) is None


def test_a_vaccine_is_known_by_code_or_name_if_it_was_given() -> None:
    """CVX, or the whole name; one that was not given proves nothing."""
    code = {"coding": [{"system": CVX, "code": "187"}]}
    sent: Json = {"resourceType": "Immunization", "id": "i", "status": "completed", "vaccineCode": code}
    found = read_immunization({**sent, "occurrenceDateTime": "2025-10-01"}, TERMS, TODAY)
    assert found is not None
    assert found.concepts == {"zoster_recombinant"}
    assert found.on == date(2025, 10, 1)
    named = read_immunization({**sent, "vaccineCode": {"text": "Flu shot"}}, TERMS, TODAY)
    assert named is not None
    assert named.concepts == {"influenza_inactivated"}
    assert read_immunization({**sent, "status": "not-done"}, TERMS, TODAY) is None


@pytest.mark.parametrize(
    ("said", "concepts"),
    [
        ("M-M-R II 0.5 mL SC, lot 1234", {"mmr"}),
        ("varicella virus vaccine live (Varivax)", {"varicella"}),
        ("Influenza vaccine, live, intranasal", {"laiv"}),
        ("MMR vaccine declined", None),
        ("Hydration", None),
    ],
)
def test_a_vaccine_is_known_by_words_among_others(said: str, concepts: set[str] | None) -> None:
    """Brand, dose and lot stand beside its name; the live nasal vaccine is not the injected one."""
    found = read_immunization(
        {"resourceType": "Immunization", "id": "i", "status": "completed", "vaccineCode": {"text": said}},
        TERMS,
        TODAY,
    )
    assert (found.concepts if found else None) == concepts
