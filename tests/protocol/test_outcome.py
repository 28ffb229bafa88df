"""Errors as OperationOutcomes."""

from __future__ import annotations

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome

from cds_service import errors
from cds_service.errors import Fault, ServiceError
from cds_service.protocol.outcome import outcome


def subclasses(kind: type[ServiceError]) -> list[type[ServiceError]]:
    """A class and everything below it."""
    return [kind, *(lower for inner in kind.__subclasses__() for lower in subclasses(inner))]


@pytest.mark.parametrize("kind", subclasses(errors.ServiceError))
def test_every_error_is_a_valid_operation_outcome(kind: type[ServiceError]) -> None:
    """FHIR's own model takes it, and its code is one of the R4 issue types."""
    OperationOutcome.model_validate(outcome(kind("what", Fault("where it is", "context.patientId"))))


def test_each_fault_is_one_issue() -> None:
    """With its sentence, and its place where it has one."""
    assert outcome(errors.BadRequest("a", Fault("b", "context"))) == {
        "resourceType": "OperationOutcome",
        "issue": [
            {"severity": "error", "code": "invalid", "diagnostics": "a"},
            {"severity": "error", "code": "invalid", "diagnostics": "b", "expression": ["context"]},
        ],
    }


def test_an_error_without_a_fault_still_has_an_issue() -> None:
    """An OperationOutcome without an issue is not one."""
    assert outcome(errors.Busy())["issue"] == [
        {"severity": "error", "code": "transient", "diagnostics": "the call was refused"}
    ]
