"""Inactive juvenile disease by the PRINTO items, and whether it has lasted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical.chart import Measurement
from cds_service.clinical.facts import core_set
from cds_service.clinical.facts.reading import of_measurement, results
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown

ITEMS = ("ck", "cmas", "mmt8", "physician_global")
SPELLS = ("lasting", "now", "none")
NEEDS = ("activityMeasures", "muscleEnzymes")
_LIMITS = tuple(
    f"response.{name}"
    for name in ("inactive_ck", "inactive_cmas", "inactive_strength", "inactive_strength_of_80",
                 "inactive_global", "inactive_items", "inactive_days")
)  # fmt: skip
_WEEK = timedelta(days=7)


@fact("inactive_disease", "word", words=SPELLS, needs=NEEDS, limits=_LIMITS)
def inactive_disease(scope: Scope) -> Fact[str]:
    """Inactive at the newest visit (``now``), and at every visit back to one half a year before (``lasting``).

    A visit is inactive by three of CK, CMAS, MMT-8 and the physician's global; MMT-8 and the global count where
    their scale is known. One with fewer items, all of them as in inactive disease, tells nothing either way.
    """
    found = results(scope, ITEMS)
    spell, ended = _spell(scope)
    doubt = found.doubt or (_scale_doubt(scope, found.items, ended) if ended else None)
    if not spell:
        return Known("none", (), doubt)
    lasting = spell[0] - spell[-1] >= timedelta(days=int(scope.limit("response.inactive_days")))
    shown = tuple(of_measurement(scope, m) for m in _near(found.items, spell[0]))
    return Known("lasting", shown) if lasting else Known("now", shown, doubt)


@fact("inactive_visit_days", "number", unit="d", needs=NEEDS, limits=_LIMITS)
def inactive_visit_days(scope: Scope) -> Fact[Decimal]:
    """Days since the newest visit at which the disease was inactive; unknown where it is not."""
    spell, _ = _spell(scope)
    if not spell:
        return Unknown(
            results(scope, ITEMS).doubt or "inactive disease is not on record", ("activityMeasures",)
        )
    return Known(Decimal((scope.chart.today - spell[0]).days))


def _spell(scope: Scope) -> tuple[list[date], date | None]:
    """The newest days in a row on which the disease was inactive, and the day before them on which it was not."""
    items = results(scope, ITEMS).items
    spell: list[date] = []
    for day in sorted({m.on for m in items if m.concept != "ck"}, reverse=True):
        met = [_met(scope, m, items) for m in _near(items, day)]
        if met.count(True) >= scope.limit("response.inactive_items"):
            spell.append(day)
        elif False in met or _could_be(scope, met):
            return spell, day
    return spell, None


def _near(items: tuple[Measurement, ...], day: date) -> list[Measurement]:
    """The newest value of each item within a week of the day."""
    newest = {m.concept: m for m in reversed(items) if abs(m.on - day) <= _WEEK and m.value is not None}
    return [newest[name] for name in ITEMS if name in newest]


def _could_be(scope: Scope, met: Collection[bool | None]) -> bool:
    """Whether items on a scale nobody stated are enough, with those met, for inactive disease."""
    met = list(met)
    return None in met and len(met) - met.count(False) >= scope.limit("response.inactive_items")


def _met(scope: Scope, found: Measurement, items: tuple[Measurement, ...]) -> bool | None:
    """Whether an item is as in inactive disease; ``None`` where nobody stated its scale."""
    value = found.value
    if value is None:
        return False
    if found.concept == "ck":
        return value <= scope.limit("response.inactive_ck")
    if found.concept == "cmas":
        return value >= scope.limit("response.inactive_cmas") if core_set.on_child_scale(found) else None
    if found.concept == "physician_global":
        millimetric = found.concept in core_set.in_millimetres(items)
        global_score = core_set.on_scale("physician_global", found, millimetric)
        return None if global_score is None else global_score <= scope.limit("response.inactive_global")
    return _strong(scope, found, value)


def _strong(scope: Scope, found: Measurement, value: Decimal) -> bool | None:
    """Whether MMT-8 is near the top of its scale, which has a limit of its own for 80 and for 150."""
    if core_set.on_scale("muscle", found) is None:
        return None
    if found.high == core_set.HALF_SCALE:
        return value >= scope.limit("response.inactive_strength_of_80")
    return value >= scope.limit("response.inactive_strength")


def _scale_doubt(scope: Scope, items: tuple[Measurement, ...], day: date) -> str | None:
    """That scores on a scale nobody stated might have made this visit inactive."""
    met = {m.concept: _met(scope, m, items) for m in _near(items, day)}
    bare = [name for name, each in met.items() if each is None]
    if not _could_be(scope, met.values()):
        return None
    return core_set.UNSCALED if "mmt8" in bare else core_set.UNSCALED_GLOBAL
