"""Age and sex decide which rules speak, on the day they change."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cds_service.clinical.chart import Patient
from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import TODAY, person, scope


def of(born: date | None) -> Known[Patient]:
    """A patient of that day of birth."""
    return Known(Patient("p", born, "female"))


@pytest.mark.parametrize(("born", "adult"), [(date(2008, 6, 1), True), (date(2008, 6, 2), False)])
def test_adult_on_the_eighteenth_birthday(born: date, adult: bool) -> None:
    """Adult and juvenile turn on the birthday itself, and are never both."""
    here = scope(who=of(born))
    assert here.get("is_adult").value is adult
    assert here.get("juvenile").value is not adult


def test_age_prints_the_day_of_birth() -> None:
    """The age carries its input."""
    age = scope(who=of(date(1976, 6, 1))).get("age_years")
    assert age.value == Decimal(50)
    assert age.inputs[0].on == date(1976, 6, 1)


@pytest.mark.parametrize(
    ("first", "last", "adult"),
    [
        (date(2008, 5, 1), date(2008, 5, 31), True),
        (date(2008, 6, 1), date(2008, 6, 30), None),
        (date(2008, 1, 1), date(2008, 12, 31), None),
        (date(2009, 1, 1), date(2009, 12, 31), False),
    ],
)
def test_a_month_or_year_of_birth_decides_only_where_every_day_of_it_does(
    first: date, last: date, adult: bool | None
) -> None:
    """Who may be 17 or 18 is neither child nor adult; no day of birth is made up."""
    here = scope(who=Known(Patient("p", first + (last - first) / 2, "female", born_span=(first, last))))
    found = here.get("is_adult")
    assert (None if isinstance(found, Unknown) else found.value) is adult
    assert here.get("age_years").inputs[0].on is None


@pytest.mark.parametrize("who", [Unknown("not read"), of(None), of(date(TODAY.year + 1, 1, 1))])
def test_without_a_believable_birthday_nothing_is_said(who: Known[Patient] | Unknown) -> None:
    """No patient, no birthday or one in the future: age and all it decides are unknown."""
    here = scope(who=who)
    assert all(isinstance(here.get(name), Unknown) for name in ("age_years", "is_adult", "juvenile"))


def test_sex_and_death_are_read_as_recorded() -> None:
    """Recorded sex and death come through."""
    assert scope(who=person(40, "male")).get("sex").value == "male"
    assert scope(who=Known(Patient("p", None, "male", died=True))).get("deceased").value is True
