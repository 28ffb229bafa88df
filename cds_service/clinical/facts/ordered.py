"""Tests, examinations, referrals and vaccines that are drafted or on order."""

from __future__ import annotations

from cds_service.clinical.chart import Medication, ServiceOrder
from cds_service.clinical.courses import is_draft
from cds_service.clinical.facts.reading import listed, names, within
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS as DRUGS
from cds_service.clinical.facts.taking import everything
from cds_service.clinical.known import Fact, Known

LIMIT = "screening.order_counts_days"


@fact("ordered", "flag", of="order", args=("within_days",), needs=("serviceRequests",), limits=(LIMIT,))
def ordered(scope: Scope, of: tuple[str, ...], within_days: int | None = None) -> Fact[bool]:
    """Any of the tests, examinations or referrals is drafted, or on order since not too long (so many days)."""
    return _ordered(scope, of, within_days)


@fact("test_ordered", "flag", of="lab", needs=("serviceRequests",), limits=(LIMIT,))
def test_ordered(scope: Scope, of: tuple[str, ...]) -> Fact[bool]:
    """Any of the laboratory tests is drafted, or on order since not too long."""
    return _ordered(scope, of, None)


@fact("vaccine_ordered", "flag", of="vaccine", needs=DRUGS, limits=(LIMIT,))
def vaccine_ordered(scope: Scope, of: tuple[str, ...]) -> Fact[bool]:
    """Any of the vaccines is drafted, or on order since not too long; orders nobody could read are none."""
    wanted = names(scope, of)
    return Known(any(m.ingredients & wanted and _is_awaited(scope, m) for m in everything(scope)))


def _is_awaited(scope: Scope, order: Medication) -> bool:
    """Whether it is a draft, or an order that is open and not too old."""
    longest, written = int(scope.limit(LIMIT)), order.written or order.starts
    young = written is None or bool(within(written, scope.chart.today, longest))
    return is_draft(order) or (order.state in ("active", "on-hold") and young)


def is_ordered(scope: Scope, concepts: tuple[str, ...], days: int | None = None) -> bool:
    """Whether any is drafted, or on order since so many days at most; an old order that nobody closed is none."""
    longest = int(scope.limit(LIMIT)) if days is None else days
    wanted = names(scope, concepts)
    placed = (each for each in listed(scope.chart.services()).items if _is_young(scope, each, longest))
    return any(order.concepts & wanted for order in (*scope.chart.draft_services, *placed))


def _ordered(scope: Scope, of: tuple[str, ...], days: int | None) -> Fact[bool]:
    return flag(is_ordered(scope, of, days), doubt=listed(scope.chart.services()).doubt)


def _is_young(scope: Scope, order: ServiceOrder, days: int) -> bool:
    """Whether it was placed within so many days; one without a date counts."""
    return order.written is None or bool(within(order.written, scope.chart.today, days))
