"""Deterioration by the definition of the ProDERM trial: on one visit, or confirmed at the next."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from cds_service.clinical.facts import core_set
from cds_service.clinical.facts.core_set import NEEDS, Visit
from cds_service.clinical.facts.reading import of_measurement, rounded
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown
from cds_service.clinical.response import Measure, worse_percent

FLARES = ("confirmed", "possible", "none")
LIMITS = ("response.flare_vas", "response.flare_strength_percent", "response.flare_percent")
_VAS: tuple[Measure, ...] = ("physician_global", "extramuscular")
_SCORED: tuple[Measure, ...] = ("physician_global", "patient_global", "haq", "extramuscular", "muscle")
_MANY = 3


def course(scope: Scope) -> tuple[str, list[Visit]]:
    """How the disease went of late, and the three newest visits that tell it, newest first.

    A day with a single score can stand between or beside full visits: the worst that is seen with it or without it.
    """
    days = core_set.every_day(scope)
    full = core_set.two_weeks_apart([day for day in days if _is_telling(day)])
    readings = (core_set.two_weeks_apart(days), full, core_set.newest_first(days))
    found = [(_word(scope, each[:_MANY]), each[:_MANY]) for each in readings]
    return min(found, key=lambda each: FLARES.index(each[0]))


@fact("flare", "word", words=FLARES, needs=NEEDS, limits=LIMITS)
def flare(scope: Scope) -> Fact[str]:
    """Deterioration against the visit before: possible on one visit, confirmed where the next is no better.

    A scale that was not stated leaves what was not seen in doubt.
    """
    word, last = course(scope)
    doubt = core_set.doubt(scope)
    if len(last) < 2:
        return Known("none", (), doubt)
    if word == "none":
        return Known("none", (), doubt or core_set.scale_doubt(*last))
    shown = tuple(of_measurement(scope, m) for m in last[0].shown if m.concept not in core_set.ENZYMES)
    return Known(word, shown, None if word == "confirmed" else doubt or core_set.scale_doubt(*last))


@fact("flare_visit_days", "number", unit="d", needs=NEEDS, limits=LIMITS)
def flare_visit_days(scope: Scope) -> Fact[Decimal]:
    """Days since the newest visit that tells whether there is a flare; unknown where no measure is on record."""
    _, last = course(scope)
    if not last:
        return Unknown(core_set.doubt(scope) or "no core set measure is on record", ("activityMeasures",))
    return Known(Decimal((scope.chart.today - last[0].on).days))


@fact("strength_loss_percent", "number", unit="%", needs=NEEDS)
def strength_loss_percent(scope: Scope) -> Fact[Decimal]:
    """How far MMT-8 fell since it was measured before, in per cent of what it was; 0 where it was not."""
    last, doubt = _strength(scope)
    changes = core_set.changes(last[1], last[0]) if len(last) == 2 else {}
    if "muscle" not in changes or changes["muscle"].width == core_set.CMAS_SCALE:
        return Known(Decimal(0), (), doubt)
    shown = tuple(of_measurement(scope, m) for v in last for m in v.shown if m.concept == "mmt8")
    return Known(worse_percent("muscle", changes["muscle"]), shown, doubt)


@fact("strength_lost", "words", needs=NEEDS)
def strength_lost(scope: Scope) -> Fact[tuple[str, ...]]:
    """The two values of MMT-8, on the scale of 150, that the loss is between, each with its day; none without two."""
    last, doubt = _strength(scope)
    changes = core_set.changes(last[1], last[0]) if len(last) == 2 else {}
    if "muscle" not in changes or changes["muscle"].width == core_set.CMAS_SCALE:
        return Known((), (), doubt)
    values = (changes["muscle"].before, changes["muscle"].now)
    days = (last[1].on, last[0].on)
    return Known(
        tuple(f"{rounded(value, '1')} ({day.isoformat()})" for value, day in zip(values, days, strict=True))
    )


def _strength(scope: Scope) -> tuple[list[Visit], str | None]:
    """The two newest visits with a measure of strength, newest first, and what leaves them in doubt."""
    last = strength_visits(scope)
    return last, core_set.doubt(scope) or core_set.scale_doubt(*last)


def since(scope: Scope, day: date) -> bool:
    """Whether there is a flare against a visit since that day, or the newest visit, since then, shows one anew."""
    word, last = course(scope)
    if word == "none" or last[0].on <= day:
        return False
    return last[1].on > day or _is_worse(scope, last[1], last[0])


def strength_visits(scope: Scope) -> list[Visit]:
    """The two newest visits at which strength was measured, newest first."""
    measured = [visit for visit in core_set.every_day(scope) if _has_strength(visit)]
    return core_set.two_weeks_apart(measured)[:2]


def _is_telling(visit: Visit) -> bool:
    """Whether the visit has enough measures for more than one part of the definition."""
    measured = visit.measures & frozenset(_SCORED)
    return {"physician_global", "muscle"} <= measured or len(measured) >= _MANY


def _has_strength(visit: Visit) -> bool:
    return any(m.concept in ("mmt8", core_set.CHILD_STRENGTH) for m in visit.shown)


def _word(scope: Scope, last: list[Visit]) -> str:
    if len(last) < 2:
        return "none"
    now, before = last[:2]
    worse = _is_worse(scope, before, now)
    if len(last) > 2 and _is_worse(scope, last[2], before) and (worse or _is_worse(scope, last[2], now)):
        return "confirmed"
    return "possible" if worse else "none"


def _is_worse(scope: Scope, before: Visit, now: Visit) -> bool:
    changes = core_set.changes(before, now)
    points = scope.limit("response.flare_vas")
    risen = {name for name in _VAS if name in changes and changes[name].now - changes[name].before >= points}
    weaker = "muscle" in changes and (
        worse_percent("muscle", changes["muscle"]) >= scope.limit("response.flare_strength_percent")
    )
    least = scope.limit("response.flare_percent")
    many = sum(name in changes and worse_percent(name, changes[name]) >= least for name in _SCORED)
    return ("physician_global" in risen and weaker) or "extramuscular" in risen or many >= _MANY
