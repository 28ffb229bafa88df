"""Make the HTTP response: JSON, never stored by anyone on the way."""

from __future__ import annotations

from flask import Response

from cds_service.errors import ServiceError
from cds_service.protocol import codec
from cds_service.protocol.outcome import outcome

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def answer(body: object, status: int = 200) -> Response:
    """A JSON response."""
    return Response(codec.encode(body), status=status, headers=HEADERS, content_type="application/json")


def refusal(error: ServiceError) -> Response:
    """The response of an error: its OperationOutcome, and the headers its status asks for."""
    response = answer(outcome(error), error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response
