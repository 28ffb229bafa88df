"""What replaces what, what runs together, and how long a course has lasted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical.courses import Window, elapsed_days, replaces, run_start, runs, together, window
from tests.clinical.charts import TODAY, ago, draft, drug, taken

DAYS = st.integers(0, 400)


def test_windows_meet_on_a_shared_day() -> None:
    """Two windows that share their last and first day meet; a day apart they do not."""
    first, second = Window(ago(20), ago(10)), Window(ago(10), None)
    assert first.meets(second)
    assert second.meets(first)
    assert not Window(ago(20), ago(11)).meets(Window(ago(10), None))


def test_a_washout_prolongs_the_other_window() -> None:
    """A drug stopped 14 days ago still meets today with a washout of 14 days, not of 13."""
    today, stopped = Window(TODAY, TODAY), Window(ago(100), ago(14))
    assert today.meets(stopped, 14)
    assert not today.meets(stopped, 13)


@given(DAYS, DAYS, DAYS, DAYS)
def test_meeting_is_mutual(a: int, b: int, c: int, d: int) -> None:
    """Without a washout it does not matter which window is asked."""
    one, other = Window(ago(max(a, b)), ago(min(a, b))), Window(ago(max(c, d)), ago(min(c, d)))
    assert one.meets(other) == other.meets(one)


@pytest.mark.parametrize(
    ("state", "starts", "ends", "expected"),
    [
        ("active", ago(30), None, True),
        ("on-hold", ago(30), None, True),
        ("active", ago(30), ago(1), False),
        ("active", ago(-5), None, False),
        ("active", None, None, True),
        ("past", ago(30), None, False),
        ("draft", TODAY, None, False),
    ],
)
def test_what_runs_today(state: str, starts: date | None, ends: date | None, expected: bool) -> None:
    """Active and held orders run between their days; drafts and past ones do not run."""
    assert runs(drug("prednisone", state=state, starts=starts, ends=ends), TODAY) is expected


def test_the_same_drug_and_route_daily_replaces() -> None:
    """A daily draft of the drug already taken daily is a change of it."""
    assert replaces(draft("prednisone", taken("40")), drug("prednisone", taken("60")))


def test_another_drug_of_the_class_never_replaces() -> None:
    """Dexamethasone beside prednisone adds."""
    assert not replaces(draft("dexamethasone", taken("8")), drug("prednisone", taken("60")))


def test_another_route_replaces_only_by_name() -> None:
    """An injection beside tablets adds, unless the order names the tablets as replaced."""
    old = drug("methotrexate", taken("15", days_a_week="1"))
    new = draft("methotrexate", taken("20", days_a_week="1"), route="subcutaneous")
    assert not replaces(new, old)
    named = draft("methotrexate", taken("20", days_a_week="1"), route="subcutaneous", replaces=old.reference)
    assert replaces(named, old)


def test_times_of_day_and_words_add() -> None:
    """A morning and an evening order add, and so does one that says it is added."""
    morning = drug("prednisone", taken("20"), times_of_day=frozenset({"morning"}))
    evening = draft("prednisone", taken("10"), times_of_day=frozenset({"evening"}))
    assert not replaces(evening, morning)
    assert not replaces(draft("prednisone", taken("10"), adds=True), drug("prednisone", taken("20")))


def test_daily_beside_weekly_adds() -> None:
    """A weekly draft beside a daily order is not the same schedule; with unknown rhythm it is."""
    daily = drug("methotrexate", taken("2.5"))
    assert not replaces(draft("methotrexate", taken("15", days_a_week="1")), daily)
    assert replaces(draft("methotrexate", taken("15", days_a_week=None)), daily)


def test_two_drafts_add_and_the_newest_record_stands() -> None:
    """Drafts on one screen add up; of recorded orders of one drug only the newest counts."""
    one, two = draft("prednisone", taken("20")), draft("prednisone", taken("5"), reference="draft/2")
    assert together([one, two], TODAY) == (one, two)
    old = drug("prednisone", taken("60"), starts=ago(60), reference="old")
    new = drug("prednisone", taken("40"), starts=ago(10), reference="new")
    assert together([old, new], TODAY) == (new,)


def test_a_course_bridges_short_gaps() -> None:
    """A gap of 14 days does not end a course of drug; one of 15 does."""
    first = drug("prednisone", starts=ago(100), ends=ago(60), state="past")
    assert elapsed_days([first, drug("prednisone", starts=ago(46))], TODAY, 14) == 100
    assert elapsed_days([first, drug("prednisone", starts=ago(45))], TODAY, 14) == 45


def test_no_course_no_days() -> None:
    """Without an order, or with one long past, no course runs."""
    assert elapsed_days([], TODAY, 14) == 0
    assert run_start([drug("prednisone", state="past", starts=ago(90), ends=ago(60))], TODAY, 14) is None


@given(st.lists(st.tuples(DAYS, DAYS), max_size=6))
def test_a_course_is_never_longer_than_its_oldest_order(spans: list[tuple[int, int]]) -> None:
    """The elapsed days lie between none and the age of the oldest order."""
    orders = [drug("prednisone", starts=ago(max(s)), ends=ago(min(s)), state="past") for s in spans]
    days = elapsed_days(orders, TODAY, 14)
    assert 0 <= days <= max((max(s) for s in spans), default=0)


def test_a_stopped_order_without_an_end_lasted_a_day_at_least() -> None:
    """Nobody recorded when it was stopped: its first day is all that is certain."""
    stopped = drug("prednisone", state="past", starts=ago(50))
    assert window(stopped, TODAY) == Window(ago(50), ago(50))
    assert window(draft("prednisone", starts=None), TODAY).start == TODAY
    assert window(drug("prednisone", starts=None), TODAY).start < TODAY - timedelta(days=5000)
