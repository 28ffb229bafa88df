"""What must be measured before a drug is begun, restarted or increased, and is not on record."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from cds_service.clinical.calendar import Baseline
from cds_service.clinical.facts.done import EXAMINATIONS
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.monitoring import RESULTS, holds, is_ordered, last_done, unread
from cds_service.clinical.facts.reading import within
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.facts.taking import NEEDS
from cds_service.clinical.known import Fact, Input, Known, Unknown

BEGINNINGS = ("start", "restart", "increase")
PLANNED = "methotrexate"
"""The schedule whose baseline a new patient needs: whichever drug follows, its tests are needed."""
_NEEDS = (
    *NEEDS,
    *RESULTS,
    *EXAMINATIONS,
    "patient",
    "bodyMeasurements",
    "pregnancyStatus",
    "pharmacogenetics",
)
_LIMITS = ("monitoring.order_counts_days", "monitoring.steroid_daily", "monitoring.steroid_course_days")
_of_an_order = partial(
    fact,
    about="order",
    needs=_NEEDS,
    limits=_LIMITS,
    uses=("frp", "pregnant", "finding", "phase", "prednisone_equivalent_mg_per_day"),
)
_of_the_patient = partial(fact, needs=_NEEDS, limits=_LIMITS, uses=("frp", "pregnant", "finding"))


@_of_an_order("baseline_count", "number", unit="1")
def baseline_count(scope: Scope) -> Fact[Decimal]:
    """How many tests that belong before this order are neither on record nor ordered."""
    if scope.order is None:
        return NO_ORDER
    lacking, doubt = _lacking(scope, list(_of_order(scope)))
    return Known(Decimal(len(lacking)), _shown(lacking), doubt)


@_of_an_order("baseline_tests", "words")
def baseline_tests(scope: Scope) -> Fact[tuple[str, ...]]:
    """Those tests in words."""
    if scope.order is None:
        return NO_ORDER
    lacking, doubt = _lacking(scope, list(_of_order(scope)))
    return Known(tuple(each.test.words for each in lacking), _shown(lacking), doubt)


@_of_an_order("baseline_orders", "words")
def baseline_orders(scope: Scope) -> Fact[tuple[str, ...]]:
    """What to order for them, by name of the list of orders."""
    if scope.order is None:
        return NO_ORDER
    return Known(
        tuple(each.test.order for each in _lacking(scope, list(_of_order(scope)))[0] if each.test.order)
    )


@_of_the_patient("workup_count", "number", unit="1")
def workup_count(scope: Scope) -> Fact[Decimal]:
    """How many baseline tests a patient about to begin treatment lacks."""
    lacking, doubt = _lacking(scope, list(_of_workup(scope)))
    return Known(Decimal(len(lacking)), _shown(lacking), doubt)


@_of_the_patient("workup_tests", "words")
def workup_tests(scope: Scope) -> Fact[tuple[str, ...]]:
    """Those tests in words."""
    return Known(tuple(each.test.words for each in _lacking(scope, list(_of_workup(scope)))[0]))


@_of_the_patient("workup_orders", "words")
def workup_orders(scope: Scope) -> Fact[tuple[str, ...]]:
    """What to order for them, by name of the list of orders."""
    lacking = _lacking(scope, list(_of_workup(scope)))[0]
    return Known(tuple(each.test.order for each in lacking if each.test.order))


def _of_order(scope: Scope) -> Iterator[Baseline]:
    """The baseline of the order's drugs: all of it at a beginning, else what every order asks for."""
    order = scope.order
    if order is None:
        return
    phase = scope.get("phase")
    begins = isinstance(phase, Unknown) or phase.value in BEGINNINGS
    for schedule in scope.schedules.of(order.ingredients):
        if schedule.only and not _long_course(scope):
            continue
        yield from (each for each in schedule.baseline if begins or each.each_order)


def _of_workup(scope: Scope) -> Iterator[Baseline]:
    for schedule in scope.schedules.all:
        if schedule.name == PLANNED:
            yield from schedule.baseline


def _long_course(scope: Scope) -> bool:
    """Whether a glucocorticoid order is of the size and length that its schedule is about."""
    order, daily = scope.order, scope.get("prednisone_equivalent_mg_per_day")
    if order is None or isinstance(daily, Unknown) or daily.value < scope.limit("monitoring.steroid_daily"):
        return False
    days = order.exposure.course_days
    return isinstance(days, Unknown) or days.value >= scope.limit("monitoring.steroid_course_days")


def _lacking(scope: Scope, wanted: list[Baseline]) -> tuple[list[Baseline], str | None]:
    """What of the wanted is not on record and not ordered; and a doubt where a list could not be read."""
    lacking: dict[str, Baseline] = {}
    doubt = None
    for each in wanted:
        if each.only == "not-pregnant" and not holds(scope, each.only):
            continue
        pregnancy = _may_become_pregnant(scope) if each.only == "may-become-pregnant" else Known(True)
        if isinstance(pregnancy, Known) and not pregnancy.value:
            continue
        if _recent(scope, each) or is_ordered(scope, each.test):
            continue
        unseen = unread(scope, each.test)
        if unseen or isinstance(pregnancy, Unknown):
            doubt = doubt or unseen or pregnancy.reason  # type: ignore[union-attr]
        else:
            lacking.setdefault(each.test.name, each)
    return list(lacking.values()), doubt


def _may_become_pregnant(scope: Scope) -> Fact[bool]:
    """By sex, age and problems; a known pregnancy needs no test."""
    pregnant: Fact[bool] = scope.get("pregnant")
    if isinstance(pregnant, Known) and pregnant.value:
        return Known(False, pregnant.inputs)
    return scope.get("frp")


def _recent(scope: Scope, each: Baseline) -> bool:
    last = last_done(scope, each.test)
    return last is not None and (each.within is None or bool(within(last, scope.chart.today, each.within)))


def _shown(lacking: list[Baseline]) -> tuple[Input, ...]:
    return tuple(
        Input(each.test.words, "not on record" if each.within is None else f"none within {each.within} days")
        for each in lacking
    )
