"""The glucocorticoid of today: the step of a taper that holds now, and what a taper would have come to."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import runs, together, window
from cds_service.clinical.facts.glucocorticoid import per_kg
from cds_service.clinical.facts.glucocorticoid_kind import KIND_LIMITS, as_prednisone, counts_as_course
from cds_service.clinical.facts.reading import names, of_medication, rounded
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.facts.taking import NEEDS, recorded
from cds_service.clinical.known import Fact, Input, Known, Unknown
from cds_service.clinical.ranges import Steps
from cds_service.clinical.taper import Stage, TaperStep, dose_on_day, taper

_GC = "glucocorticoid"
CLASS = "systemic_glucocorticoid"
TAPER_LIMITS = tuple(
    f"{_GC}.{name}"
    for name in ("taper_hold_days", "taper_end_mg", "taper_from_high", "taper_from_middle", "taper_from_low",
                 "taper_minus_high", "taper_minus_middle", "taper_minus_low", "taper_minus_last",
                 "taper_step_days", "taper_last_step_days", "tablet_step_from", "tablet_step",
                 "small_tablet_step", "least_tablet_step")
)  # fmt: skip


@fact(
    "steroid_today_mg_per_day",
    "number",
    unit="mg/d",
    needs=NEEDS,
    uses=("juvenile", "dosing_weight_kg"),
    limits=KIND_LIMITS,
)
def steroid_today_mg_per_day(scope: Scope) -> Fact[Decimal]:
    """What is taken today of all running glucocorticoid courses, as prednisone: of a taper the present step."""
    total, inputs, doubt = Decimal(0), [], recorded(scope).doubt
    for order in running(scope):
        daily = as_prednisone(scope, order, _today(order, scope))
        if isinstance(daily, Unknown):
            doubt = doubt or f"today's dose of {order.name} is not known"
            continue
        total += daily.value
        name = f"{of_medication(order).value}, as prednisone,"
        inputs.append(Input(name, rounded(daily.value, "mg/d"), order.starts or order.written))
    if not inputs and doubt:
        return Unknown(doubt, ("medicationRequests",))
    return Known(total, tuple(inputs), doubt)


@fact("steroid_today_drugs", "words", needs=NEEDS, limits=KIND_LIMITS)
def steroid_today_drugs(scope: Scope) -> Fact[tuple[str, ...]]:
    """The glucocorticoids of the courses that run today, in words."""
    wanted, found = names(scope, (CLASS,)), running(scope)
    told = dict.fromkeys(scope.terms.display(i) for m in found for i in sorted(m.ingredients & wanted))
    return Known(tuple(told), tuple(map(of_medication, found)), recorded(scope).doubt)


@fact(
    "steroid_today_mg_per_kg_per_day",
    "number",
    unit="mg/kg/d",
    uses=("steroid_today_mg_per_day", "dosing_weight_kg"),
)
def steroid_today_mg_per_kg_per_day(scope: Scope) -> Fact[Decimal]:
    """What is taken today of glucocorticoids, as prednisone, by body weight."""
    return per_kg(scope, scope.get("steroid_today_mg_per_day"))


@fact(
    "steroid_percent_of_taper",
    "number",
    unit="%",
    uses=("steroid_today_mg_per_day", "days_on"),
    limits=(*TAPER_LIMITS, "monitoring.taper_profile", "regimen.bridge_days"),
)
def steroid_percent_of_taper(scope: Scope) -> Fact[Decimal]:
    """Today's dose in per cent of what the chosen taper comes to today; 0 where no taper is chosen.

    The taper starts from the highest daily dose of the present course.
    """
    if not scope.limit("monitoring.taper_profile"):
        return Known(Decimal(0))
    now: Fact[Decimal] = scope.get("steroid_today_mg_per_day")
    days: Fact[Decimal] = scope.get("days_on", CLASS)
    if isinstance(now, Unknown) or isinstance(days, Unknown):
        return now if isinstance(now, Unknown) else days
    if not now.value:
        return Known(Decimal(0), now.inputs, now.doubt)
    steps = planned_taper(scope, highest(scope), int(scope.limit(f"{_GC}.taper_hold_days")))
    planned = dose_on_day(steps, int(days.value) + 1, scope.limit(f"{_GC}.taper_end_mg"))
    shown = Input("planned today", rounded(planned, "mg/d"))
    return Known(now.value / planned * 100, (*now.inputs, shown), now.doubt or days.doubt)


def running(scope: Scope) -> tuple[Medication, ...]:
    """The glucocorticoid courses that run today and add up."""
    found = [m for m in recorded(scope).items if runs(m, scope.chart.today) and counts_as_course(scope, m)]
    return together(found, scope.chart.today)


def _today(order: Medication, scope: Scope) -> Fact[Decimal]:
    """The daily dose of the step that holds today; after the last step, that of the last."""
    steps = order.exposure.steps
    if len(steps) < 2 or order.starts is None:
        return order.exposure.mg_per_day
    day = (scope.chart.today - order.starts).days
    begun = [step for step in steps if step.starts_on_day <= day]
    return (begun or list(steps))[-1].mg_per_day


def highest(scope: Scope) -> Decimal:
    """The highest daily dose of the glucocorticoid orders of the present course."""
    bridge, today = int(scope.limit("regimen.bridge_days")), scope.chart.today
    days = scope.get("days_on", CLASS)
    span = int(days.value) + bridge if isinstance(days, Known) else bridge
    return max(_doses(scope, span, today.toordinal()), default=Decimal(0))


def _doses(scope: Scope, span: int, today: int) -> Iterator[Decimal]:
    for order in recorded(scope).items:
        daily = as_prednisone(scope, order, order.exposure.mg_per_day)
        begun = window(order, scope.chart.today).start.toordinal()
        if counts_as_course(scope, order) and isinstance(daily, Known) and today - begun <= span:
            yield daily.value


def planned_taper(scope: Scope, start_mg: Decimal, hold_days: int) -> tuple[TaperStep, ...]:
    """The default adult taper from a first dose that is held for so many days."""

    def limit(name: str) -> Decimal:
        return scope.limit(f"{_GC}.taper_{name}")

    days = int(limit("step_days"))
    stages = (
        Stage(limit("from_high"), limit("minus_high"), days),
        Stage(limit("from_middle"), limit("minus_middle"), days),
        Stage(limit("from_low"), limit("minus_low"), days),
        Stage(Decimal(0), limit("minus_last"), int(limit("last_step_days"))),
    )
    return taper(start_mg, hold_days, stages, limit("end_mg"), tablets(scope))


def tablets(scope: Scope) -> Steps:
    """What doses of a taper are multiples of: whole tablets, smaller ones below, the smallest at the end."""

    def limit(name: str) -> Decimal:
        return scope.limit(f"{_GC}.{name}")

    return (
        (limit("tablet_step_from"), limit("tablet_step")),
        (limit("taper_from_low"), limit("small_tablet_step")),
        (Decimal(0), limit("least_tablet_step")),
    )


@fact(
    "steroid_reminder_due",
    "flag",
    uses=("days_on",),
    limits=(f"{_GC}.remind_first_days", f"{_GC}.remind_every_days", f"{_GC}.remind_open_days"),
)
def steroid_reminder_due(scope: Scope) -> Fact[bool]:
    """What is missing beside the running glucocorticoid is told today.

    In the first five weeks of the course, then for four weeks every half year; also where nobody knows when it began.
    """
    days: Fact[Decimal] = scope.get("days_on", CLASS)
    if isinstance(days, Unknown) or days.doubt:
        return Known(True)
    first, every, open_ = (scope.limit(f"{_GC}.remind_{name}_days") for name in ("first", "every", "open"))
    is_due = days.value <= first or (days.value >= every and days.value % every < open_)
    return Known(is_due, days.inputs)


@fact(
    "steroid_review_due",
    "flag",
    uses=("steroid_reminder_due", "days_on"),
    limits=("monitoring.taper_days", f"{_GC}.remind_open_days"),
)
def steroid_review_due(scope: Scope) -> Fact[bool]:
    """That a glucocorticoid course is too long or too high is told today.

    For four weeks from the day on which its dose is first asked about, and with the half-yearly reminders.
    """
    days: Fact[Decimal] = scope.get("days_on", CLASS)
    first, open_ = scope.limit("monitoring.taper_days"), scope.limit(f"{_GC}.remind_open_days")
    if isinstance(days, Known) and 0 <= days.value - first < open_:
        return Known(True, days.inputs)
    reminder: Fact[bool] = scope.get("steroid_reminder_due")
    return reminder


@fact("steroid_free_days", "number", unit="d", uses=("stopped_days",), needs=NEEDS)
def steroid_free_days(scope: Scope) -> Fact[Decimal]:
    """Days since the last glucocorticoid; 0 while one is taken, and where none was ever recorded."""
    taken = recorded(scope)
    if not any(names(scope, (CLASS,)) & m.ingredients for m in taken.items):
        return Known(Decimal(0), (), taken.doubt)
    return scope.get("stopped_days", CLASS)


@fact("dependence_told", "flag", uses=("steroid_review_due", "flare"))
def dependence_told(scope: Scope) -> Fact[bool]:
    """That a patient depends on glucocorticoid is told today: when its course is reviewed, or in a confirmed flare."""
    flares: Fact[str] = scope.get("flare")
    if isinstance(flares, Known) and flares.value == "confirmed":
        return Known(True, flares.inputs)
    review: Fact[bool] = scope.get("steroid_review_due")
    return review
