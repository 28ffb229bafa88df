"""FHIR's values, read from what systems really send."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.fhir import values
from cds_service.fhir.values import Coding, Quantity

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-03-04", date(2026, 3, 4), date(2026, 3, 4)),
        ("2026-03-04T23:59:59-05:00", date(2026, 3, 4), date(2026, 3, 4)),
        ("2026-03-04T23:59:59.123Z", date(2026, 3, 4), date(2026, 3, 4)),
        ("2026-03-04T09:15", date(2026, 3, 4), date(2026, 3, 4)),
        (" 2026-03-04 ", date(2026, 3, 4), date(2026, 3, 4)),
    ],
)
def test_a_date_of_any_precision_has_a_first_and_a_last_day(written: str, first: date, last: date) -> None:
    """The day is the one written; a year or a month alone spans from its first day to its last."""
    assert (values.day(written), values.day(written, last=True)) == (first, last)


@pytest.mark.parametrize(
    "written",
    ["", "yesterday", "2026-13", "2026-02-30", "26-01-01", None, 2026, [], "0001-01-01", "9999-12-31"],
)
def test_what_is_not_a_day_is_no_day(written: object) -> None:
    """Nothing is guessed from a text that names no day, or one that systems write for "never" and "always"."""
    assert values.day(written) is None
    assert values.moment(written) is None


def test_moments_compare_across_time_zones() -> None:
    """A later instant written with an earlier clock is still the later one."""
    west = values.moment("2026-03-04T22:00:00-05:00")
    east = values.moment("2026-03-05T01:00:00+05:00")
    assert west == datetime(2026, 3, 5, 3, tzinfo=UTC)
    assert east is not None
    assert west > east
    assert values.moment("2026-03") == datetime(2026, 3, 1, tzinfo=UTC)


def test_a_day_is_whole_only_when_written_whole() -> None:
    """A year of birth is not a birthday."""
    assert values.is_whole_day("2026-03-04")
    assert not values.is_whole_day("2026-03")


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (Decimal("2.50"), Decimal("2.50")),
        (7, Decimal(7)),
        ("0.80", Decimal("0.80")),
        (0.1, Decimal("0.1")),
        (True, None),
        ("<5", None),
        ("1e9", None),
        (float("nan"), None),
        (10**400, None),
        (Decimal("1e60"), None),
        ("999999999999999999", None),
        (None, None),
    ],
)
def test_a_number_keeps_its_digits(sent: object, meant: Decimal | None) -> None:
    """No digit is lost or made up; what is not plainly a number is none."""
    found = values.number(sent)
    assert found == meant
    assert str(found) == str(meant)


def test_a_quantity_is_read_by_its_ucum_code() -> None:
    """The print form differs from the code; the code is what counts, if it is UCUM's."""
    sent = {"value": Decimal(120), "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}
    assert values.quantity(sent) == Quantity(Decimal(120), "mm[Hg]", "", "120 mmHg", "mmHg")


def test_a_unit_of_another_system_is_as_printed() -> None:
    """A tenant's own unit code is not UCUM; the printed unit says more."""
    sent = {"value": 6, "unit": "tablet", "system": "urn:x", "code": "TAB"}
    assert values.quantity(sent) == Quantity(Decimal(6), "tablet", "", "6 tablet")


def test_a_comparator_stays_with_its_quantity() -> None:
    """ "<0.2" is not 0.2."""
    found = values.quantity({"value": Decimal("0.2"), "comparator": "<", "unit": "mg/dL"})
    assert found == Quantity(Decimal("0.2"), "mg/dL", "<", "<0.2 mg/dL")
    assert values.quantity({"unit": "mg"}) is None


def test_codings_come_in_order_and_without_the_empty_ones() -> None:
    """A local coding before the standard one is no reason to miss the standard one."""
    concept = {"coding": [{"display": "local"}, {"system": "s", "code": " 1 ", "display": "one"}, "x"]}
    assert values.codings(concept) == (Coding("s", "1", "one"),)
    assert values.words(concept) == "local"
    assert values.words({**concept, "text": "said"}) == "said"
    assert values.has_code({"coding": [{"code": "Active"}]}, "active")


@given(ANYTHING)
def test_nothing_sent_makes_reading_fail(sent: object) -> None:
    """Whatever stands where a value should stand reads as empty, never as an exception."""
    values.quantity(sent)
    values.codings(sent)
    values.words(sent)
    values.day(sent)
    values.moment(sent)
    values.number(sent)
    assert isinstance(values.text(sent), str)
    assert all(isinstance(each, dict) for each in values.rows(sent))
