"""Bone on glucocorticoids: what is to be measured before an osteoporosis drug."""

from __future__ import annotations

from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown

DXA = "dxa"
SCANNED = ("dxa", "dxa_tscore_hip", "dxa_tscore_spine", "frax_major")
CREATININE = "creatinine"


@fact(
    "osteoporosis_tests",
    "words",
    needs=("screeningTests", "procedures", "reports", "serviceRequests"),
    uses=("egfr", "pregnant", "frp", "has_condition", "lab_recorded", "examined"),
    limits=("glucocorticoid.bone_scan_days",),
)
def osteoporosis_tests(scope: Scope) -> Fact[tuple[str, ...]]:
    """What to measure before a drug against fractures, by name of the list of orders.

    A bone density scan where none is recent; creatinine where kidney function is not known and nothing else
    rules a bisphosphonate out.
    """
    return Known((*_scan(scope), *_creatinine(scope)))


def _scan(scope: Scope) -> tuple[str, ...]:
    """Not where a scan, or a risk worked out from one, is recent, or nobody can tell."""
    days = int(scope.limit("glucocorticoid.bone_scan_days"))
    seen = (
        scope.get("lab_recorded", SCANNED, within_days=days),
        scope.get("examined", DXA, within_days=days),
    )
    return (DXA,) if all(isinstance(each, Known) and not each.value for each in seen) else ()


def _creatinine(scope: Scope) -> tuple[str, ...]:
    unfit = (scope.get("pregnant"), scope.get("frp"), scope.get("has_condition", "dysphagia"))
    fit = all(isinstance(each, Known) and not each.value for each in unfit)
    return (CREATININE,) if fit and isinstance(scope.get("egfr"), Unknown) else ()
