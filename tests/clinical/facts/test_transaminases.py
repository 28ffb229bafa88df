"""Raised transaminases: liver, muscle or unexplained; never concluded from what was not measured."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import UNREAD, result, results, scope

FLAGS = ("liver_injury", "muscle_transaminases", "transaminases_unexplained")


def labs(**values: str) -> dict[str, Any]:
    """Results of ten days ago in multiples of an upper limit of 1; ``alt="3.1"``."""
    names = {"bilirubin": "bilirubin_total"}
    return results(*(result(names.get(name, name), value, high="1") for name, value in values.items()))


def judged(found: dict[str, Any]) -> tuple[bool | None, ...]:
    """Liver, muscle, unexplained; ``None`` for unknown."""
    answers = [scope(results=found).get(name) for name in FLAGS]
    return tuple(answer.value if isinstance(answer, Known) else None for answer in answers)


LIVER, MUSCLE, UNEXPLAINED, NOTHING = (
    (True, False, False),
    (False, True, False),
    (False, False, True),
    (False,) * 3,
)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (labs(alt="1", ast="1"), NOTHING),
        (labs(alt="2.9", ck="1"), NOTHING),
        (labs(alt="3", ck="2.9"), NOTHING),
        (labs(alt="3.01", ck="2.9"), LIVER),
        (labs(ast="3.01", alt="1", ck="2.9"), LIVER),
        (labs(alt="3.01", ck="3"), UNEXPLAINED),
        (labs(alt="3.01"), UNEXPLAINED),
        (labs(alt="3.01", ck="4.99", ggt="0.5"), UNEXPLAINED),
        (labs(alt="3.01", ck="5", ggt="1"), MUSCLE),
        (labs(alt="1.01", ck="5", ggt="1"), MUSCLE),
        (labs(alt="3.01", ck="30", ggt="0.5", bilirubin="1"), MUSCLE),
        (labs(alt="3.01", ck="30", ggt="1.01"), LIVER),
        (labs(alt="3.01", ck="30", ggt="0.5", bilirubin="1.2"), LIVER),
        (labs(alt="3.01", ck="30"), UNEXPLAINED),
        (labs(alt="2.5", ck="30", ggt="1.5"), NOTHING),
        ({}, NOTHING),
    ],
)
def test_the_reasoning(found: dict[str, Any], expected: tuple[bool, ...]) -> None:
    """Above 3 times with GGT or bilirubin raised or CK below 3 times: liver. CK from 5 times with a normal GGT:
    muscle. Anything else above 3 times is unexplained."""
    assert judged(found) == expected


@pytest.mark.parametrize(("alt", "expected"), [("101", True), ("100", False)])
def test_above_a_hundred_units(alt: str, expected: bool) -> None:
    """More than 100 U/L is unexplained whatever the range, unless it is muscle."""
    assert judged(results(result("alt", alt, high="60")))[2] is expected
    muscle = results(
        result("alt", alt, high="60"), result("ck", "900", high="170"), result("ggt", "20", high="60")
    )
    assert judged(muscle)[2] is False


@pytest.mark.parametrize(
    ("days", "before", "expected"), [(17, "2.1", True), (16, "2.1", False), (17, "2", False)]
)
def test_above_twice_the_limit_twice(days: int, before: str, expected: bool) -> None:
    """Twice above 2 times the limit counts from a week between the two."""
    found = results(result("alt", "2.1", 10, high="1"), result("alt", before, days, high="1"))
    assert judged(found)[2] is expected


def test_a_normal_value_between_breaks_the_repetition() -> None:
    """The last test at least a week before decides, not any older one."""
    found = results(
        *(result("alt", value, days, high="1") for value, days in (("2.1", 5), ("1", 20), ("2.5", 60)))
    )
    assert judged(found)[2] is False


@pytest.mark.parametrize(("days", "expected"), [(24, LIVER), (25, UNEXPLAINED)])
def test_ck_counts_within_two_weeks(days: int, expected: tuple[bool, ...]) -> None:
    """A CK of another time says nothing about these transaminases."""
    assert judged(results(result("alt", "4", 10, high="1"), result("ck", "1", days, high="1"))) == expected


@pytest.mark.parametrize(
    ("ggt", "days", "expected"), [("0.5", 40, MUSCLE), ("0.5", 41, UNEXPLAINED), ("2", 300, LIVER)]
)
def test_age_weakens_reassurance_only(ggt: str, days: int, expected: tuple[bool, ...]) -> None:
    """A normal GGT is believed for 30 days; a raised one of last year still speaks for the liver."""
    found = results(
        result("alt", "4", 10, high="1"), result("ck", "9", 10, high="1"), result("ggt", ggt, days, high="1")
    )
    assert judged(found) == expected


@pytest.mark.parametrize(("older", "counts"), [("3", False), ("3.01", True), ("9", True)])
def test_an_older_partner_counts_where_it_alarms(older: str, counts: bool) -> None:
    """An AST of last month is not of the newest pair; but a lone normal ALT refutes none above 3 times its limit."""
    found = results(result("alt", "1", 3, high="1"), result("ast", older, 30, high="1"))
    assert (judged(found) != NOTHING) is counts
    assert scope(results=found).get("transaminase_times_uln").value == Decimal(older if counts else 1)


def test_without_a_reference_range_nothing_is_concluded() -> None:
    """Missing ranges leave it unknown, and said so; a CK without one keeps the warning and asks."""
    assert judged(results(result("alt", "90"))) == (None, False, None)
    muscle = results(result("alt", "90"), result("ck", "9", high="1"), result("ggt", "1", high="1"))
    assert judged(muscle)[1] is None
    assert isinstance(scope(results=results(result("alt", "90"))).get("transaminase_times_uln"), Unknown)
    without = results(result("alt", "4", high="1"), result("ck", "800"))
    assert judged(without) == (None, None, True)
    assert isinstance(scope(results=without).get("ck_times_uln_nearby"), Unknown)


@pytest.mark.parametrize(("alt", "expected"), [("60", NOTHING), ("61", (None, False, None))])
def test_a_low_value_needs_no_range(alt: str, expected: tuple[bool | None, ...]) -> None:
    """No upper limit is below 20 U/L, so 60 U/L is at most three times it."""
    assert judged(results(result("alt", alt))) == expected


@pytest.mark.parametrize(("alt", "expected"), [("5", False), ("5.1", True)])
def test_hepatology_only_far_above_the_limit(alt: str, expected: bool) -> None:
    """Above five times the limit hepatology is offered beside the tests."""
    offered = scope(results=labs(alt=alt, ck="1")).get("liver_injury_orders").value
    assert ("referral-hepatology" in offered) is expected
    assert "alt" in offered


@pytest.mark.parametrize("name", ["ggt", "bilirubin_total", "ck"])
def test_what_could_not_be_read_is_no_reassurance(name: str) -> None:
    """Unreadable liver tests or CK: neither liver nor muscle can be excluded, the warning stays."""
    found: dict[str, Any] = {**labs(alt="4", ck="4" if name != "ck" else "0"), name: UNREAD}
    assert judged(found)[0] is None
    assert judged(found)[2] is True
    assert judged({"alt": UNREAD, "ast": UNREAD}) == (None, None, None)


def test_values_with_their_days() -> None:
    """The multiples come with the results they rest on."""
    here = scope(results=labs(alt="4.5", ast="2", ck="31"))
    assert here.get("transaminase_times_uln").value == here.get("lab", "alt").value
    assert here.get("ck_times_uln_nearby").value == 31
    assert {i.label for i in here.get("transaminase_times_uln").inputs} == {"alt", "ast"}
    assert isinstance(scope().get("transaminase_times_uln"), Unknown)
    assert isinstance(scope().get("ck_times_uln_nearby"), Unknown)
