"""Every exception as an OperationOutcome: never HTML, a stack trace or a patient's data."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from cds_service import errors
from cds_service.errors import ServiceError
from cds_service.logs import places
from cds_service.web.answers import refusal

log = structlog.get_logger(__name__)

# What Flask and Werkzeug refuse by themselves, in our words.
KNOWN: dict[int, tuple[type[ServiceError], str]] = {
    404: (errors.UnknownService, "there is nothing at this address; GET /cds-services lists the services"),
    405: (errors.MethodNotAllowed, "the method does not fit this address"),
    413: (errors.TooLarge, "the body is over the limit"),
    415: (errors.NotJson, "send the body as application/json"),
}
OTHERWISE = (errors.BadRequest, "the call is malformed or broke off")


def handle_errors(app: Flask, new_id: Callable[[], str]) -> None:
    """Register the handlers. ``new_id`` names an incident, so that its log line can be found."""

    def unexpected(error: Exception) -> Response:
        incident = new_id()
        where = places(error)
        log.error("incident", id=incident, endpoint=request.endpoint, type=type(error).__name__, places=where)
        return refusal(ServiceError(f"the service failed; incident {incident}"))

    app.register_error_handler(ServiceError, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(RecursionError, _too_deep)
    app.register_error_handler(Exception, unexpected)


def _refused(error: ServiceError) -> Response:
    log.info("refused", status=error.status, code=error.code, endpoint=request.endpoint)
    return refusal(error)


def _http_error(error: HTTPException) -> Response:
    kind, sentence = KNOWN.get(error.code or 400, OTHERWISE)
    response = _refused(kind(sentence))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _too_deep(error: RecursionError) -> Response:
    """A body that could just be decoded may still be too deep to be worked on."""
    log.warning("nested too deeply", endpoint=request.endpoint, places=places(error)[-3:])
    return refusal(errors.BadRequest("the body is nested too deeply"))
