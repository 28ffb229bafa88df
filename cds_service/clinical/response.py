"""The 2016 ACR/EULAR Total Improvement Score of myositis: six core set measures, adult and juvenile.

Each measure's absolute change is a percentage of its range, and a percentage is worth points by band. Compared
exactly, in decimals: 15 % is in the band up to 15 %, not above it.
https://doi.org/10.1136/annrheumdis-2017-211400 (adult), https://doi.org/10.1002/art.40064 (juvenile)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Measure = Literal["physician_global", "patient_global", "haq", "enzyme", "extramuscular", "muscle"]
MEASURES: tuple[Measure, ...] = (
    "physician_global", "patient_global", "haq", "enzyme", "extramuscular", "muscle",
)  # fmt: skip
Category = Literal["none", "minimal", "moderate", "major"]

# Upper ends of the bands in per cent; what is above the last is the last.
_BANDS = tuple(map(Decimal, ("5", "15", "25", "40")))
_MUSCLE_BANDS = tuple(map(Decimal, ("2", "10", "20", "30")))
_POINTS: Mapping[Measure, tuple[Decimal, ...]] = {
    "physician_global": tuple(map(Decimal, ("0", "7.5", "15", "17.5", "20"))),
    "patient_global": tuple(map(Decimal, ("0", "2.5", "5", "7.5", "10"))),
    "haq": tuple(map(Decimal, ("0", "5", "7.5", "7.5", "10"))),
    "enzyme": tuple(map(Decimal, ("0", "2.5", "5", "7.5", "7.5"))),
    "extramuscular": tuple(map(Decimal, ("0", "7.5", "12.5", "15", "20"))),
    "muscle": tuple(map(Decimal, ("0", "10", "20", "27.5", "32.5"))),
}
RANGES: Mapping[Measure, Decimal] = {
    "physician_global": Decimal(10),
    "patient_global": Decimal(10),
    "haq": Decimal(3),
    "extramuscular": Decimal(10),
    "muscle": Decimal(150),
}
"""Ranges of the scales; that of an enzyme is a multiple of its upper limit of normal."""
ENZYME_RANGES: Mapping[str, Decimal] = {
    "ck": Decimal(15), "aldolase": Decimal(6), "ldh": Decimal(3), "ast": Decimal(3), "alt": Decimal(3),
}  # fmt: skip
"""Times the upper limit of normal."""
_ADULT = (("major", Decimal(60)), ("moderate", Decimal(40)), ("minimal", Decimal(20)))
_JUVENILE = (("major", Decimal(70)), ("moderate", Decimal(45)), ("minimal", Decimal(30)))
NEEDED = ("physician_global", "muscle")
LEAST_MEASURES = 5


@dataclass(frozen=True, slots=True)
class Change:
    """A measure at baseline and now, with the width of its scale. Muscle strength improves upwards."""

    before: Decimal
    now: Decimal
    width: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """The improvement of one measure in per cent of its range (below 0: worse), and its points."""

    percent: Decimal
    points: Decimal


def part(measure: Measure, change: Change) -> Part:
    """What one measure contributes."""
    better = change.now - change.before if measure == "muscle" else change.before - change.now
    percent = better * 100 / change.width
    bands = _MUSCLE_BANDS if measure == "muscle" else _BANDS
    band = sum(percent > end for end in bands)
    return Part(percent, _POINTS[measure][band])


def complete(measures: Collection[str]) -> bool:
    """Whether a score can be told from these measures."""
    return len(measures) >= LEAST_MEASURES and all(measure in measures for measure in NEEDED)


def lacking(changes: Mapping[Measure, Change]) -> tuple[Measure, ...]:
    """The measures without which the score is incomplete; empty where it can be told."""
    missing = tuple(measure for measure in MEASURES if measure not in changes)
    return () if complete(changes) else missing


def nearly(changes: Mapping[Measure, Change]) -> bool:
    """Whether so much was measured beside strength that a score is looked for, and too little to tell it."""
    return "muscle" not in changes and len(changes) >= LEAST_MEASURES - 1


def worsened(changes: Mapping[Measure, Change]) -> tuple[Measure, ...]:
    """The measures that got worse by more than the lowest band of the score, which is no change."""
    ends = {name: (_MUSCLE_BANDS if name == "muscle" else _BANDS)[0] for name in changes}
    return tuple(name for name, change in changes.items() if part(name, change).percent < -ends[name])


def score(changes: Mapping[Measure, Change]) -> Decimal:
    """The Total Improvement Score, 0 to 100."""
    return sum((part(measure, change).points for measure, change in changes.items()), Decimal(0))


def category(total: Decimal, *, juvenile: bool) -> Category:
    """None, minimal, moderate or major improvement."""
    for name, least in _JUVENILE if juvenile else _ADULT:
        if total >= least:
            return name  # type: ignore[return-value]
    return "none"


def worse_percent(measure: Measure, change: Change) -> Decimal:
    """By how much a measure got worse, relative to what it was; to its range where it was 0. Below 0: better."""
    worse = change.before - change.now if measure == "muscle" else change.now - change.before
    return worse * 100 / (change.before or change.width)
