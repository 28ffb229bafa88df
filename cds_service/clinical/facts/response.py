"""How the disease answers to treatment: the improvement score since it began."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from cds_service.clinical.facts import core_set
from cds_service.clinical.facts.core_set import Visit
from cds_service.clinical.facts.medications import SLOW
from cds_service.clinical.facts.reading import inputs_of, names, of_measurement, unknown_of
from cds_service.clinical.facts.regimen import SPARING
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS as DRUGS
from cds_service.clinical.facts.taking import course_start, recorded
from cds_service.clinical.known import Fact, Known, Unknown
from cds_service.clinical.response import Measure, category, lacking, nearly, score

NEEDS = (*core_set.NEEDS, *DRUGS)
WORDS = ("major", "moderate", "minimal", "none")
START_LIMITS = (
    "regimen.bridge_days", "regimen.start_days", "regimen.start_days_of_courses",
    "response.rituximab_days", "response.infusion_days",
)  # fmt: skip
LIMITS = ("response.baseline_days", *START_LIMITS)
INFUSED = {
    "rituximab": "response.rituximab_days",
    "ivig": "response.infusion_days",
    "cyclophosphamide": "response.infusion_days",
}
"""Drugs given on single days: how long each counts after the last of them."""
NAMES: Mapping[Measure, str] = {
    "physician_global": "physician global", "patient_global": "patient global", "haq": "HAQ",
    "enzyme": "a muscle enzyme", "extramuscular": "extramuscular global", "muscle": "strength",
}  # fmt: skip
_GC = "systemic_glucocorticoid"


def drug_start(scope: Scope, drug: str) -> date | None:
    """The day on which the drug was begun, where it is taken or its last infusion still counts.

    It begins anew after so long without it as makes a start; infusions closer than that are one treatment.
    """
    wanted = names(scope, (drug,))
    lasts = int(scope.limit(INFUSED.get(drug, "regimen.bridge_days")))
    if course_start(scope, wanted, lasts) is None:
        return None
    free = scope.limit("regimen.start_days_of_courses" if drug in SLOW else "regimen.start_days")
    return course_start(scope, wanted, max(int(free), lasts))


def time_limit(drug: str) -> str:
    """The limit that says how long the drug is taken before it is judged."""
    return f"response.trial_{'rituximab_' if drug == 'rituximab' else ''}days"


def main_start(scope: Scope) -> date | None:
    """First day of the present main treatment: the newest steroid-sparing drug, else the glucocorticoid."""
    begun = [drug_start(scope, drug) for drug in SPARING]
    found = [day for day in begun if day is not None]
    bridge = int(scope.limit("regimen.bridge_days"))
    return max(found) if found else course_start(scope, names(scope, (_GC,)), bridge)


def episode(scope: Scope, started: date | None = None) -> tuple[Visit, Visit] | None:
    """The visit before the present treatment (or before that day) and the newest one since that can be scored.

    Where none can, the newest.
    """
    started = started or main_start(scope)
    if started is None:
        return None
    before = core_set.baseline(scope, started, int(scope.limit("response.baseline_days")))
    if before is None:
        return None
    since = [v for v in core_set.visits(scope) if v.on > max(started, before.on)]
    told = (v for v in since if not lacking(core_set.changes(before, v)))
    return (before, next(told, since[0])) if since else None


def _scored(scope: Scope) -> tuple[Visit, Visit] | Unknown:
    """The two visits, or why there are not two."""
    reason = core_set.doubt(scope) or "no core set measures before and since the present treatment"
    return episode(scope) or Unknown(reason, ("activityMeasures",))


@fact("tis_told", "flag", needs=NEEDS, limits=LIMITS)
def tis_told(scope: Scope) -> Fact[bool]:
    """The Total Improvement Score since the present treatment began can be told."""
    pair = episode(scope)
    complete = pair is not None and not lacking(core_set.changes(*pair))
    unscaled = core_set.scale_doubt(*pair) if pair else None
    return flag(complete, doubt=core_set.doubt(scope) or recorded(scope).doubt or unscaled)


@fact("tis_asked", "flag", needs=NEEDS, limits=LIMITS)
def tis_asked(scope: Scope) -> Fact[bool]:
    """The score can be told, or all but strength is on record before and since the treatment began."""
    pair = episode(scope)
    changes = core_set.changes(*pair) if pair else {}
    asked = pair is not None and (not lacking(changes) or nearly(changes))
    unscaled = core_set.scale_doubt(*pair) if pair else None
    return flag(asked, doubt=core_set.doubt(scope) or recorded(scope).doubt or unscaled)


@fact("tis", "number", unit="1", needs=NEEDS, limits=LIMITS)
def tis(scope: Scope) -> Fact[Decimal]:
    """The Total Improvement Score, 0 to 100; unknown where incomplete, with what is missing."""
    pair = _scored(scope)
    if isinstance(pair, Unknown):
        return pair
    changes = core_set.changes(*pair)
    if missing := lacking(changes):
        if unscaled := core_set.scale_doubt(*pair):
            return Unknown(unscaled, missing)
        told = ", ".join(NAMES[name] for name in missing)
        return Unknown(f"the improvement score is incomplete: {told} not on record at both visits", missing)
    shown = tuple(of_measurement(scope, m) for m in (*pair[0].shown[:3], *pair[1].shown[:3]))
    return Known(score(changes), shown)


@fact("tis_days", "number", unit="d", needs=NEEDS, limits=LIMITS)
def tis_days(scope: Scope) -> Fact[Decimal]:
    """Days since the visit that the improvement score is of; unknown where there is no such visit."""
    pair = _scored(scope)
    if isinstance(pair, Unknown):
        return pair
    return Known(Decimal((scope.chart.today - pair[1].on).days))


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
    """Days since the newest core set measure; unknown where none is on record."""
    found = core_set.every_day(scope)
    if not found:
        return Unknown(core_set.doubt(scope) or "no core set measure is on record", ("activityMeasures",))
    return Known(Decimal((scope.chart.today - found[0].on).days))


@fact("core_set_recorded", "flag", needs=NEEDS, args=("within_days",))
def core_set_recorded(scope: Scope, within_days: int) -> Fact[bool]:
    """A core set measure of the last so many days is on record."""
    found = core_set.every_day(scope)
    young = bool(found) and (scope.chart.today - found[0].on).days <= within_days
    return flag(young, doubt=core_set.doubt(scope))


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
