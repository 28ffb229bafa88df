"""When a test falls due: by the days on the drug, from the last result, at the shortest interval."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical.calendar import Band, Cadence, Check, Due, FollowUp, earliest, next_due

TODAY = date(2026, 6, 1)
CBC = Check("cbc", "blood count", frozenset({"wbc", "platelets"}))
ALT = Check("alt", "ALT", frozenset({"alt"}))
ACR = Cadence((Band(90, 28), Band(None, 84)))
LABEL = Cadence((Band(30, 7), Band(90, 14), Band(180, 30), Band(None, 90)))
LIPIDS = Cadence((Band(90, 60),))


def ago(days: int) -> date:
    """So many days before today."""
    return TODAY - timedelta(days=days)


def due(begun: int | None, last: int | None, cadence: Cadence = ACR) -> Due | None:
    """When the test is due, the drug begun and the test last done so many days ago."""
    return next_due(
        FollowUp(CBC, cadence), "methotrexate", None if begun is None else ago(begun),
        None if last is None else ago(last), TODAY, 30,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("begun", "last", "days_late"),
    [
        (790, 60, -24),  # 84 days between two tests of a long course
        (790, 84, 0),  # due today, not late
        (790, 115, 31),
        (790, 130, 46),
        (40, 40, 12),  # 28 days in the first three months
        (40, 20, -8),
        (40, 60, 12),  # the baseline of the last 30 days before the start counts as day 0
        (40, 71, 40),  # an older one does not: it was due when the drug was begun
        (40, None, 40),
        (100, 15, -69),  # on day 85; day 113 lies in the later band, which allows 84
        (120, 100, 72),  # on day 20; that the later band allows more does not undo what was missed on day 48
    ],
)  # fmt: skip
def test_the_day_it_is_due(begun: int, last: int | None, days_late: int) -> None:
    """The gap allowed is that of each day's band; what was missed in a strict band stays missed."""
    found = due(begun, last)
    assert found is not None
    assert found.days_late(TODAY) == days_late


@pytest.mark.parametrize(
    ("begun", "last", "every"),
    [(10, 5, 7), (10, 1, 7), (40, 12, 14), (100, 12, 30), (400, 12, 90), (31, 1, 14)],
)
def test_the_interval_of_each_band(begun: int, last: int, every: int) -> None:
    """Weekly, then two-weekly, monthly, three-monthly."""
    found = due(begun, last, LABEL)
    assert found is not None
    assert found.every == every


def test_per_cent_late_is_exact() -> None:
    """31 of 84 days late is 36.9 per cent, 42 exactly half, 21 exactly a quarter."""

    def late(last: int) -> Decimal:
        found = due(790, last)
        assert found is not None
        return found.percent_late(TODAY)

    assert round(late(115), 1) == Decimal("36.9")
    assert (late(126), late(105)) == (Decimal(50), Decimal(25))


def test_a_schedule_that_ends_asks_no_more() -> None:
    """Lipids are asked for once in the first three months."""
    assert due(80, 80, LIPIDS) is not None
    assert due(80, 5, LIPIDS) is None
    assert due(91, None, LIPIDS) is None


def test_an_unknown_start_is_judged_by_the_longest_interval() -> None:
    """Late by the longest is late for certain; the day by the shortest is kept beside it."""
    found = due(None, 115)
    assert found is not None
    assert (found.days_late(TODAY), found.every, found.soonest) == (31, 84, ago(87))
    never = due(None, None)
    assert never is not None
    assert (never.days_late(TODAY), never.last, never.soonest) == (0, None, TODAY)
    assert due(None, 40, LIPIDS) is None


def test_several_drugs_share_a_test_at_the_earliest_day() -> None:
    """One entry a test: the drug that asks for it soonest; the most pressing first."""
    found = earliest([
        Due(ALT, "methotrexate", ago(1), 84, None), Due(CBC, "methotrexate", ago(3), 84, ago(87)),
        Due(CBC, "azathioprine", ago(30), 30, ago(60)),
    ])  # fmt: skip
    assert [(each.test.name, each.drug) for each in found] == [
        ("cbc", "azathioprine"),
        ("alt", "methotrexate"),
    ]
    assert str(found[1]) == "ALT on 2026-05-31"


@given(
    begun=st.integers(0, 900),
    last=st.integers(0, 900),
    cadence=st.sampled_from([ACR, LABEL]),
    later=st.integers(1, 60),
)
def test_a_later_test_never_falls_due_sooner(begun: int, last: int, cadence: Cadence, later: int) -> None:
    """Measuring again puts the next test off or leaves it; it never brings it forward."""
    before, after = due(begun, last, cadence), due(begun, max(last - later, 0), cadence)
    assert before is not None
    assert after is not None
    assert after.day >= before.day


@given(begun=st.integers(0, 900), last=st.integers(0, 900), cadence=st.sampled_from([ACR, LABEL]))
def test_no_gap_is_longer_than_the_longest_interval(begun: int, last: int, cadence: Cadence) -> None:
    """The day lies between the shortest and the longest interval after the test, or after the start."""
    found = due(begun, last, cadence)
    assert found is not None
    anchor = max(ago(last), ago(begun))
    missing = found.day == ago(begun)
    assert missing or cadence.shortest <= (found.day - anchor).days <= cadence.longest
