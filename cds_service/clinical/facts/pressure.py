"""The blood pressure a card tells: the two numbers of one measurement, and how old it is."""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.chart import Measurement
from cds_service.clinical.facts.reading import inputs_of, numeric, of_measurement, printed, results
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown

PRESSURES = ("bp_systolic", "bp_diastolic")
_ALARMS = ("monitoring.bp_systolic_alarm", "monitoring.bp_diastolic_alarm")


@fact("bp_reading", "words", needs=("vitalSigns",), limits=_ALARMS)
def bp_reading(scope: Scope) -> Fact[tuple[str, ...]]:
    """The newest pressure that alarms, else the newest: systolic over diastolic of one measurement or one day.

    Where only one of the two was measured then, that one by name.
    """
    told = _told(scope)
    if isinstance(told, Unknown):
        return told
    values = [printed(m.value, "") for m in told.value if m.value is not None]
    alone = told.value[0].concept.removeprefix("bp_")
    text = "/".join(values) if len(values) > 1 else f"{alone} {values[0]}"
    return Known((text,), told.inputs)


@fact("bp_days_old", "number", unit="d", needs=("vitalSigns",), limits=_ALARMS)
def bp_days_old(scope: Scope) -> Fact[Decimal]:
    """Days since that pressure was measured."""
    told = _told(scope)
    if isinstance(told, Unknown):
        return told
    return Known(Decimal((scope.chart.today - told.value[0].on).days), told.inputs)


@fact("bp_is_old", "flag", needs=("vitalSigns",), limits=(*_ALARMS, "monitoring.bp_recent_days"))
def bp_is_old(scope: Scope) -> Fact[bool]:
    """That pressure is so old that it is measured again before anything is done about it."""
    days = bp_days_old(scope)
    if isinstance(days, Unknown):
        return days
    return Known(days.value > scope.limit("monitoring.bp_recent_days"), days.inputs)


@fact(
    "calcineurin_alarms",
    "words",
    needs=("vitalSigns", "kidneyTests"),
    uses=("bp_reading", "blood_pressure_stop"),
    limits=("calcineurin.potassium_stop", "kidney.oldest_days"),
)
def calcineurin_alarms(scope: Scope) -> Fact[tuple[str, ...]]:
    """Potassium and blood pressure at which a calcineurin inhibitor is held: beside them a high level is a danger."""
    days = int(scope.limit("kidney.oldest_days"))
    recorded: Fact[bool] = scope.get("lab_recorded", "potassium", within_days=days)
    potassium: Fact[Decimal] = scope.get("lab", "potassium", at_most_days_old=days)
    pressure: Fact[bool] = scope.get("blood_pressure_stop")
    reading: Fact[tuple[str, ...]] = scope.get("bp_reading")
    found = []
    if isinstance(potassium, Known) and potassium.value >= scope.limit("calcineurin.potassium_stop"):
        found.append(f"potassium {printed(potassium.value, 'mmol/L')}")
    if isinstance(pressure, Known) and pressure.value and isinstance(reading, Known):
        found.append(f"blood pressure {reading.value[0]} mmHg")
    unread = [each for each in (recorded, pressure) if isinstance(each, Unknown)]
    if not found and unread:
        return unread[0]
    return Known(tuple(found), inputs_of(potassium, pressure) if found else ())


def _told(scope: Scope) -> Fact[tuple[Measurement, ...]]:
    """The measurements that are told together, the systolic first."""
    newest = [m for name in PRESSURES for m, _ in numeric(results(scope, (name,)).items)[:1]]
    if not newest:
        return Unknown(
            results(scope, PRESSURES).doubt or "no blood pressure can be told", ("blood pressure",)
        )
    first = max(newest, key=lambda m: (_alarms(scope, m), m.on))
    other = next((m for m in _of_that_day(scope, first)), None)
    pair = sorted((m for m in (first, other) if m), key=lambda m: PRESSURES.index(m.concept))
    return Known(tuple(pair), tuple(of_measurement(scope, m) for m in pair))


def _of_that_day(scope: Scope, first: Measurement) -> list[Measurement]:
    """The other pressure of the same day, that of the same measurement first."""
    name = PRESSURES[first.concept == PRESSURES[0]]
    same_day = [m for m, _ in numeric(results(scope, (name,)).items) if m.on == first.on]
    return sorted(same_day, key=lambda m: m.reference != first.reference)


def _alarms(scope: Scope, measured: Measurement) -> bool:
    limit = scope.limit(_ALARMS[PRESSURES.index(measured.concept)])
    return measured.value is not None and measured.value >= limit
