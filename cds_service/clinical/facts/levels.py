"""Whether a drug whose level is measured had one measured after it was begun or its dose was changed."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import is_draft, window
from cds_service.clinical.facts.medications import NO_ORDER, weekly_change
from cds_service.clinical.facts.reading import of_measurement, of_medication, results
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, history, recorded
from cds_service.clinical.known import Fact, Known

LEVELS = {"tacrolimus": "tacrolimus_level", "ciclosporin": "ciclosporin_level"}


@fact(
    "level_missing",
    "flag",
    about="order",
    needs=(*NEEDS, "drugLevels"),
    limits=(
        "calcineurin.level_from_days", "calcineurin.level_until_days", "regimen.start_days",
        "regimen.increase_percent", "regimen.decrease_percent",
    ),
)  # fmt: skip
def level_missing(scope: Scope) -> Fact[bool]:
    """No trough was measured since the fifth day of the present dose, though its fourteenth is past."""
    if scope.order is None:
        return NO_ORDER
    labs = [LEVELS[name] for name in sorted(scope.order.ingredients & frozenset(LEVELS))]
    taken = [m for m in history(scope, scope.order) if m.starts or m.written]
    if not labs or not taken:
        return flag(False, doubt=recorded(scope).doubt if labs else None)
    first, began = _present_dose(scope, taken)
    if (scope.chart.today - began).days <= int(scope.limit("calcineurin.level_until_days")):
        return Known(False, (of_medication(first),))
    wanted = began + timedelta(days=int(scope.limit("calcineurin.level_from_days")))
    found = results(scope, labs)
    is_missing = not any(each.on >= wanted for each in found.items)
    return flag(False) if not is_missing else flag(not found.doubt, of_medication(first), doubt=found.doubt)


@fact(
    "level_of_this_dose",
    "flag",
    about="order",
    needs=(*NEEDS, "drugLevels"),
    limits=("regimen.start_days", "regimen.increase_percent", "regimen.decrease_percent"),
)
def level_of_this_dose(scope: Scope) -> Fact[bool]:
    """The newest level of the order's drug was measured since its present dose was begun."""
    if scope.order is None:
        return NO_ORDER
    found = results(scope, [LEVELS[name] for name in sorted(scope.order.ingredients & frozenset(LEVELS))])
    taken = [m for m in _all_of(scope, scope.order) if m.starts or m.written]
    if not found.items or not taken:
        return flag(False, doubt=found.doubt or recorded(scope).doubt)
    newest = found.items[0]
    first, began = _present_dose(scope, taken)
    return Known(newest.on >= began, (of_measurement(scope, newest), of_medication(first)))


def _all_of(scope: Scope, order: Medication) -> list[Medication]:
    """The recorded orders of the drug, the running order itself among them."""
    return [*history(scope, order), *([] if is_draft(order) else [order])]


def _present_dose(scope: Scope, taken: list[Medication]) -> tuple[Medication, date]:
    """The order that began the present course or changed its dose by more than a tenth, and its first day."""
    today, free = scope.chart.today, timedelta(days=int(scope.limit("regimen.start_days")))
    taken.sort(key=lambda m: window(m, today).start)
    first = taken[0]
    for earlier, later in pairwise(taken):
        gone = window(earlier, today).end
        stopped = gone is not None and gone + free < window(later, today).start
        if stopped or weekly_change(later, earlier, scope) in ("increase", "decrease"):
            first = later
    return first, window(first, today).start
