"""Whether the subject order is taken already in the way it says, and since when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import LONG_AGO, is_draft, run_start, runs, same_drug
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.reading import names, of_medication
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, coactive, recorded
from cds_service.clinical.known import Fact, Input, Known, Unknown


@fact("taken_already", "flag", about="order", needs=NEEDS)
def taken_already(scope: Scope) -> Fact[bool]:
    """The order runs: it is a recorded one, or a draft that renews one on the same days, or as needed like it."""
    if scope.order is None:
        return NO_ORDER
    if not is_draft(scope.order):
        return Known(True, (of_medication(scope.order),))
    found = renewed(scope, scope.order)
    return flag(bool(found), *map(of_medication, found[:1]), doubt=recorded(scope).doubt)


@fact("taken_since", "date", about="order", needs=NEEDS, limits=("regimen.bridge_days",))
def taken_since(scope: Scope) -> Fact[date]:
    """The first day it is taken in the way the order says, earlier orders of that way and short gaps bridged.

    Unknown where nobody recorded it, or where it is not taken.
    """
    order = scope.order
    if order is None:
        return NO_ORDER
    same = [each for each in recorded(scope).items if same_drug(each, order) and _same_way(each, order)]
    begun = run_start(same, scope.chart.today, int(scope.limit("regimen.bridge_days")))
    if begun is None or begun == LONG_AGO:
        return Unknown("it is not recorded since when it is taken", ("medicationRequests",))
    return Known(begun, (Input("medication", f"{order.name} taken", begun),))


@fact("drugs_taken", "words", of="drug", about="order", needs=NEEDS)
def drugs_taken(scope: Scope, of: tuple[str, ...]) -> Fact[tuple[str, ...]]:
    """Those of the drugs that are drafted or in force while the subject order is taken, in words."""
    wanted = names(scope, of)
    found = coactive(scope, wanted)
    listed = sorted(
        frozenset().union(*(each.ingredients for each in found)) & wanted, key=_of_the_order(scope)
    )
    told = tuple(scope.terms.display(name) for name in listed)
    return Known(told, tuple(map(of_medication, found[:3])), recorded(scope).doubt)


def _of_the_order(scope: Scope) -> Callable[[str], tuple[bool, str]]:
    """The drugs of the subject order first, then by name."""
    own = scope.order.ingredients if scope.order else frozenset()
    return lambda name: (name not in own, name)


def renewed(scope: Scope, draft: Medication) -> tuple[Medication, ...]:
    """The running orders of the same drug that are taken on as many days a week, or as needed like the draft."""
    return tuple(
        each
        for each in recorded(scope).items
        if same_drug(each, draft) and runs(each, scope.chart.today) and _same_way(each, draft)
    )


def is_stopped_at_once(scope: Scope, order: Medication) -> bool:
    """Methotrexate that the safety pages stop today, whose routine tests are no longer planned.

    Taken on more than one day a week, as needed, or in pregnancy, and no cancer treatment.
    """
    days = order.exposure.dosing_days_per_week
    too_often = isinstance(days, Known) and days.value > scope.limit("methotrexate.dosing_days")
    if "methotrexate" not in order.ingredients:
        return False
    wrong = too_often or order.exposure.as_needed or _is(scope.get("pregnant"), True)
    return wrong and not _is(scope.about(order).get("oncology_protocol"), "exempt")


def _same_way(one: Medication, other: Medication) -> bool:
    first, second = one.exposure, other.exposure
    if first.as_needed or second.as_needed:
        return first.as_needed == second.as_needed
    days, others = first.dosing_days_per_week, second.dosing_days_per_week
    return isinstance(days, Known) and isinstance(others, Known) and days.value == others.value


def _is(found: Fact[object], value: object) -> bool:
    return isinstance(found, Known) and found.value == value
