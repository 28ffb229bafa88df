"""Examinations that took place and vaccines that were given."""

from __future__ import annotations

from datetime import date

from cds_service.clinical.chart import Done
from cds_service.clinical.facts.reading import Listed, listed, names, within
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.known import Fact, Input, Known

EXAMINATIONS = ("reports", "procedures", "serviceRequests")
"""The needs that tell what was examined."""
VACCINES = ("immunizations",)


@fact("examined", "flag", of="order", args=("within_days",), needs=EXAMINATIONS)
def examined(scope: Scope, of: tuple[str, ...], within_days: int | None = None) -> Fact[bool]:
    """Any of the examinations, procedures or referrals took place (within so many days).

    One that nobody dated took place at some time, but never within so many days.
    """
    return _took_place(scope, of, listed(scope.chart.done()), within_days)


@fact("vaccinated", "flag", of="vaccine", args=("within_days",), needs=VACCINES)
def vaccinated(scope: Scope, of: tuple[str, ...], within_days: int | None = None) -> Fact[bool]:
    """Any of the vaccines was given (within so many days)."""
    return _took_place(scope, of, listed(scope.chart.vaccinations()), within_days)


def _took_place(scope: Scope, of: tuple[str, ...], found: Listed[Done], days: int | None) -> Fact[bool]:
    wanted = names(scope, of)
    for each in found.items:
        if each.concepts & wanted and (days is None or within(each.on, scope.chart.today, days)):
            return Known(True, (_input(scope, min(each.concepts & wanted), each.on),))
    return flag(False, doubt=found.doubt)


def _input(scope: Scope, concept: str, on: date | None) -> Input:
    return Input(scope.terms.display(concept), "done", on)
