"""Fetch a client's key set: from the configured address, in little time, and little of it."""

from __future__ import annotations

from collections.abc import Callable

import requests
import urllib3

from cds_service.errors import BadRequest
from cds_service.protocol.codec import decode
from cds_service.protocol.jwks import Unusable

SECONDS = 2.0
LARGEST = 262_144
PIECE = 16_384


def key_fetcher(http: requests.Session, monotonic: Callable[[], float]) -> Callable[[str], object]:
    """The ``fetch`` of a :class:`~cds_service.protocol.jwks.KeyCache` over a session."""

    def fetch(address: str) -> object:
        # Prepared without the session, so that nothing of the environment is added.
        prepared = requests.Request("GET", address, headers={"Accept": "application/json"}).prepare()
        try:
            with http.send(
                prepared, stream=True, allow_redirects=False, timeout=SECONDS, proxies={}, verify=True
            ) as response:
                if response.status_code != 200:
                    raise Unusable
                return decode(_body(response, monotonic() + SECONDS, monotonic))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError, BadRequest):
            raise Unusable from None

    return fetch


def _body(response: requests.Response, end: float, monotonic: Callable[[], float]) -> bytes:
    received = bytearray()
    while piece := response.raw.read1(PIECE, decode_content=True):
        received += piece
        if len(received) > LARGEST or monotonic() > end:
            raise Unusable
    return bytes(received)
