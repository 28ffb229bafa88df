"""Bone on glucocorticoids: which osteoporosis drug could be offered to this patient."""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown, is_below

ALENDRONATE = "alendronate"
CALCIUM = "calcium-vitamin-d"
DXA = "dxa"
SCANNED = ("dxa", "dxa_tscore_hip", "dxa_tscore_spine", "frax_major")
CREATININE = "creatinine"


@fact(
    "osteoporosis_orders",
    "words",
    needs=("screeningTests", "procedures", "reports", "serviceRequests"),
    uses=("egfr", "pregnant", "frp", "has_condition", "lab_recorded", "examined"),
    limits=("glucocorticoid.bisphosphonate_egfr", "glucocorticoid.bone_scan_days"),
)
def osteoporosis_orders(scope: Scope) -> Fact[tuple[str, ...]]:
    """What to order against fractures, by name of the list of orders.

    A bone density scan where none is recent; calcium with vitamin D; alendronate, where kidney function is
    known to allow it, swallowing is not disturbed and no pregnancy is possible; creatinine first, where kidney
    function is not known; no drug where another must be chosen.
    """
    drugs = _drug_or_creatinine(scope)
    return Known((*_scan(scope), CALCIUM, *drugs.value), drugs.inputs)


def _scan(scope: Scope) -> tuple[str, ...]:
    """Not where a scan, or a risk worked out from one, is recent, or nobody can tell."""
    days = int(scope.limit("glucocorticoid.bone_scan_days"))
    seen = (
        scope.get("lab_recorded", SCANNED, within_days=days),
        scope.get("examined", DXA, within_days=days),
    )
    return (DXA,) if all(isinstance(each, Known) and not each.value for each in seen) else ()


def _drug_or_creatinine(scope: Scope) -> Known[tuple[str, ...]]:
    egfr: Fact[Decimal] = scope.get("egfr")
    unfit = (scope.get("pregnant"), scope.get("frp"), scope.get("has_condition", "dysphagia"))
    if any(not isinstance(each, Known) or each.value for each in unfit):
        return Known(())
    if not isinstance(egfr, Known):
        return Known((CREATININE,))
    too_low = is_below(egfr, scope.limit("glucocorticoid.bisphosphonate_egfr"))
    return Known(() if isinstance(too_low, Unknown) or too_low.value else (ALENDRONATE,), egfr.inputs)
