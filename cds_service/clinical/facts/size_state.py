"""Whether a weight or height can be used: there, recent enough, and possible at this age.

Adults have fixed ends; children a table by age. A reading that is the former one in pounds or inches,
or (in a child) has changed too much in too few days, is implausible.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from cds_service.clinical import body
from cds_service.clinical.chart import Measurement
from cds_service.clinical.facts.reading import numeric, of_measurement
from cds_service.clinical.facts.registry import Scope
from cds_service.clinical.known import Fact, Known, Unknown

WEIGHT, HEIGHT = "body_weight", "body_height"

_WEIGHT_AGES = (1, 2, 4, 6, 8, 10, 12, 14, 16)
_HEIGHT_AGES = (1, 2, 4, 8, 12, 16)
_COMMON = ("body.adult_age", "body.unit_tolerance_percent")
WEIGHT_LIMITS = (
    *_COMMON, *(f"body.child_weight_{end}_{age}" for age in _WEIGHT_AGES for end in ("low", "high")),
    "body.adult_weight_low", "body.adult_weight_high", "body.adult_weight_days", "body.child_weight_days",
    "body.infant_weight_days", "body.infant_age", "body.child_weight_oldest_days",
    "body.child_change_percent", "body.child_change_days",
)  # fmt: skip
HEIGHT_LIMITS = (
    *_COMMON, *(f"body.child_height_{end}_{age}" for age in _HEIGHT_AGES for end in ("low", "high")),
    "body.adult_height_low", "body.adult_height_high", "body.adult_height_days", "body.child_height_days",
)  # fmt: skip


def state_of_weight(scope: Scope) -> Fact[str]:
    """The state of the newest weight."""
    return _state(scope, WEIGHT)


def state_of_height(scope: Scope) -> Fact[str]:
    """The state of the newest height."""
    return _state(scope, HEIGHT)


def _state(scope: Scope, concept: str) -> Fact[str]:
    found = scope.chart.measurements(concept)
    if isinstance(found, Unknown):
        return found
    readings = numeric(found.value)
    if not readings:
        return Unknown(found.doubt, (concept,)) if found.doubt else Known("missing")
    born, age = _born(scope), scope.get("age_years")
    if isinstance(born, Unknown) or isinstance(age, Unknown):
        return born if isinstance(born, Unknown) else Unknown("age is not known", ("birthDate",))
    adult = age.value >= scope.limit("body.adult_age")
    reading = readings[0][0]
    judged = _judged(scope, concept, readings, body.exact_age(born.value, reading.on), adult)
    if judged is None:
        return Unknown("no table says what is plausible below one year of age", (concept,))
    word = judged or _age_word(scope, concept, reading.on, adult, age.value)
    return Known(word, (of_measurement(scope, reading),), found.doubt)


def _born(scope: Scope) -> Fact[date]:
    patient = scope.chart.patient()
    if isinstance(patient, Unknown):
        return patient
    if patient.value.born is None:
        return Unknown("the day of birth is not on record", ("birthDate",))
    return Known(patient.value.born)


def _judged(
    scope: Scope, concept: str, readings: list[tuple[Measurement, Decimal]], age: Decimal, adult: bool
) -> str | None:
    """``implausible``, or empty where nothing speaks against the reading; ``None`` without a table."""
    value = readings[0][1]
    if adult:
        low, high = (scope.limit(f"{_adult(concept)}_{end}") for end in ("low", "high"))
        believable: bool | None = low <= value <= high
    else:
        believable = body.plausible(value, age, _bands(scope, concept))
    if believable is None:
        return None
    if not believable or (len(readings) > 1 and _contradicts(scope, concept, readings, adult)):
        return "implausible"
    return ""


def _contradicts(
    scope: Scope, concept: str, readings: list[tuple[Measurement, Decimal]], adult: bool
) -> bool:
    """The newest reading cannot be, given the one before it."""
    (reading, value), (former_reading, former) = readings[0], readings[1]
    tolerance = scope.limit("body.unit_tolerance_percent")
    if former <= 0:
        return False
    if concept == HEIGHT:
        return body.looks_like_inches(former, value, tolerance)
    if body.looks_like_pounds(former, value, tolerance):
        return True
    days = (reading.on - former_reading.on).days
    close = not adult and days < scope.limit("body.child_change_days")
    return close and body.change_percent(former, value) > scope.limit("body.child_change_percent")


def _age_word(scope: Scope, concept: str, on: date, adult: bool, age: Decimal) -> str:
    """``stale`` or ``child-old`` by the age of the reading, else ``ok``."""
    days = (scope.chart.today - on).days
    if adult:
        return "stale" if days > scope.limit(f"{_adult(concept)}_days") else "ok"
    if concept == HEIGHT:
        return "stale" if days > scope.limit("body.child_height_days") else "ok"
    if days > scope.limit("body.child_weight_oldest_days"):
        return "child-old"
    infant = age < scope.limit("body.infant_age")
    longest = scope.limit("body.infant_weight_days" if infant else "body.child_weight_days")
    return "stale" if days > longest else "ok"


def _adult(concept: str) -> str:
    return "body.adult_weight" if concept == WEIGHT else "body.adult_height"


def _bands(scope: Scope, concept: str) -> tuple[body.Band, ...]:
    kind, ages = ("weight", _WEIGHT_AGES) if concept == WEIGHT else ("height", _HEIGHT_AGES)
    return tuple(
        body.Band(
            Decimal(age),
            scope.limit(f"body.child_{kind}_low_{age}"),
            scope.limit(f"body.child_{kind}_high_{age}"),
        )
        for age in ages
    )
