"""What holds a live vaccine back: a high glucocorticoid dose, and immunoglobulin that spoils it.

Both are seen from the day of the drafted vaccine; from today where none is drafted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import end_unknown, replaces, window
from cds_service.clinical.facts.glucocorticoid_kind import KIND_LIMITS, as_prednisone, counts_as_course
from cds_service.clinical.facts.immunoglobulin import courses_of
from cds_service.clinical.facts.reading import of_medication, unknown_of
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, everything, of_class, recorded
from cds_service.clinical.known import Fact, Known, Unknown

_STEROID_LIMITS = tuple(
    f"safety.live_vaccine_{name}" for name in ("daily", "child_per_kg", "course_days", "hold_days")
)
_WAITS = ("vaccine_low_per_kg", "vaccine_middle_per_kg", "vaccine_low_days", "vaccine_middle_days")
_WAIT_LIMITS = tuple(f"ivig.{name}" for name in (*_WAITS, "vaccine_high_days"))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days on which an order gives so much prednisone-equivalent."""

    first: date
    last: date
    mg: Decimal
    order: Medication


@fact(
    "steroid_holds_live_vaccine",
    "flag",
    needs=NEEDS,
    uses=("juvenile", "dosing_weight_kg"),
    limits=(*KIND_LIMITS, *_STEROID_LIMITS, "regimen.bridge_days"),
)
def steroid_holds_live_vaccine(scope: Scope) -> Fact[bool]:
    """A glucocorticoid course of two weeks or more at a high dose runs, is drafted, or ended within the hold.

    High is 20 mg a day as prednisone, in a child also 2 mg/kg. A course without an end is a long one.
    """
    vaccine, hold = _vaccine_day(scope), timedelta(days=int(scope.limit("safety.live_vaccine_hold_days")))
    length, bridge = (
        int(scope.limit(name)) for name in ("safety.live_vaccine_course_days", "regimen.bridge_days")
    )
    margin = hold + timedelta(days=length + bridge)
    bound, doubt = _high_dose(scope)
    found, unread = _stretches(scope, vaccine - margin, vaccine + margin)
    for run in _runs(_high_days(found, bound), bridge):
        if (run[-1] - run[0]).days + 1 >= length and run[-1] >= vaccine - hold and run[0] <= vaccine + hold:
            orders = [each.order for each in found if each.first <= run[-1] and each.last >= run[0]]
            return flag(True, *map(of_medication, dict.fromkeys(orders)))
    return flag(False, doubt=recorded(scope).doubt or unread or doubt)


@fact(
    "immunoglobulin_vaccine_days",
    "number",
    unit="d",
    needs=NEEDS,
    uses=("dosing_weight_kg",),
    limits=_WAIT_LIMITS,
)
def immunoglobulin_vaccine_days(scope: Scope) -> Fact[Decimal]:
    """Days a measles, mumps, rubella or varicella vaccine has yet to wait after immunoglobulin; 0 where none.

    The wait follows the dose by weight. Where that is not known the shortest wait is certain, the longest possible.
    """
    day, doubt = _vaccine_day(scope), recorded(scope).doubt
    most, shown = 0, None
    for order in recorded(scope).items:
        if not order.ingredients & of_class(scope, "immunoglobulin"):
            continue
        sure, possible = _days_left(scope, order, day)
        if max(sure, 0) < possible:
            doubt = doubt or f"how much {order.name} was given, or until when, is not known"
        if sure > most:
            most, shown = sure, order
    return Known(Decimal(most), (of_medication(shown),) if shown else (), doubt)


def _vaccine_day(scope: Scope) -> date:
    vaccines = of_class(scope, "live_vaccine")
    days = [m.starts for m in scope.drafts if m.ingredients & vaccines and m.starts]
    return min(days, default=scope.chart.today)


def _high_dose(scope: Scope) -> tuple[Decimal, str | None]:
    """The daily dose that holds a live vaccine, and why it might be a lower one."""
    usual, juvenile = scope.limit("safety.live_vaccine_daily"), scope.get("juvenile")
    if isinstance(juvenile, Known) and not juvenile.value:
        return usual, None
    weight: Fact[Decimal] = scope.get("dosing_weight_kg")
    if isinstance(juvenile, Unknown) or isinstance(weight, Unknown):
        return usual, unknown_of(juvenile, weight).reason
    return min(usual, scope.limit("safety.live_vaccine_child_per_kg") * weight.value), weight.doubt


def _stretches(scope: Scope, first: date, last: date) -> tuple[list[_Stretch], str | None]:
    """What courses give from the first to the last day, and why some of it is not known."""
    found: list[_Stretch] = []
    doubt: str | None = None
    courses = [m for m in everything(scope) if counts_as_course(scope, m)]
    courses.sort(key=lambda m: (window(m, scope.chart.today).start, m.state == "draft"))
    for n, order in enumerate(courses):
        span = window(order, scope.chart.today)
        cut = [window(m, scope.chart.today).start for m in courses[n + 1 :] if replaces(m, order)]
        ends = min([span.end or last, last, *(day - timedelta(days=1) for day in cut)])
        if end_unknown(order):
            doubt = doubt or f"it is not recorded when {order.name} was stopped"
        for begins, until, mg in _steps(scope, order, span.start, ends):
            if until < first or begins > last or begins > until:
                continue
            if isinstance(mg, Unknown):
                doubt = doubt or mg.reason
            else:
                found.append(_Stretch(max(begins, first), until, mg.value, order))
    return found, doubt


def _steps(
    scope: Scope, order: Medication, start: date, end: date
) -> Iterator[tuple[date, date, Fact[Decimal]]]:
    """Each step of an order with its days and its daily dose as prednisone."""
    taken = order.exposure
    if not taken.steps:
        yield start, end, as_prednisone(scope, order, taken.mg_per_day)
    for step in taken.steps:
        begins = start + timedelta(days=step.starts_on_day)
        until = end if step.days is None else min(end, begins + timedelta(days=step.days - 1))
        yield begins, until, as_prednisone(scope, order, step.mg_per_day)


def _high_days(found: list[_Stretch], bound: Decimal) -> Iterator[date]:
    if not found:
        return
    day, last = min(each.first for each in found), max(each.last for each in found)
    while day <= last:
        if sum(each.mg for each in found if each.first <= day <= each.last) >= bound:
            yield day
        day += timedelta(days=1)


def _runs(days: Iterator[date], bridge: int) -> Iterator[list[date]]:
    """Days in a row, gaps of at most the bridge bridged."""
    run: list[date] = []
    for day in days:
        if run and (day - run[-1]).days > bridge + 1:
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def _days_left(scope: Scope, order: Medication, vaccine: date) -> tuple[int, int]:
    """Days of the wait that are certainly left, and those that are possible: the same where all is known."""
    low, middle, high = (int(scope.limit(f"ivig.vaccine_{name}_days")) for name in ("low", "middle", "high"))
    gone = (vaccine - min(window(order, scope.chart.today).end or vaccine, vaccine)).days
    given, weight = courses_of(order, scope.chart.today), scope.get("dosing_weight_kg")
    if end_unknown(order):
        return low - gone, high
    if isinstance(given, Unknown) or isinstance(weight, Unknown):
        return low - gone, high - gone
    per_kg = max(each.mg for each in given.value) / 1000 / weight.value
    if per_kg <= scope.limit("ivig.vaccine_low_per_kg"):
        return low - gone, low - gone
    wait = middle if per_kg <= scope.limit("ivig.vaccine_middle_per_kg") else high
    return wait - gone, wait - gone
