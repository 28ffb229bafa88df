"""The addresses of the specification: ``/cds-services`` and ``/cds-services/<id>``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import structlog
from flask import Blueprint, Response, request

from cds_service.errors import UnknownService
from cds_service.protocol import codec
from cds_service.protocol.annotations import Check
from cds_service.protocol.cards import Card
from cds_service.protocol.discovery import Service, discovery_json
from cds_service.protocol.profiles import body_json
from cds_service.protocol.request import HookRequest, parse_request
from cds_service.protocol.trust import Caller
from cds_service.web import body
from cds_service.web.answers import answer
from cds_service.web.guard import Guard
from cds_service.web.ledger import Ledger

log = structlog.get_logger(__name__)

# The parts of a call that say for whom it is and where its data may be read.
WHO_AND_WHERE = ("context", "fhirAuthorization")


class Decision(Protocol):
    """What was decided on one call, as far as the wire needs it."""

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards to show, in order."""

    @property
    def extension(self) -> Mapping[str, object]:
        """What the answer says beside its cards."""

    @property
    def check(self) -> Check | None:
        """The check that leaves its mark on orders, for clients that have agreed to it."""


# Answers one well-formed call to a service, or raises a ServiceError where no answer can be given.
Decider = Callable[[Service, HookRequest, Caller], Decision]


def services_blueprint(
    services: Iterable[Service],
    decide: Decider,
    *,
    guard: Guard,
    note: Ledger,
    limit: int,
    monotonic: Callable[[], float],
) -> Blueprint:
    """Discovery and the services. ``note`` is told of every answer; ``limit`` is the bytes a body may have;
    ``monotonic`` times the calls."""
    offered = tuple(services)
    catalogue = discovery_json(offered)
    blueprint = Blueprint("services", __name__)

    @blueprint.get("/cds-services")
    def discover() -> Response:
        guard(request.headers.get("Authorization"))
        return answer(catalogue)

    @blueprint.post("/cds-services/<service_id>")
    def call(service_id: str) -> Response:
        started = monotonic()
        named = [service for service in offered if service.id == service_id]
        if not named:
            raise UnknownService("no service has this id; GET /cds-services lists the services")
        body.check_headers(request, limit)
        caller = guard(request.headers.get("Authorization"), service_id)
        received = codec.decode_call(body.read(request, limit), *WHO_AND_WHERE)
        service = _called(named, received)
        hook_request = parse_request(received, service.hook)
        decision = decide(service, hook_request, caller)
        note(service, hook_request, caller, decision.cards)
        response = answer(body_json(decision.cards, decision.extension, caller.profile, decision.check))
        taken = round(1000 * (monotonic() - started), 1)
        log.info("answered", service=service.id, cards=len(decision.cards), milliseconds=taken)
        return response

    return blueprint


def _called(named: Sequence[Service], received: object) -> Service:
    """The service of this id that the call's hook names. An id may be on offer for several hooks; where the
    hook is none of theirs the first is as good as another: the call is refused by it."""
    hook = received.get("hook") if isinstance(received, dict) else None
    return next((service for service in named if service.hook == hook), named[0])
