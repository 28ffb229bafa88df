"""Age, sex and life: read off the Patient."""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.body import age_in_years
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Input, Known, Unknown

NEEDS = ("patient",)


@fact("age_years", "number", unit="a", needs=NEEDS)
def age_years(scope: Scope) -> Fact[Decimal]:
    """Completed years of age today (at death is not told apart)."""
    patient = scope.chart.patient()
    if isinstance(patient, Unknown):
        return patient
    if patient.value.born is None:
        return Unknown("the day of birth is not on record", ("birthDate",))
    years = age_in_years(patient.value.born, scope.chart.today)
    if years < 0:
        return Unknown("the day of birth lies in the future", ("birthDate",))
    if patient.value.born_span:
        return Known(
            Decimal(years), (Input("age", f"about {years} years, the day of birth is not recorded"),)
        )
    return Known(Decimal(years), (Input("age", f"{years} years", patient.value.born),))


@fact("month", "number", unit="mo")
def month(scope: Scope) -> Fact[Decimal]:
    """The month of the year it is, 1 to 12."""
    return Known(Decimal(scope.chart.today.month))


@fact("sex", "word", needs=NEEDS, words=("female", "male", "other", "unknown"))
def sex(scope: Scope) -> Fact[str]:
    """Administrative sex as recorded."""
    patient = scope.chart.patient()
    if isinstance(patient, Unknown):
        return patient
    return Known(patient.value.sex, (Input("sex", patient.value.sex),))


@fact("is_adult", "flag", needs=NEEDS, uses=("age_years",), limits=("body.adult_age",))
def is_adult(scope: Scope) -> Fact[bool]:
    """18 years or older today; unknown where only the month or year of birth is on record and both may be."""
    age: Fact[Decimal] = scope.get("age_years")
    patient = scope.chart.patient()
    if isinstance(patient, Unknown):
        return patient
    if isinstance(age, Unknown):
        return age
    least = scope.limit("body.adult_age")
    ages = [age_in_years(end, scope.chart.today) for end in patient.value.born_span or ()]
    if len({years >= least for years in ages}) > 1:
        return Unknown("the day of birth is not recorded: adult or child cannot be told", ("birthDate",))
    return Known(age.value >= least, age.inputs)


@fact("juvenile", "flag", uses=("is_adult",))
def juvenile(scope: Scope) -> Fact[bool]:
    """Younger than 18 years today."""
    adult: Fact[bool] = scope.get("is_adult")
    return adult if isinstance(adult, Unknown) else Known(not adult.value, adult.inputs)


@fact("deceased", "flag", needs=NEEDS)
def deceased(scope: Scope) -> Fact[bool]:
    """The record says the patient has died."""
    patient = scope.chart.patient()
    return patient if isinstance(patient, Unknown) else Known(patient.value.died)
