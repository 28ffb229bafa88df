"""What each hook's ``context`` must hold: one line a hook, one reader for all.

https://cds-hooks.hl7.org/hooks/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.protocol.reader import Reader

USERS = ("Practitioner", "PractitionerRole", "Patient", "RelatedPerson")


@dataclass(frozen=True, slots=True)
class Hook:
    """A hook and the members of its ``context``.

    ``version`` is the one of its published page; readers of version 3 of the specification look for it.
    ``orders`` names the member that holds the Bundle of
    orders on the screen, ``proposals`` the one that holds other resources being entered. ``selections``
    tells whether the client marks the orders just selected.
    """

    name: str
    version: str = "1.0"
    user_required: bool = True
    encounter_required: bool = False
    orders: str | None = None
    proposals: str | None = None
    selections: bool = False


HOOKS: Mapping[str, Hook] = {
    hook.name: hook
    for hook in (
        Hook("patient-view", "1.1"),
        Hook("order-select", orders="draftOrders", selections=True),
        Hook("order-sign", orders="draftOrders"),
        Hook("encounter-start", encounter_required=True),
        Hook("encounter-discharge", encounter_required=True),
        Hook("medication-refill", "0.1.0", user_required=False, orders="medications"),
        Hook("appointment-book", proposals="appointments"),
        Hook("problem-list-item-create", "0.1.0", proposals="conditions"),
    )
}


@dataclass(frozen=True, slots=True)
class Context:
    """The ``context`` of one call, read.

    ``orders`` are the resources on the screen being ordered, ``proposals`` other resources being entered,
    ``selections`` the orders just selected as ``Type/id``.
    """

    patient_id: str
    user_id: str | None
    encounter_id: str | None
    orders: tuple[dict[str, object], ...]
    proposals: tuple[dict[str, object], ...]
    selections: frozenset[str]


def read_context(hook: Hook, context: Reader) -> Context:
    """Read the members a hook defines; others are passed over. Faults go to the reader."""
    patient_id = context.fhir_id("patientId", required=True)
    user_id = context.reference("userId", USERS, required=hook.user_required)
    encounter_id = context.fhir_id("encounterId", required=hook.encounter_required)
    orders = _bundle(context, hook.orders)
    return Context(
        patient_id=patient_id or "",
        user_id=user_id,
        encounter_id=encounter_id,
        orders=orders,
        proposals=_bundle(context, hook.proposals),
        selections=_selections(context, orders) if hook.selections else frozenset(),
    )


def _bundle(context: Reader, name: str | None) -> tuple[dict[str, object], ...]:
    """The resources of the Bundle in a member. An entry that cannot be read is a fault, never skipped:
    an order that goes unseen is an order that goes unchecked."""
    bundle = context.inner(name, required=True) if name else None
    if bundle is None:
        return ()
    if bundle.text("resourceType", required=True) not in (None, "Bundle"):
        bundle.fault("resourceType", "must be Bundle")
    resources = (_resource(bundle, index, entry) for index, entry in enumerate(bundle.items("entry")))
    return tuple(resource for resource in resources if resource is not None)


def _resource(bundle: Reader, index: int, entry: object) -> dict[str, object] | None:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if isinstance(resource, dict) and isinstance(resource.get("resourceType"), str):
        return resource
    bundle.fault(f"entry[{index}]", "must be an object with a resource that has a resourceType")
    return None


def _selections(context: Reader, orders: tuple[dict[str, object], ...]) -> frozenset[str]:
    """The selected orders as ``Type/id``. Clients write a reference relative, absolute, versioned or as a
    bare id; all are matched against the orders by type and id."""
    named = {f"{order['resourceType']}/{order.get('id')}": order.get("id") for order in orders}
    found = set()
    for index, selection in enumerate(context.items("selections", required=True)):
        match = _named_by(selection, named) if isinstance(selection, str) else None
        if match is None:
            context.fault(f"selections[{index}]", "must name an entry of draftOrders as Type/id")
        else:
            found.add(match)
    return frozenset(found)


def _named_by(selection: str, named: Mapping[str, object]) -> str | None:
    plain = selection.partition("/_history/")[0]
    relative = "/".join(plain.split("/")[-2:])
    if relative in named:
        return relative
    identity = plain.removeprefix("urn:uuid:")
    return next((name for name, known in named.items() if known == identity), None)
