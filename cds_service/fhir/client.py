"""One GET at a client's FHIR server: within the deadline and a cap of bytes, to no other server.

The token goes to the named server only: no redirect is followed, no proxy or ``.netrc`` of the environment is
used, and no message tells an address, a token or a body.
https://cds-hooks.hl7.org/2.0/#fhir-resource-access
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin

import requests
import urllib3

from cds_service.errors import BadRequest
from cds_service.protocol.addresses import BadAddress, parse_base
from cds_service.protocol.codec import decode
from cds_service.protocol.request import FhirAccess

LARGEST_BODY = 5_000_000
LARGEST_CALL = 10_000_000
# Far more than decades of a patient's care; each takes its time to be read and judged after it has come.
MOST_ENTRIES = 10_000
# Every key of a hook asked for twice, where the server was not ready, and room for further pages.
MOST_REQUESTS = 48
_CHUNK = 16_384
_TOKEN = re.compile(r"[!-~]{1,16384}")
_ACCEPT = "application/fhir+json, application/json;q=0.9"
# Worth one more try: the server, or what stands before it, was not ready.
_AGAIN = frozenset({500, 502, 503, 504})


class FetchFault(Exception):
    """A query that brought nothing usable. The message is fit for a clinician: it names no address."""


class Deadline:
    """The moment by which a whole call must be answered; one for everything done in it."""

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left; 0 once it has passed."""
        return max(0.0, self._end - self._monotonic())


@dataclass(slots=True)
class Budget:
    """What all fetches of one call may take together. Shared by threads."""

    requests_left: int = MOST_REQUESTS
    bytes_left: int = LARGEST_CALL
    entries_left: int = MOST_ENTRIES
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take_request(self) -> None:
        """Count one request. Raises :class:`FetchFault` when there were too many."""
        with self._lock:
            self.requests_left -= 1
            if self.requests_left < 0:
                raise FetchFault("too many queries were needed")

    def take_bytes(self, count: int) -> None:
        """Count bytes received. Raises :class:`FetchFault` when there were too many."""
        with self._lock:
            self.bytes_left -= count
            if self.bytes_left < 0:
                raise FetchFault("the server sent too much")

    def take_entries(self, count: int) -> None:
        """Count entries of Bundles. Raises :class:`FetchFault` when there were too many; these are not counted."""
        with self._lock:
            if count > self.entries_left:
                raise FetchFault("the server sent too much")
            self.entries_left -= count


class FhirClient:
    """Reads from one client's FHIR server during one call."""

    def __init__(
        self, http: requests.Session, access: FhirAccess, deadline: Deadline, budget: Budget | None = None
    ) -> None:
        self._http = http
        self._server = access.server.rstrip("/") + "/"
        self._headers = {"Accept": _ACCEPT, "Accept-Encoding": "gzip, identity"}
        if access.token is not None:
            self._headers["Authorization"] = f"Bearer {access.token}"
        self._token_is_sound = access.token is None or bool(_TOKEN.fullmatch(access.token))
        self._deadline = deadline
        self._budget = budget or Budget()

    def get(self, address: str) -> object:
        """The JSON at an address, relative to the server's base or below it.

        Raises :class:`FetchFault` for everything else than a whole JSON body with status 200 in time.
        """
        url = self._below_base(address)
        status, body = self._send(url)
        if status in _AGAIN:
            status, body = self._send(url)
        if status != 200:
            raise FetchFault(f"the server answered {status}")
        try:
            value = decode(body)
        except BadRequest:
            raise FetchFault("the server sent something else than JSON") from None
        self._budget.take_entries(_entries(value))
        return value

    def _below_base(self, address: str) -> str:
        """The whole address, if it is the server's own: the token goes nowhere else."""
        url = urljoin(self._server, address)
        try:
            is_own = parse_base(self._server).covers(parse_base(url.partition("?")[0]))
        except BadAddress:
            is_own = False
        if not is_own or not self._token_is_sound:
            raise FetchFault("the address is not the client's FHIR server")
        return url

    def _send(self, url: str) -> tuple[int, bytes]:
        self._budget.take_request()
        # Prepared without the session, so that no cookie, netrc or proxy of the environment is added.
        prepared = requests.Request("GET", url, headers=self._headers)
        try:
            with self._http.send(
                prepared.prepare(),
                stream=True,
                allow_redirects=False,
                timeout=self._seconds(),
                proxies=dict(self._http.proxies),
            ) as response:
                return response.status_code, self._body(response) if response.status_code == 200 else b""
        except requests.Timeout:
            raise FetchFault("the server did not answer in time") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
            raise FetchFault("the server could not be reached") from None

    def _seconds(self) -> float:
        left = self._deadline.remaining()
        if left <= 0:
            raise FetchFault("the server did not answer in time")
        return left

    def _body(self, response: requests.Response) -> bytes:
        """The body after decompression, read in small steps so that neither bytes nor time run away."""
        received = bytearray()
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            received += chunk
            self._budget.take_bytes(len(chunk))
            if len(received) > LARGEST_BODY:
                raise FetchFault("the server sent too much")
            self._seconds()
        return bytes(received)


def _entries(value: object) -> int:
    listed = value.get("entry") if isinstance(value, dict) else None
    return len(listed) if isinstance(listed, list) else 0
