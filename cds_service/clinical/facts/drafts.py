"""Drafts of one drug that are signed together: they add up, for none of them takes the place of another."""

from __future__ import annotations

from dataclasses import replace

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import is_draft, same_drug, together, window
from cds_service.clinical.dosing.rhythm import WEEK
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.reading import of_medication, printed
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Input, Known

SAME_DAY_WORDS = ("alone", "same-day", "several-days", "unclear")


@fact("days_of_drafts", "word", about="order", words=SAME_DAY_WORDS)
def days_of_drafts(scope: Scope) -> Fact[str]:
    """Whether the drafts of the subject order's drug, by any route, name one and the same weekday.

    Alone: no other draft of the drug for the same time. Unclear: one of them names no weekday, or not how often.
    """
    if scope.order is None:
        return NO_ORDER
    others = signed_with(scope, scope.order)
    if not others:
        return Known("alone")
    orders = (scope.order, *others)
    named = [each.exposure.weekdays for each in orders]
    word = (
        "unclear" if not all(named) else "same-day" if len(frozenset().union(*named)) == 1 else "several-days"
    )
    return Known(word, tuple(map(with_dose, orders)))


def signed_with(scope: Scope, order: Medication) -> tuple[Medication, ...]:
    """Other drafts of the same drug whose days meet those of the draft, unless one replaces the other by name."""
    if not is_draft(order):
        return ()
    today = scope.chart.today
    drafts = together([each for each in scope.drafts if same_drug(each, order)], today)
    if order not in drafts:
        return ()
    days = window(order, today)
    return tuple(each for each in drafts if each is not order and days.meets(window(each, today)))


def with_dose(order: Medication) -> Input:
    """The order with its dose and its weekdays: drafts of one drug have the same name and the same day."""
    dose = order.exposure.mg_per_dose
    parts = [order.name]
    if isinstance(dose, Known):
        parts.append(printed(dose.value, "mg"))
    days = [day.capitalize() for day in WEEK if day in order.exposure.weekdays]
    if days:
        parts.append(f"on {', '.join(days)}")
    return replace(of_medication(order), value=" ".join(parts))
