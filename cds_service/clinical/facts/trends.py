"""Where results are going: falls that last, values a second test confirmed, blood pressure over two visits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical.chart import Measurement
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.pressure import PRESSURES
from cds_service.clinical.facts.reading import numeric, of_measurement, results, within
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.facts.taking import NEEDS, course_start, recorded
from cds_service.clinical.known import Fact, Known, Unknown


@fact("sustained_fall_percent", "number", unit="%", of="lab", args=("within_days",))
def sustained_fall_percent(
    scope: Scope, of: tuple[str, ...], within_days: int | None = None
) -> Fact[Decimal]:
    """How far the newest result lies below the third newest, in per cent, where the one between is lower too.

    0 where the fall was not seen twice, or where fewer than three results (within so many days) exist.
    """
    found = results(scope, of)
    three = _by_day(scope, of, within_days)[:3]
    if len(three) < 3:
        return Known(Decimal(0), (), found.doubt)
    (_, now), (_, between), (_, before) = three
    inputs = tuple(of_measurement(scope, m) for m, _ in three)
    if before <= 0 or not (now < before and between < before):
        return Known(Decimal(0), inputs, found.doubt)
    return Known((before - now) / before * 100, inputs, found.doubt)


@fact("higher_of_last_two", "number", unit="of the lab", of="lab", args=("within_days",))
def higher_of_last_two(scope: Scope, of: tuple[str, ...], within_days: int | None = None) -> Fact[Decimal]:
    """The higher of the two newest results of different days; unknown where there are not two."""
    return _of_last_two(scope, of, within_days, max)


@fact("lower_of_last_two", "number", unit="of the lab", of="lab", args=("within_days",))
def lower_of_last_two(scope: Scope, of: tuple[str, ...], within_days: int | None = None) -> Fact[Decimal]:
    """The lower of the two newest results of different days; unknown where there are not two."""
    return _of_last_two(scope, of, within_days, min)


@fact(
    "fall_on_drug",
    "number",
    unit="of the lab",
    about="order",
    of="lab",
    needs=NEEDS,
    limits=("regimen.bridge_days", "monitoring.result_days"),
)
def fall_on_drug(scope: Scope, of: tuple[str, ...]) -> Fact[Decimal]:
    """How far the newest result lies below the last one before the order's drug, or the highest on it if higher.

    0 where it is not taken yet, or where nothing earlier is on record: a repeat of a low value ends no fall.
    """
    if scope.order is None:
        return NO_ORDER
    begun = course_start(scope, scope.order.ingredients, int(scope.limit("regimen.bridge_days")))
    found = results(scope, of)
    doubt = found.doubt or recorded(scope).doubt
    days = int(scope.limit("monitoring.result_days"))
    latest = _by_day(scope, of, days)[:1]
    if begun is None or not latest:
        return Known(Decimal(0), (), doubt)
    (last, now) = latest[0]
    highest, value = max(_to_compare(scope, of, begun, days), key=lambda pair: pair[1], default=latest[0])
    return Known(value - now, (of_measurement(scope, last), of_measurement(scope, highest)), doubt)


def _to_compare(
    scope: Scope, of: tuple[str, ...], begun: date, days: int
) -> list[tuple[Measurement, Decimal]]:
    """The last number of the days before the drug was begun, and those on it."""
    every = _by_day(scope, of, None)
    before = [pair for pair in every if pair[0].on <= begun and within(pair[0].on, begun, days)][:1]
    on_it = [pair for pair in every if pair[0].on > begun and within(pair[0].on, scope.chart.today, days)]
    return before + on_it


@fact("times_uln_twice", "number", unit="1", of="lab", args=("within_days",))
def times_uln_twice(scope: Scope, of: tuple[str, ...], within_days: int | None = None) -> Fact[Decimal]:
    """The lower of the two newest results of different days, each over its own upper limit; 0 with only one.

    Unknown where there are two, but not two with a limit.
    """
    found, days = results(scope, of), _by_day(scope, of, within_days)
    two = [pair for pair in days if pair[0].high][:2]
    if len(two) < 2 <= len(days):
        return Unknown(f"{scope.terms.display(of[0])} has no upper limit of normal", of)
    times = [value / m.high for m, value in two if m.high]
    inputs = tuple(of_measurement(scope, m) for m, _ in two)
    return Known(min(times) if len(times) > 1 else Decimal(0), inputs, found.doubt)


@fact(
    "creatinine_rise_confirmed_percent",
    "number",
    unit="%",
    about="order",
    needs=("kidneyTests",),
    uses=("baseline_creatinine",),
    limits=("monitoring.confirm_days", "kidney.oldest_days"),
)
def creatinine_rise_confirmed_percent(scope: Scope) -> Fact[Decimal]:
    """The smaller rise above baseline of the two newest creatinines, if at most two weeks apart; else 0."""
    baseline: Fact[Decimal] = scope.get("baseline_creatinine")
    if isinstance(baseline, Unknown):
        return baseline
    found = results(scope, ("creatinine",))
    two = _by_day(scope, ("creatinine",), int(scope.limit("kidney.oldest_days")))[:2]
    near = timedelta(days=int(scope.limit("monitoring.confirm_days")))
    if len(two) < 2 or two[0][0].on - two[1][0].on > near:
        return Known(Decimal(0), baseline.inputs, found.doubt)
    inputs = (*(of_measurement(scope, m) for m, _ in two), *baseline.inputs)
    return Known((min(v for _, v in two) - baseline.value) / baseline.value * 100, inputs, found.doubt)


@fact(
    "bp_high_repeated",
    "flag",
    needs=("vitalSigns",),
    uses=("is_adult",),
    limits=tuple(
        f"monitoring.{name}"
        for name in ("bp_systolic", "bp_diastolic", "bp_child_systolic", "bp_child_diastolic", "repeat_days",
                     "result_days")
    ),
)  # fmt: skip
def bp_high_repeated(scope: Scope) -> Fact[bool]:
    """The newest blood pressure and the last one at least a week before it are both high.

    A child is compared with the 95th centile, which is not built in: above a screening value it is unknown.
    """
    found = results(scope, PRESSURES)
    days = _readings(scope)
    pair = _week_apart(scope, days)
    adult: Fact[bool] = scope.get("is_adult")
    if pair and all(_reaches(scope, each, "") for each in pair):
        return Known(True, tuple(of_measurement(scope, m) for each in pair for m in each))
    if found.doubt:
        return Unknown(found.doubt, PRESSURES)
    child = isinstance(adult, Unknown) or not adult.value
    if child and pair and all(_reaches(scope, each, "child_") for each in pair):
        return Unknown(
            "blood pressure of a child is compared with centiles, which are not built in", PRESSURES
        )
    return Known(False, tuple(of_measurement(scope, m) for m in days[0]) if days else ())


def _of_last_two(
    scope: Scope,
    of: tuple[str, ...],
    within_days: int | None,
    which: Callable[..., tuple[Measurement, Decimal]],
) -> Fact[Decimal]:
    found = results(scope, of)
    two = _by_day(scope, of, within_days)[:2]
    if len(two) < 2:
        return Unknown(found.doubt or f"{scope.terms.display(of[0]) or of[0]} was not repeated", of)
    measured, value = which(two, key=lambda pair: pair[1])
    return Known(value, tuple(of_measurement(scope, m) for m, _ in two), found.doubt, measured.comparator)


def _by_day(scope: Scope, of: tuple[str, ...], days: int | None) -> list[tuple[Measurement, Decimal]]:
    """The newest number of each day, the newest day first."""
    kept: dict[date, tuple[Measurement, Decimal]] = {}
    for each in numeric(results(scope, of).items):
        if days is None or within(each[0].on, scope.chart.today, days):
            kept.setdefault(each[0].on, each)
    return list(kept.values())


def _readings(scope: Scope) -> list[list[Measurement]]:
    """The pressures of each day, the newest day first."""
    kept: dict[date, list[Measurement]] = {}
    days = int(scope.limit("monitoring.result_days"))
    for measured, _ in numeric(results(scope, PRESSURES).items):
        if within(measured.on, scope.chart.today, days):
            kept.setdefault(measured.on, []).append(measured)
    return list(kept.values())


def _week_apart(scope: Scope, days: list[list[Measurement]]) -> tuple[list[Measurement], ...]:
    """The newest day's readings and those of the last day at least a week before; nothing if there is none."""
    if not days:
        return ()
    before = days[0][0].on - timedelta(days=int(scope.limit("monitoring.repeat_days")))
    earlier = next((each for each in days if each[0].on <= before), None)
    return () if earlier is None else (days[0], earlier)


def _reaches(scope: Scope, readings: list[Measurement], whose: str) -> bool:
    """Whether one day's systolic or diastolic pressure reaches its limit."""
    limits = {name: scope.limit(f"monitoring.bp_{whose}{name.removeprefix('bp_')}") for name in PRESSURES}
    return any(m.value is not None and m.value >= limits[m.concept] for m in readings)
