"""Patient, without a name.

https://hl7.org/fhir/R4/patient.html
"""

from __future__ import annotations

from datetime import date, timedelta

from cds_service.clinical.chart import Patient, Sex
from cds_service.fhir.notes import Notes
from cds_service.fhir.values import Resource, day, is_whole_day, text

_SEXES: dict[str, Sex] = {"female": "female", "male": "male", "other": "other"}


def read_patient(resource: Resource, today: date, notes: Notes) -> Patient:
    """The patient. A year or month of birth alone counts as its middle, and is noted."""
    born, span = _born(resource, notes)
    return Patient(
        id=text(resource.get("id")),
        born=born,
        sex=_SEXES.get(text(resource.get("gender")).lower(), "unknown"),
        died=_died(resource, today),
        born_span=span,
    )


def _born(resource: Resource, notes: Notes) -> tuple[date | None, tuple[date, date] | None]:
    """The day, and the ends of what was written where that is no whole day."""
    written = resource.get("birthDate")
    first, last = day(written), day(written, last=True)
    if first is None or last is None:
        if written is not None:
            notes.add(resource, "birthDate", "is not a date")
        return None, None
    if not is_whole_day(written):
        notes.add(resource, "birthDate", "is not a whole day; its middle is used")
        return first + timedelta(days=(last - first).days // 2), (first, last)
    return first, None


def _died(resource: Resource, today: date) -> bool:
    if resource.get("deceasedBoolean") is True:
        return True
    died = day(resource.get("deceasedDateTime"))
    return died is not None and died <= today
