"""The entries on the order screen told apart: orders of a drug, and what may order one in a form that is not read.

An order that goes unseen is an order that goes unchecked: whatever is neither an order of a drug as it is
read here, nor plainly something else, is kept as an order whose drug is unknown.
https://hl7.org/fhir/R4/resourcelist.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cds_service.fhir.values import Resource, text

READ = "MedicationRequest"
_WITHDRAWN = frozenset({"entered-in-error", "cancelled", "stopped"})
_NAMES_A_DRUG = frozenset({
    "medicationCodeableConcept", "medicationReference", "medication", "productCodeableConcept",
    "productReference",
})  # fmt: skip
# They order something else, or hold other orders: only what is in them may be a drug.
_ORDERS_AND_GROUPS = frozenset({
    "Appointment", "Bundle", "CarePlan", "Claim", "CommunicationRequest", "DeviceRequest", "DeviceUseRequest",
    "DiagnosticOrder", "EnrollmentRequest", "List", "NutritionOrder", "Parameters", "ProcedureRequest",
    "ReferralRequest", "RequestGroup", "RequestOrchestration", "ServiceRequest", "SupplyRequest", "Task",
    "VisionPrescription",
})  # fmt: skip
# They order nothing: they come along for an order to refer to.
_DESCRIPTIONS = frozenset({
    "ActivityDefinition", "AllergyIntolerance", "AppointmentResponse", "Basic", "Binary", "BodyStructure",
    "CareTeam", "ClinicalImpression", "Communication", "Composition", "Condition", "Consent", "Coverage",
    "CoverageEligibilityRequest", "CoverageEligibilityResponse", "DetectedIssue", "Device", "DeviceDefinition",
    "DeviceMetric", "DeviceUseStatement", "DiagnosticReport", "DocumentReference", "Encounter", "Endpoint",
    "EpisodeOfCare", "FamilyMemberHistory", "Flag", "Goal", "Group", "GuidanceResponse", "HealthcareService",
    "ImagingStudy", "ImmunizationRecommendation", "InsurancePlan", "Location", "Media", "Medication",
    "MedicationKnowledge", "Observation", "OperationOutcome", "Organization", "Patient", "Person",
    "PlanDefinition", "Practitioner", "PractitionerRole", "Procedure", "Provenance", "Questionnaire",
    "QuestionnaireResponse", "RelatedPerson", "RiskAssessment", "Schedule", "Slot", "Specimen", "Substance",
})  # fmt: skip


def drug_orders(entries: Iterable[Resource]) -> Iterator[Resource]:
    """The entries that order a drug, but those that were withdrawn or say that it is not to be given.

    Of one in a form that is not read only its type and id are given: its drug and dosage stand elsewhere and
    may mean other things.
    """
    for each in entries:
        if each.get("resourceType") != READ:
            if _may_order_a_drug(each):
                yield {name: each[name] for name in ("resourceType", "id") if name in each}
        elif not (is_forbidden(each) or _is_withdrawn(each)):
            yield each


def is_forbidden(order: Resource) -> bool:
    """Whether the order says that the drug is *not* to be given."""
    return order.get("doNotPerform") is True


def _is_withdrawn(order: Resource) -> bool:
    return text(order.get("status")).lower() in _WITHDRAWN


def _may_order_a_drug(entry: Resource) -> bool:
    """Whether an entry of another type than ours is, or holds, an order of a drug, or is of no type we know."""
    kind = entry.get("resourceType")
    return kind not in _DESCRIPTIONS and (kind not in _ORDERS_AND_GROUPS or _holds_a_drug(entry))


def _holds_a_drug(entry: Resource) -> bool:
    waiting: list[object] = [entry]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            if any(part.get(name) for name in _NAMES_A_DRUG) or part.get("resourceType") == READ:
                return True
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return False
