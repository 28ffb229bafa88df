"""Whether what belongs before an infusion is ordered for it."""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import is_draft
from cds_service.clinical.facts.reading import names, of_medication
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, coactive, recorded
from cds_service.clinical.known import Fact, Known, Unknown

_DRUG = "methylprednisolone"


@fact(
    "premedicated",
    "flag",
    about="order",
    needs=NEEDS,
    uses=("juvenile",),
    limits=("rituximab.premedication_mg",),
)
def premedicated(scope: Scope) -> Fact[bool]:
    """Methylprednisolone by vein, enough of it, is drafted or covers the days of the infusion; a child's may be less.

    What is taken by mouth, or goes on without an end, was not ordered for the infusion.
    """
    found = [each for each in coactive(scope, names(scope, (_DRUG,))) if _is_for_infusion(each)]
    doses = [(each, each.exposure.mg_per_dose) for each in found]
    least = _least(scope)
    enough = [each for each, dose in doses if isinstance(dose, Known) and dose.value >= least]
    unread = [each.name for each, dose in doses if isinstance(dose, Unknown)]
    if not enough and unread:
        return Unknown(f"the dose of {unread[0]} is not known", ("dosage",))
    return flag(bool(enough), *map(of_medication, enough[:1]), doubt=recorded(scope).doubt)


def _is_for_infusion(order: Medication) -> bool:
    """By vein, as far as is known, and on the screen or with an end."""
    ends = isinstance(order.exposure.course_days, Known)
    return order.route in ("", "intravenous") and (is_draft(order) or ends)


def _least(scope: Scope) -> Decimal:
    juvenile: Fact[bool] = scope.get("juvenile")
    is_child = isinstance(juvenile, Known) and juvenile.value
    return Decimal(0) if is_child else scope.limit("rituximab.premedication_mg")
