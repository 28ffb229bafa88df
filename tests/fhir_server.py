"""A FHIR server on loopback that answers as told, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

JSON = "application/fhir+json"


@dataclass(frozen=True)
class Reply:
    """One answer: ``body`` is sent as it is; ``drip`` is the pause after each of its bytes."""

    body: bytes = b""
    status: int = 200
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    drip: float = 0.0
    length: int | None = None


def reply(resource: object, **options: object) -> Reply:
    """A resource as an answer."""
    return Reply(json.dumps(resource, default=_plain).encode(), **options)  # type: ignore[arg-type]


def _plain(value: object) -> float:
    assert isinstance(value, Decimal)
    return float(value)


@dataclass
class FhirServer:
    """``answers`` maps a path with its query, below the base, to a :class:`Reply` or a maker of one."""

    url: str
    answers: dict[str, Reply | Callable[[], Reply]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    otherwise: Reply = field(default_factory=lambda: reply({"resourceType": "OperationOutcome"}, status=404))

    def answer(self, path: str) -> Reply:
        """The answer to a path."""
        found = self.answers.get(path, self.otherwise)
        return found() if callable(found) else found


@contextmanager
def running() -> Iterator[FhirServer]:
    """A server on a free port of loopback, for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        """Looks its answer up in the server."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answer as told."""
            path = self.path.removeprefix("/fhir/")
            server.asked.append(path)
            server.tokens.append(self.headers.get("Authorization"))
            server.headers.append(dict(self.headers))
            with suppress(OSError):
                self._send(server.answer(path))

        def _send(self, told: Reply) -> None:
            time.sleep(told.delay)
            self.send_response(told.status)
            self.send_header("Content-Type", told.content_type)
            self.send_header("Content-Length", str(len(told.body) if told.length is None else told.length))
            for name, value in told.headers:
                self.send_header(name, value)
            self.end_headers()
            if not told.drip:
                self.wfile.write(told.body)
                return
            for byte in told.body:
                self.wfile.write(bytes([byte]))
                time.sleep(told.drip)

        def log_message(self, *_: object) -> None:
            """Tests read ``asked``, not a log."""

    class Quiet(ThreadingHTTPServer):
        """A client that hangs up is part of the test."""

        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Nothing to tell."""

    http = Quiet(("127.0.0.1", 0), Handler)
    server = FhirServer(f"http://127.0.0.1:{http.server_address[1]}/fhir")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
