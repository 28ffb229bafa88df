"""The cancer screening group of this patient, and what of its panels is not on record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cds_service.clinical import cancer
from cds_service.clinical.facts.problems import MYOSITIS
from cds_service.clinical.facts.reading import inputs_of, listed, names, of_problem, results
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.known import Fact, Input, Known, Unknown

CATEGORIES = ("high", "moderate", "standard", "not-applicable")
NEEDS = ("patient", "conditions", "myositisAntibodies")
_ANTIBODIES = ("anti_tif1g", "anti_nxp2", "anti_sae", "anti_hmgcr", "anti_mi2", "anti_mda5")
# "Dermatopolymyositis", and juvenile disease in somebody who fell ill grown up, are read as the graver group.
_SUBTYPES = {
    "dm": ("dm", "dm_paraneoplastic", "dm_respiratory", "dermatopolymyositis", "jdm"),
    "amyopathic_dm": ("amyopathic_dm",),
    "polymyositis": ("polymyositis",),
    "imnm": ("imnm",),
}
_CLINICAL = {"dysphagia": ("dysphagia",), "skin_necrosis": ("skin_ulceration",)}
_ADULT = 18


@dataclass(frozen=True, slots=True)
class Onset:
    """When the disease began, and the age at it."""

    on: date
    age: Decimal


def onset_of(scope: Scope) -> Fact[Onset]:
    """The first day of the first myositis problem, with the exact age on it."""
    patient = scope.chart.patient()
    problems = listed(scope.chart.problems())
    days = [p.onset or p.recorded for p in problems.items if p.concepts & names(scope, MYOSITIS)]
    dated = sorted(day for day in days if day is not None)
    if isinstance(patient, Unknown):
        return patient
    if patient.value.born is None or not dated:
        return Unknown(problems.doubt or "the onset of the disease is not dated", ("onset",))
    age = Decimal((dated[0] - patient.value.born).days) / Decimal("365.25")
    return Known(Onset(dated[0], age), (), problems.doubt)


@fact("onset_days", "number", unit="d", needs=NEEDS)
def onset_days(scope: Scope) -> Fact[Decimal]:
    """Days since the disease began."""
    found = onset_of(scope)
    if isinstance(found, Unknown):
        return found
    return Known(Decimal((scope.chart.today - found.value.on).days), found.inputs, found.doubt)


@fact("adult_onset", "flag", needs=NEEDS)
def adult_onset(scope: Scope) -> Fact[bool]:
    """The disease began at 18 years or later."""
    found = onset_of(scope)
    return found if isinstance(found, Unknown) else Known(found.value.age >= _ADULT)


@fact(
    "cancer_group",
    "word",
    words=CATEGORIES,
    needs=NEEDS,
    limits=("screening.onset_age",),
    uses=("refractory", "flare"),
)
def cancer_group(scope: Scope) -> Fact[str]:
    """The IMACS group from what is known; antibodies that are not known could only raise it."""
    onset = onset_of(scope)
    if isinstance(onset, Unknown):
        return onset
    if onset.value.age < _ADULT:
        return Known("not-applicable")
    found = dict(_factors(scope, onset.value))
    return Known(cancer.category(found), tuple(found.values()), _doubt(scope))


@fact("cancer_lower_bound", "flag", needs=NEEDS)
def cancer_lower_bound(scope: Scope) -> Fact[bool]:
    """An antibody that might raise the group has no clear result, and no other one is positive."""
    findings = [scope.get("finding", antibody) for antibody in _ANTIBODIES]
    clear = all(isinstance(each, Known) and each.value in ("positive", "negative") for each in findings)
    known: Fact[str] = scope.get("finding", "myositis_antibody")
    settled = isinstance(known, Known) and known.value == "positive"
    return Known(not settled and not clear)


@fact(
    "cancer_single_scan", "flag", needs=NEEDS, limits=("screening.onset_age",), uses=("refractory", "flare")
)
def cancer_single_scan(scope: Scope) -> Fact[bool]:
    """One PET-CT may stand for the enhanced panel."""
    onset = onset_of(scope)
    if isinstance(onset, Unknown):
        return onset
    doubt = _doubt(scope) or results(scope, _ANTIBODIES).doubt
    return flag(cancer.single_scan(dict(_factors(scope, onset.value))), doubt=doubt)


def _factors(scope: Scope, onset: Onset) -> Iterator[tuple[str, Input]]:
    problems = listed(scope.chart.problems())
    for factor, concepts in (_SUBTYPES | _CLINICAL).items():
        held = [p for p in problems.items if p.active and not p.mild and p.concepts & frozenset(concepts)]
        if held:
            yield factor, of_problem(held[0])
    for antibody in _ANTIBODIES:
        finding: Fact[str] = scope.get("finding", antibody)
        if isinstance(finding, Known) and finding.value == "positive":
            yield antibody, inputs_of(finding)[0]
    persistent, flare = scope.get("refractory"), scope.get("flare")
    if isinstance(persistent, Known) and persistent.value:
        yield "persistent_activity", Input("activity", "persistent despite treatment")
    elif isinstance(flare, Known) and flare.value == "confirmed":
        yield "persistent_activity", Input("activity", "relapse")
    if onset.age > scope.limit("screening.onset_age"):
        yield "onset_above_40", Input("age at onset", f"{int(onset.age)} years", onset.on)
    patient = scope.chart.patient()
    if isinstance(patient, Known) and patient.value.sex == "male":
        yield "male", Input("sex", "male")


def _doubt(scope: Scope) -> str | None:
    return listed(scope.chart.problems()).doubt
