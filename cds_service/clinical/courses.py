"""When a drug is taken: intervals, what replaces what, and how long a course has lasted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.known import Fact, Known

# The beginning of what nobody dated: before every day that is read, and far from where calendars end.
LONG_AGO = date(1800, 1, 1)


@dataclass(frozen=True, slots=True)
class Window:
    """Days ``start`` to ``end``, both included; an ``end`` of ``None`` is open."""

    start: date
    end: date | None

    def meets(self, other: Window, washout_days: int = 0) -> bool:
        """Whether the other window, prolonged by the washout, has a day in common with this one."""
        other_end = None if other.end is None else other.end + timedelta(days=washout_days)
        begins_in_time = self.end is None or other.start <= self.end
        return begins_in_time and (other_end is None or other_end >= self.start)


def is_draft(order: Medication) -> bool:
    """Whether the order is on the screen and not yet signed."""
    return order.state == "draft"


def runs(order: Medication, today: date) -> bool:
    """Whether a recorded order is in force today: active or on hold, begun, and not past its end."""
    if order.state not in ("active", "on-hold"):
        return False
    begun = order.starts is None or order.starts <= today
    return begun and (order.ends is None or order.ends >= today)


def window(order: Medication, today: date) -> Window:
    """The days on which it is taken. A draft without a start begins today; an old one began long ago."""
    if is_draft(order):
        return Window(order.starts or today, order.ends)
    start = order.starts or order.written or LONG_AGO
    if order.state == "past":
        return Window(start, min(order.ends, today) if order.ends else start)
    return Window(start, order.ends)


def end_unknown(order: Medication) -> bool:
    """A stopped order of which nobody recorded when."""
    return order.state == "past" and order.ends is None


def replaces(new: Medication, old: Medication) -> bool:
    """Whether the new order takes the place of the old one rather than adding to it.

    It does if it names it. Else only the same drug by the same route does, both daily or both not,
    unless the text says it is added or the two name different times of day.
    """
    if new.replaces and new.replaces == old.reference:
        return True
    if new.adds or old.adds or not same_drug(new, old) or not same_route(new, old):
        return False
    if new.times_of_day and old.times_of_day and not new.times_of_day & old.times_of_day:
        return False
    return _same_rhythm(new, old)


def same_drug(one: Medication, other: Medication) -> bool:
    """Whether both hold the same ingredients."""
    return bool(one.ingredients) and one.ingredients == other.ingredients


def same_route(one: Medication, other: Medication) -> bool:
    """Whether the routes agree, as far as both are known."""
    return not one.route or not other.route or one.route == other.route


def together(orders: Iterable[Medication], today: date) -> tuple[Medication, ...]:
    """The orders that add up: drafts, and recorded orders that no draft and no newer order replaces."""
    drafts: list[Medication] = []
    recorded: list[Medication] = []
    for order in orders:
        (drafts if is_draft(order) else recorded).append(order)
    recorded.sort(key=lambda o: window(o, today).start, reverse=True)
    naming = [draft for draft in drafts if draft.replaces]
    kept = [draft for draft in drafts if not any(_names(other, draft) for other in naming)]
    for order in recorded:
        if not any(replaces(newer, order) for newer in kept):
            kept.append(order)
    return tuple(kept)


def highest_from(order: Medication, today: date) -> Fact[Decimal]:
    """The highest daily dose of the steps still to be taken, in mg; of a draft or a single step, of all.

    What a running taper has behind it is taken by nobody today.
    """
    steps = order.exposure.steps
    if is_draft(order) or len(steps) < 2 or order.starts is None:
        return order.exposure.mg_per_day
    day = (today - order.starts).days
    left = [step.mg_per_day for step in steps if step.days is None or step.starts_on_day + step.days > day]
    known = [each for each in left or [steps[-1].mg_per_day] if isinstance(each, Known)]
    if len(known) < len(left or steps[-1:]):
        return order.exposure.mg_per_day
    return max(known, key=lambda each: each.value)


def elapsed_days(orders: Sequence[Medication], today: date, bridge_days: int) -> int:
    """Consecutive days with exposure up to today, gaps of at most ``bridge_days`` bridged; 0 if none."""
    start = run_start(orders, today, bridge_days)
    return 0 if start is None else (today - start).days


def run_start(orders: Sequence[Medication], today: date, bridge_days: int) -> date | None:
    """First day of the course that still runs (or ended no longer ago than the bridge), if any."""
    spans = sorted(
        (w.start, min(w.end or today, today))
        for w in (window(o, today) for o in orders if not is_draft(o))
        if w.start <= today
    )
    bridge = timedelta(days=bridge_days)
    begun: date | None = None
    last = LONG_AGO
    for start, end in spans:
        if begun is None or start > last + bridge:
            begun, last = start, end
        last = max(last, end)
    return begun if begun is not None and last + bridge >= today else None


def _names(new: Medication, old: Medication) -> bool:
    """Whether the new order names the old one as the order it replaces."""
    return new is not old and bool(new.replaces) and new.replaces == old.reference


def _same_rhythm(one: Medication, other: Medication) -> bool:
    """Both daily, both less often than daily, or at least one of unknown rhythm."""
    first, second = one.exposure.dosing_days_per_week, other.exposure.dosing_days_per_week
    if not isinstance(first, Known) or not isinstance(second, Known):
        return True
    return bool(first.value == 7) == bool(second.value == 7)
