"""An error as a FHIR OperationOutcome: what every answer other than 200 carries.

https://hl7.org/fhir/R4/operationoutcome.html
"""

from __future__ import annotations

from cds_service.errors import Fault, ServiceError


def outcome(error: ServiceError) -> dict[str, object]:
    """The OperationOutcome of an error: one issue a fault, at least one."""
    faults = error.faults or (Fault("the call was refused"),)
    return {
        "resourceType": "OperationOutcome",
        "issue": [_issue(error.code, fault) for fault in faults],
    }


def _issue(code: str, fault: Fault) -> dict[str, object]:
    issue: dict[str, object] = {"severity": "error", "code": code, "diagnostics": fault.diagnostics}
    if fault.expression:
        issue["expression"] = [fault.expression]
    return issue
