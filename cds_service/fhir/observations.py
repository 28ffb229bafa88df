"""Observations by concept: sorted once, and each read only when something asks for it.

https://hl7.org/fhir/R4/observation.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import takewhile
from typing import NamedTuple

from cds_service.clinical.chart import Measurement
from cds_service.clinical.terms import Terminology
from cds_service.fhir import references
from cds_service.fhir.concepts import by_code_or_name
from cds_service.fhir.notes import Notes
from cds_service.fhir.references import Index
from cds_service.fhir.results import Unreadable, Value, read_value
from cds_service.fhir.values import Resource, day, member, moment, rows, text

# The statuses of a result. Of one instant a signed one stands before a preliminary one, a correction before both.
STANDING = {"preliminary": 0, "final": 1, "amended": 2, "corrected": 2}
SAME_WITHIN = Decimal("0.05")
"""Two numbers this close tell the same: one result in two units, each rounded."""
# Not (or no longer) results: what they held, if anything, was taken back or has not come yet.
NO_RESULTS = frozenset({"cancelled", "entered-in-error", "registered"})


class _Row(NamedTuple):
    """What holds a value (an Observation, a component) and the Observation whose status and date apply."""

    holder: Resource
    observation: Resource
    effective: object


@dataclass(frozen=True, slots=True)
class Unread:
    """A result that was set aside: when it is from, if that is known, and why."""

    on: datetime | None
    reason: str


class Results(NamedTuple):
    """The results of one concept up to a day, newest first, and those that were set aside.

    ``disputed``: the newest instant has two results that differ, and nothing says which of them stands.
    """

    usable: tuple[Measurement, ...]
    newest: datetime | None
    unread: tuple[Unread, ...]
    disputed: bool = False


class _Read(NamedTuple):
    """A result that is used, and what tells it from another of the same instant."""

    taken: datetime
    standing: int
    issued: datetime
    measurement: Measurement

    @property
    def rank(self) -> tuple[datetime, int, datetime]:
        return self.taken, self.standing, self.issued


class Observations:
    """All Observations of a call, whatever key they came under."""

    def __init__(
        self, resources: Iterable[Resource], index: Index, terms: Terminology, today: date, notes: Notes
    ) -> None:
        self._resources = resources
        self._index = index
        self._terms = terms
        self._today = today
        self._notes = notes
        self._rows: dict[str, list[_Row]] | None = None

    def of(self, concept: str) -> Results:
        """The results of a concept. Those dated after today do not exist yet."""
        read, unread = self._read_all(concept)
        read.extend(self._counted_from_shares(concept, {each.taken for each in read}))
        read.sort(key=_rank, reverse=True)
        newest = read[0].taken if read else None
        return Results(tuple(each.measurement for each in read), newest, tuple(unread), _is_disputed(read))

    def _read_all(self, concept: str) -> tuple[list[_Read], list[Unread]]:
        read: list[_Read] = []
        unread: list[Unread] = []
        if self._rows is None:
            self._rows = self._sorted()
        for row in self._rows.get(concept, ()):
            found = self._read(row, concept)
            if isinstance(found, Unread):
                unread.append(found)
            elif found is not None:
                read.append(found)
        return read, unread

    def _counted_from_shares(self, concept: str, counted: set[datetime]) -> Iterator[_Read]:
        """Counts that were reported only as a share of another count of the same instant."""
        meant = self._terms.share(concept)
        if meant is None:
            return
        share, whole = meant
        wholes = {each.taken: each for each in sorted(self._read_all(whole)[0], key=_rank)}
        for each in self._read_all(share)[0]:
            of = wholes.get(each.taken)
            if of is not None and each.taken not in counted:
                yield from _as_count(each, of, concept)

    def _sorted(self) -> dict[str, list[_Row]]:
        sorted_rows: dict[str, list[_Row]] = {}
        for row in self._all_rows():
            for concept in by_code_or_name(row.holder.get("code"), self._terms, "lab"):
                sorted_rows.setdefault(concept, []).append(row)
        return sorted_rows

    def _all_rows(self) -> Iterator[_Row]:
        panels: list[Resource] = []
        alone: list[Resource] = []
        for each in self._resources:
            (panels if each.get("hasMember") else alone).append(each)
        dates: dict[int, object] = {}
        for panel in panels:
            yield from self._members(panel, dates)
        for each in (*panels, *alone):
            yield from _rows_of(each, _effective(each) or dates.get(id(each)))

    def _members(self, panel: Resource, dates: dict[int, object]) -> Iterator[_Row]:
        """The contained members; those that came by themselves lend the panel's date where they have none."""
        for holder in rows(panel.get("hasMember")):
            found = self._index.find(holder, within=panel)
            if found is None:
                continue
            dates[id(found)] = _effective(panel)
            if references.of(holder).type == "#":
                yield from _rows_of(found, _effective(found) or _effective(panel))

    def _read(self, row: _Row, concept: str) -> _Read | Unread | None:
        status = text(row.observation.get("status"))
        if status in NO_RESULTS:
            return None
        taken, on = self._when(row.effective)
        if on is not None and on > self._today:
            return None
        value = read_value(row.holder, concept, self._terms)
        if value is None:
            return None
        if isinstance(value, Unreadable):
            return self._set_aside(row, taken, value, concept)
        if status not in STANDING:
            return self._set_aside(row, taken, Unreadable("status", "is not the status of a result"), concept)
        if taken is None or on is None:
            return self._set_aside(row, None, Unreadable("effective", "has no date"), concept)
        issued = moment(row.observation.get("issued")) or datetime.min.replace(tzinfo=UTC)
        return _Read(taken, STANDING[status], issued, _measurement(row, concept, value, on))

    def _when(self, effective: object) -> tuple[datetime | None, date | None]:
        """The instant, and the day as written; a day that has not begun here yet may have elsewhere."""
        taken, on = moment(effective), day(effective)
        if taken is not None and on is not None and on > self._today >= taken.date():
            return taken, self._today
        return taken, on

    def _set_aside(self, row: _Row, taken: datetime | None, why: Unreadable, concept: str) -> Unread:
        self._notes.add(row.observation, why.path, why.reason, concept)
        return Unread(taken, why.reason)


def _rank(read: _Read) -> tuple[tuple[datetime, int, datetime], str]:
    """What a result stands by; the reference last, so that the order sent never decides."""
    return read.rank, read.measurement.reference


def _as_count(share: _Read, whole: _Read, concept: str) -> Iterator[_Read]:
    """A share in per cent of a count, as a count; none where either is only a bound."""
    part, of = share.measurement, whole.measurement
    if part.value is None or of.value is None or part.comparator or of.comparator:
        return
    count = replace(
        of, concept=concept, value=of.value * part.value / 100, low=None, high=None,
        reference=part.reference, shown=f"{part.shown} of {of.shown}",
    )  # fmt: skip
    yield _Read(share.taken, min(share.standing, whole.standing), min(share.issued, whole.issued), count)


def _is_disputed(read: list[_Read]) -> bool:
    """Whether another result of equal rank says something else than the first."""
    equals = takewhile(lambda each: each.rank == read[0].rank, read)
    return any(_differ(read[0].measurement, each.measurement) for each in equals)


def _differ(one: Measurement, other: Measurement) -> bool:
    if one.value is None or other.value is None:
        return one.finding != other.finding
    if one.comparator != other.comparator:
        return True
    return abs(one.value - other.value) > SAME_WITHIN * max(abs(one.value), abs(other.value))


def _rows_of(observation: Resource, effective: object) -> Iterator[_Row]:
    yield _Row(observation, observation, effective)
    for component in rows(observation.get("component")):
        yield _Row(component, observation, effective)


def _effective(observation: Resource) -> object:
    """When it was true of the patient; failing that, when it was made known."""
    period = member(observation, "effectivePeriod")
    events = member(observation, "effectiveTiming").get("event")
    listed = events if isinstance(events, list) and events else [None]
    options = (
        observation.get("effectiveDateTime"),
        observation.get("effectiveInstant"),
        period.get("end"),
        period.get("start"),
        listed[0],
        observation.get("issued"),
    )
    return next((option for option in options if option), None)


def _measurement(row: _Row, concept: str, value: Value, on: date) -> Measurement:
    return Measurement(
        concept=concept,
        value=value.number,
        unit=value.unit,
        on=on,
        comparator=value.comparator,
        finding=value.finding,
        low=value.low,
        high=value.high,
        reference=references.name(row.observation),
        shown=value.shown,
    )
