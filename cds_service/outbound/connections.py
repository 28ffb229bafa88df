"""Connections that go to checked addresses and end in time.

The seconds given for a request are the time for its whole answer: a server that sends a byte now and then
cannot hold a thread any longer.
"""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from cds_service.outbound.routes import Barred, Resolve, Routes

Monotonic = Callable[[], float]


def resolve(host: str, port: int) -> list[str]:
    """The addresses the machine's resolver knows for a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class _TimedReader(io.RawIOBase):
    """What a socket receives, until a moment."""

    def __init__(self, sock: socket.socket, seconds: float | None, monotonic: Monotonic) -> None:
        self._sock = sock
        self._monotonic = monotonic
        self._end = None if seconds is None else monotonic() + seconds
        # Keeps the socket open until this is closed, as the standard library's own reader does.
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Receive some bytes. Raises :class:`TimeoutError` once the moment has passed."""
        if self._end is not None:
            left = self._end - self._monotonic()
            if left <= 0:
                raise TimeoutError("the answer took too long")
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Let the socket go."""
        if not self.closed:
            self._raw.close()
        super().close()


class _TimedSocket:
    """A socket as :class:`http.client.HTTPResponse` needs it."""

    def __init__(self, sock: socket.socket, monotonic: Monotonic) -> None:
        self._sock = sock
        self._monotonic = monotonic

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The reader of an answer; its time begins now."""
        return io.BufferedReader(_TimedReader(self._sock, self._sock.gettimeout(), self._monotonic))


class _TimedResponse(http.client.HTTPResponse):
    """An answer whose header and body share one time."""

    def __init__(self, monotonic: Monotonic, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(_TimedSocket(sock, monotonic), *args, **kwargs)  # type: ignore[arg-type]


def pools(routes: Routes, resolver: Resolve, monotonic: Monotonic) -> dict[str, type[HTTPConnectionPool]]:
    """The connection pools, by scheme, that go where ``routes`` permit."""

    def connect(connection: HTTPConnection) -> socket.socket:
        host, port = connection.host.strip("[]"), connection.port or connection.default_port
        try:
            addresses = routes.addresses(host, port, resolver)
        except socket.gaierror as error:
            raise NameResolutionError(host, connection, error) from None
        except (Barred, UnicodeError):
            raise NewConnectionError(connection, "the address may not be called") from None
        return _opened(connection, addresses, port, monotonic)

    timed = partial(_TimedResponse, monotonic)

    class Plain(HTTPConnection):
        """A connection over http."""

        response_class = timed  # type: ignore[assignment]  # makes one from a socket, as a class would

        def _new_conn(self) -> socket.socket:
            return connect(self)

    class Secure(HTTPSConnection):
        """A connection over TLS: the certificate is checked against the name, not the address."""

        response_class = timed  # type: ignore[assignment]  # makes one from a socket, as a class would

        def _new_conn(self) -> socket.socket:
            return connect(self)

    class PlainPool(HTTPConnectionPool):
        """Connections over http to one server."""

        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        """Connections over TLS to one server."""

        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _opened(
    connection: HTTPConnection, addresses: list[str], port: int, monotonic: Monotonic
) -> socket.socket:
    seconds = connection.timeout if isinstance(connection.timeout, int | float) else None
    end = None if seconds is None else monotonic() + seconds
    for address in addresses:
        left = None if end is None else max(0.001, end - monotonic())
        try:
            sock = socket.create_connection((address, port), left)
        except TimeoutError:
            raise ConnectTimeoutError(connection, "the server could not be reached in time") from None
        except OSError:
            continue
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock
    raise NewConnectionError(connection, "the server could not be reached")
