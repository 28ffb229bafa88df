"""How long a normal result of a stable drug is believed."""

from __future__ import annotations

import pytest

from cds_service.clinical.known import Unknown
from tests.clinical.charts import UNREAD, draft, person, result, results, taken
from tests.clinical.facts.test_monitoring import scope

ORDER = draft("methotrexate", taken("15", days_a_week="1"))


def test_it_follows_the_schedule_in_force() -> None:
    """One and a half times the longest interval; 90 days where no schedule asks for the test."""
    assert scope(ORDER).get("stable_window_days", "creatinine").value == 126
    assert scope(ORDER).get("stable_window_days", "potassium").value == 90
    child = scope(ORDER, who=person(9))
    assert child.get("stable_window_days", "creatinine").value == 180


@pytest.mark.parametrize(("days", "recent"), [(126, True), (127, False)])
def test_a_result_within_it_is_recent(days: int, recent: bool) -> None:
    """Up to its last day; an unreadable list is unknown."""
    here = scope(ORDER, results=results(result("creatinine", "0.9", days)))
    assert here.get("recent_for_stable", "creatinine").value is recent
    unread = scope(ORDER, results={"creatinine": UNREAD})
    assert isinstance(unread.get("recent_for_stable", "creatinine"), Unknown)
