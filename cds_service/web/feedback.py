"""The address for feedback: ``/cds-services/<id>/feedback``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import structlog
from flask import Blueprint, Response, request

from cds_service.errors import UnknownService
from cds_service.protocol import codec
from cds_service.protocol.feedback import LARGEST_BODY, Item, parse_feedback
from cds_service.web import body
from cds_service.web.answers import answer
from cds_service.web.guard import Guard

log = structlog.get_logger(__name__)


class Keep(Protocol):
    """Keeps feedback."""

    def __call__(self, items: Sequence[Item], *, service: str, issuer: str, tenant: str | None) -> None:
        """Keep a batch, whole or not at all; it is safe when this returns. Raises ServiceError if not."""


def feedback_blueprint(services: Collection[str], keep: Keep, *, guard: Guard) -> Blueprint:
    """``services`` are the ids of the services on offer. The answer never tells which cards are known."""
    blueprint = Blueprint("feedback", __name__)

    @blueprint.post("/cds-services/<service_id>/feedback")
    def take(service_id: str) -> Response:
        if service_id not in services:
            raise UnknownService("no service has this id; GET /cds-services lists the services")
        body.check_headers(request, LARGEST_BODY)
        caller = guard(request.headers.get("Authorization"), service_id, feedback=True)
        items = parse_feedback(codec.decode_call(body.read(request, LARGEST_BODY)))
        if items:
            keep(items, service=service_id, issuer=caller.issuer, tenant=caller.tenant)
        log.info("feedback", service=service_id, items=len(items))
        return answer({})

    return blueprint
