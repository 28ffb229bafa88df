"""Immunoglobulin by vein: what 28 days and one course hold, how soon it is repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count, pairwise
from math import ceil

from cds_service.clinical.chart import Medication
from cds_service.clinical.dosing.types import Cycle, Exposure
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.reading import doubt_of, inputs_of, of_measurement, of_medication, unknown_of
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, of_class, recorded
from cds_service.clinical.known import Fact, Input, Known, Unknown

CLASS = "ivig"
_MONTH = 28
# An order for longer repeats what its first year holds.
_YEAR = 365
# Infusions on days so near one another are one course, written as several orders.
_SAME_COURSE_DAYS = 5
_GROUP_O = re.compile(r"(blood )?(group|type)?\s*[O0]\b(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Course:
    """One infusion, or infusions of days in a row: its first day and its milligrams."""

    day: date
    mg: Decimal
    order: Medication


@fact("grams_per_kg_28_days", "number", unit="g/kg", about="order", needs=NEEDS, uses=("dosing_weight_kg",))
def grams_per_kg_28_days(scope: Scope) -> Fact[Decimal]:
    """The most grams by actual weight in any 28 days, infusions of the last 28 days included."""
    most = most_mg_in_28_days(scope)
    weight: Fact[Decimal] = scope.get("dosing_weight_kg")
    if isinstance(most, Unknown) or isinstance(weight, Unknown):
        return unknown_of(most, weight)
    return Known(most.value / 1000 / weight.value, inputs_of(most, weight), doubt_of(most, weight))


def most_mg_in_28_days(scope: Scope) -> Fact[Decimal]:
    """The most milligrams in any 28 days, infusions of the last 28 days included."""
    courses = _courses(scope)
    if isinstance(courses, Unknown):
        return courses
    most = max(_within(courses.value, each.day) for each in courses.value)
    inputs = tuple(of_medication(each.order) for each in courses.value if each.order is not scope.order)
    return Known(most, (*courses.inputs, *inputs[:2]), courses.doubt)


@fact("mg_per_course", "number", unit="mg", about="order")
def mg_per_course(scope: Scope) -> Fact[Decimal]:
    """The largest course of the order: one infusion, or the sum of days in a row."""
    if scope.order is None:
        return NO_ORDER
    courses = courses_of(scope.order, scope.chart.today)
    return courses if isinstance(courses, Unknown) else Known(max(each.mg for each in courses.value))


@fact("infusions_too_close", "flag", about="order", needs=NEEDS, limits=("ivig.interval_days",))
def infusions_too_close(scope: Scope) -> Fact[bool]:
    """A course begins sooner after another than usual; days in a row of one course are not meant."""
    courses = _courses(scope)
    if isinstance(courses, Unknown):
        return courses
    close = [gap for gap in _gaps(courses.value) if gap < scope.limit("ivig.interval_days")]
    shown = (Input("shortest interval", f"{min(close)} days"),) if close else ()
    return flag(bool(close), *shown, doubt=courses.doubt)


@fact(
    "loading_schedule",
    "flag",
    about="order",
    needs=NEEDS,
    uses=("juvenile", "dosing_weight_kg"),
    limits=("ivig.loading_infusions", "ivig.loading_days", "ivig.loading_per_kg", "ivig.interval_days"),
)
def loading_schedule(scope: Scope) -> Fact[bool]:
    """A child's loading schedule: at most three infusions about two weeks apart, none larger than a full course."""
    juvenile: Fact[bool] = scope.get("juvenile")
    if isinstance(juvenile, Known) and not juvenile.value:
        return juvenile
    courses, weight = _courses(scope), scope.get("dosing_weight_kg")
    if isinstance(juvenile, Unknown) or isinstance(courses, Unknown) or isinstance(weight, Unknown):
        return unknown_of(juvenile, courses, weight)
    gaps = _gaps(courses.value)
    fits = (
        1 < len(courses.value) <= scope.limit("ivig.loading_infusions")
        and all(gap >= scope.limit("ivig.loading_days") for gap in gaps)
        and all(each.mg / 1000 / weight.value <= scope.limit("ivig.loading_per_kg") for each in courses.value)
    )
    return flag(fits and min(gaps) < scope.limit("ivig.interval_days"), doubt=courses.doubt)


@fact("blood_group_o", "flag", needs=("immunoglobulins",))
def blood_group_o(scope: Scope) -> Fact[bool]:
    """The newest blood group on record is O."""
    found = scope.chart.measurements("blood_group")
    if isinstance(found, Unknown) or not found.value:
        return found if isinstance(found, Unknown) else flag(False, doubt=found.doubt)
    newest = found.value[0]
    is_o = newest.finding == "group_o" or bool(_GROUP_O.match(newest.shown))
    return flag(is_o, of_measurement(scope, newest), doubt=found.doubt)


def _courses(scope: Scope) -> Fact[tuple[Course, ...]]:
    """The courses of the order, and those of other orders with an end that began in the 28 days before."""
    if scope.order is None:
        return NO_ORDER
    today = scope.chart.today
    own = courses_of(scope.order, today)
    if isinstance(own, Unknown):
        return own
    first = min(each.day for each in own.value)
    earlier = [
        each
        for order in recorded(scope).items
        if order.ingredients & of_class(scope, CLASS) and _is_other(order, scope.order)
        for each in _ended(order, today)
        if first - timedelta(days=_MONTH) < each.day <= first
    ]
    return Known(tuple(_joined([*own.value, *earlier])), own.inputs, own.doubt or recorded(scope).doubt)


def _is_other(order: Medication, draft: Medication) -> bool:
    return order.reference not in (draft.reference, draft.replaces)


def _ended(order: Medication, today: date) -> tuple[Course, ...]:
    """The course of a recorded order that states its end; one without an end is what the draft renews."""
    length = order.exposure.course_days
    if not isinstance(length, Known) or length.value > _MONTH or not (order.starts or order.written):
        return ()
    found = courses_of(order, today)
    return found.value if isinstance(found, Known) else ()


def courses_of(order: Medication, today: date) -> Fact[tuple[Course, ...]]:
    """Days in a row are one course, as are those of one cycle; infusions a week or more apart are one each.

    An order without an end holds as many as begin in 28 days.
    """
    taken, begins = order.exposure, order.starts or order.written or today
    total, a_day, cycle = taken.total_mg, taken.mg_per_day, cycle_of(taken)
    if cycle is not None and isinstance(a_day, Known):
        infusions = total.value / a_day.value if isinstance(total, Known) else None
        return Known(tuple(_repeated(order, begins, cycle, a_day.value, infusions)), (), a_day.doubt)
    short = isinstance(taken.course_days, Known) and taken.course_days.value <= _MONTH
    if short and isinstance(total, Known):
        return Known((Course(begins, total.value, order),), total.inputs, total.doubt)
    weekly = taken.mg_per_week
    if isinstance(weekly, Unknown):
        return weekly
    return Known((Course(begins, weekly.value * 4, order),), weekly.inputs, weekly.doubt)


def cycle_of(taken: Exposure) -> Cycle | None:
    """The cycle of an order: as stated, or one day in so many where that is once a week or less often."""
    days = taken.dosing_days_per_week
    if taken.cycle is None and isinstance(days, Known) and 0 < days.value <= 1:
        return Cycle(Decimal(1), 7 / Fraction(days.value))
    return taken.cycle


def _repeated(
    order: Medication, begins: date, cycle: Cycle, mg: Decimal, infusions: Decimal | None
) -> Iterator[Course]:
    """The courses of an order with a cycle: each of the cycle's days in a row, the last with what is left."""
    left = max(infusions, Decimal(1)) if infusions is not None else ceil(_MONTH / cycle.length) * cycle.days
    for n in count():
        here = min(cycle.days, left)
        yield Course(begins + timedelta(days=int(cycle.length * n)), mg * here, order)
        left -= here
        if left <= 0 or cycle.length * n > _YEAR:
            return


def _joined(courses: list[Course]) -> list[Course]:
    """Orders whose infusions are days apart are one course."""
    kept: list[Course] = []
    for each in sorted(courses, key=lambda course: course.day):
        last = kept[-1] if kept else None
        if last and (each.day - last.day).days <= _SAME_COURSE_DAYS and each.order is not last.order:
            kept[-1] = Course(last.day, last.mg + each.mg, each.order)
        else:
            kept.append(each)
    return kept


def _within(courses: tuple[Course, ...], first: date) -> Decimal:
    last = first + timedelta(days=_MONTH - 1)
    return sum((each.mg for each in courses if first <= each.day <= last), Decimal(0))


def _gaps(courses: tuple[Course, ...]) -> list[int]:
    days = [each.day for each in courses]
    return [(later - earlier).days for earlier, later in pairwise(days)]
