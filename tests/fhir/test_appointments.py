"""The day of the visit being booked: the first that will take place."""

from __future__ import annotations

from datetime import date

import pytest

from cds_service.fhir.appointments import next_visit

TODAY = date(2026, 3, 10)


def visit(start: object, **members: object) -> dict[str, object]:
    """A proposed appointment."""
    return {"resourceType": "Appointment", "status": "proposed", "start": start, **members}


ASKED = [{"start": "2026-03-20", "end": "2026-04-01"}, {"start": "2026-03-18"}]
FOUND = {
    "the first of two": ([visit("2026-04-02T09:00:00Z"), visit("2026-03-21T09:00:00Z")], date(2026, 3, 21)),
    "today": ([visit("2026-03-10T09:00:00Z")], TODAY),
    "one of the past": ([visit("2026-03-09T09:00:00Z")], None),
    "a cancelled one": ([visit("2026-03-21T09:00:00Z", status="cancelled")], None),
    "only the period asked for": ([visit(None, requestedPeriod=ASKED)], date(2026, 3, 18)),
    "no day": ([visit(None)], None),
    "rubbish": (
        [visit([1], requestedPeriod="soon"), {"resourceType": "Condition", "start": "2026-03-21"}],
        None,
    ),
    "nothing": ([], None),
}


@pytest.mark.parametrize(("entered", "day"), FOUND.values(), ids=FOUND)
def test_the_next_visit(entered: list[dict[str, object]], day: date | None) -> None:
    """What is cancelled or past is no visit; where no start is fixed, the period asked for counts."""
    assert next_visit(entered, TODAY) == day
