"""One call, one patient: whatever is about somebody else makes the call wrong as a whole.

The service would rather say nothing than give advice from another patient's data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cds_service.errors import Fault, WrongPatient
from cds_service.fhir import references
from cds_service.fhir.references import Index, Reference
from cds_service.fhir.values import Resource, member, rows, text
from cds_service.protocol.addresses import BadAddress, parse_base
from cds_service.protocol.contexts import HOOKS
from cds_service.protocol.request import HookRequest

Placed = tuple[str, Resource]
"""Where in the call a resource stands, and the resource."""

_READ = frozenset({
    "Patient", "Condition", "Observation", "MedicationRequest", "MedicationStatement", "AllergyIntolerance",
    "ServiceRequest", "Appointment", "Procedure", "DiagnosticReport", "Immunization",
})  # fmt: skip
_MOST_NAMED = 5


def is_about_another(resource: Resource, request: HookRequest, index: Index | None = None) -> bool:
    """Whether the resource belongs to another patient than the call's, or to nobody it can be held against.

    Its ``subject`` or ``patient`` must be the patient by type and id, on the client's own server if it is an
    absolute address; a ``urn:uuid:`` and a contained patient are looked up. A resource that names nobody is
    the patient's: it came under this patient's call.
    """
    if resource.get("resourceType") == "Patient":
        return text(resource.get("id")) not in ("", request.patient_id)
    own = f"Patient/{request.patient_id}"
    return any(
        text(subject.get("reference")) != own and _is_another(subject, resource, request, index)
        for subject in _subjects(resource)
    )


def check(request: HookRequest, placed: Iterable[Placed], index: Index | None = None) -> None:
    """Raise :class:`WrongPatient` naming each resource that is about another patient than the call."""
    strange = [(place, each) for place, each in placed if is_about_another(each, request, index)]
    if strange:
        raise WrongPatient(*(_fault(place, each) for place, each in strange[:_MOST_NAMED]))


def on_screen(request: HookRequest) -> Iterator[Placed]:
    """What is being ordered or entered, each with its place in the context."""
    hook = HOOKS[request.hook]
    for name, entries in ((hook.orders, request.draft_orders), (hook.proposals, request.proposals)):
        for index, each in enumerate(entries):
            yield f"context.{name}.entry[{index}].resource", each


def _subjects(resource: Resource) -> tuple[Resource, ...]:
    if resource.get("resourceType") == "Appointment":
        actors = (member(each, "actor") for each in rows(resource.get("participant")))
        return tuple(each for each in actors if references.of(each).type == "Patient")
    return (*rows(resource.get("subject")), *rows(resource.get("patient")))


def _is_another(subject: Resource, resource: Resource, request: HookRequest, index: Index | None) -> bool:
    named = references.of(subject)
    if named == references.NOTHING:
        return _is_known_otherwise(member(subject, "identifier"), request, index)
    if named.type == "#":
        return not _is_own(references.contained(resource, named.id), request)
    if named.type == "" and ":" in named.id:
        return not _is_own(index.get(named) if index else None, request)
    if named.type not in ("", "Patient") or named.id != request.patient_id:
        return True
    return _is_elsewhere(text(subject.get("reference")), request)


def _is_own(found: Resource | None, request: HookRequest) -> bool:
    return found is not None and text(found.get("id")).lstrip("#") == request.patient_id


def _is_known_otherwise(identifier: Resource, request: HookRequest, index: Index | None) -> bool:
    """Whether a subject that is an identifier alone is one of which this patient has another value."""
    system = text(identifier.get("system"))
    patient = index.get(Reference("Patient", request.patient_id)) if index and system else None
    known = rows(patient.get("identifier")) if patient else ()
    values = {text(each.get("value")) for each in known if text(each.get("system")) == system}
    return bool(values) and text(identifier.get("value")) not in values


def _is_elsewhere(written: str, request: HookRequest) -> bool:
    """Whether an absolute address is that of another server than the client's."""
    if request.fhir is None or "://" not in written:
        return False
    try:
        return not parse_base(request.fhir.server.rstrip("/")).covers(parse_base(written))
    except BadAddress:
        return True


def _fault(place: str, resource: Resource) -> Fault:
    """The type alone, if it is one this service reads: nothing else of what was sent is repeated to a caller."""
    kind = text(resource.get("resourceType"))
    return Fault(
        f"the {kind if kind in _READ else 'resource'} is about another patient than context.patientId, or about "
        "one that cannot be told to be the same; its subject must be Patient/ and that id",
        place,
    )
