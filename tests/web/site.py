"""A site around a small decider, for the tests of the edge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flask import Flask

from cds_service.protocol.annotations import Check
from cds_service.protocol.cards import Card, Source
from cds_service.protocol.discovery import Service
from cds_service.protocol.request import HookRequest
from cds_service.protocol.trust import Caller
from cds_service.web.guard import Guard, let_all_in
from cds_service.web.site import build_site

SERVICES = (
    Service("dm-sign", "order-sign", "DM", "Checks orders", {"patient": "Patient/{{context.patientId}}"}),
    Service("dm-sign-too", "order-sign", "DM", "Checks orders as well"),
    Service("dm-view", "patient-view", "DM", "Looks at the patient"),
)
LIMIT = 20_000


@dataclass
class Told:
    """A decision made up by a test."""

    cards: tuple[Card, ...] = ()
    extension: Mapping[str, object] = field(default_factory=dict)
    check: Check | None = None


def echo(service: Service, request: HookRequest, _caller: Caller) -> Told:
    """One card that names the service and counts the drafts."""
    summary = f"{service.id} has {len(request.draft_orders)} drafts"
    return Told((Card("u-1", summary, "info", Source("Test")),))


def site(
    decide: Callable[[Service, HookRequest, Caller], Any] = echo,
    *,
    guard: Guard = let_all_in,
    origins: tuple[str, ...] = (),
) -> Flask:
    """A site with three services, two of them on one hook."""
    return build_site_with(decide=decide, guard=guard, origins=origins)


def build_site_with(services: tuple[Service, ...] = SERVICES, **parts: Any) -> Flask:
    """The same site with other parts."""
    numbers = count(1)
    usual: dict[str, Any] = {
        "decide": echo,
        "knowledge": "k-1",
        "guard": let_all_in,
        "note": lambda *_: None,
        "keep": lambda *_, **__: None,
        "is_available": lambda: True,
        "limit": LIMIT,
        "origins": (),
        "new_id": lambda: f"id-{next(numbers)}",
        "monotonic": lambda: 0.0,
    }
    return build_site(services, **{**usual, **parts})


def sign_call(**members: Any) -> dict[str, Any]:
    """A well-formed order-sign call without drafts."""
    context = {
        "userId": "Practitioner/dr-1",
        "patientId": "p-100",
        "draftOrders": {"resourceType": "Bundle", "entry": []},
    }
    return {"hook": "order-sign", "hookInstance": "i-1", "context": context, **members}
