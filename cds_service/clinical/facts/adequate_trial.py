"""Whether a steroid-sparing drug was taken for long enough, and at a dose from which an effect can be expected."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import window
from cds_service.clinical.facts.reading import inputs_of, names, unknown_of
from cds_service.clinical.facts.regimen import SPARING
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, recorded
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
    "response.trial_days", "response.trial_tacrolimus", *(limit for _, limit in _BY_DOSE.values()),
    *(limit for _, limit in _METHOTREXATE.values()),
)  # fmt: skip


@fact(
    "adequate_trial",
    "flag",
    needs=(*NEEDS, "drugLevels"),
    uses=("days_on", "juvenile", "mg_per_week", "mg_per_m2_per_week", "mg_per_kg_per_day",
          "mycophenolate_equivalent_mg_per_day"),
    limits=LIMITS,
)  # fmt: skip
def adequate_trial(scope: Scope) -> Fact[bool]:
    """Some steroid-sparing drug is taken for twelve weeks and as long at an adequate dose, or with an adequate trough.

    Unknown where that hangs on a dose that cannot be told.
    """
    trials = [_trial(scope, drug) for drug in SPARING if _is_long(scope, drug)]
    held = [each for each in trials if isinstance(each, Known) and each.value]
    if held:
        return Known(True, inputs_of(*held))
    if any(isinstance(each, Unknown) for each in trials):
        return unknown_of(*trials)
    return flag(False, doubt=recorded(scope).doubt)


def _is_long(scope: Scope, drug: str) -> bool:
    days: Fact[Decimal] = scope.get("days_on", drug)
    return isinstance(days, Known) and days.value >= scope.limit("response.trial_days")


def _trial(scope: Scope, drug: str) -> Fact[bool]:
    if drug == "tacrolimus":
        trough: Fact[Decimal] = scope.get("lab", "tacrolimus_level")
        least = scope.limit("response.trial_tacrolimus")
        return trough if isinstance(trough, Unknown) else Known(trough.value >= least, trough.inputs)
    if drug == "methotrexate":
        juvenile: Fact[bool] = scope.get("juvenile")
        return (
            juvenile
            if isinstance(juvenile, Unknown)
            else _by_dose(scope, drug, *_METHOTREXATE[juvenile.value])
        )
    if drug in _BY_DOSE:
        return _by_dose(scope, drug, *_BY_DOSE[drug])
    found: Fact[Decimal] = scope.get("days_on", drug)
    return Known(True, found.inputs) if isinstance(found, Known) else found


def _by_dose(scope: Scope, drug: str, dose: str, limit: str) -> Fact[bool]:
    """Whether the dose was reached twelve weeks ago or earlier."""
    wanted, least = names(scope, (drug,)), scope.limit(limit)
    orders = [each for each in recorded(scope).items if each.ingredients & wanted and _is_early(scope, each)]
    doses = [scope.about(each).get(dose) for each in orders]
    enough = [each for each in doses if isinstance(each, Known) and each.value >= least]
    if enough:
        return Known(True, inputs_of(*enough))
    return unknown_of(*doses) if any(isinstance(each, Unknown) for each in doses) else Known(False)


def _is_early(scope: Scope, order: Medication) -> bool:
    today: date = scope.chart.today
    return (today - window(order, today).start).days >= scope.limit("response.trial_days")
