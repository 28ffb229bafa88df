"""The core set measures of myositis, visit by visit: strength, globals, function, enzymes.

A visit is what was measured within a week; a scale that nobody stated is not assumed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical.chart import Measurement
from cds_service.clinical.facts.reading import results
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known
from cds_service.clinical.response import ENZYME_RANGES, RANGES, Change, Measure, complete

NEEDS = ("activityMeasures", "muscleEnzymes", "liverTests")
SCORES: Mapping[Measure, tuple[str, ...]] = {
    "physician_global": ("physician_global",),
    "patient_global": ("patient_global",),
    "haq": ("haq_di", "chaq"),
    "extramuscular": ("extramuscular_global",),
    "muscle": ("mmt8",),
}
ENZYMES = tuple(ENZYME_RANGES)
CHILD_STRENGTH = "cmas"
"""Stands for MMT-8 in a child, as in the PRINTO core set; the two are never compared with each other."""
CONCEPTS = (*(name for names in SCORES.values() for name in names), CHILD_STRENGTH, *ENZYMES)
_WEEK, _TWO_WEEKS = timedelta(days=7), timedelta(days=14)
FULL_SCALE, HALF_SCALE, CMAS_SCALE = Decimal(150), Decimal(80), Decimal(52)
_CENTIMETRES, _MILLIMETRES = Decimal(10), Decimal(100)
GLOBALS: tuple[Measure, ...] = ("physician_global", "patient_global", "extramuscular")
UNSCALED = "the scale of MMT-8 is not stated (80 or 150), or its value lies outside"
UNSCALED_GLOBAL = "the scale of a global score is not stated (10 cm or 100 mm), or its value lies outside"


@dataclass(frozen=True, slots=True)
class Visit:
    """The core set of one visit: values on their common scales, enzymes as multiples of their limit."""

    on: date
    scores: Mapping[Measure, Decimal]
    enzymes: Mapping[str, Decimal]
    shown: tuple[Measurement, ...]
    cmas: Decimal | None = None

    @property
    def measures(self) -> frozenset[str]:
        """What was measured, of the six measures."""
        instead = {"muscle"} if self.cmas is not None else set()
        return frozenset(self.scores) | instead | ({"enzyme"} if self.enzymes else set())


def doubt(scope: Scope) -> str | None:
    """Why the measures may be incomplete, or ``None``."""
    return results(scope, CONCEPTS).doubt


def scale_doubt(*of: Visit) -> str | None:
    """That strength or a global was measured at one of the visits on a scale nobody stated, or ``None``."""
    if any(_is_bare(visit, "muscle") for visit in of):
        return UNSCALED
    return UNSCALED_GLOBAL if any(_is_bare(visit, name) for visit in of for name in GLOBALS) else None


def _is_bare(visit: Visit, measure: Measure) -> bool:
    if measure == "muscle" and visit.cmas is not None:
        return False
    return measure not in visit.scores and any(m.concept in SCORES[measure] for m in visit.shown)


def in_millimetres(found: Iterable[Measurement]) -> frozenset[str]:
    """The globals that this chart records from 0 to 100: there a bare 7 may be 7 mm or 7 cm."""
    return frozenset(m.concept for m in found if m.unit != "cm" and _is_millimetric(m))


def _is_millimetric(found: Measurement) -> bool:
    return found.high == _MILLIMETRES or (found.value is not None and found.value > _CENTIMETRES)


def visits(scope: Scope) -> list[Visit]:
    """The visits at which a score was taken, newest first, at least two weeks apart."""
    return two_weeks_apart(every_day(scope))


def two_weeks_apart(days: Sequence[Visit]) -> list[Visit]:
    """Of days that lie closer those that leave most complete visits, then most measures, then the newest.

    So a single score of a few days later, or before, takes no visit away.
    """
    fullest: list[tuple[tuple[int, int, tuple[date, ...]], list[Visit]]] = [((0, 0, ()), [])]
    oldest_first = days[::-1]
    dates = [visit.on for visit in oldest_first]
    for visit in oldest_first:
        earlier = bisect_right(dates, visit.on - _TWO_WEEKS)
        (whole, measures, on), kept = fullest[earlier]
        worth = (whole + complete(visit.measures), measures + len(visit.measures), (visit.on, *on))
        fullest.append(max(fullest[-1], (worth, [visit, *kept]), key=lambda each: each[0]))
    return fullest[-1][1]


def newest_first(days: Iterable[Visit]) -> list[Visit]:
    """The newest of the days, and before it, two weeks apart, the newest of those left."""
    kept: list[Visit] = []
    for visit in days:
        if not kept or kept[-1].on - visit.on >= _TWO_WEEKS:
            kept.append(visit)
    return kept


def every_day(scope: Scope) -> tuple[Visit, ...]:
    """Each day with a score, newest first, as the visit it would be: with what was measured within a week of it."""
    found: Fact[tuple[Visit, ...]] = scope.get("core_set_visits")
    return found.value if isinstance(found, Known) else ()


@fact("core_set_visits", "course", needs=NEEDS)
def core_set_visits(scope: Scope) -> Fact[tuple[Visit, ...]]:
    """Each day with a score, newest first. A fact, so that the many that ask for it in a call read it once."""
    return Known(tuple(_days(scope)))


def _days(scope: Scope) -> Iterator[Visit]:
    taken = [m for m in results(scope, CONCEPTS).items if m.value is not None][::-1]
    millimetric, dates = in_millimetres(taken), [m.on for m in taken]
    for day in sorted({m.on for m in taken if m.concept not in ENZYMES}, reverse=True):
        near = slice(bisect_left(dates, day - _WEEK), bisect_right(dates, day + _WEEK))
        yield _visit(taken[near][::-1], day, millimetric)


def baseline(scope: Scope, started: date, window_days: int) -> Visit | None:
    """The last complete visit at or before the start of the present treatment, else one in its first week.

    Where none is complete, the last.
    """
    earliest = started - timedelta(days=window_days)
    found = [v for v in every_day(scope) if earliest <= v.on <= started + _WEEK]
    whole = [v for v in found if complete(v.measures)]
    before = [v for v in whole if v.on <= started]
    return next(iter((*before, *whole, *found)), None)


def changes(before: Visit, now: Visit) -> dict[Measure, Change]:
    """Every measure known at both visits; of the enzymes the one most abnormal before.

    Strength is MMT-8; where that was not measured at both, CMAS on its own scale.
    """
    found = {
        name: Change(before.scores[name], now.scores[name], RANGES[name])
        for name in before.scores
        if name in now.scores
    }
    if "muscle" not in found and before.cmas is not None and now.cmas is not None:
        found["muscle"] = Change(before.cmas, now.cmas, CMAS_SCALE)
    both = [name for name in ENZYMES if name in before.enzymes and name in now.enzymes]
    if both:
        # max keeps the first of equals, and CK stands first.
        worst = max(both, key=lambda name: before.enzymes[name])
        found["enzyme"] = Change(before.enzymes[worst], now.enzymes[worst], ENZYME_RANGES[worst])
    return found


def _visit(taken: Iterable[Measurement], day: date, millimetric: frozenset[str]) -> Visit:
    """What was measured in the week about a day; of several values of a measure the nearest."""
    near = sorted(taken, key=lambda m: abs(m.on - day))
    scores: dict[Measure, Decimal] = {}
    for measure, names in SCORES.items():
        read = (on_scale(measure, m, m.concept in millimetric) for m in near if m.concept in names)
        value = next((each for each in read if each is not None), None)
        if value is not None:
            scores[measure] = value
    enzymes: dict[str, Decimal] = {}
    for m in near:
        if m.concept in ENZYMES and m.value is not None and m.high:
            enzymes.setdefault(m.concept, m.value / m.high)
    cmas = next((m.value for m in near if m.concept == CHILD_STRENGTH and on_child_scale(m)), None)
    return Visit(day, scores, enzymes, tuple(near), cmas)


def on_child_scale(found: Measurement) -> bool:
    """Whether a CMAS is one of 0 to 52."""
    return found.value is not None and 0 <= found.value <= CMAS_SCALE


def on_scale(measure: Measure, found: Measurement, millimetric: bool = False) -> Decimal | None:
    """A score on the common scale; ``None`` where its scale is not known or the value lies outside it.

    A global without a unit or a range is one of 0 to 10, unless the chart has such of 0 to 100.
    """
    value = found.value
    if value is None:
        return None
    if measure == "muscle":
        value, width = _strength(found, value)
    elif measure in GLOBALS:
        value, width = _global(found, value, millimetric)
    else:
        width = RANGES[measure]
    return value if width is not None and 0 <= value <= width else None


def _strength(found: Measurement, value: Decimal) -> tuple[Decimal, Decimal | None]:
    """MMT-8 of 150, and its scale: as stated, or as a value above 80 tells."""
    if found.high == HALF_SCALE:
        return value * FULL_SCALE / HALF_SCALE, FULL_SCALE
    stated = found.high == FULL_SCALE or (found.high is None and value > HALF_SCALE)
    return value, FULL_SCALE if stated else None


def _global(found: Measurement, value: Decimal, millimetric: bool) -> tuple[Decimal, Decimal | None]:
    """A global in centimetres, and its scale."""
    if found.unit == "cm" or found.high == _CENTIMETRES:
        return value, _CENTIMETRES
    if _is_millimetric(found):
        return value / _CENTIMETRES, _CENTIMETRES
    return value, None if millimetric else _CENTIMETRES
