"""One HTTP call, within bounds: a whole-call deadline, a cap on the answer, no redirect, proxy or cookie.

A client's timeout between two bytes bounds nothing: a server that sends a byte a second holds it for ever.
So the call runs in a thread of its own and is given up at the deadline, whatever it hangs in.
"""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

LARGEST_ANSWER = 4_000_000


class Unanswered(Exception):
    """No whole answer came. The text says why and holds nothing that was sent."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came. ``headers`` have lower-case names; ``seconds`` is how long it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    seconds: float


class Http:
    """Makes the calls. ``timeout`` is the seconds a whole call may take."""

    def __init__(self, timeout: float, monotonic: Callable[[], float], ca: str | None = None) -> None:
        self._timeout = timeout
        self._monotonic = monotonic
        self._tls = ssl.create_default_context(cafile=ca)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2

    def send(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a call. Raises :class:`Unanswered`."""
        call = _Call(self._connection(url), method, _target(url), body, headers or {})
        started = self._monotonic()
        worker = threading.Thread(target=call.run, daemon=True)
        worker.start()
        worker.join(self._timeout)
        if worker.is_alive():
            call.give_up()
            raise Unanswered(f"no whole answer within {self._timeout:g} seconds")
        if call.reply is None:
            raise Unanswered(call.fault)
        status, received, content = call.reply
        return Reply(status, received, content, self._monotonic() - started)

    def _connection(self, url: str) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            return http.client.HTTPSConnection(host, parts.port, timeout=self._timeout, context=self._tls)
        return http.client.HTTPConnection(host, parts.port, timeout=self._timeout)


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class _Call:
    """One call on its way."""

    def __init__(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        target: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> None:
        self._connection = connection
        self._sent = (method, target, body, dict(headers))
        self.reply: tuple[int, Mapping[str, str], bytes] | None = None
        self.fault = "no answer"

    def run(self) -> None:
        """Send, and read the answer; what goes wrong is told in ``fault``."""
        try:
            self._connection.request(*self._sent)
            response = self._connection.getresponse()
            content = response.read(LARGEST_ANSWER + 1)
            if len(content) > LARGEST_ANSWER:
                self.fault = f"the answer is over {LARGEST_ANSWER} bytes"
            else:
                headers = {name.lower(): value for name, value in response.getheaders()}
                self.reply = (response.status, headers, content)
        except ssl.SSLError as error:
            self.fault = f"no TLS connection: {error.reason or 'handshake failed'}"
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.fault = f"no answer: {type(error).__name__}"
        finally:
            self._connection.close()

    def give_up(self) -> None:
        """Let go of the socket, so that the thread ends too."""
        with suppress(OSError, AttributeError):
            self._connection.sock.shutdown(2)
