"""The mark a check leaves on the orders it looked at: an extension with the check's id, and nothing else.

A change without review is made only for a client whose profile agrees to it. Accepting a suggestion puts a
whole order in place of the draft, so the same mark is in every suggestion for that order: accepting one does
not take the mark away.
https://cds-hooks.hl7.org/2.0/#system-action
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from cds_service.protocol.cards import Action, Card, Suggestion
from cds_service.protocol.request import HookRequest, Resource

CHECK_ID = "https://dermatomyositis-cds.org/StructureDefinition/check-id"
PLAIN_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
ORDERS = frozenset(
    {
        "CommunicationRequest", "DeviceRequest", "MedicationRequest", "NutritionOrder",
        "ServiceRequest", "VisionPrescription",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """One check of orders. ``id`` is the one the records know it by; ``orders`` are the drafts that were
    looked at, as they were received; ``description`` tells a person what the mark is."""

    id: str
    description: str
    orders: tuple[Resource, ...] = field(default=(), repr=False)


def check_of(request: HookRequest, checked: Collection[str], description: str) -> Check | None:
    """The check of a call: ``checked`` are the orders looked at, as ``Type/id``.

    ``None`` where there is nothing to mark, or the call's own id is none to put into an order. Only drafts are
    marked: what is signed is not ours to touch.
    """
    if not PLAIN_ID.fullmatch(request.hook_instance):
        return None
    orders = tuple(order for order in request.draft_orders if _name(order) in checked and _is_draft(order))
    return Check(request.hook_instance, description, orders) if orders else None


def system_actions(check: Check, types: Collection[str] | None = None) -> tuple[Action, ...]:
    """An update for each order that does not bear the mark yet; ``types`` are those the client takes."""
    return tuple(
        Action("update", check.description, resource=marked(order, check.id))
        for order in check.orders
        if (types is None or order["resourceType"] in types) and not _bears(order, check.id)
    )


def with_marks(cards: Iterable[Card], check: Check, types: Collection[str] | None = None) -> tuple[Card, ...]:
    """The cards, the mark in every suggested update of an order that is marked."""
    names = {_name(order) for order in check.orders if types is None or order["resourceType"] in types}
    return tuple(
        replace(card, suggestions=tuple(_suggestion(each, names, check.id) for each in card.suggestions))
        for card in cards
    )


def marked(order: Mapping[str, object], check_id: str) -> dict[str, object]:
    """The order with the mark of this check in place of an earlier one's; everything else as it was."""
    given = order.get("extension")
    others = [each for each in given if not _is_mark(each)] if isinstance(given, list) else []
    return {**order, "extension": [*others, _mark(check_id)]}


def _suggestion(suggestion: Suggestion, names: Collection[str], check_id: str) -> Suggestion:
    actions = tuple(_action(action, names, check_id) for action in suggestion.actions)
    return replace(suggestion, actions=actions)


def _action(action: Action, names: Collection[str], check_id: str) -> Action:
    if action.type != "update" or action.resource is None or _name(action.resource) not in names:
        return action
    return replace(action, resource=marked(action.resource, check_id))


def _bears(order: Mapping[str, object], check_id: str) -> bool:
    given = order.get("extension")
    return isinstance(given, list) and [each for each in given if _is_mark(each)] == [_mark(check_id)]


def _mark(check_id: str) -> dict[str, object]:
    return {"url": CHECK_ID, "valueString": check_id}


def _is_mark(extension: object) -> bool:
    return isinstance(extension, Mapping) and extension.get("url") == CHECK_ID


def _is_draft(order: Mapping[str, object]) -> bool:
    is_order = order.get("resourceType") in ORDERS and order.get("status") == "draft"
    return is_order and bool(_name(order)) and isinstance(order.get("extension", []), list)


def _name(order: Mapping[str, object]) -> str:
    """``Type/id``; empty for an order without an id, which nobody could update."""
    its_id = order.get("id")
    return f"{order.get('resourceType')}/{its_id}" if isinstance(its_id, str) and its_id else ""
