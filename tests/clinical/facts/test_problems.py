"""Problems count while active; history counts when asked for; unread lists say so."""

from __future__ import annotations

from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import UNREAD, draft, problem, scope


def test_active_and_past_problems() -> None:
    """A resolved problem is history only."""
    here = scope(problem_list=Known((problem("ild", active=False), problem("diabetes"))))
    assert here.get("has_condition", "ild").value is False
    assert here.get("had_condition", "ild").value is True
    assert here.get("has_condition", ("ild", "diabetes")).value is True


def test_recent_problems_have_a_day() -> None:
    """Within 14 days means within 14 days; an undated problem cannot be judged."""
    here = scope(problem_list=Known((problem("cough", days=14), problem("fever", days=15))))
    assert here.get("has_condition", "cough", within_days=14).value is True
    assert here.get("has_condition", "fever", within_days=14).value is False
    undated = scope(problem_list=Known((problem("cough", days=None),)))
    assert isinstance(undated.get("has_condition", "cough", within_days=14), Unknown)
    assert undated.get("has_condition", "cough").value is True


def test_absence_needs_a_complete_list() -> None:
    """What is not in an incomplete or unread list is unknown; what is in it is there."""
    partial = Known((problem("ild"),), (), "a page is missing")
    here = scope(problem_list=partial)
    assert here.get("has_condition", "ild").value is True
    assert isinstance(here.get("has_condition", "cirrhosis"), Unknown)
    assert isinstance(scope(problem_list=UNREAD).get("has_condition", "ild"), Unknown)


def test_myositis_by_problem_or_reason() -> None:
    """Provisional counts for safety, not for the plan; a reason on the order counts for that order."""
    here = scope(problem_list=Known((problem("myositis", certain=False, days=40),)))
    assert here.get("has_myositis").value is True
    assert here.get("myositis_recorded").value is True
    assert here.get("myositis_certain").value is False
    assert here.get("diagnosis_days").value == 40
    reasoned = scope(draft("methotrexate", reasons=frozenset({"myositis"})), problem_list=UNREAD)
    assert reasoned.get("has_myositis").value is True
    assert reasoned.get("order_reason", "myositis").value is True
    assert isinstance(reasoned.get("myositis_recorded"), Unknown)


def test_the_first_diagnosis_dates_the_disease() -> None:
    """Several entries: the oldest day counts, also if that entry is resolved."""
    entries = (problem("myositis", days=10), problem("myositis", days=700, active=False))
    assert scope(problem_list=Known(entries)).get("diagnosis_days").value == 700
    assert isinstance(scope().get("diagnosis_days"), Unknown)
    assert scope(problem_list=Known((problem("aki", days=3),))).get("condition_days", "aki").value == 3
