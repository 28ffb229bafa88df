"""References in every form a system writes, and the resources they find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.fhir import references
from cds_service.fhir.references import NOTHING, Index, Reference

IDS = st.from_regex(r"[A-Za-z0-9\-.]{1,64}", fullmatch=True)


@given(IDS, st.sampled_from(["", "http://x/fhir/", "https://ehr.example.org:8443/a/b/"]), st.booleans())
def test_one_resource_has_one_name(its_id: str, base: str, versioned: bool) -> None:
    """Relative, absolute and versioned references to one resource are equal."""
    written = f"{base}Patient/{its_id}" + ("/_history/7" if versioned else "")
    assert references.parse(written) == Reference("Patient", its_id)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("#med", Reference("#", "med")),
        ("urn:uuid:0C3151BD-1CBF-4D64-B04D-CD9187A4C6E0",
         Reference("", "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0")),
        ("Patient/1/", Reference("Patient", "1")),
        ("p-1", Reference("", "p-1")),
        ("", NOTHING),
    ],
)  # fmt: skip
def test_other_forms_are_told_apart(written: str, meant: Reference) -> None:
    """Contained, urn and bare forms keep what they say and no more."""
    assert references.parse(written) == meant


def test_a_bare_id_takes_the_type_beside_it() -> None:
    """``Reference.type`` names the type where the reference itself does not."""
    assert references.of({"reference": "1", "type": "Patient"}) == Reference("Patient", "1")
    assert references.of({"display": "someone"}) == NOTHING
    assert references.of("Patient/1") == NOTHING
    assert str(Reference("Patient", "1")) == "Patient/1"
    assert str(Reference("#", "1")) == "1"


def test_a_medication_is_found_contained_by_url_and_by_name() -> None:
    """The three places a Medication may stand are all looked in."""
    inner = {"resourceType": "Medication", "id": "m"}
    sibling = {"resourceType": "Medication", "id": "s"}
    order = {"resourceType": "MedicationRequest", "id": "o", "contained": [inner]}
    entry = {"fullUrl": "urn:uuid:ABC", "resource": sibling}
    index = Index([{"resourceType": "Bundle", "entry": [entry, None, {"fullUrl": "x"}]}, None])
    index.add(order, {**sibling, "code": "another of one name"})
    assert index.find({"reference": "#m"}, within=order) is inner
    assert index.find({"reference": "#m"}) is None
    assert index.find({"reference": "urn:uuid:abc"}) is sibling
    assert index.find({"reference": "https://h/fhir/Medication/s/_history/1"}) is sibling
    assert index.find({"reference": "Medication/unknown"}) is None
    assert index.find({"reference": "Medication/s"}) is sibling
    assert index.get(Reference("MedicationRequest", "o")) is order


def test_a_resource_is_named_by_type_and_id() -> None:
    """The name in messages is the one the client can find it by."""
    assert references.name({"resourceType": "Observation", "id": "o-1"}) == "Observation/o-1"
    assert references.name({"resourceType": "Observation"}) == "Observation"
