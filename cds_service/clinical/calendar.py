"""The monitoring calendar: which test of a running drug falls due on which day.

A schedule allows so many days between two tests, by the days since the drug was begun or last increased.
The schedules themselves are in ``cards/monitoring``; ``knowledge.schedules`` reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

ONLY = ("may-become-pregnant", "not-pregnant", "anti-hbc-positive", "long-steroid-course")
"""The closed list of conditions a test, or a whole schedule, may be tied to."""


@dataclass(frozen=True, slots=True)
class Band:
    """Up to day ``through`` since the start (``None``: from then on) at most ``every`` days between tests."""

    through: int | None
    every: int


@dataclass(frozen=True, slots=True)
class Cadence:
    """The bands of one test, in the order of time. After the last one the test is no longer asked for."""

    bands: tuple[Band, ...]

    def due(self, begun: date, anchor: date) -> tuple[date, int] | None:
        """The first day on which the time since ``anchor`` is as long as that day allows, and how long.

        ``anchor`` is the last test, not before ``begun``. ``None`` where the bands end before.
        """
        first = 0
        for band in self.bands:
            day = max(anchor + timedelta(days=band.every), begun + timedelta(days=first))
            if band.through is None or day <= begun + timedelta(days=band.through):
                return day, band.every
            first = band.through + 1
        return None

    def asks(self, day: int) -> bool:
        """Whether a test is asked for at all so many days after the start."""
        return any(band.through is None or day <= band.through for band in self.bands)

    @property
    def shortest(self) -> int:
        """The fewest days it ever allows."""
        return min(band.every for band in self.bands)

    @property
    def longest(self) -> int:
        """The most days it ever allows."""
        return max(band.every for band in self.bands)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to measure.

    ``results`` are the lab concepts any of which shows it was done; ``order`` is the name of what is
    ordered (or empty), ``ordered_by`` the concepts of an order that asks for it. ``words`` name it.
    """

    name: str
    words: str
    results: frozenset[str]
    order: str = ""
    ordered_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A test of a running drug; ``only`` names a condition of the patient, or is empty."""

    test: Check
    cadence: Cadence
    only: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A test before the first dose: no older than ``within`` days (``None``: whenever it was done).

    ``each_order`` asks for it before every order, not only before a start or an increase.
    """

    test: Check
    within: int | None
    only: str = ""
    each_order: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is measured for a drug. ``child`` takes the place of ``follow_up`` below adult age, if stated.

    ``lasts`` is how many days after the last dose it is still asked for; ``only`` a condition on the course.
    """

    name: str
    drugs: frozenset[str]
    follow_up: tuple[FollowUp, ...]
    baseline: tuple[Baseline, ...] = ()
    child: tuple[FollowUp, ...] | None = None
    lasts: int = 0
    only: str = ""
    profile: str = ""
    child_profile: str = ""


@dataclass(frozen=True, slots=True)
class Schedules:
    """All schedules in force, and the results that any of them reads."""

    all: tuple[Schedule, ...] = ()
    profiles: Mapping[str, str] = field(default_factory=dict)

    def of(self, ingredients: frozenset[str]) -> tuple[Schedule, ...]:
        """The schedules of any of the drugs."""
        return tuple(schedule for schedule in self.all if schedule.drugs & ingredients)


@dataclass(frozen=True, slots=True)
class Due:
    """One test with the day it falls due for a drug; ``last`` is the day it was last done, if ever.

    ``soonest`` is an earlier day it might have been due, where the day depends on a start nobody recorded.
    """

    test: Check
    drug: str
    day: date
    every: int
    last: date | None
    soonest: date | None = None

    def days_late(self, today: date) -> int:
        """Days past the day it fell due; 0 or less where it has not."""
        return (today - self.day).days

    def percent_late(self, today: date) -> Decimal:
        """How far past that day, in per cent of the interval; 0 or less where it is not."""
        return Decimal(self.days_late(today) * 100) / self.every

    def __str__(self) -> str:
        return f"{self.test.words} on {self.day.isoformat()}"


def next_due(
    plan: FollowUp, drug: str, begun: date | None, last: date | None, today: date, baseline_days: int
) -> Due | None:
    """When the test falls due next; ``None`` where the schedule does not ask for it any more.

    A test up to ``baseline_days`` before the start counts as the baseline; without one the test was due on
    the day of the start. Where nobody recorded the start, the longest interval decides.
    """
    if begun is None:
        return _of_unknown_start(plan, drug, last, today)
    if not plan.cadence.asks((today - begun).days):
        return None
    every = plan.cadence.bands[0].every
    if last is None or last < begun - timedelta(days=baseline_days):
        return Due(plan.test, drug, begun, every, last)
    found = plan.cadence.due(begun, max(last, begun))
    return None if found is None else Due(plan.test, drug, found[0], found[1], last)


def _of_unknown_start(plan: FollowUp, drug: str, last: date | None, today: date) -> Due | None:
    """By the longest interval: what is late then is late whenever the drug was begun.

    What was never done is due today at the latest.
    """
    if plan.cadence.bands[-1].through is not None:
        return None
    if last is None:
        return Due(plan.test, drug, today, plan.cadence.longest, None, today)
    longest, soonest = plan.cadence.longest, last + timedelta(days=plan.cadence.shortest)
    return Due(plan.test, drug, last + timedelta(days=longest), longest, last, soonest)


def earliest(found: Iterable[Due]) -> tuple[Due, ...]:
    """Each test once, at the earliest day any drug asks for it, the most pressing first."""
    kept: dict[str, Due] = {}
    for due in sorted(found, key=lambda each: (each.day, each.every)):
        kept.setdefault(due.test.name, due)
    return tuple(kept.values())
