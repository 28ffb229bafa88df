"""Risks that several drugs share: heart and vessels, blood pressure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from cds_service.clinical.chart import Measurement
from cds_service.clinical.facts.pressure import PRESSURES
from cds_service.clinical.facts.reading import inputs_of, is_word, numeric, of_measurement, results
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS
from cds_service.clinical.known import Fact, Known, Unknown

RISKS = ("hypertension", "diabetes")
_ECHO_DAYS = 400
Reading = tuple[date, Decimal | None, Decimal | None]


@fact(
    "cardiovascular_risk",
    "flag",
    about="order",
    needs=("conditions", *NEEDS),
    limits=("safety.risk_factors",),
    uses=("smoking_status",),
)
def cardiovascular_risk(scope: Scope) -> Fact[bool]:
    """An arterial event in the past, or two of hypertension, diabetes, smoking, an LDL-lowering drug."""
    past: Fact[bool] = scope.get("had_condition", "ate")
    if isinstance(past, Known) and past.value:
        return past
    found: list[Fact[bool]] = [scope.get("has_condition", name) for name in RISKS]
    found += [scope.get("takes", "lipid_lowering"), is_word(scope.get("smoking_status"), "current")]
    present = [each for each in found if isinstance(each, Known) and each.value]
    if len(present) >= scope.limit("safety.risk_factors"):
        return Known(True, inputs_of(*present))
    unknown = next((each for each in (past, *found) if isinstance(each, Unknown)), None)
    return flag(False, doubt=unknown.reason if unknown else None)


@fact(
    "weak_heart",
    "flag",
    needs=("conditions",),
    limits=("ivig.lvef_low",),
    uses=("has_condition", "lab_recorded", "lab"),
)
def weak_heart(scope: Scope) -> Fact[bool]:
    """Heart failure is a problem, or the ejection fraction of the last 400 days is low: fluid does harm."""
    failing: Fact[bool] = scope.get("has_condition", "heart_failure")
    if isinstance(failing, Known) and failing.value:
        return failing
    recorded: Fact[bool] = scope.get("lab_recorded", "lvef", within_days=_ECHO_DAYS)
    if isinstance(recorded, Known) and recorded.value:
        fraction: Fact[Decimal] = scope.get("lab", "lvef", at_most_days_old=_ECHO_DAYS)
        if isinstance(fraction, Known) and fraction.value < scope.limit("ivig.lvef_low"):
            return Known(True, fraction.inputs, fraction.doubt)
    return failing


@fact(
    "blood_pressure_stop",
    "flag",
    needs=("vitalSigns",),
    limits=tuple(f"calcineurin.{name}" for name in ("bp_stop_systolic", "bp_stop_diastolic", "bp_severe_systolic",
                                                    "bp_severe_diastolic", "bp_days")),
)  # fmt: skip
def blood_pressure_stop(scope: Scope) -> Fact[bool]:
    """The newest pressure is dangerous, or severe on two days."""
    readings, doubt, inputs = _readings(scope)
    newest = bool(readings) and _reaches(scope, readings[0], "bp_stop")
    severe = sum(_reaches(scope, each, "bp_severe") for each in readings) > 1
    return flag(newest or severe, *inputs, doubt=doubt)


@fact(
    "blood_pressure_high",
    "flag",
    needs=("vitalSigns",),
    limits=("calcineurin.bp_high_systolic", "calcineurin.bp_high_diastolic", "calcineurin.bp_days"),
)
def blood_pressure_high(scope: Scope) -> Fact[bool]:
    """High on two of the last three days with a reading."""
    readings, doubt, inputs = _readings(scope)
    high = sum(_reaches(scope, each, "bp_high") for each in readings[:3])
    return flag(high > 1, *inputs, doubt=doubt)


def _readings(scope: Scope) -> tuple[list[Reading], str | None, tuple[object, ...]]:
    """Pressures of the last days, one a day, newest first."""
    found = results(scope, PRESSURES)
    days = int(scope.limit("calcineurin.bp_days"))
    by_day: dict[date, dict[str, Decimal]] = {}
    shown: list[Measurement] = []
    for measurement, value in numeric(found.items):
        if (scope.chart.today - measurement.on).days <= days:
            by_day.setdefault(measurement.on, {}).setdefault(measurement.concept, value)
            shown.append(measurement)
    readings = [(day, each.get(PRESSURES[0]), each.get(PRESSURES[1])) for day, each in by_day.items()]
    return readings, found.doubt, tuple(of_measurement(scope, m) for m in shown[:2])


def _reaches(scope: Scope, reading: Reading, name: str) -> bool:
    _, systolic, diastolic = reading
    high = systolic is not None and systolic >= scope.limit(f"calcineurin.{name}_systolic")
    return high or (diastolic is not None and diastolic >= scope.limit(f"calcineurin.{name}_diastolic"))
