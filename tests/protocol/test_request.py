"""A call is read whole, or refused with every fault it has."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.errors import BadRequest, WrongPatient
from cds_service.protocol.contexts import HOOKS
from cds_service.protocol.request import HookRequest, parse_request

DRAFT = {"resourceType": "MedicationRequest", "id": "mtx-draft-1", "status": "draft", "intent": "order"}
MEDICATION = {"resourceType": "Medication", "id": "m-5"}


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    """A collection Bundle of resources."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": resource} for resource in resources],
    }


CONTEXTS: dict[str, dict[str, Any]] = {
    "patient-view": {},
    "order-select": {"selections": ["MedicationRequest/mtx-draft-1"], "draftOrders": bundle(DRAFT)},
    "order-sign": {"draftOrders": bundle(DRAFT)},
    "encounter-start": {"encounterId": "e-200"},
    "encounter-discharge": {"encounterId": "e-200"},
    "medication-refill": {"medications": bundle(DRAFT)},
    "appointment-book": {"appointments": bundle({"resourceType": "Appointment", "id": "a-1"})},
    "problem-list-item-create": {"conditions": bundle({"resourceType": "Condition", "id": "c-1"})},
}


def call(hook: str = "order-select", **members: Any) -> dict[str, Any]:
    """A well-formed call, with members replaced."""
    context = {"userId": "Practitioner/dr-1", "patientId": "p-100", **copy.deepcopy(CONTEXTS[hook])}
    body = {"hook": hook, "hookInstance": "0b1f6c1e-6f0a-4a57-9a55-0a2f6f2f7c10", "context": context}
    return {**body, **members}


def with_context(hook: str = "order-select", **members: Any) -> dict[str, Any]:
    """A well-formed call, with members of its context replaced."""
    body = call(hook)
    body["context"].update(members)
    return body


def faults(body: object, hook: str = "order-select") -> dict[str, str]:
    """The faults a call is refused with: where -> what."""
    with pytest.raises(BadRequest) as refused:
        parse_request(body, hook)
    return {fault.expression: fault.diagnostics for fault in refused.value.faults}


def test_every_hook_has_a_well_formed_call_here() -> None:
    """A hook added to the table is tested."""
    assert set(CONTEXTS) == set(HOOKS)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_well_formed_call_is_read(hook: str) -> None:
    """Each hook's smallest well-formed call gives the patient, the user and what is on the screen."""
    request = parse_request(call(hook), hook)
    assert (request.hook, request.patient_id, request.user_id) == (hook, "p-100", "Practitioner/dr-1")
    assert request.prefetch is None
    assert request.fhir is None
    assert len(request.draft_orders) == (HOOKS[hook].orders is not None)
    assert len(request.proposals) == (HOOKS[hook].proposals is not None)


@pytest.mark.parametrize("hook", HOOKS)
def test_every_required_member_is_missed_by_name(hook: str) -> None:
    """An empty context lists all the members its hook requires, at once."""
    missed = faults(call(hook, context={}), hook)
    optional = {"context.userId"} if hook == "medication-refill" else set()
    expected = {"context.patientId", "context.userId", *(f"context.{name}" for name in CONTEXTS[hook])}
    assert set(missed) == expected - optional


def test_all_faults_are_told_at_once() -> None:
    """A caller mends a call in one round."""
    body = {
        "hook": "order-sign",
        "hookInstance": " ",
        "fhirServer": "ehr",
        "prefetch": [],
        "context": {"userId": "dr-1"},
    }
    assert list(faults(body)) == [
        "hook", "hookInstance", "context.patientId", "context.userId", "context.draftOrders",
        "context.selections", "prefetch", "fhirServer",
    ]  # fmt: skip


@pytest.mark.parametrize("body", [None, [], "call", 1, True])
def test_a_body_that_is_not_an_object_is_refused(body: object) -> None:
    """JSON that is no object is not a call."""
    with pytest.raises(BadRequest, match="must be a JSON object"):
        parse_request(body, "order-sign")


@pytest.mark.parametrize("context", [None, [], "p-100"])
def test_a_context_that_is_not_an_object_is_refused(context: object) -> None:
    """The one fault is the context itself, not everything that is not in it."""
    assert list(faults(call(context=context))) == ["context"]


def test_the_hook_of_the_body_must_be_that_of_the_service() -> None:
    """The address chooses the service; a body for another hook is a mix-up, not a choice."""
    assert faults(call("order-sign"), "order-select") == {
        "hook": "hook must be order-select, the hook of this service",
        "context.selections": "context.selections is required",
    }


def test_unknown_members_are_passed_over() -> None:
    """A later version of the specification, or a vendor, may add members anywhere."""
    body = with_context(bar=[None])
    body |= {"foo": {"a": None}, "extension": {"org.example": 1}}
    request = parse_request(body, "order-select")
    assert request.context["bar"] == [None]


def test_null_for_an_optional_member_is_no_member() -> None:
    """Real clients send null where they have nothing."""
    body = call(prefetch=None, fhirServer=None, fhirAuthorization=None)
    body["context"]["encounterId"] = None
    request = parse_request(body, "order-select")
    assert (request.prefetch, request.fhir, request.encounter_id) == (None, None, None)


def test_prefetch_is_kept_as_received() -> None:
    """Absent, null and a resource mean three different things further in."""
    prefetch = {"patient": None, "labs": {"resourceType": "Bundle"}, "user": "123"}
    request = parse_request(call(prefetch=prefetch), "order-select")
    assert request.prefetch == prefetch
    assert "conditions" not in request.prefetch


@pytest.mark.parametrize(
    "bad",
    ["", "  ", 7, ["p-100"], {"id": "p-100"}, "Patient/p-100", "p 100", "p&x=1", "p" * 257, ".", "..", "p\n"],
)
def test_a_patient_id_is_a_bare_fhir_id(bad: object) -> None:
    """What goes into a query is an id and nothing else."""
    assert list(faults(with_context(patientId=bad))) == ["context.patientId"]


@pytest.mark.parametrize("good", ["p", "p" * 64, "e" * 90 + ".x-3", "...", "1.2"])
def test_an_id_may_be_longer_than_fhirs(good: str) -> None:
    """A large EHR's are; the call is answered all the same."""
    request = parse_request(
        with_context(patientId=good, encounterId=good, userId=f"Patient/{good}"), "order-select"
    )
    assert request.patient_id == good


@pytest.mark.parametrize(
    "bad", ["dr-1", "Practitioner", "Practitioner/", "/dr-1", "Device/d", "Practitioner/a/b", 5]
)
def test_a_user_is_a_typed_reference(bad: object) -> None:
    """userId is Type/id, of a person."""
    assert list(faults(with_context(userId=bad))) == ["context.userId"]


@pytest.mark.parametrize("good", ["Practitioner/1", "PractitionerRole/x.y-z", "Patient/p", "RelatedPerson/r"])
def test_a_user_may_be_any_person(good: str) -> None:
    """Vendors differ in whom they name; all four kinds of person are taken."""
    assert parse_request(with_context(userId=good), "order-select").user_id == good


def test_an_encounter_is_a_bare_id() -> None:
    """An encounter that is given must be one that can be used."""
    assert list(faults(with_context(encounterId="Encounter/e"))) == ["context.encounterId"]


@pytest.mark.parametrize(
    "selection",
    [
        "MedicationRequest/mtx-draft-1", "mtx-draft-1", "https://ehr.example.org/fhir/MedicationRequest/mtx-draft-1",
        "MedicationRequest/mtx-draft-1/_history/3", "urn:uuid:mtx-draft-1",
    ],
)  # fmt: skip
def test_a_selection_names_a_draft_in_any_form_of_reference(selection: str) -> None:
    """References are compared by type and id."""
    request = parse_request(with_context(selections=[selection]), "order-select")
    assert request.selections == {"MedicationRequest/mtx-draft-1"}


@pytest.mark.parametrize("bad", ["MedicationRequest/other", "ServiceRequest/mtx-draft-1", "", None, 3, {}])
def test_a_selection_that_names_no_draft_is_a_fault(bad: object) -> None:
    """An order said to be selected and not sent cannot be checked."""
    assert list(faults(with_context(selections=[bad]))) == ["context.selections[0]"]


def test_no_selection_at_all_is_taken() -> None:
    """An empty list is sloppy but clear: every draft is background."""
    assert parse_request(with_context(selections=[]), "order-select").selections == frozenset()


def test_drafts_of_any_kind_are_kept_as_received() -> None:
    """Unknown kinds are for the reader further in; nothing is lost on the way."""
    drafts = bundle(DRAFT, MEDICATION, {"resourceType": "Task", "x": None})
    request = parse_request(with_context("order-sign", draftOrders=drafts), "order-sign")
    assert request.draft_orders == tuple(entry["resource"] for entry in drafts["entry"])


@pytest.mark.parametrize(
    "entry", [None, 1, {}, {"resource": None}, {"resource": {}}, {"resource": {"resourceType": 1}}]
)
def test_a_draft_that_cannot_be_read_is_a_fault(entry: object) -> None:
    """An order that goes unseen is an order that goes unchecked."""
    drafts = {"resourceType": "Bundle", "entry": [{"resource": DRAFT}, entry]}
    assert list(faults(with_context("order-sign", draftOrders=drafts), "order-sign")) == [
        "context.draftOrders.entry[1]"
    ]


@pytest.mark.parametrize(
    ("drafts", "where"),
    [
        ([], "context.draftOrders"),
        ({}, "context.draftOrders.resourceType"),
        ({"resourceType": "MedicationRequest"}, "context.draftOrders.resourceType"),
        ({"resourceType": "Bundle", "entry": {}}, "context.draftOrders.entry"),
    ],
)
def test_drafts_are_a_bundle(drafts: object, where: str) -> None:
    """A Bundle, whose entries are a list."""
    assert list(faults(with_context("order-sign", draftOrders=drafts), "order-sign")) == [where]


@pytest.mark.parametrize("drafts", [{"resourceType": "Bundle"}, {"resourceType": "Bundle", "entry": []}])
def test_a_bundle_may_be_empty(drafts: object) -> None:
    """No orders is an answer: there is nothing to check."""
    assert parse_request(with_context("order-sign", draftOrders=drafts), "order-sign").draft_orders == ()


SERVER = "https://ehr.example.org/fhir"
AUTHORIZATION = {
    "access_token": "canary-token-5f1d", "token_type": "Bearer", "expires_in": 300,
    "scope": "patient/Patient.read", "subject": "mtx-cds", "patient": "p-100",
}  # fmt: skip


def test_fhir_access_is_read() -> None:
    """Server, token and the patient the token is bound to."""
    access = parse_request(call(fhirServer=SERVER, fhirAuthorization=AUTHORIZATION), "order-select").fhir
    assert access is not None
    assert (access.server, access.token, access.patient) == (SERVER, "canary-token-5f1d", "p-100")


def test_a_request_never_prints_token_or_patient() -> None:
    """What is printed ends in a log."""
    request = parse_request(call(fhirServer=SERVER, fhirAuthorization=AUTHORIZATION), "order-select")
    assert "canary" not in repr(request)
    assert "p-100" not in repr(request)


def test_a_server_without_authorization_has_no_token() -> None:
    """An open server is named as such; whether it may be called is decided further in."""
    access = parse_request(call(fhirServer=SERVER), "order-select").fhir
    assert access is not None
    assert access.token is None


@pytest.mark.parametrize("members", [{"access_token": "t"}, {"access_token": "t", "token_type": "bearer"}])
def test_members_of_an_authorization_that_lack_do_not_matter(members: dict[str, object]) -> None:
    """The token is what is needed; vendors leave the rest out."""
    access = parse_request(call(fhirServer=SERVER, fhirAuthorization=members), "order-select").fhir
    assert access is not None
    assert access.token == "t"


def test_a_token_that_is_not_a_bearer_token_is_not_used() -> None:
    """There is no other way to send it."""
    access = {"access_token": "t", "token_type": "MAC"}
    assert parse_request(call(fhirServer=SERVER, fhirAuthorization=access), "order-select").fhir is None


def test_an_authorization_needs_a_server_and_a_token() -> None:
    """Both are named."""
    assert list(faults(call(fhirAuthorization={}))) == ["fhirServer", "fhirAuthorization.access_token"]


@pytest.mark.parametrize(
    "bad", ["", 1, "ehr", "//ehr/fhir", "ftp://ehr/fhir", "file:///etc", "http://", "http://[::1"]
)
def test_a_server_is_a_web_address(bad: object) -> None:
    """Nothing else can be called."""
    assert list(faults(call(fhirServer=bad))) == ["fhirServer"]


def test_a_token_of_another_patient_is_refused_whole() -> None:
    """No advice is better than the wrong patient's."""
    with pytest.raises(WrongPatient) as refused:
        parse_request(
            call(fhirServer=SERVER, fhirAuthorization=AUTHORIZATION | {"patient": "p-7"}), "order-select"
        )
    assert refused.value.status == 400
    assert "p-7" not in str(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PLACES = [
    ("hook",), ("hookInstance",), ("fhirServer",), ("fhirAuthorization",), ("prefetch",), ("context",),
    ("context", "patientId"), ("context", "userId"), ("context", "encounterId"), ("context", "selections"),
    ("context", "draftOrders"), ("context", "draftOrders", "entry"), ("context", "draftOrders", "entry", 0),
    ("context", "draftOrders", "entry", 0, "resource"),
    ("context", "draftOrders", "entry", 0, "resource", "id"),
]  # fmt: skip


@settings(max_examples=300)
@given(st.sampled_from(PLACES), JSON)
def test_anything_anywhere_is_read_or_refused(place: tuple[str | int, ...], value: object) -> None:
    """Whatever stands where, the reader answers with a request or with named faults, and never crashes."""
    body: Any = call()
    holder = body
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    try:
        request = parse_request(body, "order-select")
    except BadRequest as refused:
        assert refused.faults
    else:
        assert isinstance(request, HookRequest)
