"""Refractory disease by the working definition: what was tried for long enough and high enough, and what came of it."""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.courses import window
from cds_service.clinical.facts import core_set
from cds_service.clinical.facts.glucocorticoid import per_kg
from cds_service.clinical.facts.glucocorticoid_kind import EQUIVALENCE_LIMITS, as_prednisone, systemic
from cds_service.clinical.facts.reading import (
    doubt_of,
    inputs_of,
    names,
    of_measurement,
    of_medication,
    unknown_of,
)
from cds_service.clinical.facts.regimen import SPARING
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.response import START_LIMITS, drug_start, time_limit
from cds_service.clinical.facts.taking import NEEDS as DRUGS
from cds_service.clinical.facts.taking import recorded
from cds_service.clinical.known import Fact, Known, Unknown

UNSEEN = "the dose with which the glucocorticoid was begun is not on record"


@fact(
    "steroid_trial",
    "flag",
    needs=DRUGS,
    uses=("dosing_weight_kg", "diagnosis_days"),
    limits=(
        *EQUIVALENCE_LIMITS,
        "response.trial_steroid",
        "response.trial_days",
        "response.steroid_begins_days",
    ),
)
def steroid_trial(scope: Scope) -> Fact[bool]:
    """A systemic glucocorticoid was begun twelve weeks ago or earlier and reached 0.5 mg/kg a day as prednisone.

    Lower doses alone leave it unknown where the first on record is of much later than the diagnosis: then the
    beginning was not seen.
    """
    today, least = scope.chart.today, scope.limit("response.trial_steroid")
    orders = [m for m in recorded(scope).items if systemic(scope, m)]
    begun = {m.reference: (today - window(m, today).start).days for m in orders}
    early = [m for m in orders if begun[m.reference] >= scope.limit("response.trial_days")]
    doses = [per_kg(scope, as_prednisone(scope, m, m.exposure.mg_per_day)) for m in early]
    high = [dose for dose in doses if isinstance(dose, Known) and dose.value >= least]
    if high:
        return Known(True, inputs_of(*high))
    if any(isinstance(dose, Unknown) for dose in doses):
        return unknown_of(*doses)
    if orders and _began_unseen(scope, max(begun.values())):
        return Unknown(UNSEEN, ("medicationRequests",))
    return flag(False, *map(of_medication, early), doubt=recorded(scope).doubt)


def _began_unseen(scope: Scope, first: int) -> bool:
    """Whether the first order on record is of later than the weeks after the diagnosis."""
    known: Fact[Decimal] = scope.get("diagnosis_days")
    return isinstance(known, Unknown) or known.value - first > scope.limit("response.steroid_begins_days")


@fact(
    "not_borne",
    "flag",
    needs=(*DRUGS, "activityMeasures", "allergies"),
    uses=("allergy", "begun_of_late"),
    limits=("response.active_global", "response.active_days"),
)
def not_borne(scope: Scope) -> Fact[bool]:
    """A steroid-sparing drug was not borne, none was begun in the last twelve weeks, and the disease is active.

    Active: the physician global of a visit of late stands above that of a mild disease.
    """
    entries = [scope.get("allergy", drug) for drug in SPARING if _was_taken(scope, drug)]
    held = [each for each in entries if isinstance(each, Known) and each.value != "none"]
    unread = [each for each in entries if isinstance(each, Unknown)]
    if not held and not unread:
        return flag(False, doubt=recorded(scope).doubt)
    young: Fact[tuple[str, ...]] = scope.get("begun_of_late")
    active = Known(False) if isinstance(young, Known) and young.value else _is_active(scope)
    if isinstance(active, Unknown) or not active.value:
        return active
    return Known(True, inputs_of(*held, active)) if held else unknown_of(*unread)


def _was_taken(scope: Scope, drug: str) -> bool:
    wanted = names(scope, (drug,))
    return any(m.ingredients & wanted for m in recorded(scope).items)


@fact(
    "begun_of_late",
    "words",
    needs=DRUGS,
    limits=("response.trial_days", "response.trial_rituximab_days", *START_LIMITS),
)
def begun_of_late(scope: Scope) -> Fact[tuple[str, ...]]:
    """The steroid-sparing drugs that were begun so lately that they have not had their time.

    Twelve weeks; rituximab, which works slowly, sixteen.
    """
    today = scope.chart.today
    starts = {drug: drug_start(scope, drug) for drug in SPARING}
    young = [
        drug for drug, day in starts.items() if day and (today - day).days < scope.limit(time_limit(drug))
    ]
    return Known(tuple(scope.terms.display(drug) or drug for drug in young), (), recorded(scope).doubt)


def _is_active(scope: Scope) -> Fact[bool]:
    doubt, days = core_set.doubt(scope), scope.limit("response.active_days")
    young = [v for v in core_set.every_day(scope) if (scope.chart.today - v.on).days <= days]
    found = [v for v in young if "physician_global" in v.scores]
    if not found or found[0].scores["physician_global"] < scope.limit("response.active_global"):
        return flag(False, doubt=doubt)
    shown = (m for m in found[0].shown if m.concept == "physician_global")
    return Known(True, tuple(of_measurement(scope, m) for m in shown))


@fact(
    "refractory",
    "flag",
    uses=(
        "myositis_certain", "steroid_trial", "adequate_trial", "poor_response", "failed_before", "not_borne",
    ),
)  # fmt: skip
def refractory(scope: Scope) -> Fact[bool]:
    """Certain myositis after a glucocorticoid and another drug: no response, a flare, or the drug was not borne.

    The other drug may have been stopped since, where the flare began on it.
    """
    tried = _both(scope.get("adequate_trial"), scope.get("poor_response"))
    failed = _either(tried, scope.get("failed_before"), scope.get("not_borne"))
    return _both(scope.get("myositis_certain"), scope.get("steroid_trial"), failed)


def _both(*flags: Fact[bool]) -> Fact[bool]:
    """False where any is surely false, else unknown where any is unknown."""
    no = next((f for f in flags if isinstance(f, Known) and not f.value and not f.doubt), None)
    return no or _joined(flags)


def _either(*flags: Fact[bool]) -> Fact[bool]:
    """True where any is true, else unknown where any is unknown."""
    held = [each for each in flags if isinstance(each, Known) and each.value]
    return Known(True, inputs_of(*held)) if held else _joined(flags)


def _joined(flags: tuple[Fact[bool], ...]) -> Fact[bool]:
    known = [each for each in flags if isinstance(each, Known)]
    if len(known) < len(flags):
        return unknown_of(*flags)
    return Known(all(each.value for each in known), inputs_of(*known), doubt_of(*known))
