"""How urgent a low blood count is."""

from __future__ import annotations

from collections.abc import Mapping

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
    return first_below(scope, _LOW) or Known(False)


def first_below(scope: Scope, limits: Mapping[str, str], **asked: int) -> Known[bool] | None:
    """The first of the labs whose newest result lies below its limit; ``None`` if none is known to."""
    for name, limit in limits.items():
        low = is_below(scope.get("lab", name, **asked), scope.limit(limit))
        if isinstance(low, Known) and low.value:
            return low
    return None
