"""Muscle enzymes and statins: whether the first high CK on record came after the statin."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from cds_service.clinical.chart import Measurement
from cds_service.clinical.facts.reading import of_measurement, results
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, of_class, recorded
from cds_service.clinical.known import Fact, Known, Unknown

CLASS = "statin"


@fact(
    "ck_rose_after_statin",
    "flag",
    needs=(*NEEDS, "muscleEnzymes"),
    uses=("started_days",),
    limits=("safety.statin_ck", "safety.statin_days"),
)
def ck_rose_after_statin(scope: Scope) -> Fact[bool]:
    """The first CK on record at five times its upper limit came within a year after a statin was begun or raised.

    One that was as high before tells of muscle disease that the statin did not bring.
    """
    found = results(scope, ("ck",))
    high = [each for each in found.items if _is_high(each, scope.limit("safety.statin_ck"))]
    if not high:
        return flag(False, doubt=found.doubt)
    if not any(m.ingredients & of_class(scope, CLASS) for m in recorded(scope).items):
        return flag(False, doubt=recorded(scope).doubt)
    days: Fact[Decimal] = scope.get("started_days", CLASS)
    if isinstance(days, Unknown):
        return days
    began, first = scope.chart.today - timedelta(days=int(days.value)), high[-1]
    after = (first.on - began).days
    is_after = 0 <= after <= scope.limit("safety.statin_days")
    # What could not be read may hold an earlier one, and an older statin order a later start.
    doubt = found.doubt or days.doubt
    return Known(is_after, (of_measurement(scope, first), *days.inputs), doubt)


def _is_high(found: Measurement, times: Decimal) -> bool:
    return found.value is not None and bool(found.high) and found.value >= times * (found.high or 0)
