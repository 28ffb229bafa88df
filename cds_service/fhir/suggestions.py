"""What a clinician can accept with one click: a draft changed, deleted, or a new draft beside it.

A change returns the whole order with everything else as it was sent: unknown extensions, decimals, version.
https://cds-hooks.hl7.org/2.0/#action
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from cds_service.clinical.dosing import ProductStrength
from cds_service.fhir import references, rewriting
from cds_service.fhir.rewriting import DOSE, RHYTHM, CannotRewrite, Row
from cds_service.fhir.values import Resource, rows, text
from cds_service.protocol.cards import Action

# How some systems send the printed sig beside the structure.
_RENDERED = "renderedDosageInstruction"


def find_draft(drafts: Iterable[Resource], reference: str) -> Resource | None:
    """The draft of that name (``MedicationRequest/x``)."""
    return next((each for each in drafts if references.name(each) == reference), None)


def once_weekly(draft: Resource, day: str, description: str) -> Action | None:
    """Make every row of a MedicationRequest once weekly on ``day`` (``mon`` ... ``sun``).

    ``None`` where that cannot be done without losing the dose, or the order has no id to update.
    """
    return _update(draft, lambda row: rewriting.once_weekly(row, day), RHYTHM, description)


def set_dose(
    draft: Resource, milligrams: Decimal, description: str, strength: ProductStrength | None = None
) -> Action | None:
    """Make every row of a MedicationRequest ``milligrams`` a dose; ``strength`` is that of one tablet.

    ``None`` where that cannot be done without losing the rhythm, or the order has no id to update.
    """
    return _update(draft, lambda row: rewriting.with_dose(row, milligrams, strength), DOSE, description)


def delete(draft: Resource, description: str) -> Action | None:
    """Take a draft away; ``None`` for a draft without an id."""
    if not text(draft.get("id")):
        return None
    return Action("delete", description, resource_id=references.name(draft))


def _update(
    draft: Resource, change: Callable[[Row], Row], old: re.Pattern[str], description: str
) -> Action | None:
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
    return Action("update", description, resource=order)


def _forget(order: Row, old: re.Pattern[str]) -> None:
    """Drop what repeats the old dosage outside the rows: narrative, printed sig, quantity, notes that tell it."""
    order.pop("text", None)
    dispense = order.get("dispenseRequest")
    if isinstance(dispense, dict):
        dispense.pop("quantity", None)
        dispense.pop("initialFill", None)
        if not dispense:
            del order["dispenseRequest"]
    _keep(order, "extension", lambda each: not text(each.get("url")).endswith(_RENDERED))
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
