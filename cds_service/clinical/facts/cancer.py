"""The cancer screening group of this patient, and what of its panels is not on record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical import cancer
from cds_service.clinical.body import calendar_age
from cds_service.clinical.facts.glucocorticoid_kind import systemic
from cds_service.clinical.facts.problems import MYOSITIS
from cds_service.clinical.facts.reading import inputs_of, listed, names, of_problem, results
from cds_service.clinical.facts.regimen import SPARING
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS as DRUGS
from cds_service.clinical.facts.taking import recorded
from cds_service.clinical.known import Fact, Input, Known, Unknown

CATEGORIES = ("high", "moderate", "standard", "not-applicable")
NEEDS = ("patient", "conditions", "myositisAntibodies")
# What treatment tells of an onset that nobody dated.
ONSET_NEEDS = (*NEEDS, *DRUGS)
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
    """When the disease began, and the age at it, years."""

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
    return Known(Onset(dated[0], calendar_age(patient.value.born, dated[0])), (), problems.doubt)


def screened_onset(scope: Scope) -> Fact[Onset]:
    """The onset that screening goes by. One that nobody dated is taken as early as screening reaches back.

    So all that this time asks for is asked for, at the youngest age it may have been; all of it is doubtful, and
    nothing of it is silent. Treatment on record that is older makes the onset older. A child's began in childhood;
    where a grown patient may have been a child it is unknown.
    """
    onset = onset_of(scope)
    patient = scope.chart.patient()
    if isinstance(onset, Known) or isinstance(patient, Unknown) or patient.value.born is None:
        return onset
    today, born = scope.chart.today, patient.value.born
    now = calendar_age(born, today)
    if now < _ADULT:
        return Known(Onset(today, now))
    reach = today - timedelta(days=int(scope.limit("screening.window_days")))
    age = calendar_age(born, reach)
    if age < _ADULT or any("jdm" in p.concepts for p in listed(scope.chart.problems()).items):
        return onset
    begun = treated_since(scope)
    return Known(Onset(min(reach, begun) if begun else reach, age), (), onset.reason)


def treated_since(scope: Scope) -> date | None:
    """The first day of a drug of the regimen on record."""
    sparing = names(scope, SPARING)
    begun = [
        m.starts or m.written for m in recorded(scope).items if systemic(scope, m) or m.ingredients & sparing
    ]
    return min((day for day in begun if day), default=None)


@fact("onset_undated", "flag", needs=NEEDS)
def onset_undated(scope: Scope) -> Fact[bool]:
    """Myositis is on record and neither its onset nor the day it was recorded."""
    return flag(isinstance(onset_of(scope), Unknown))


@fact("onset_days", "number", unit="d", needs=ONSET_NEEDS, limits=("screening.window_days",))
def onset_days(scope: Scope) -> Fact[Decimal]:
    """Days since the disease began."""
    found = screened_onset(scope)
    if isinstance(found, Unknown):
        return found
    return Known(Decimal((scope.chart.today - found.value.on).days), found.inputs, found.doubt)


@fact("adult_onset", "flag", needs=ONSET_NEEDS, limits=("screening.window_days",))
def adult_onset(scope: Scope) -> Fact[bool]:
    """The disease began at 18 years or later."""
    found = screened_onset(scope)
    return found if isinstance(found, Unknown) else Known(found.value.age >= _ADULT, (), found.doubt)


@fact(
    "cancer_group",
    "word",
    words=CATEGORIES,
    needs=ONSET_NEEDS,
    limits=("screening.onset_age", "screening.window_days"),
    uses=("refractory", "flare"),
)
def cancer_group(scope: Scope) -> Fact[str]:
    """The IMACS group from what is known; antibodies that are not known could only raise it."""
    onset = screened_onset(scope)
    if isinstance(onset, Unknown):
        return onset
    if onset.value.age < _ADULT:
        return Known("not-applicable")
    found = dict(_factors(scope, onset))
    return Known(cancer.category(found), tuple(found.values()), _doubt(scope) or onset.doubt)


@fact(
    "cancer_factors",
    "words",
    needs=ONSET_NEEDS,
    limits=("screening.onset_age", "screening.window_days"),
    uses=("refractory", "flare"),
)
def cancer_factors(scope: Scope) -> Fact[tuple[str, ...]]:
    """What the group rests on, in words: the high factors, in their absence the intermediate ones."""
    onset = screened_onset(scope)
    if isinstance(onset, Unknown):
        return onset
    found = dict(_factors(scope, onset))
    high = [name for name in found if name in cancer.HIGH]
    return Known(tuple(_factor_in_words(found[name]) for name in high or found))


def _factor_in_words(seen: Input) -> str:
    return seen.value if seen.label in ("problem", "sex") else f"{seen.label} {seen.value}"


@fact("cancer_lower_bound", "flag", needs=NEEDS)
def cancer_lower_bound(scope: Scope) -> Fact[bool]:
    """An antibody that might raise the group has no clear result, and no other one is positive."""
    findings = [scope.get("finding", antibody) for antibody in _ANTIBODIES]
    clear = all(isinstance(each, Known) and each.value in ("positive", "negative") for each in findings)
    known: Fact[str] = scope.get("finding", "myositis_antibody")
    settled = isinstance(known, Known) and known.value == "positive"
    return Known(not settled and not clear)


@fact(
    "cancer_single_scan",
    "flag",
    needs=ONSET_NEEDS,
    limits=("screening.onset_age", "screening.window_days"),
    uses=("refractory", "flare"),
)
def cancer_single_scan(scope: Scope) -> Fact[bool]:
    """One PET-CT may stand for the enhanced panel."""
    onset = screened_onset(scope)
    if isinstance(onset, Unknown):
        return onset
    doubt = _doubt(scope) or results(scope, _ANTIBODIES).doubt or onset.doubt
    return flag(cancer.single_scan(dict(_factors(scope, onset))), doubt=doubt)


def _factors(scope: Scope, onset: Known[Onset]) -> Iterator[tuple[str, Input]]:
    problems = listed(scope.chart.problems())
    for factor, concepts in (_SUBTYPES | _CLINICAL).items():
        wanted = frozenset(concepts)
        # Mild dysphagia is no factor; mild dermatomyositis is dermatomyositis, and any necrosis is necrosis.
        held = [
            p
            for p in problems.items
            if p.active and p.concepts & wanted - (p.mild if factor == "dysphagia" else frozenset())
        ]
        if factor == "dm":  # one problem that is coded as both says which dermatomyositis it is
            held = [p for p in held if "amyopathic_dm" not in p.concepts]
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
    age = onset.value.age
    if age > scope.limit("screening.onset_age"):
        yield "onset_above_40", Input("age at onset", f"{int(age)} years", onset.value.on)
    patient = scope.chart.patient()
    if isinstance(patient, Known) and patient.value.sex == "male":
        yield "male", Input("sex", "male")


def sex_doubt(scope: Scope) -> str | None:
    """That nobody recorded the sex that the group and some examinations go by, or ``None``."""
    patient = scope.chart.patient()
    recorded_sex = isinstance(patient, Known) and patient.value.sex in ("female", "male")
    return None if recorded_sex else "screening goes by sex, which is not recorded as female or male"


def _doubt(scope: Scope) -> str | None:
    return listed(scope.chart.problems()).doubt or sex_doubt(scope)
