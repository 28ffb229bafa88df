"""Bone on glucocorticoids: which osteoporosis drug could be offered to this patient."""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known

ALENDRONATE = "alendronate"
CREATININE = "creatinine"


@fact(
    "osteoporosis_orders",
    "words",
    uses=("egfr", "pregnant", "frp", "has_condition"),
    limits=("glucocorticoid.bisphosphonate_egfr",),
)
def osteoporosis_orders(scope: Scope) -> Fact[tuple[str, ...]]:
    """What to order against fractures, by name of the list of orders.

    Alendronate, where kidney function is known to allow it, swallowing is not disturbed and no pregnancy is
    possible; creatinine first, where kidney function is not known; nothing where another drug must be chosen.
    """
    egfr: Fact[Decimal] = scope.get("egfr")
    unfit = (scope.get("pregnant"), scope.get("frp"), scope.get("has_condition", "dysphagia"))
    if any(not isinstance(each, Known) or each.value for each in unfit):
        return Known(())
    if not isinstance(egfr, Known):
        return Known((CREATININE,))
    allowed = egfr.value >= scope.limit("glucocorticoid.bisphosphonate_egfr")
    return Known((ALENDRONATE,) if allowed else (), egfr.inputs)
