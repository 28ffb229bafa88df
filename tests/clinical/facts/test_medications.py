"""Who takes what, since when, and what a new order is to the course it meets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds_service.clinical.chart import Medication
from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import TODAY, UNREAD, ago, draft, drug, scope, taken

WEEKLY = taken("15", days_a_week="1")
MTX = draft("methotrexate", WEEKLY)


def drugs(*orders: Medication) -> dict[str, Any]:
    """The recorded orders."""
    return {"drugs": Known(orders)}


@pytest.mark.parametrize("state", ["active", "on-hold"])
def test_active_and_held_drugs_are_taken(state: str) -> None:
    """An order in force counts, held or not, beside a draft and without any."""
    chart = drugs(drug("leflunomide", state=state))
    assert scope(MTX, **chart).get("takes", ("leflunomide", "teriflunomide")).value is True
    assert scope(**chart).get("takes", "leflunomide").value is True


def test_the_order_itself_and_other_drafts_count() -> None:
    """Drafts are taken; ``takes_other`` leaves the subject's own drug out."""
    here = scope(MTX, drafts=(draft("tmp_smx"),))
    assert here.get("takes", "methotrexate").value is True
    assert here.get("takes", "trimethoprim_containing").value is True
    assert here.get("takes_other", ("methotrexate", "tmp_smx")).value is True
    assert here.get("takes_other", "methotrexate").value is False
    assert here.get("drafted", "methotrexate").value is True
    assert here.get("order_is", "methotrexate").value is True
    assert here.get("order_is", "tmp_smx").value is False


def test_a_stopped_drug_counts_through_its_washout() -> None:
    """Leflunomide stopped 183 days ago still counts for 183 days, and not without a washout."""
    stopped = drug("leflunomide", state="past", starts=ago(400), ends=ago(183))
    here = scope(MTX, **drugs(stopped))
    assert here.get("takes", "leflunomide", washout_days=183).value is True
    assert here.get("takes", "leflunomide", washout_days=182).value is False
    assert here.get("takes", "leflunomide").value is False


def test_a_stop_without_a_day_cannot_be_judged() -> None:
    """Stopped, nobody wrote when: within a washout or not is unknown; it is not taken now."""
    stopped = drug("leflunomide", state="past", starts=ago(400))
    here = scope(MTX, **drugs(stopped))
    assert isinstance(here.get("takes", "leflunomide", washout_days=183), Unknown)
    assert here.get("takes", "leflunomide").value is False


def test_drugs_whose_days_do_not_meet_are_not_together() -> None:
    """An order that ends before the draft begins does not meet it."""
    ending = drug("tmp_smx", ends=ago(-3))
    later = draft("methotrexate", WEEKLY, starts=ago(-10))
    assert scope(later, **drugs(ending)).get("takes", "tmp_smx").value is False
    assert scope(MTX, **drugs(ending)).get("takes", "tmp_smx").value is True


def test_unread_and_incomplete_lists() -> None:
    """What is on the screen is known whatever the record; absence needs a complete record."""
    assert scope(MTX, drugs=UNREAD).get("takes", "methotrexate").value is True
    assert isinstance(scope(MTX, drugs=UNREAD).get("takes", "leflunomide"), Unknown)
    partial = Known((drug("leflunomide"),), (), "a page is missing")
    assert scope(MTX, drugs=partial).get("takes", "leflunomide").value is True
    assert isinstance(scope(MTX, drugs=partial).get("takes", "folic_acid"), Unknown)


def test_days_on_a_drug() -> None:
    """A course of two orders with a short gap is one course; none is zero days."""
    first = drug("methotrexate", WEEKLY, state="past", starts=ago(200), ends=ago(100))
    second = drug("methotrexate", WEEKLY, starts=ago(90), reference="second")
    here = scope(**drugs(first, second))
    assert here.get("days_on", "methotrexate").value == 200
    assert here.get("days_on_methotrexate").value == 200
    assert here.get("days_on", "azathioprine").value == 0


def test_days_on_without_a_day_of_start() -> None:
    """Nobody recorded the start: unknown, or at least the days of the dated order, with a doubt."""
    undated = drug("methotrexate", WEEKLY, starts=None)
    assert isinstance(scope(**drugs(undated)).get("days_on", "methotrexate"), Unknown)
    both = scope(**drugs(undated, drug("methotrexate", WEEKLY, starts=ago(40), reference="2")))
    assert both.get("days_on", "methotrexate").value == 40
    assert both.get("days_on", "methotrexate").doubt


def test_started_and_stopped_days() -> None:
    """Since the start or the last increase, and since the last day taken."""
    low = drug("methotrexate", taken("10", days_a_week="1"), state="past", starts=ago(200), ends=ago(51))
    high = drug("methotrexate", taken("15", days_a_week="1"), starts=ago(50), reference="2")
    same = drug("methotrexate", taken("15", days_a_week="1"), starts=ago(20), reference="3")
    here = scope(**drugs(low, high, same))
    assert here.get("started_days", "methotrexate").value == 50
    assert here.get("stopped_days", "methotrexate").value == 0
    assert scope(**drugs(low)).get("stopped_days", "methotrexate").value == 51
    assert isinstance(here.get("stopped_days", "rituximab"), Unknown)


@pytest.mark.parametrize(
    ("before", "ended", "now", "expected"),
    [
        (None, None, "15", "start"),
        ("15", 91, "15", "restart"),
        ("15", 90, "15", "renewal"),
        ("15", None, "16.5", "renewal"),
        ("15", None, "17.5", "increase"),
        ("15", None, "13.5", "renewal"),
        ("15", None, "12.5", "decrease"),
    ],
)
def test_phases(before: str | None, ended: int | None, now: str, expected: str) -> None:
    """Start, restart after more than 90 days, increase above 110 per cent, decrease below 90."""
    chart: dict[str, Any] = {}
    if before:
        state = "active" if ended is None else "past"
        ends = None if ended is None else ago(ended)
        old = drug("methotrexate", taken(before, days_a_week="1"), state=state, starts=ago(300), ends=ends)
        chart = drugs(old)
    found = scope(draft("methotrexate", taken(now, days_a_week="1")), **chart).get("phase")
    assert found.value == expected


def test_courses_given_months_apart_restart_after_a_year() -> None:
    """Rituximab 300 days ago is no restart; 366 days ago it is."""
    for days, expected in ((300, "renewal"), (366, "restart")):
        old = drug("rituximab", taken("1000"), state="past", starts=ago(days), ends=ago(days))
        assert scope(draft("rituximab", taken("1000")), **drugs(old)).get("phase").value == expected


def test_the_phase_of_what_cannot_be_read() -> None:
    """Without the record a start cannot be told; with a dose that cannot be compared a doubt remains."""
    assert isinstance(scope(MTX, drugs=UNREAD).get("phase"), Unknown)
    vague = draft("methotrexate", taken(None))
    found = scope(vague, **drugs(drug("methotrexate", WEEKLY))).get("phase")
    assert found.value == "renewal"
    assert found.doubt


def test_a_running_course_is_a_renewal() -> None:
    """Seen at a visit, an active order starts nothing."""
    active = drug("methotrexate", WEEKLY, starts=TODAY)
    assert scope(active, **drugs(active)).get("phase").value == "renewal"


def test_drugs_are_counted_once_each() -> None:
    """Two orders of one drug count as one drug."""
    chart = drugs(drug("prednisone"), drug("prednisone", reference="2"), drug("dexamethasone"))
    assert scope(**chart).get("drug_count", "systemic_glucocorticoid").value == Decimal(2)
