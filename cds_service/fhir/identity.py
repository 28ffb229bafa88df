"""One call, one patient: whatever is about somebody else makes the call wrong as a whole.

The service would rather say nothing than give advice from another patient's data.
"""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.errors import Fault, WrongPatient
from cds_service.fhir import references
from cds_service.fhir.references import Index, Reference
from cds_service.fhir.values import Resource, text
from cds_service.protocol.request import HookRequest

_READ = frozenset({
    "Patient", "Condition", "Observation", "MedicationRequest", "MedicationStatement", "AllergyIntolerance",
    "ServiceRequest", "Appointment", "Procedure", "DiagnosticReport", "Immunization",
})  # fmt: skip


def is_about_another(resource: Resource, patient_id: str, index: Index | None = None) -> bool:
    """Whether the resource plainly belongs to another patient than ``patient_id``.

    Its ``subject`` or ``patient`` is compared by type and id; a ``urn:uuid:`` is first looked up. A resource
    that names nobody, or names by something else than a reference, is not another's.
    """
    if resource.get("resourceType") == "Patient":
        return text(resource.get("id")) not in ("", patient_id)
    holder = resource.get("subject") or resource.get("patient")
    if holder is None:
        return False
    subject = references.of(holder)
    if subject.type == "" and ":" in subject.id:
        return _named(subject, index) not in ("", patient_id)
    return subject.type in ("", "Patient") and subject.id not in ("", patient_id)


def _named(subject: Reference, index: Index | None) -> str:
    found = index.get(subject) if index else None
    return text(found.get("id")) if found else ""


def check(request: HookRequest, resources: Iterable[Resource], index: Index | None = None) -> None:
    """Raise :class:`WrongPatient` naming each resource that is about another patient than the call."""
    strange = tuple(each for each in resources if is_about_another(each, request.patient_id, index))
    if strange:
        raise WrongPatient(
            *(
                Fault(f"a {_kind(each)} is about another patient than context.patientId")
                for each in strange[:5]
            )
        )


def _kind(resource: Resource) -> str:
    """The type alone, if it is one this service reads: nothing else of what was sent is repeated to a caller."""
    kind = text(resource.get("resourceType"))
    return kind if kind in _READ else "resource"
