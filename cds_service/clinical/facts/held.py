"""What keeps a first immunosuppressant back for now: an infection that comes first, a blood count too low."""

from __future__ import annotations

from cds_service.clinical.facts.counts import first_below
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown

_STOPS = {
    "wbc": "methotrexate.wbc_stop",
    "neutrophils": "methotrexate.neutrophils_stop",
    "platelets": "methotrexate.platelets_stop",
}
_DAYS = 400


@fact("immunosuppressant_held", "flag", uses=("severe_infection",))
def immunosuppressant_held(scope: Scope) -> Fact[bool]:
    """A severe infection is on record or treated; what is not known holds nothing back."""
    infection: Fact[bool] = scope.get("severe_infection")
    return Known(False) if isinstance(infection, Unknown) else infection


@fact(
    "antimetabolite_held",
    "flag",
    needs=("bloodCounts",),
    uses=("immunosuppressant_held",),
    limits=tuple(_STOPS.values()),
)
def antimetabolite_held(scope: Scope) -> Fact[bool]:
    """A severe infection, or white cells, neutrophils or platelets at which an antimetabolite is stopped."""
    held: Fact[bool] = scope.get("immunosuppressant_held")
    return first_below(scope, _STOPS, at_most_days_old=_DAYS) or held
