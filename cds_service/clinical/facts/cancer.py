"""The cancer screening group of this patient, and what of its panels is not on record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical import cancer
from cds_service.clinical.facts.problems import MYOSITIS
from cds_service.clinical.facts.reading import inputs_of, listed, names, of_problem, results
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.known import Fact, Input, Known, Unknown

CATEGORIES = ("high", "moderate", "standard", "not-applicable")
NEEDS = ("patient", "conditions", "myositisAntibodies")
_ANTIBODIES = ("anti_tif1g", "anti_nxp2", "anti_sae", "anti_hmgcr", "anti_mi2", "anti_mda5")
_SUBTYPES = {"dm": ("dm", "dm_paraneoplastic", "dm_respiratory"), "amyopathic_dm": ("amyopathic_dm",),
             "polymyositis": ("polymyositis",), "imnm": ("imnm",)}  # fmt: skip
_CLINICAL = {"dysphagia": ("dysphagia",), "skin_necrosis": ("skin_ulceration",)}
_ENHANCED_SCANS = ("ct_chest_abdomen_pelvis", "pet_ct", "pet_wb")
_ADULT = 18
# The orders of the basic panel that a coded result proves; history, examination, urine dipstick and X-ray it does not.
BASIC = {"cbc": ("wbc",), "alt": ("alt",), "esr": ("esr",), "crp": ("crp",)}
# The markers of the enhanced panel, by the sex they belong to; scans leave no Observation to read.
ENHANCED = {"ca125": ("ca125",), "psa": ("psa",), "fit": ("fit", "fobt")}
_FOR_SEX = {"female": ("ct-body", "mammogram", "ca125", "fit"), "male": ("ct-body", "psa", "fit")}


@dataclass(frozen=True, slots=True)
class Onset:
    """When the disease began, and the age at it."""

    on: date
    age: Decimal


def _onset(scope: Scope) -> Fact[Onset]:
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
    found = _onset(scope)
    if isinstance(found, Unknown):
        return found
    return Known(Decimal((scope.chart.today - found.value.on).days), found.inputs, found.doubt)


@fact("adult_onset", "flag", needs=NEEDS)
def adult_onset(scope: Scope) -> Fact[bool]:
    """The disease began at 18 years or later."""
    found = _onset(scope)
    return found if isinstance(found, Unknown) else Known(found.value.age >= _ADULT)


@fact(
    "cancer_group",
    "word",
    words=CATEGORIES,
    needs=NEEDS,
    limits=("screening.onset_age",),
)
def cancer_group(scope: Scope) -> Fact[str]:
    """The IMACS group from what is known; antibodies that are not known could only raise it."""
    onset = _onset(scope)
    if isinstance(onset, Unknown):
        return onset
    if onset.value.age < _ADULT:
        return Known("not-applicable")
    found = dict(_factors(scope, onset.value))
    return Known(cancer.category(found), tuple(found.values()), _doubt(scope))


@fact("cancer_lower_bound", "flag", needs=NEEDS)
def cancer_lower_bound(scope: Scope) -> Fact[bool]:
    """Myositis antibodies are pending or were never measured, so that the group is a lower bound."""
    return Known(not results(scope, _ANTIBODIES).items)


@fact("cancer_single_scan", "flag", needs=NEEDS, limits=("screening.onset_age",))
def cancer_single_scan(scope: Scope) -> Fact[bool]:
    """One PET-CT may stand for the enhanced panel."""
    onset = _onset(scope)
    if isinstance(onset, Unknown):
        return onset
    doubt = _doubt(scope) or results(scope, _ANTIBODIES).doubt
    return flag(cancer.single_scan(dict(_factors(scope, onset.value))), doubt=doubt)


@fact(
    "basic_panel_missing",
    "words",
    needs=(*NEEDS, "bloodCounts", "liverTests", "screeningTests"),
    limits=("screening.panel_before_days",),
)
def basic_panel_missing(scope: Scope) -> Fact[tuple[str, ...]]:
    """Orders of the basic panel without a result since half a year before the diagnosis."""
    since = _panel_from(scope)
    return since if isinstance(since, Unknown) else _without_result(scope, since.value)


@fact(
    "basic_panel_due",
    "words",
    needs=("bloodCounts", "liverTests", "screeningTests"),
    limits=("screening.yearly_days",),
)
def basic_panel_due(scope: Scope) -> Fact[tuple[str, ...]]:
    """Orders of the basic panel without a result in the last year, with the weeks that a yearly test may run late."""
    return _without_result(
        scope, scope.chart.today - timedelta(days=int(scope.limit("screening.yearly_days")))
    )


@fact(
    "enhanced_done",
    "flag",
    needs=(*NEEDS, "screeningTests", "serviceRequests"),
    limits=("screening.panel_before_days",),
)
def enhanced_done(scope: Scope) -> Fact[bool]:
    """The enhanced panel is ordered, or shows by one of its markers; reports of scans are not read."""
    if _is_ordered(scope, _ENHANCED_SCANS):
        return Known(True)
    since = _panel_from(scope)
    if isinstance(since, Unknown):
        return since
    found = results(scope, tuple(lab for labs in ENHANCED.values() for lab in labs))
    done = any(m.on >= since.value for m in found.items)
    return flag(done, doubt=found.doubt)


@fact(
    "enhanced_panel_missing",
    "words",
    needs=(*NEEDS, "screeningTests", "serviceRequests"),
    limits=("screening.panel_before_days",),
)
def enhanced_panel_missing(scope: Scope) -> Fact[tuple[str, ...]]:
    """Orders of the enhanced panel that belong to this patient's sex, until it is done; it is needed once."""
    done: Fact[bool] = scope.get("enhanced_done")
    if isinstance(done, Unknown):
        return done
    patient = scope.chart.patient()
    sex = patient.value.sex if isinstance(patient, Known) else None
    return Known(() if done.value else _FOR_SEX.get(sex or "", ("ct-body", "fit")))


def _panel_from(scope: Scope) -> Fact[date]:
    """The first day from which a result counts for the panels at diagnosis."""
    onset = _onset(scope)
    if isinstance(onset, Unknown):
        return onset
    return Known(onset.value.on - timedelta(days=int(scope.limit("screening.panel_before_days"))))


def _without_result(scope: Scope, since: date) -> Fact[tuple[str, ...]]:
    missing = []
    for order, labs in BASIC.items():
        found = results(scope, labs)
        if found.doubt and not found.items:
            return Unknown(found.doubt, labs)
        if not any(m.on >= since for m in found.items):
            missing.append(order)
    return Known(tuple(missing))


@fact("ordered", "flag", of="order", needs=("serviceRequests",))
def ordered(scope: Scope, of: tuple[str, ...]) -> Fact[bool]:
    """Any of the tests, examinations or referrals is drafted or ordered."""
    orders = listed(scope.chart.services())
    return flag(_is_ordered(scope, of), doubt=orders.doubt)


@fact("test_ordered", "flag", of="lab", needs=("serviceRequests",))
def test_ordered(scope: Scope, of: tuple[str, ...]) -> Fact[bool]:
    """Any of the laboratory tests is drafted or ordered."""
    orders = listed(scope.chart.services())
    return flag(_is_ordered(scope, of), doubt=orders.doubt)


def _is_ordered(scope: Scope, concepts: tuple[str, ...]) -> bool:
    wanted = names(scope, concepts)
    placed = (*scope.chart.draft_services, *listed(scope.chart.services()).items)
    return any(order.concepts & wanted for order in placed)


def _factors(scope: Scope, onset: Onset) -> Iterator[tuple[str, Input]]:
    problems = listed(scope.chart.problems())
    for factor, concepts in (_SUBTYPES | _CLINICAL).items():
        held = [p for p in problems.items if p.active and p.concepts & frozenset(concepts)]
        if held:
            yield factor, of_problem(held[0])
    for antibody in _ANTIBODIES:
        finding: Fact[str] = scope.get("finding", antibody)
        if isinstance(finding, Known) and finding.value == "positive":
            yield antibody, inputs_of(finding)[0]
    if onset.age > scope.limit("screening.onset_age"):
        yield "onset_above_40", Input("age at onset", f"{int(onset.age)} years", onset.on)
    patient = scope.chart.patient()
    if isinstance(patient, Known) and patient.value.sex == "male":
        yield "male", Input("sex", "male")


def _doubt(scope: Scope) -> str | None:
    return listed(scope.chart.problems()).doubt
