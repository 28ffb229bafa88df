"""Whether a steroid-sparing drug was taken for long enough, and at a dose from which an effect can be expected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import end_unknown, replaces, window
from cds_service.clinical.facts import flare
from cds_service.clinical.facts.reading import doubt_of, inputs_of, names, newest, of_medication, unknown_of
from cds_service.clinical.facts.regimen import SPARING
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.response import INFUSED, START_LIMITS, drug_start, time_limit
from cds_service.clinical.facts.taking import NEEDS, course_start, recorded
from cds_service.clinical.known import Fact, Known, Unknown

# Of these drugs a dose (of a child's methotrexate one by body surface) makes a trial; of the others any course does.
_BY_DOSE = {
    "azathioprine": ("mg_per_kg_per_day", "response.trial_azathioprine"),
    "mycophenolates": ("mycophenolate_equivalent_mg_per_day", "response.trial_mofetil"),
}
_METHOTREXATE = {
    False: ("mg_per_week", "response.trial_methotrexate"),
    True: ("mg_per_m2_per_week", "response.trial_methotrexate_juvenile"),
}
LIMITS = (
    "response.trial_days", "response.trial_rituximab_days", "response.trial_tacrolimus", *START_LIMITS,
    *(limit for _, limit in _BY_DOSE.values()), *(limit for _, limit in _METHOTREXATE.values()),
)  # fmt: skip
USES = (
    "juvenile", "mg_per_week", "mg_per_m2_per_week", "mg_per_kg_per_day", "mycophenolate_equivalent_mg_per_day",
)  # fmt: skip
_Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class _Taken:
    """One recorded order of a drug: its days, and whether its dose is adequate."""

    order: Medication
    days: _Span
    adequate: Fact[bool]


@fact(
    "adequate_trial",
    "flag",
    needs=(*NEEDS, "drugLevels"),
    uses=("days_on", *USES),
    limits=LIMITS,
)
def adequate_trial(scope: Scope) -> Fact[bool]:
    """Some steroid-sparing drug is taken for twelve weeks and as long at an adequate dose, or with an adequate trough.

    Of what is infused on single days the time since the first of them counts. Unknown where that hangs on a dose
    that cannot be told.
    """
    infused = [Known(True) for drug in INFUSED if _had_its_time(scope, drug)]
    trials = [*infused, *(_trial(scope, drug) for drug in SPARING if _is_long(scope, drug))]
    held = [each for each in trials if isinstance(each, Known) and each.value]
    if held:
        return Known(True, inputs_of(*held))
    if any(isinstance(each, Unknown) for each in trials):
        return unknown_of(*trials)
    return flag(False, doubt=recorded(scope).doubt)


@fact(
    "failed_before",
    "flag",
    needs=(*NEEDS, "drugLevels"),
    uses=("flare", *USES),
    limits=(*LIMITS, *flare.LIMITS, "response.flare_days"),
)
def failed_before(scope: Scope) -> Fact[bool]:
    """The confirmed flare of late began on a steroid-sparing drug that had an adequate trial and was stopped since."""
    flares: Fact[str] = scope.get("flare")
    if isinstance(flares, Unknown):
        return flares
    _, worse = flare.course(scope)
    recent = bool(worse) and (scope.chart.today - worse[0].on).days <= scope.limit("response.flare_days")
    if flares.value != "confirmed" or not recent:
        return flag(False, doubt=doubt_of(flares) if _stopped(scope) else None)
    trials = [_trial(scope, drug, worse[1].on) for drug in _stopped(scope)]
    held = [each for each in trials if isinstance(each, Known) and each.value]
    if held:
        return Known(True, inputs_of(*held))
    if any(isinstance(each, Unknown) for each in trials):
        return unknown_of(*trials)
    return flag(False, doubt=recorded(scope).doubt)


def _is_long(scope: Scope, drug: str) -> bool:
    days: Fact[Decimal] = scope.get("days_on", drug)
    return isinstance(days, Known) and days.value >= scope.limit("response.trial_days")


def _had_its_time(scope: Scope, drug: str) -> bool:
    day, time = drug_start(scope, drug), time_limit(drug)
    return day is not None and (scope.chart.today - day).days >= scope.limit(time)


def _stopped(scope: Scope) -> list[str]:
    """Steroid-sparing drugs on record that are no longer taken."""
    bridge, orders = int(scope.limit("regimen.bridge_days")), recorded(scope).items
    taken = [drug for drug in SPARING if any(m.ingredients & names(scope, (drug,)) for m in orders)]
    return [drug for drug in taken if course_start(scope, names(scope, (drug,)), bridge) is None]


def _trial(scope: Scope, drug: str, on: date | None = None) -> Fact[bool]:
    """Whether the drug had an adequate trial: in the present course, or else in one that held that day."""
    taken = _taken(scope, drug)
    sure = [each for each in taken if _is_sure(each)]
    if _lasted(scope, drug, (each.days for each in sure), on):
        return Known(True, (*inputs_of(*(each.adequate for each in sure)), of_medication(sure[-1].order)))
    maybe = [each for each in taken if isinstance(each.adequate, Unknown) or each.adequate.value]
    if not _lasted(scope, drug, (_longest(scope, each) for each in maybe), on):
        return Known(False)
    undated = next((each.order for each in maybe if end_unknown(each.order)), None)
    since = (
        Unknown(f"it is not recorded when {undated.name} was stopped", ("medicationRequests",))
        if undated
        else None
    )
    return unknown_of(*(each.adequate for each in maybe), *((since,) if since else ()))


def _is_sure(taken: _Taken) -> bool:
    return isinstance(taken.adequate, Known) and taken.adequate.value and not end_unknown(taken.order)


def _longest(scope: Scope, taken: _Taken) -> _Span:
    """Its days, up to today where nobody recorded when it was stopped."""
    return (taken.days[0], scope.chart.today) if end_unknown(taken.order) else taken.days


def _taken(scope: Scope, drug: str) -> list[_Taken]:
    """The orders of the drug, oldest first; each lasts until another takes its place."""
    today, wanted = scope.chart.today, names(scope, (drug,))
    orders = [m for m in recorded(scope).items if m.ingredients & wanted]
    found = []
    for order in sorted(orders, key=lambda m: window(m, today).start):
        span = window(order, today)
        later = [window(m, today).start for m in orders if replaces(m, order)]
        ends = [day for day in later if day > span.start]
        days = (span.start, min(span.end or today, today, *ends))
        found.append(_Taken(order, days, _adequate(scope, drug, order)))
    return found


def _adequate(scope: Scope, drug: str, order: Medication) -> Fact[bool]:
    """Whether the dose of the order, or of tacrolimus the newest trough, is enough for a trial."""
    if drug == "tacrolimus":
        return _trough(scope, order)
    if drug == "methotrexate":
        juvenile: Fact[bool] = scope.get("juvenile")
        if isinstance(juvenile, Unknown):
            return juvenile
        dose, limit = _METHOTREXATE[juvenile.value]
    elif drug in _BY_DOSE:
        dose, limit = _BY_DOSE[drug]
    else:
        return Known(True)
    return _at_least(scope.about(order).get(dose), scope.limit(limit))


def _trough(scope: Scope, order: Medication) -> Fact[bool]:
    """Whether the newest trough is enough; one of before the course is none of it."""
    found = newest(scope, "tacrolimus_level")
    begun = drug_start(scope, "tacrolimus") or window(order, scope.chart.today).start
    if isinstance(found, Known) and found.value.on < begun:
        return Unknown("no tacrolimus level was measured since it was begun", ("tacrolimus_level",))
    return _at_least(scope.get("lab", "tacrolimus_level"), scope.limit("response.trial_tacrolimus"))


def _at_least(number: Fact[Decimal], least: Decimal) -> Fact[bool]:
    return number if isinstance(number, Unknown) else Known(number.value >= least, number.inputs)


def _lasted(scope: Scope, drug: str, spans: Iterable[_Span], on: date | None) -> bool:
    """Whether the spans, short gaps bridged, are long enough: those of the present course, or those of that day."""
    bridge = timedelta(days=int(scope.limit("regimen.bridge_days")))
    runs: list[_Span] = []
    for start, end in sorted(spans):
        if runs and start <= runs[-1][1] + bridge:
            runs[-1] = (runs[-1][0], max(runs[-1][1], end))
        else:
            runs.append((start, end))
    long = [run for run in runs if (run[1] - run[0]).days >= scope.limit("response.trial_days")]
    if on is not None:
        return any(start <= on <= end + bridge for start, end in long)
    begun = course_start(scope, names(scope, (drug,)), bridge.days)
    return begun is not None and any(end >= begun for _, end in long)
