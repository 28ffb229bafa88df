"""How the disease answers to treatment: improvement since it began, flare, refractory disease."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical.facts import core_set
from cds_service.clinical.facts.core_set import Visit
from cds_service.clinical.facts.reading import inputs_of, names, of_measurement, results, unknown_of
from cds_service.clinical.facts.regimen import SPARING
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS as DRUGS
from cds_service.clinical.facts.taking import course_start, recorded
from cds_service.clinical.known import Fact, Known, Unknown
from cds_service.clinical.response import Measure, category, lacking, score, worse_percent

NEEDS = ("activityMeasures", "muscleEnzymes", "liverTests", *DRUGS)
WORDS = ("major", "moderate", "minimal", "none")
FLARES = ("confirmed", "possible", "none")
LIMITS = ("response.baseline_days", "regimen.bridge_days")
_GC = "systemic_glucocorticoid"
_WEEK = timedelta(days=7)
_VAS: tuple[Measure, ...] = ("physician_global", "extramuscular")
_SCORED: tuple[Measure, ...] = ("physician_global", "patient_global", "haq", "extramuscular", "muscle")


def _started(scope: Scope) -> date | None:
    """First day of the present main treatment: the newest steroid-sparing course, else the glucocorticoid."""
    bridge = int(scope.limit("regimen.bridge_days"))
    begun = [course_start(scope, names(scope, (drug,)), bridge) for drug in SPARING]
    found = [day for day in begun if day is not None]
    return max(found) if found else course_start(scope, names(scope, (_GC,)), bridge)


def episode(scope: Scope, started: date | None = None) -> tuple[Visit, Visit] | None:
    """The visit before the present treatment (or before that day) and the newest one since."""
    started = started or _started(scope)
    if started is None:
        return None
    before = core_set.baseline(scope, started, int(scope.limit("response.baseline_days")))
    since = [v for v in core_set.visits(scope) if v.on > started and (before is None or v.on > before.on)]
    return (before, since[0]) if before is not None and since else None


@fact("tis_told", "flag", needs=NEEDS, limits=LIMITS)
def tis_told(scope: Scope) -> Fact[bool]:
    """The Total Improvement Score since the present treatment began can be told."""
    pair = episode(scope)
    complete = pair is not None and not lacking(core_set.changes(*pair))
    unscaled = core_set.scale_doubt(*pair) if pair else None
    return flag(complete, doubt=core_set.doubt(scope) or recorded(scope).doubt or unscaled)


@fact("tis", "number", unit="1", needs=NEEDS, limits=LIMITS)
def tis(scope: Scope) -> Fact[Decimal]:
    """The Total Improvement Score, 0 to 100; unknown where incomplete, with what is missing."""
    pair = episode(scope)
    if pair is None:
        reason = core_set.doubt(scope) or "no core set measures before and since the present treatment"
        return Unknown(reason, ("activityMeasures",))
    changes = core_set.changes(*pair)
    if missing := lacking(changes):
        told = ", ".join(name.replace("_", " ") for name in missing)
        return Unknown(f"the improvement score is incomplete: {told} is missing", missing)
    shown = tuple(of_measurement(scope, m) for m in (*pair[0].shown[:3], *pair[1].shown[:3]))
    return Known(score(changes), shown)


@fact("tis_word", "word", words=WORDS, uses=("tis", "juvenile"))
def tis_word(scope: Scope) -> Fact[str]:
    """What the score means: none, minimal, moderate or major improvement, by adult or juvenile limits."""
    total: Fact[Decimal] = scope.get("tis")
    juvenile: Fact[bool] = scope.get("juvenile")
    if isinstance(total, Unknown) or isinstance(juvenile, Unknown):
        return unknown_of(total, juvenile)
    return Known(category(total.value, juvenile=juvenile.value), inputs_of(total))


@fact("core_set_days", "number", unit="d", needs=NEEDS)
def core_set_days(scope: Scope) -> Fact[Decimal]:
    """Days since the newest visit with a core set measure; unknown where none is on record."""
    found = core_set.visits(scope)
    if not found:
        return Unknown(core_set.doubt(scope) or "no core set measure is on record", ("activityMeasures",))
    return Known(Decimal((scope.chart.today - found[0].on).days))


@fact("core_set_recorded", "flag", needs=NEEDS, args=("within_days",))
def core_set_recorded(scope: Scope, within_days: int) -> Fact[bool]:
    """A core set measure of the last so many days is on record."""
    found = core_set.visits(scope)
    young = bool(found) and (scope.chart.today - found[0].on).days <= within_days
    return flag(young, doubt=core_set.doubt(scope))


@fact(
    "improvement",
    "word",
    words=("improving", "not-improving", "not-on-record"),
    needs=NEEDS,
    uses=("flare", "juvenile", "strength_loss_percent"),
    limits=(
        "response.adult_response",
        "response.juvenile_response",
        "response.better_strength_percent",
        "response.better_ck_percent",
        "response.flare_strength_percent",
        *LIMITS,
    ),
)
def improvement(scope: Scope) -> Fact[str]:
    """Whether the disease improves since treatment was begun or glucocorticoid begun anew.

    By the score; else by strength; else by CK, where no flare is on record. Falling strength is no improvement.
    """
    begun = [
        _started(scope),
        course_start(scope, names(scope, (_GC,)), int(scope.limit("regimen.bridge_days"))),
    ]
    started = max((day for day in begun if day is not None), default=None)
    pair = episode(scope, started)
    changes = core_set.changes(*pair) if pair else {}
    juvenile: Fact[bool] = scope.get("juvenile")
    if pair and not lacking(changes) and isinstance(juvenile, Known):
        least = scope.limit("response.juvenile_response" if juvenile.value else "response.adult_response")
        shown = tuple(of_measurement(scope, m) for m in (*pair[0].shown[:3], *pair[1].shown[:3]))
        return Known("improving" if score(changes) >= least else "not-improving", shown)
    strength = changes.get("muscle")
    gained = (strength.now - strength.before) * 100 / strength.width if strength else None
    if gained is not None and (gained < 0 or gained >= scope.limit("response.better_strength_percent")):
        return Known("improving" if gained > 0 else "not-improving")
    loss: Fact[Decimal] = scope.get("strength_loss_percent")
    if isinstance(loss, Known) and loss.value >= scope.limit("response.flare_strength_percent"):
        return Known("not-improving", loss.inputs)
    if started is not None and (fallen := _fallen_enzyme(scope, started)):
        return fallen
    if gained == 0 and strength and strength.now < strength.width:
        return Known("not-improving")
    return Known("not-on-record", (), results(scope, ("ck",)).doubt)


def _fallen_enzyme(scope: Scope, started: date) -> Known[str] | None:
    """Improvement by a CK that fell by half since treatment began, without a flare on record."""
    flares: Fact[str] = scope.get("flare")
    if isinstance(flares, Unknown) or flares.value != "none":
        return None
    earliest = started - timedelta(days=int(scope.limit("response.baseline_days")))
    found = [m for m in results(scope, ("ck",)).items if m.value is not None and m.on >= earliest]
    before = next((m for m in found if m.on <= started), None)
    first_week = [m for m in found if started < m.on <= started + _WEEK]
    baseline = before or (first_week[-1] if first_week else None)
    if baseline is None or baseline.value is None or found[0].value is None or found[0].on <= started:
        return None
    least = baseline.value * (1 - scope.limit("response.better_ck_percent") / 100)
    if found[0].value > least:
        return None
    return Known("improving", (of_measurement(scope, found[0]), of_measurement(scope, baseline)))


@fact(
    "flare",
    "word",
    words=FLARES,
    needs=NEEDS,
    limits=("response.flare_vas", "response.flare_strength_percent", "response.flare_percent"),
)
def flare(scope: Scope) -> Fact[str]:
    """Deterioration against the visit before: possible on one visit, confirmed where the next is no better.

    A scale that was not stated leaves what was not seen in doubt.
    """
    last = core_set.visits(scope)[:3]
    doubt = core_set.doubt(scope) or core_set.scale_doubt(*last)
    if len(last) < 2:
        return Known("none", (), core_set.doubt(scope))
    now, before = last[:2]
    worse = _is_worse(scope, before, now)
    shown = tuple(of_measurement(scope, m) for m in now.shown[:4])
    if len(last) > 2 and _is_worse(scope, last[2], before) and (worse or _is_worse(scope, last[2], now)):
        return Known("confirmed", shown)
    return Known("possible" if worse else "none", shown if worse else (), doubt)


@fact("strength_loss_percent", "number", unit="%", needs=NEEDS)
def strength_loss_percent(scope: Scope) -> Fact[Decimal]:
    """How far MMT-8 fell since the visit before, in per cent of what it was; 0 with fewer than two visits."""
    last = core_set.visits(scope)[:2]
    changes = core_set.changes(last[1], last[0]) if len(last) == 2 else {}
    doubt = core_set.doubt(scope) or core_set.scale_doubt(*last)
    if "muscle" not in changes or changes["muscle"].width == core_set.CMAS_SCALE:
        return Known(Decimal(0), (), doubt)
    shown = tuple(of_measurement(scope, m) for v in last for m in v.shown if m.concept == "mmt8")
    return Known(worse_percent("muscle", changes["muscle"]), shown, doubt)


def _is_worse(scope: Scope, before: Visit, now: Visit) -> bool:
    changes = core_set.changes(before, now)
    points = scope.limit("response.flare_vas")
    risen = {name for name in _VAS if name in changes and changes[name].now - changes[name].before >= points}
    weaker = "muscle" in changes and (
        worse_percent("muscle", changes["muscle"]) >= scope.limit("response.flare_strength_percent")
    )
    least = scope.limit("response.flare_percent")
    many = sum(name in changes and worse_percent(name, changes[name]) >= least for name in _SCORED)
    return ("physician_global" in risen and weaker) or "extramuscular" in risen or many >= 3


@fact(
    "poor_response",
    "flag",
    needs=NEEDS,
    uses=("tis", "tis_told", "flare", "juvenile"),
    limits=("response.adult_response", "response.juvenile_response", *LIMITS),
)
def poor_response(scope: Scope) -> Fact[bool]:
    """A confirmed flare, or less improvement than is asked of the patient's age."""
    flares: Fact[str] = scope.get("flare")
    if isinstance(flares, Known) and flares.value == "confirmed":
        return Known(True, flares.inputs)
    told: Fact[bool] = scope.get("tis_told")
    if isinstance(told, Unknown) or not told.value:
        return told
    total, juvenile = scope.get("tis"), scope.get("juvenile")
    if isinstance(total, Unknown) or isinstance(juvenile, Unknown):
        return unknown_of(total, juvenile)
    least = scope.limit("response.juvenile_response" if juvenile.value else "response.adult_response")
    return Known(total.value < least, total.inputs)
