"""Cycles of immunoglobulin that came before: counted from orders with an end and from those that repeat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import count, islice, takewhile
from math import ceil

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import window
from cds_service.clinical.facts.immunoglobulin import CLASS, cycle_of
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.facts.taking import NEEDS, of_class, recorded
from cds_service.clinical.known import Fact, Input, Known


@fact(
    "immunoglobulin_cycles",
    "number",
    unit="1",
    needs=NEEDS,
    limits=("ivig.series_gap_days", "ivig.interval_days"),
)
def immunoglobulin_cycles(scope: Scope) -> Fact[Decimal]:
    """Cycles of immunoglobulin begun before today, none long after the one before it, the last not long ago.

    What begins sooner after a cycle than the usual interval belongs to it: it is a day of the same infusions,
    or a dose of a loading schedule or of a weekly one.
    """
    listed, today = recorded(scope), scope.chart.today
    orders = [each for each in listed.items if each.ingredients & of_class(scope, CLASS)]
    undated = next((each.name for each in orders if not _begins(each)), None)
    doubt = listed.doubt or (f"it is not recorded when {undated} was begun" if undated else None)
    days = sorted({day for each in orders for day in _days(each, today)})
    unbroken = _unbroken(days, today, scope.limit("ivig.series_gap_days"))
    cycles = _spaced(sorted(unbroken), scope.limit("ivig.interval_days"))
    shown = (Input("earlier cycles of immunoglobulin", str(len(cycles)), cycles[-1]),) if cycles else ()
    return Known(Decimal(len(cycles)), shown, doubt)


def _begins(order: Medication) -> date | None:
    return order.starts or order.written


def _days(order: Medication, today: date) -> tuple[date, ...]:
    """The days before today on which a course of the order began, as far as it ran."""
    begins, taken = _begins(order), order.exposure
    if begins is None:
        return ()
    last = min(window(order, today).end or today, today - timedelta(days=1))
    cycle = cycle_of(taken)
    length = cycle.length if cycle else None
    starts = (begins + timedelta(days=int(length * n)) for n in count()) if length else iter((begins,))
    planned = None
    if cycle and isinstance(taken.total_mg, Known) and isinstance(taken.mg_per_day, Known):
        planned = max(1, ceil(taken.total_mg.value / taken.mg_per_day.value / cycle.days))
    return tuple(islice(takewhile(lambda day: day <= last, starts), planned))


def _unbroken(days: list[date], today: date, longest: Decimal) -> Iterator[date]:
    """From the last day back, until a gap is too long."""
    later = today
    for day in reversed(days):
        if (later - day).days > longest:
            return
        yield day
        later = day


def _spaced(days: Iterable[date], shortest: Decimal) -> list[date]:
    """The first day and each that is far enough from the last one kept."""
    kept: list[date] = []
    for day in days:
        if not kept or (day - kept[-1]).days >= shortest:
            kept.append(day)
    return kept
