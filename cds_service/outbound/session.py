"""The session all calls to others go through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, PoolManager

from cds_service.outbound.breaker import Breakers, Spared
from cds_service.outbound.connections import pools, resolve
from cds_service.outbound.routes import Resolve, Routes

# What a server answers when it, or what stands before it, cannot answer at all.
NOT_READY = frozenset({429, 502, 503, 504})


def open_session(
    routes: Routes,
    *,
    monotonic: Callable[[], float],
    resolver: Resolve = resolve,
    breakers: Breakers | None = None,
    connections: int = 32,
) -> requests.Session:
    """A session that follows no redirect, uses no proxy, ``.netrc`` or cookie, connects where ``routes``
    permit, and spares servers that fail. A request's ``timeout`` is the time for its whole answer.

    ``connections`` are kept open to each server.
    """
    session = _Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(pools(routes, resolver, monotonic), breakers or Breakers(monotonic), connections)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002
        """Called by the base class, which else reads the whole body of a redirect, however large."""
        return None


class _Adapter(HTTPAdapter):
    """Connects where it may, and counts how each server does."""

    def __init__(
        self, by_scheme: dict[str, type[HTTPConnectionPool]], breakers: Breakers, connections: int
    ) -> None:
        self._pools = by_scheme
        self._breakers = breakers
        super().__init__(pool_connections=64, pool_maxsize=connections)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        """Called by the base class to make its pools."""
        self.poolmanager = PoolManager(connections, maxsize=maxsize, block=block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send one request. Raises :class:`requests.RequestException` also where the server is spared."""
        server = _server(request.url or "")
        try:
            self._breakers.enter(server)
        except Spared as error:
            raise requests.ConnectionError(str(error), request=request) from None
        response: requests.Response | None = None
        try:
            response = super().send(request, stream, timeout, verify, cert, proxies)
        finally:
            if response is None:
                self._breakers.failed(server)
                self._breakers.leave(server)
        self._note(server, response)
        return self._watched(server, response)

    def _note(self, server: object, response: requests.Response) -> None:
        if response.status_code in NOT_READY:
            self._breakers.failed(server, _pause(response.headers))
        else:
            self._breakers.succeeded(server)

    def _watched(self, server: object, response: requests.Response) -> requests.Response:
        """The call is under way until its answer is closed."""
        close, is_open = response.close, [True]

        def close_and_leave() -> None:
            close()
            if is_open:
                is_open.clear()
                self._breakers.leave(server)

        response.close = close_and_leave  # type: ignore[method-assign]
        return response


def _pause(headers: Mapping[str, str]) -> float | None:
    """The seconds a server asks to be left alone for, as a number or as a date by its own clock."""
    asked = headers.get("Retry-After", "")
    if asked.isascii() and asked.isdigit():
        return float(asked)
    try:
        return (parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))).total_seconds()
    except (TypeError, ValueError):
        return None


def _server(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
