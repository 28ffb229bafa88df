"""Every member of every kind of record, in a shape it should not have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date

import pytest

from cds_service.content import fixtures_dir
from cds_service.fhir.allergies import read_allergy
from cds_service.fhir.conditions import read_condition
from cds_service.fhir.done import read_completed_order, read_immunization, read_procedure, read_report
from cds_service.fhir.medications import Reader
from cds_service.fhir.notes import Notes
from cds_service.fhir.observations import Observations
from cds_service.fhir.patient import read_patient
from cds_service.fhir.references import Index
from cds_service.fhir.services import read_service
from cds_service.replay.knowledge import terminology
from cds_service.replay.scenario import find, load

Json = dict[str, object]
TERMS = terminology()
TODAY = date(2026, 3, 10)
ODD: tuple[object, ...] = (["x"], {"x": [1]}, [["x"]], [{}], 7, None, True, "")


def read_result(resource: Json) -> None:
    """Read as a result of every concept, whichever its codes mean."""
    results = Observations([resource], Index(), TERMS, TODAY, Notes())
    for concept in (each.name for each in TERMS.of_kind("lab")):
        results.of(concept)


def read_medication(resource: Json) -> None:
    """Read as an order on the screen and as one on record."""
    reader = Reader(Index(), TERMS, TODAY, Notes())
    reader.draft(resource)
    reader.recorded(resource)


def read_order(resource: Json) -> None:
    """Read as drafted, as ordered and as carried out."""
    read_service(resource, TERMS, draft=True)
    read_service(resource, TERMS, draft=False)
    read_completed_order(resource, TERMS, TODAY)


# Members that no fixture has.
RARE: tuple[Json, ...] = (
    {
        "resourceType": "AllergyIntolerance",
        "type": "intolerance",
        "criticality": "high",
        "code": {"text": "methotrexate"},
        "reaction": [{"severity": "severe", "manifestation": [{"text": "rash"}], "description": "rash"}],
    },
    {"resourceType": "Condition", "code": {"text": "dermatomyositis"}, "severity": {"text": "severe"}},
)
READERS: dict[str, Callable[[Json], object]] = {
    "Patient": lambda sent: read_patient(sent, TODAY, Notes()),
    "Condition": lambda sent: read_condition(sent, TERMS, TODAY, Notes()),
    "AllergyIntolerance": lambda sent: read_allergy(sent, TERMS, Notes()),
    "Procedure": lambda sent: read_procedure(sent, TERMS, TODAY),
    "DiagnosticReport": lambda sent: read_report(sent, TERMS, TODAY),
    "Immunization": lambda sent: read_immunization(sent, TERMS, TODAY),
    "ServiceRequest": read_order,
    "Observation": read_result,
    "MedicationRequest": read_medication,
    "MedicationStatement": read_medication,
}


def places(value: object, path: str = "") -> Iterator[tuple[Json, str, str]]:
    """Every member below a value: the object that has it, its name, its path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield value, name, f"{path}.{name}"
            yield from places(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for each in value:
            yield from places(each, path)


@pytest.fixture(scope="module")
def records() -> dict[str, list[Json]]:
    """The resources of all fixtures, those of a kind together."""
    found: dict[str, list[Json]] = {}
    for each in RARE:
        found.setdefault(str(each["resourceType"]), []).append(deepcopy(each))
    for scenario in map(load, find([fixtures_dir()])):
        for each in scenario.resources:
            found.setdefault(str(each["resourceType"]), []).append(dict(each))
    return found


@pytest.mark.parametrize("kind", READERS)
def test_no_member_in_an_odd_shape_makes_reading_fail(kind: str, records: dict[str, list[Json]]) -> None:
    """A list, an object, a number, nothing where something else should be: read as far as it goes."""
    tried: set[str] = set()
    for record in records[kind]:
        for holder, name, path in list(places(record)):
            if path in tried:
                continue
            tried.add(path)
            sent = holder[name]
            for odd in ODD:
                holder[name] = odd
                READERS[kind](record)
            holder[name] = sent
    assert len(tried) >= 5
