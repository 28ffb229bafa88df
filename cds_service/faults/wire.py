"""HTTP as badly as one likes: an answer is sent byte for byte as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext

FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the path with its query, and the headers."""

    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. ``body`` is whole, or comes in pieces.

    ``delay`` is the seconds before the first byte, ``drip`` those after each byte of the body, and of the head
    too where ``drips_head``. ``length`` is the length that is claimed; else it is the body's own, and a body in
    pieces claims none.
    """

    body: bytes | Iterable[bytes] = b""
    status: int = 200
    content_type: str = FHIR_JSON
    headers: tuple[tuple[str, str], ...] = ()
    delay: float = 0.0
    drip: float = 0.0
    drips_head: bool = False
    length: int | None = None

    def head(self) -> bytes:
        """The status line and the headers."""
        told = [("Content-Type", self.content_type), *self.headers]
        if isinstance(self.body, bytes) or self.length is not None:
            own = len(self.body) if isinstance(self.body, bytes) else 0
            told.append(("Content-Length", str(own if self.length is None else self.length)))
        lines = [f"HTTP/1.1 {self.status} {responses.get(self.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in told]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    @property
    def ends_connection(self) -> bool:
        """Whether only the end of the connection tells the end of the body."""
        return not isinstance(self.body, bytes) or self.length is not None


@contextmanager
def serving(
    answer: Callable[[Asked], Reply], *, host: str = "127.0.0.1", port: int = 0, tls: SSLContext | None = None
) -> Iterator[int]:
    """Answer every GET, in a thread each, for as long as the block runs; yields the port.

    With ``port=0`` it is a free one. Whoever is kept waiting is let go when the block ends.
    """
    ended = threading.Event()
    server = _Server((host, port), _handler(answer, ended))
    if tls is not None:
        # The handshake is made by the thread of the connection: one that fails holds up nobody.
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Called in a handler's exception: clients that hang up, or trust no certificate, are what it is for."""


def _handler(answer: Callable[[Asked], Reply], ended: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # the name http.server calls
            told = answer(Asked(self.path, dict(self.headers)))
            self.close_connection = self.close_connection or told.ends_connection
            if ended.wait(told.delay) and told.delay:
                return
            with suppress(OSError):
                self._drip(told.head(), told.drip if told.drips_head else 0)
                for piece in [told.body] if isinstance(told.body, bytes) else told.body:
                    self._drip(piece, told.drip)

        def _drip(self, piece: bytes, pause: float) -> None:
            if not pause:
                self.wfile.write(piece)
                return
            for byte in piece:
                self.wfile.write(bytes([byte]))
                if ended.wait(pause):
                    return

        def log_message(self, *_: object) -> None:
            """Nothing: a query names a patient."""

    return Handler
