"""What a change of the core set measures consists of, measure by measure, as a clinician reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from cds_service.clinical.facts import core_set, flare
from cds_service.clinical.facts.core_set import SCORES
from cds_service.clinical.facts.reading import newest, of_measurement, results, rounded, within
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.facts.response import LIMITS, NAMES, NEEDS, episode
from cds_service.clinical.known import Fact, Known, Unknown
from cds_service.clinical.response import Change, Measure, lacking, part, worse_percent
from cds_service.clinical.response import worsened as worse_measures

_CDASI_SCALE = Decimal(100)


@fact("tis_parts", "words", needs=NEEDS, limits=LIMITS)
def tis_parts(scope: Scope) -> Fact[tuple[str, ...]]:
    """The measures of the improvement score, each with its values before and now and its points."""
    pair = episode(scope)
    if pair is None:
        return Unknown("no core set measures before and since the present treatment", ("activityMeasures",))
    changes = core_set.changes(*pair)
    return Known(tuple(f"{words} ({_points(name, changes[name])})" for name, words in _moved(scope, changes)))


@fact("tis_lacking", "words", needs=NEEDS, limits=LIMITS)
def tis_lacking(scope: Scope) -> Fact[tuple[str, ...]]:
    """What keeps the improvement score from being told where strength was measured before and since; else nothing."""
    pair = episode(scope)
    changes = core_set.changes(*pair) if pair else {}
    return Known(tuple(NAMES[name] for name in lacking(changes)) if "muscle" in changes else ())


@fact("tis_measures", "number", unit="1", needs=NEEDS, limits=LIMITS)
def tis_measures(scope: Scope) -> Fact[Decimal]:
    """How many of the six measures the improvement score compares."""
    pair = episode(scope)
    return Known(Decimal(len(core_set.changes(*pair)) if pair else 0))


@fact("tis_worse", "number", unit="1", needs=NEEDS, limits=LIMITS)
def tis_worse(scope: Scope) -> Fact[Decimal]:
    """How many of them are worse than before treatment, by more than the score counts as no change."""
    pair = episode(scope)
    return Known(Decimal(len(worse_measures(core_set.changes(*pair))) if pair else 0))


@fact("tis_near_normal", "flag", needs=NEEDS, limits=(*LIMITS, "response.near_normal_strength"))
def tis_near_normal(scope: Scope) -> Fact[bool]:
    """Strength was near normal before the present treatment: little of the score could be gained."""
    pair = episode(scope)
    strength = pair[0].scores.get("muscle") if pair else None
    if strength is None and pair and pair[0].cmas is not None:
        return Known(False)
    if strength is None:
        return Unknown("no MMT-8 before the present treatment", ("activityMeasures",))
    return Known(strength >= scope.limit("response.near_normal_strength"))


@fact("in_new_disease", "flag", uses=("diagnosis_days",), limits=("response.new_days",))
def in_new_disease(scope: Scope) -> Fact[bool]:
    """The diagnosis is so new that the first-visit checklist is told; not so where it has no date."""
    days: Fact[Decimal] = scope.get("diagnosis_days")
    return Known(isinstance(days, Known) and days.value <= scope.limit("response.new_days"))


@fact("strength", "number", unit="1", needs=NEEDS)
def strength(scope: Scope) -> Fact[Decimal]:
    """The newest MMT-8 on the scale of 150; unknown where its scale is not stated."""
    found = newest(scope, "mmt8")
    if isinstance(found, Unknown):
        return found
    value = core_set.on_scale("muscle", found.value)
    if value is None:
        return Unknown(core_set.UNSCALED, ("mmt8",))
    return Known(value, found.inputs, found.doubt)


@fact("child_strength", "number", unit="{score}", needs=NEEDS)
def child_strength(scope: Scope) -> Fact[Decimal]:
    """The newest CMAS; unknown where it lies outside its scale."""
    found = newest(scope, core_set.CHILD_STRENGTH)
    if isinstance(found, Unknown):
        return found
    if found.value.value is None or not core_set.on_child_scale(found.value):
        return Unknown("CMAS lies outside its scale of 52", (core_set.CHILD_STRENGTH,))
    return Known(found.value.value, found.inputs, found.doubt)


@fact("strength_before", "number", unit="1", needs=NEEDS, limits=("response.compared_days",))
def strength_before(scope: Scope) -> Fact[Decimal]:
    """The MMT-8 of the day before the newest, on the same scale of 150."""
    found = [m for m in results(scope, ("mmt8",)).items if m.value is not None]
    longest = int(scope.limit("response.compared_days"))
    earlier = [m for m in found if m.on < found[0].on and within(m.on, scope.chart.today, longest)]
    value = core_set.on_scale("muscle", earlier[0]) if earlier else None
    if value is None:
        return Unknown("no earlier MMT-8 on a known scale is on record", ("mmt8",))
    return Known(value, (of_measurement(scope, earlier[0]),))


@fact(
    "skin_grade",
    "word",
    words=("remission", "mild", "disputed", "more"),
    needs=NEEDS,
    limits=tuple(f"response.skin_{name}" for name in ("remission", "mild_stanford", "mild_penn")),
)
def skin_grade(scope: Scope) -> Fact[str]:
    """The newest CDASI activity: in remission, mild by two cut-offs, by one of them (disputed), or more."""
    value: Fact[Decimal] = scope.get("lab", "cdasi_activity")
    if isinstance(value, Unknown):
        return value
    if value.value > _CDASI_SCALE:
        return Unknown("CDASI activity lies outside its scale of 100", ("cdasi_activity",))
    stanford, penn = (scope.limit(f"response.skin_mild_{name}") for name in ("stanford", "penn"))
    mild = (value.value <= stanford, value.value < penn)
    if value.value < scope.limit("response.skin_remission"):
        return Known("remission", value.inputs)
    return Known("mild" if all(mild) else "disputed" if any(mild) else "more", value.inputs)


@fact("worsened", "words", needs=NEEDS, limits=flare.LIMITS)
def worsened(scope: Scope) -> Fact[tuple[str, ...]]:
    """The core set measures that are worse than at the visit before, or than at the one before that."""
    _, last = flare.course(scope)
    for before in last[1:]:
        changes = core_set.changes(before, last[0])
        found = [words for name, words in _moved(scope, changes) if worse_percent(name, changes[name]) > 0]
        if found:
            return Known(tuple(found))
    return Known(())


def _moved(scope: Scope, changes: Mapping[Measure, Change]) -> Iterator[tuple[Measure, str]]:
    """Each measure with its name, its value before and now."""
    for name, change in changes.items():
        concept = (
            core_set.CHILD_STRENGTH if change.width == core_set.CMAS_SCALE else SCORES.get(name, ("",))[0]
        )
        label = scope.terms.display(concept) if concept else "enzyme"
        unit = "" if name in SCORES else "times its limit"
        yield name, f"{label} {rounded(change.before, '1')} → {rounded(change.now, unit or '1')}"


def _points(name: Measure, change: Change) -> str:
    return f"{rounded(part(name, change).points, '1')} points"
