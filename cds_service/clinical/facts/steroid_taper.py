"""The taper of a glucocorticoid course: whether it has begun, and how it would go from today's dose."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import runs
from cds_service.clinical.facts.glucocorticoid_kind import KIND_LIMITS, as_prednisone, counts_as_course
from cds_service.clinical.facts.reading import of_medication, unknown_of
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.steroid_course import (
    CLASS,
    TAPER_LIMITS,
    highest,
    planned_taper,
    running,
    tablets,
)
from cds_service.clinical.facts.taking import NEEDS, recorded
from cds_service.clinical.known import Fact, Known, Unknown
from cds_service.clinical.ranges import to_step
from cds_service.clinical.taper import Course, Leg, TaperStep, slide

_GC = "glucocorticoid"
DAYS_OF_A_WEEK = 7
_CHILD_LIMITS = tuple(
    f"{_GC}.child_taper_{name}"
    for name in ("first_per_kg", "first_days", "last_per_kg", "last_days", "step_days")
)


@fact(
    "taper_begun",
    "flag",
    uses=("steroid_today_mg_per_day", "days_on"),
    needs=NEEDS,
    limits=(*KIND_LIMITS, "regimen.bridge_days"),
)
def taper_begun(scope: Scope) -> Fact[bool]:
    """Today's dose is below the highest of the present course, or an order in force will lower it."""
    now: Fact[Decimal] = scope.get("steroid_today_mg_per_day")
    if isinstance(now, Unknown):
        return now
    begun = now.value < highest(scope) or _is_ordered(scope, now.value)
    return flag(begun, *now.inputs, doubt=now.doubt)


def _is_ordered(scope: Scope, now: Decimal) -> bool:
    """Whether a later step of a running order, or an order yet to begin, is of a lower dose."""
    return any(isinstance(mg, Known) and mg.value < now for mg in _to_come(scope))


def _to_come(scope: Scope) -> Iterable[Fact[Decimal]]:
    today = scope.chart.today
    for order in recorded(scope).items:
        if order.state == "active" and order.starts and counts_as_course(scope, order):
            for step in order.exposure.steps:
                if order.starts + timedelta(days=step.starts_on_day) > today:
                    yield as_prednisone(scope, order, step.mg_per_day)


@fact(
    "taper",
    "course",
    uses=("steroid_today_mg_per_day", "days_on", "juvenile", "dosing_weight_kg"),
    limits=(*TAPER_LIMITS, *_CHILD_LIMITS),
)
def taper(scope: Scope) -> Fact[Course]:
    """How the glucocorticoid of today would be tapered: an adult's default, or a child's by weight.

    An adult first has what is left of the days at the first dose.
    """
    now: Fact[Decimal] = scope.get("steroid_today_mg_per_day")
    juvenile: Fact[bool] = scope.get("juvenile")
    if isinstance(now, Unknown) or isinstance(juvenile, Unknown):
        return unknown_of(now, juvenile)
    if now.doubt:
        return Unknown(now.doubt, NEEDS)
    return _of_child(scope, now) if juvenile.value else _of_adult(scope, now)


def _of_adult(scope: Scope, now: Known[Decimal]) -> Fact[Course]:
    days: Fact[Decimal] = scope.get("days_on", CLASS)
    if isinstance(days, Unknown):
        return days
    left = max(int(scope.limit(f"{_GC}.taper_hold_days") - days.value), 0)
    steps = planned_taper(scope, now.value, left)
    return _course(steps, scope.limit(f"{_GC}.taper_end_mg"), now)


def _of_child(scope: Scope, now: Known[Decimal]) -> Fact[Course]:
    weight: Fact[Decimal] = scope.get("dosing_weight_kg")
    if isinstance(weight, Unknown):
        return weight

    def limit(name: str) -> Decimal:
        return scope.limit(f"{_GC}.child_taper_{name}")

    legs = [
        Leg(limit(f"{leg}_per_kg") * weight.value, int(limit(f"{leg}_days"))) for leg in ("first", "last")
    ]
    steps = slide(now.value, legs, int(limit("step_days")), tablets(scope))
    end = to_step(legs[-1].to_mg, tablets(scope), ROUND_HALF_UP)
    return _course([step for step in steps if step.mg > end], end, now)


def _course(steps: Iterable[TaperStep], end: Decimal, now: Known[Decimal]) -> Fact[Course]:
    found = Course(tuple(step for step in steps if step.days), end)
    return Known(found, now.inputs) if found.steps else Unknown("the dose is too low for a taper of steps")


@fact("taper_of", "course", of="drug", uses=("taper", "has_condition"), needs=NEEDS, limits=KIND_LIMITS)
def taper_of(scope: Scope, of: tuple[str, ...]) -> Fact[Course]:
    """The taper as one order of this drug: where it is the one glucocorticoid that is taken, by mouth.

    Unknown also where the adrenals are on record as insufficient: such a taper is a specialist's.
    """
    order, adrenals = running_order(scope), scope.get("has_condition", "adrenal_insufficiency")
    if isinstance(order, Unknown) or isinstance(adrenals, Unknown):
        return unknown_of(order, adrenals)
    if adrenals.value:
        return Unknown("adrenal insufficiency is on record")
    if not order.value.ingredients & set(of):
        return Unknown(f"the glucocorticoid taken is {order.value.name}")
    same = as_prednisone(scope, order.value, Known(Decimal(1)))
    if isinstance(same, Unknown) or same.value != 1:
        return Unknown(f"milligrams of {order.value.name} are not those of prednisone")
    found: Fact[Course] = scope.get("taper")
    return found


def running_order(scope: Scope) -> Fact[Medication]:
    """The one oral glucocorticoid order that runs today, of which a taper would take the place."""
    found = running(scope)
    if len(found) != 1:
        return Unknown("not exactly one glucocorticoid is taken")
    if found[0].route not in ("", "oral"):
        return Unknown(f"{found[0].name} is not taken by mouth")
    if _is_contradicted(scope, found[0]):
        return Unknown(f"orders of {found[0].name} begun on one day name different doses")
    return Known(found[0])


def _is_contradicted(scope: Scope, order: Medication) -> bool:
    """Whether another order in force, begun on the same day, is of another dose: nobody knows which is taken."""
    others = (m for m in recorded(scope).items if runs(m, scope.chart.today) and counts_as_course(scope, m))
    return any(
        m.starts == order.starts and m.exposure.mg_per_day != order.exposure.mg_per_day for m in others
    )


@fact("steroid_every_day", "flag", needs=NEEDS, limits=KIND_LIMITS, uses=("juvenile", "dosing_weight_kg"))
def steroid_every_day(scope: Scope) -> Fact[bool]:
    """No glucocorticoid course that runs today is known to be taken on fewer than seven days a week."""
    rhythms = [(m, m.exposure.dosing_days_per_week) for m in running(scope)]
    rarer = [m for m, days in rhythms if isinstance(days, Known) and days.value < DAYS_OF_A_WEEK]
    return flag(not rarer, *map(of_medication, rarer), doubt=recorded(scope).doubt)


@fact("steroid_taken", "words", needs=NEEDS, limits=KIND_LIMITS)
def steroid_taken(scope: Scope) -> Fact[tuple[str, ...]]:
    """The glucocorticoid that is taken by mouth, by name, where its milligrams are those of prednisone."""
    order = running_order(scope)
    same = as_prednisone(scope, order.value, Known(Decimal(1))) if isinstance(order, Known) else order
    if isinstance(order, Unknown) or isinstance(same, Unknown) or same.value != 1:
        return Known(("prednisone-equivalent",))
    return Known(tuple(scope.terms.display(name) for name in sorted(order.value.ingredients)))


@fact("taper_days", "number", unit="d", uses=("taper",))
def taper_days(scope: Scope) -> Fact[Decimal]:
    """Days until the taper reaches the dose at which it is reviewed."""
    return _told(scope.get("taper"), lambda course: Decimal(course.days))


@fact("taper_total_mg", "number", unit="mg", uses=("taper",))
def taper_total_mg(scope: Scope) -> Fact[Decimal]:
    """Prednisone taken over the taper until then."""
    return _told(scope.get("taper"), lambda course: course.total_mg)


@fact("taper_last_mg", "number", unit="mg/d", uses=("taper",))
def taper_last_mg(scope: Scope) -> Fact[Decimal]:
    """The daily dose at which the taper is reviewed."""
    return _told(scope.get("taper"), lambda course: course.then_mg)


@fact("taper_ends", "date", uses=("taper",))
def taper_ends(scope: Scope) -> Fact[date]:
    """The first day at that dose, if the taper begins today."""
    return _told(scope.get("taper"), lambda course: scope.chart.today + timedelta(days=course.days))


def _told(found: Fact[Course], of: Any) -> Fact[Any]:
    return found if isinstance(found, Unknown) else Known(of(found.value), found.inputs)
