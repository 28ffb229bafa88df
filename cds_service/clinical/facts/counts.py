"""How urgent a low blood count is."""

from __future__ import annotations

from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, is_below

_LOW = {"neutrophils": "monitoring.neutrophils_urgent", "platelets": "monitoring.platelets_urgent"}
_FEVER_DAYS = 14


@fact("count_urgent", "flag", needs=("bloodCounts", "conditions"), limits=tuple(_LOW.values()))
def count_urgent(scope: Scope) -> Fact[bool]:
    """Neutrophils or platelets are very low, or there is a fever on record of the last two weeks."""
    fever: Fact[bool] = scope.get("has_condition", ("fever", "febrile_neutropenia"), within_days=_FEVER_DAYS)
    if isinstance(fever, Known) and fever.value:
        return fever
    for name, limit in _LOW.items():
        count = scope.get("lab", name)
        low = is_below(count, scope.limit(limit))
        if isinstance(low, Known) and low.value:
            return low
    return Known(False)
