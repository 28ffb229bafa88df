"""Kidney function of this patient: which creatinine, which formula, and what it was before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from cds_service.clinical.chart import Measurement
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.reading import (
    inputs_of,
    joined,
    numeric,
    of_measurement,
    results,
    rounded,
    unknown_of,
    within,
)
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, course_start
from cds_service.clinical.kidney import ckd_epi_2021, fall_percent, median, schwartz
from cds_service.clinical.known import Fact, Input, Known, Unknown, turned

UNIT = "mL/min/{1.73_m2}"
CREATININE = "creatinine"
TRUSTED = ("egfr_ckd_epi_2021", "egfr_cystatin")
"""Reported values that win over ours where they are newer."""
OTHER = ("egfr",)
"""Reported values of other or unnamed formulas: only where no creatinine exists."""


@fact(
    "egfr",
    "number",
    unit=UNIT,
    needs=("kidneyTests",),
    uses=("age_years", "sex", "is_adult", "dosing_height_cm"),
    limits=("kidney.oldest_days", "kidney.schwartz_from_age"),
)
def egfr(scope: Scope) -> Fact[Decimal]:
    """Kidney function from the newest creatinine: CKD-EPI 2021, under 18 years bedside Schwartz.

    A newer reported CKD-EPI 2021 or cystatin C value wins; other reported values count only without
    any creatinine. ">60" is at least 60. Nothing older than 400 days counts.
    """
    days = int(scope.limit("kidney.oldest_days"))
    creatinine, reported = _young(scope, (CREATININE,), days), _young(scope, TRUSTED, days)
    doubt = joined(results(scope, (CREATININE,)), results(scope, TRUSTED)).doubt
    if creatinine and not (reported and reported[0][0].on > creatinine[0][0].on):
        measured, value = creatinine[0]
        found = _computed(scope, value, (of_measurement(scope, measured),), doubt)
        side = turned(measured.comparator)
        return found if isinstance(found, Unknown) else replace(found, comparator=side)
    if not reported:
        reported = _young(scope, OTHER, days)
        doubt = doubt or results(scope, OTHER).doubt
    if reported:
        measured, value = reported[0]
        return Known(value, (of_measurement(scope, measured),), doubt, measured.comparator)
    return Unknown(doubt or f"no creatinine of the last {days} days is on record", (CREATININE,))


@fact("creatinine_recent", "flag", args=("within_days",), needs=("kidneyTests",))
def creatinine_recent(scope: Scope, within_days: int) -> Fact[bool]:
    """A creatinine of the last so many days is on record."""
    found = results(scope, (CREATININE,))
    young = _young(scope, (CREATININE,), within_days)
    return flag(bool(young), *(of_measurement(scope, m) for m, _ in young[:1]), doubt=found.doubt)


@fact(
    "baseline_creatinine",
    "number",
    unit="mg/dL",
    about="order",
    needs=("kidneyTests", *NEEDS),
    limits=(
        "kidney.baseline_from_days",
        "kidney.baseline_to_days",
        "kidney.recent_days",
        "regimen.bridge_days",
    ),
)
def baseline_creatinine(scope: Scope) -> Fact[Decimal]:
    """Median creatinine of 8 to 365 days before the start of the order's drug.

    Where there is none: the lowest of the last 365 days without the last 7.
    """
    if scope.order is None:
        return NO_ORDER
    today = scope.chart.today
    bridge = int(scope.limit("regimen.bridge_days"))
    start = course_start(scope, scope.order.ingredients, bridge) or today
    near, far = int(scope.limit("kidney.baseline_from_days")), int(scope.limit("kidney.baseline_to_days"))
    before = _between(scope, start, near, far)
    if before:
        return Known(median([v for _, v in before]), tuple(of_measurement(scope, m) for m, _ in before[:3]))
    lately = _between(scope, today, int(scope.limit("kidney.recent_days")) + 1, far)
    if lately:
        measured, value = min(lately, key=lambda pair: pair[1])
        return Known(value, (of_measurement(scope, measured),))
    doubt = results(scope, (CREATININE,)).doubt
    return Unknown(doubt or "no earlier creatinine to compare with", (CREATININE,))


@fact("baseline_recorded", "flag", about="order", uses=("baseline_creatinine",))
def baseline_recorded(scope: Scope) -> Fact[bool]:
    """There is an earlier creatinine to compare with; unknown where kidney tests could not be read."""
    baseline: Fact[Decimal] = scope.get("baseline_creatinine")
    if isinstance(baseline, Known):
        return Known(True, baseline.inputs)
    doubt = results(scope, (CREATININE,)).doubt
    return Unknown(doubt, (CREATININE,)) if doubt else Known(False)


@fact(
    "egfr_fall_percent",
    "number",
    unit="%",
    about="order",
    uses=("egfr", "baseline_creatinine"),
)
def egfr_fall_percent(scope: Scope) -> Fact[Decimal]:
    """How far kidney function has fallen below its baseline; negative where it has risen."""
    now: Fact[Decimal] = scope.get("egfr")
    baseline: Fact[Decimal] = scope.get("baseline_creatinine")
    if isinstance(now, Unknown) or isinstance(baseline, Unknown):
        return unknown_of(now, baseline)
    before = _computed(scope, baseline.value, baseline.inputs, None)
    if isinstance(before, Unknown):
        return before
    earlier = Input("eGFR at baseline", rounded(before.value, UNIT, 1))
    return Known(fall_percent(before.value, now.value), (*now.inputs, earlier), now.doubt)


@fact(
    "creatinine_rise_percent",
    "number",
    unit="%",
    about="order",
    needs=("kidneyTests",),
    uses=("baseline_creatinine",),
    limits=("kidney.oldest_days",),
)
def creatinine_rise_percent(scope: Scope) -> Fact[Decimal]:
    """How far the newest creatinine lies above its baseline; negative where below."""
    baseline: Fact[Decimal] = scope.get("baseline_creatinine")
    young = _young(scope, (CREATININE,), int(scope.limit("kidney.oldest_days")))
    if isinstance(baseline, Unknown):
        return baseline
    if not young:
        return Unknown("no creatinine is on record", (CREATININE,))
    measured, value = young[0]
    rise = (value - baseline.value) / baseline.value * 100
    return Known(rise, (of_measurement(scope, measured), *inputs_of(baseline)))


def _computed(
    scope: Scope, creatinine: Decimal, inputs: tuple[Input, ...], doubt: str | None
) -> Fact[Decimal]:
    """eGFR of this patient from one creatinine (mg/dL)."""
    age, adult = scope.get("age_years"), scope.get("is_adult")
    if isinstance(age, Unknown) or isinstance(adult, Unknown):
        return unknown_of(age, adult)
    if creatinine <= 0:
        return Unknown("the newest creatinine is not above zero", (CREATININE,))
    if adult.value:
        return _of_adult(scope, creatinine, int(age.value), inputs, doubt)
    height = scope.get("dosing_height_cm")
    if age.value < scope.limit("kidney.schwartz_from_age"):
        return Unknown("no formula for kidney function holds below one year of age", ("age",))
    if isinstance(height, Unknown):
        return height
    return Known(schwartz(creatinine, height.value), (*inputs, *height.inputs), doubt)


def _of_adult(
    scope: Scope, creatinine: Decimal, age: int, inputs: tuple[Input, ...], doubt: str | None
) -> Fact[Decimal]:
    sex = scope.get("sex")
    if isinstance(sex, Unknown):
        return sex
    recorded: Literal["female", "male"] = "female" if sex.value == "female" else "male"
    if sex.value not in ("female", "male"):
        return Unknown("CKD-EPI 2021 needs a recorded sex", ("sex",))
    value = ckd_epi_2021(creatinine, age, recorded)
    return Known(value, (*inputs, Input("age and sex", f"{age} years, {recorded}")), doubt)


def _young(scope: Scope, concepts: tuple[str, ...], days: int) -> list[tuple[Measurement, Decimal]]:
    found = numeric(results(scope, concepts).items)
    return [(m, v) for m, v in found if within(m.on, scope.chart.today, days)]


def _between(scope: Scope, day: date, near: int, far: int) -> list[tuple[Measurement, Decimal]]:
    """Creatinines above zero from ``far`` to ``near`` days before the day."""
    first, last = day - timedelta(days=far), day - timedelta(days=near)
    found = numeric(results(scope, (CREATININE,)).items)
    return [(m, v) for m, v in found if first <= m.on <= last and v > 0]
