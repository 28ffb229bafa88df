"""The production server: gunicorn around the application, in processes of a few threads each.

The application is built once, before the processes part, so that a fault in the knowledge stops the
start with one message and the knowledge is shared in memory. Nothing in it may start a thread or open a
connection before its first call.
"""

from __future__ import annotations

import gc
import socket
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask
from gunicorn import util
from gunicorn.app.base import BaseApplication
from gunicorn.http import errors, wsgi
from gunicorn.workers.gthread import ThreadWorker

from cds_service.errors import BadRequest, ServiceError
from cds_service.protocol import codec
from cds_service.protocol.outcome import outcome
from cds_service.settings import Settings

log = structlog.get_logger(__name__)

# A worker that does not answer for so long is taken for hung. A call has a deadline far below it.
SECONDS_UNTIL_HUNG = 90
SECONDS_TO_DRAIN = 30
STATUSES: dict[type[Exception], HTTPStatus] = {
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
}


def options(settings: Settings, host: str, port: int) -> dict[str, Any]:
    """What gunicorn is told."""
    return {
        "bind": [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"],
        "workers": settings.workers,
        "worker_class": Worker,
        "threads": settings.threads,
        "preload_app": True,
        "timeout": SECONDS_UNTIL_HUNG,
        "graceful_timeout": SECONDS_TO_DRAIN,
        "keepalive": 5,
        # Query strings and headers do not belong in a log; the service logs its calls itself.
        "accesslog": None,
        "loglevel": "warning",
        # No door of its own beside the port.
        "control_socket_disable": True,
    }


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """Refuses what is no HTTP as the application refuses: as JSON, and telling nothing of what was sent.

    gunicorn itself answers HTML, and logs the line or the header that was wrong: a token, a patient's id.
    """

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: Exception) -> None:
        """Called by gunicorn for a request that it could not read, or whose answer failed on the way."""
        del req, addr
        is_theirs = isinstance(exc, errors.ParseException)
        status = (
            STATUSES.get(type(exc), HTTPStatus.BAD_REQUEST) if is_theirs else HTTPStatus.INTERNAL_SERVER_ERROR
        )
        log.info("refused", status=status.value, code=type(exc).__name__)
        refusal: ServiceError = BadRequest("the request is no HTTP that could be read, or too large a one")
        body = codec.encode(outcome(refusal if is_theirs else ServiceError("the service failed")))
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nCache-Control: no-store\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            util.write_nonblock(client, head.encode("ascii") + body)
        except OSError:
            log.info("nobody to tell")


class Response(wsgi.Response):  # type: ignore[misc]  # gunicorn ships no types
    """An answer that does not say what wrote it."""

    def default_headers(self) -> list[str]:
        """Called by gunicorn for the headers of its own."""
        return [header for header in super().default_headers() if not header.startswith("Server:")]


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn, given its options and its application directly."""

    def __init__(self, app: Flask, chosen: dict[str, Any]) -> None:
        self.app = app
        self.chosen = chosen
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn: only our options count, no file and no variable."""
        for name, value in self.chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called by gunicorn: the application."""
        return self.app


def run(app: Flask, settings: Settings, host: str, port: int) -> None:
    """Serve until told to stop (SIGTERM drains)."""
    # The knowledge lives as long as the process: the collector need not walk it, nor the processes copy it.
    gc.collect()
    gc.freeze()
    # The only way in: gunicorn has no setting for it.
    wsgi.Response = Response
    Server(app, options(settings, host, port)).run()
