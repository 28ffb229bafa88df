"""Whether a drug's tests are still asked for: while it is taken, and then as long as its schedule says."""

from __future__ import annotations

from datetime import date, timedelta

from cds_service.clinical.calendar import Schedule
from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import runs, window
from cds_service.clinical.facts.reading import names, of_medication
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, recorded
from cds_service.clinical.known import Fact


@fact("still_followed", "flag", of="drug", needs=NEEDS)
def still_followed(scope: Scope, of: tuple[str, ...]) -> Fact[bool]:
    """Any of the drugs is taken, or ended so lately that its schedule still asks for tests."""
    wanted, today = names(scope, of), scope.chart.today
    found = [
        order
        for order in recorded(scope).items
        if order.ingredients & wanted
        and any(is_followed(order, each, today) for each in scope.schedules.of(order.ingredients & wanted))
    ]
    return flag(bool(found), *map(of_medication, found[:3]), doubt=recorded(scope).doubt)


def is_followed(order: Medication, schedule: Schedule, today: date) -> bool:
    """Whether the order runs, or ended so lately that the tests of the schedule are still asked for."""
    if runs(order, today):
        return True
    span = window(order, today)
    last = (span.end or today) + timedelta(days=schedule.lasts)
    return bool(schedule.lasts) and span.start <= today <= last
