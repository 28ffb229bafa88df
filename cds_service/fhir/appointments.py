"""The visit that is being booked.

https://hl7.org/fhir/R4/appointment.html
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from cds_service.fhir.values import Resource, day, member, rows, text

NOT_TO_COME = frozenset({"cancelled", "noshow", "entered-in-error", "fulfilled", "checked-in", "arrived"})


def next_visit(entered: Iterable[Resource], today: date) -> date | None:
    """The first day, from today on, of the appointments being booked; ``None`` where none tells its day."""
    booked = (
        _day(each)
        for each in entered
        if each.get("resourceType") == "Appointment" and text(each.get("status")) not in NOT_TO_COME
    )
    return min((on for on in booked if on is not None and on >= today), default=None)


def _day(appointment: Resource) -> date | None:
    """Its start; failing that, the start of the period asked for."""
    asked = [day(member(each).get("start")) for each in rows(appointment.get("requestedPeriod"))]
    return day(appointment.get("start")) or min((on for on in asked if on is not None), default=None)
