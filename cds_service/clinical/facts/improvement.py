"""Whether the disease improves under a glucocorticoid, so that its taper may begin; and what tells so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from cds_service.clinical.chart import Measurement
from cds_service.clinical.facts import core_set, enzymes
from cds_service.clinical.facts import flare as flares
from cds_service.clinical.facts.core_set import Visit
from cds_service.clinical.facts.reading import names, of_measurement, printed, results
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.facts.response import LIMITS as EPISODE
from cds_service.clinical.facts.response import NEEDS, episode, main_start
from cds_service.clinical.facts.taking import course_start
from cds_service.clinical.known import Fact, Input, Known, Unknown
from cds_service.clinical.response import Change, Measure, lacking, score, worse_percent, worsened

WORDS = ("improving", "not-improving", "worse", "not-on-record")
USES = ("flare", "juvenile", "enzyme_course")
LIMITS = (
    "response.adult_response", "response.juvenile_response", "response.better_strength_percent",
    "response.better_ck_percent", "response.worse_ck_percent", "response.weaker_percent", *flares.LIMITS, *EPISODE,
)  # fmt: skip
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the record tells: the word, what tells it in words, and the results it stands on."""

    word: str
    told: str = ""
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True, slots=True)
class _Since:
    """Since when: the first day of the glucocorticoid, and that of the newest treatment."""

    steroid: date
    treatment: date


@fact("improvement", "word", words=WORDS, needs=NEEDS, uses=USES, limits=LIMITS)
def improvement(scope: Scope) -> Fact[str]:
    """Whether the disease improves since treatment was begun or glucocorticoid begun anew.

    Worse, whatever else improved, where there is a flare, strength fell or an enzyme doubled under the glucocorticoid.
    Else by the score; by strength; by CK.
    """
    course: Fact[str] = scope.get("enzyme_course")
    found = _judged(scope)
    if isinstance(course, Unknown) and found.word in ("improving", "not-on-record"):
        return course
    return Known(found.word, found.inputs, _doubt(scope) if found.word == "not-on-record" else None)


@fact("improvement_told", "word", needs=NEEDS, uses=USES, limits=LIMITS)
def improvement_told(scope: Scope) -> Fact[str]:
    """What tells that the disease improves or does not, in words; unknown where nothing does."""
    found = _judged(scope)
    if not found.told:
        return Unknown("improvement is not on record", ("activityMeasures",))
    return Known(found.told, found.inputs)


def _judged(scope: Scope) -> _Found:
    steroid = course_start(
        scope, names(scope, ("systemic_glucocorticoid",)), int(scope.limit("regimen.bridge_days"))
    )
    begun = [day for day in (main_start(scope), steroid) if day is not None]
    if not begun:
        return _Found("not-on-record")
    since = _Since(steroid or max(begun), max(begun))
    return next((found for found in _readings(scope, since) if found), _Found("not-on-record"))


def _readings(scope: Scope, since: _Since) -> Iterator[_Found | None]:
    """What each kind of record tells, the graver and the surer first."""
    pair = episode(scope, since.treatment)
    changes = core_set.changes(*pair) if pair else {}
    yield _new_flare(scope, since)
    yield _weaker(scope, since)
    yield _doubled(scope, since)
    yield _by_score(scope, pair, changes)
    yield _by_strength(scope, pair, changes)
    yield _old_flare(scope, since)
    yield _a_little_weaker(scope, since)
    yield _by_ck(scope, since)
    yield _as_strong(scope, pair, changes)


def _new_flare(scope: Scope, since: _Since) -> _Found | None:
    """A flare against a visit under the glucocorticoid, or one that the newest visit shows against the one before."""
    return _flare(scope, "worse") if flares.since(scope, since.steroid) else None


def _old_flare(scope: Scope, since: _Since) -> _Found | None:
    """A flare of before the glucocorticoid that a visit since then still shows."""
    _, last = flares.course(scope)
    return _flare(scope, "not-improving") if last and last[0].on > since.steroid else None


def _flare(scope: Scope, word: str) -> _Found | None:
    known: Fact[str] = scope.get("flare")
    if isinstance(known, Unknown) or known.value == "none":
        return None
    on = flares.course(scope)[1][0].on
    kind = "flare" if known.value == "confirmed" else "possible flare"
    return _Found(word, f"{kind}, visit of {on}", known.inputs)


def _weaker(scope: Scope, since: _Since) -> _Found | None:
    """Strength that fell between two visits, the newer under the glucocorticoid, by so much as counts as weaker."""
    pair, change = _fall(scope, since)
    if pair and change and worse_percent("muscle", change) >= scope.limit("response.weaker_percent"):
        return _strength("worse", scope, pair, change)
    return None


def _a_little_weaker(scope: Scope, since: _Since) -> _Found | None:
    """Strength that fell between two visits by more than the score takes for no change."""
    pair, change = _fall(scope, since)
    if pair and change and worsened({"muscle": change}):
        return _strength("not-improving", scope, pair, change)
    return None


def _fall(scope: Scope, since: _Since) -> tuple[tuple[Visit, Visit] | None, Change | None]:
    last = flares.strength_visits(scope)
    if len(last) < 2 or last[0].on <= since.steroid:
        return None, None
    return (last[1], last[0]), core_set.changes(last[1], last[0]).get("muscle")


def _doubled(scope: Scope, since: _Since) -> _Found | None:
    """An enzyme that doubled under the glucocorticoid, and is not lower than when that was begun.

    What was measured in the first week says nothing of treatment yet.
    """
    pair = enzymes.rise(scope)
    if pair is None or pair[1].on <= since.steroid + _WEEK:
        return None
    stable, now = pair
    begun = _at_start(scope, now.concept, since.steroid)
    if stable.on <= since.steroid and begun and begun.value and now.value and now.value <= begun.value:
        return None
    return _enzyme("worse", scope, stable, now)


def _by_score(
    scope: Scope, pair: tuple[Visit, Visit] | None, changes: Mapping[Measure, Change]
) -> _Found | None:
    juvenile: Fact[bool] = scope.get("juvenile")
    if not pair or lacking(changes) or isinstance(juvenile, Unknown):
        return None
    least = scope.limit("response.juvenile_response" if juvenile.value else "response.adult_response")
    total = score(changes)
    shown = tuple(of_measurement(scope, m) for m in (*pair[0].shown[:3], *pair[1].shown[:3]))
    word = "improving" if total >= least else "not-improving"
    return _Found(word, f"improvement score {printed(total, '1')}, visit of {pair[1].on}", shown)


def _by_strength(
    scope: Scope, pair: tuple[Visit, Visit] | None, changes: Mapping[Measure, Change]
) -> _Found | None:
    strength = changes.get("muscle")
    if not pair or strength is None:
        return None
    gained = (strength.now - strength.before) * 100 / strength.width
    if gained >= scope.limit("response.better_strength_percent"):
        return _strength("improving", scope, pair, strength)
    return _strength("not-improving", scope, pair, strength) if worsened({"muscle": strength}) else None


def _as_strong(
    scope: Scope, pair: tuple[Visit, Visit] | None, changes: Mapping[Measure, Change]
) -> _Found | None:
    """Strength that is what it was, or a point or two less, and not full."""
    strength = changes.get("muscle")
    if not pair or strength is None or strength.now > strength.before or strength.now == strength.width:
        return None
    return _strength("not-improving", scope, pair, strength)


def _by_ck(scope: Scope, since: _Since) -> _Found | None:
    """Improvement by a CK that fell by half since treatment began; none by one that rose above its limit."""
    before = _at_start(scope, "ck", since.treatment)
    now = next((m for m in results(scope, ("ck",)).items if m.value is not None), None)
    if (
        before is None
        or now is None
        or before.value is None
        or now.value is None
        or now.on <= since.treatment
    ):
        return None
    if now.value <= before.value * (1 - scope.limit("response.better_ck_percent") / 100):
        return _enzyme("improving", scope, before, now)
    high = now.high is not None and now.value > now.high
    risen = now.value >= before.value * (1 + scope.limit("response.worse_ck_percent") / 100)
    late = now.on > since.treatment + _WEEK
    return _enzyme("not-improving", scope, before, now) if high and risen and late else None


def _at_start(scope: Scope, enzyme: str, started: date) -> Measurement | None:
    """The enzyme before treatment; where it was not measured then, in the first week."""
    earliest = started - timedelta(days=int(scope.limit("response.baseline_days")))
    found = [m for m in results(scope, (enzyme,)).items if m.value is not None and m.on >= earliest]
    before = next((m for m in found if m.on <= started), None)
    first_week = [m for m in found if started < m.on <= started + _WEEK]
    return before or (first_week[-1] if first_week else None)


def _enzyme(word: str, scope: Scope, before: Measurement, now: Measurement) -> _Found:
    was, became = of_measurement(scope, before), of_measurement(scope, now)
    return _Found(word, f"{was.label} {was.value}, now {became.value} on {now.on}", (became, was))


def _strength(word: str, scope: Scope, pair: tuple[Visit, Visit], change: Change) -> _Found:
    """Of the width of the scale in words: MMT-8 is one of 150 however it was written, CMAS of 52."""
    name = "CMAS" if change.width == core_set.CMAS_SCALE else "MMT-8"
    before, now, width = (printed(round(each, 1), "1") for each in (change.before, change.now, change.width))
    concepts = (*core_set.SCORES["muscle"], core_set.CHILD_STRENGTH)
    shown = tuple(of_measurement(scope, m) for v in pair[::-1] for m in v.shown if m.concept in concepts)
    return _Found(word, f"{name} {before}, now {now} of {width} on {pair[1].on}", shown)


def _doubt(scope: Scope) -> str | None:
    """Why something that tells may have been missed."""
    last = flares.strength_visits(scope)
    return results(scope, ("ck",)).doubt or core_set.doubt(scope) or core_set.scale_doubt(*last)
