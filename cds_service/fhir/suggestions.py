"""What a clinician can accept with one click: a draft changed, deleted, or a new draft beside it.

A change returns the whole order with everything else as it was sent: unknown extensions, decimals, version.
https://cds-hooks.hl7.org/2.0/#action
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from cds_service.clinical.dosing import NOT_STATED, Exposure, ProductStrength, exposure
from cds_service.clinical.known import Fact, Known, Unknown
from cds_service.fhir import references, rewriting
from cds_service.fhir.dosage import read_instructions
from cds_service.fhir.rewriting import DOSE, RHYTHM, CannotRewrite, Row
from cds_service.fhir.values import Resource, rows, text, words
from cds_service.protocol.cards import Action

_ONE = Decimal(1)
Holds = Callable[[Exposure, Exposure], bool]
"""Whether what the order amounts to, before and after, is what the change promises."""


def find_draft(drafts: Iterable[Resource], reference: str) -> Resource | None:
    """The draft of that name (``MedicationRequest/x``)."""
    return next((each for each in drafts if references.name(each) == reference), None)


def once_weekly(draft: Resource, day: str, description: str) -> Action | None:
    """Make every row of a MedicationRequest once weekly on ``day`` (``mon`` ... ``sun``).

    ``None`` where that cannot be done without losing the dose, or the order has no id to update. Rows that
    would fall on the same day are left alone: their doses would add up.
    """
    return _update(
        draft, lambda row: rewriting.once_weekly(row, day), RHYTHM, description, _is_weekly_at_the_same_dose
    )


def set_dose(
    draft: Resource, milligrams: Decimal, description: str, strength: ProductStrength | None = None
) -> Action | None:
    """Make every row of a MedicationRequest ``milligrams`` a dose; ``strength`` is that of one tablet.

    ``None`` where that cannot be done without losing the rhythm, where structure and text differ about it,
    where there are several rows, or the order has no id to update.
    """

    def holds(before: Exposure, after: Exposure) -> bool:
        agreed = _number(after.mg_per_dose) == milligrams and not before.disagreement
        return agreed and _same(before.dosing_days_per_week, after.dosing_days_per_week)

    if len(rows(draft.get("dosageInstruction"))) > 1:
        return None
    return _update(
        draft, lambda row: rewriting.with_dose(row, milligrams, strength), DOSE, description, holds
    )


def delete(draft: Resource, description: str) -> Action | None:
    """Take a draft away; ``None`` for a draft without an id."""
    if not text(draft.get("id")):
        return None
    return Action("delete", description, resource_id=references.name(draft))


def _is_weekly_at_the_same_dose(before: Exposure, after: Exposure) -> bool:
    once = _number(after.dosing_days_per_week) == _number(after.doses_per_dosing_day) == _ONE
    doubted = isinstance(before.mg_per_dose, Known) and before.mg_per_dose.doubt
    return once and not doubted and not after.disagreement and _same(before.mg_per_dose, after.mg_per_dose)


def _same(one: Fact[Decimal], other: Fact[Decimal]) -> bool:
    """Equal, or lacking the same data. Where nothing was stated, nothing can be lost."""
    if isinstance(one, Unknown):
        return isinstance(other, Unknown) and one.missing in (NOT_STATED.missing, other.missing)
    return isinstance(other, Known) and one.value == other.value


def _number(found: Fact[Decimal]) -> Decimal | None:
    return found.value if isinstance(found, Known) else None


def _amounts_to(order: Resource) -> Exposure:
    return exposure(read_instructions(order), strength=None)


def _update(
    draft: Resource, change: Callable[[Row], Row], old: re.Pattern[str], description: str, holds: Holds
) -> Action | None:
    """The changed order, if what it then amounts to is what was promised."""
    if not text(draft.get("id")):
        return None
    order: Row = copy.deepcopy(dict(draft))
    try:
        order["dosageInstruction"] = [
            change(dict(row)) for row in rows(order.get("dosageInstruction")) or ({},)
        ]
    except CannotRewrite:
        return None
    _forget(order, old)
    if not holds(_amounts_to(draft), _amounts_to(order)):
        return None
    return Action("update", description, resource=order)


def _forget(order: Row, old: re.Pattern[str]) -> None:
    """Drop what repeats the old dosage outside the rows: narrative, printed sig, quantity, notes that tell it."""
    order.pop("text", None)
    dispense = order.pop("dispenseRequest", None)
    if isinstance(dispense, dict):
        dispense.pop("quantity", None)
        dispense.pop("initialFill", None)
        if left := rewriting.quiet(dispense, old):
            order["dispenseRequest"] = left
    told = order.pop("extension", None)
    if told is not None:
        order.update(rewriting.quiet({"extension": told}, old))
    _keep(order, "note", lambda each: not old.search(text(each.get("text"))))


def _keep(order: Row, name: str, wanted: Callable[[Resource], bool]) -> None:
    if name not in order:
        return
    kept = [each for each in rows(order[name]) if wanted(each)]
    if kept:
        order[name] = kept
    else:
        del order[name]


def new(resource: Mapping[str, object], description: str) -> Action:
    """Offer a new draft, made by :mod:`cds_service.fhir.orders`."""
    return Action("create", description, resource=resource)


def name_of_test(action: Action) -> str:
    """What the order that the action drafts is called."""
    return words((action.resource or {}).get("code"))


def steps_of(action: Action) -> list[str]:
    """The steps of an order that the action drafts, as the draft words them."""
    rows = (action.resource or {}).get("dosageInstruction") if action.type == "create" else None
    return [str(row.get("text", "")) for row in rows] if isinstance(rows, list) else []
