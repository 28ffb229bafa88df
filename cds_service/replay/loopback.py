"""A FHIR server on a free loopback port, for as long as one replay needs it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from cds_service.fhir.synthesis import Store, outcome, respond
from cds_service.protocol.codec import encode


@contextmanager
def fhir_server(store: Store, *, up: bool = True) -> Iterator[str]:
    """Serve a store at the yielded base address. ``up=False``: every read fails with 500."""
    server = _Server(("127.0.0.1", 0), _handler(store, up=up))
    base = f"http://127.0.0.1:{server.server_port}/fhir"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield base
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Called in a handler's exception: a client that has hung up is no news, all else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _handler(store: Store, *, up: bool) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        # Keep-alive: a client that reads many topics opens few connections.
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # the name http.server calls
            parts = urlsplit(self.path)
            base = f"http://{self.headers.get('Host', '127.0.0.1')}/fhir"
            asked = parts.path.removeprefix("/fhir")
            status, resource = respond(store, asked, parts.query, base) if up else _failure()
            content = encode(resource)
            self.send_response(status)
            self.send_header("Content-Type", "application/fhir+json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing: a query names a patient."""

    return Handler


def _failure() -> tuple[int, dict[str, object]]:
    return 500, outcome("exception", "the server is down")
