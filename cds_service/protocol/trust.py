"""Who calls: the client's signed token, checked on every call.

Nothing a token says is believed before its signature is verified with a key that the configuration
names for its issuer. A stranger learns nothing from the refusal; the log gets the reason as one word.
https://cds-hooks.hl7.org/2.0/#trusting-cds-clients
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64decode

from cds_service.errors import BadRequest, Forbidden, Unauthorised
from cds_service.protocol import codec
from cds_service.protocol.clients import Client, Clients
from cds_service.protocol.jwks import Key, KeyCache
from cds_service.protocol.profiles import STANDARD, Profile

log = structlog.get_logger(__name__)

LONGEST_TOKEN = 8192
LONGEST_TEXT = 256
BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)")
DISCOVERY = "discovery"
# Header members that change how a token is to be read; none is known here, so none may be there.
CHANGES_READING = frozenset({"crit", "b64", "zip", "enc"})
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


class _Refused(Exception):
    """A token is refused, for a reason that is one word of ours and quotes nothing."""


class SeenTokens(Protocol):
    """What has been presented before, shared by all workers."""

    def first_time(self, issuer: str, token_id: str, expires: datetime) -> bool:
        """Note a token; whether it was new. Raises :class:`Busy` when that cannot be known."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is behind a call. ``client`` is ``None`` where authentication is off."""

    client: Client | None = None
    tenant: str | None = None
    profile: Profile = STANDARD

    @property
    def issuer(self) -> str:
        """The issuer of its tokens; ``""`` where authentication is off."""
        return self.client.issuer if self.client else ""


@dataclass(frozen=True, slots=True)
class _Token:
    """A token taken apart; nothing of it is verified yet."""

    header: Mapping[str, object]
    claims: Mapping[str, object]
    signed: bytes
    signature: bytes


class Verifier:
    """Identifies callers. ``public_urls`` are the addresses the service is reached at, without a slash at
    their ends; ``clock`` is an aware time."""

    def __init__(
        self,
        clients: Clients,
        keys: KeyCache,
        seen: SeenTokens,
        clock: Callable[[], datetime],
        public_urls: tuple[str, ...],
    ) -> None:
        self._clients = clients
        self._keys = keys
        self._seen = seen
        self._clock = clock
        self._public_urls = public_urls
        self._decoy = ECKey.generate_key("P-384")

    def identify(
        self, authorization: str | None, service: str | None = None, *, feedback: bool = False
    ) -> Caller:
        """Who sent this ``Authorization`` header to discovery (no ``service``), to a service or its feedback.

        Raises :class:`Unauthorised`, the same for every reason; :class:`Forbidden` when the caller is known
        but not for this tenant or service; :class:`Busy` when it cannot be known whether the token is new.
        """
        token: _Token | None = None
        try:
            token = _read(authorization)
            client = self._verified(token)
            self._check_audience(client, token.claims, service, feedback)
            expires = _check_times(client, token.claims, self._clock())
            token_id = _text(token.claims, "jti")
        except _Refused as refusal:
            log.info("caller refused", reason=str(refusal), issuer=self._named(token))
            raise unauthorised() from None
        self._check_unseen(client, token_id, expires)
        return self._admitted(client, token.claims, service)

    def _named(self, token: _Token | None) -> str | None:
        """The trusted issuer that a refused token names, for whoever looks for the cause. Nothing else of such
        a token is told: anybody may have written it."""
        issuer = token.claims.get("iss") if token else None
        return issuer if isinstance(issuer, str) and issuer in self._clients.by_issuer else None

    def _verified(self, token: _Token) -> Client:
        issuer, algorithm = token.claims.get("iss"), token.header.get("alg")
        client = self._clients.by_issuer.get(issuer) if isinstance(issuer, str) else None
        key = self._key(client, token.header) if client else None
        if client is None or key is None:
            # As much work as a bad signature, so that an issuer's being known does not show in the time.
            _is_signed(token, self._decoy, "ES384")
            raise _Refused("key" if client else "issuer")
        if algorithm not in client.algorithms or not _fits(key, str(algorithm)):
            raise _Refused("algorithm")
        if not _is_signed(token, key, str(algorithm)):
            raise _Refused("signature")
        return client

    def _key(self, client: Client, header: Mapping[str, object]) -> Key | None:
        kid, named = header.get("kid"), header.get("jku")
        if named is not None and named not in (client.jwks_url, *client.jku):
            return None
        if not isinstance(kid, str) or len(kid) > LONGEST_TEXT:
            return None
        if client.keys is not None:
            return client.keys.get(kid)
        return self._keys.find(client.jwks_url, kid) if client.jwks_url else None

    def _check_audience(
        self, client: Client, claims: Mapping[str, object], service: str | None, feedback: bool
    ) -> None:
        accepted = self._audiences(client, service, feedback)
        if feedback and self._clients.profile(client).service_audience:
            accepted |= self._audiences(client, service, False)
        given = claims.get("aud")
        audiences = given if isinstance(given, list) else [given]
        if not any(isinstance(audience, str) and audience in accepted for audience in audiences):
            raise _Refused("audience")

    def _audiences(self, client: Client, service: str | None, feedback: bool) -> set[str]:
        end = "/feedback" if feedback else ""
        path = "/cds-services" + (f"/{service}{end}" if service else "")
        named = f"{service}{end}" if service else DISCOVERY
        bases = (*self._public_urls, *client.public_urls)
        own = (*client.audiences.get(named, ()), *client.audiences.get("*", ()))
        return {base.removesuffix("/") + path for base in bases} | set(own)

    def _check_unseen(self, client: Client, token_id: str, expires: datetime) -> None:
        if client.reuse_tokens or self._seen.first_time(client.issuer, token_id, expires):
            return
        log.info("caller refused", reason="replay", issuer=client.issuer)
        raise unauthorised()

    def _admitted(self, client: Client, claims: Mapping[str, object], service: str | None) -> Caller:
        tenant = claims.get("tenant")
        tenant = tenant if isinstance(tenant, str) and 0 < len(tenant) <= LONGEST_TEXT else None
        if client.tenants and tenant not in client.tenants:
            raise Forbidden("this organisation may not call")
        if service is not None and client.services and service not in client.services:
            raise Forbidden("this client may not call this service")
        return Caller(client, tenant, self._clients.profile(client))


def unauthorised() -> Unauthorised:
    """The one refusal of a caller that is not identified."""
    return Unauthorised("the caller could not be identified")


def _read(authorization: str | None) -> _Token:
    if authorization is None:
        raise _Refused("absent")
    match = BEARER.fullmatch(authorization) if len(authorization) <= LONGEST_TOKEN else None
    if match is None:
        raise _Refused("form")
    segments = match[1].encode("ascii").split(b".")
    try:
        header, claims = (codec.decode(urlsafe_b64decode(segment)) for segment in segments[:2])
        signature = urlsafe_b64decode(segments[2])
    except (BadRequest, ValueError):
        raise _Refused("form") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise _Refused("form")
    if header.get("typ", "JWT") not in ("JWT", "jwt") or CHANGES_READING & header.keys():
        raise _Refused("header")
    return _Token(header, claims, b".".join(segments[:2]), signature)


def _fits(key: Key, algorithm: str) -> bool:
    own = key.get("alg")
    if own is not None and own != algorithm:
        return False
    if isinstance(key, ECKey):
        return CURVES.get(algorithm) == key.curve_name
    return algorithm[:2] in ("RS", "PS")


def _is_signed(token: _Token, key: Key, algorithm: str) -> bool:
    try:
        return jws.JWSRegistry.algorithms[algorithm].verify(token.signed, token.signature, key)
    except (JoseError, ValueError):
        # Never the text of a library's error: it may quote the token.
        return False


def _check_times(client: Client, claims: Mapping[str, object], now: datetime) -> datetime:
    """Check ``exp``, ``iat`` and ``nbf``, whole seconds. Returns until when the token is remembered."""
    seconds = int(now.timestamp())
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if not issued < expires <= issued + client.longest_life:
        raise _Refused("lifetime")
    begins = _seconds(claims, "nbf") if "nbf" in claims else issued
    if seconds >= expires + client.leeway or max(issued, begins) > seconds + client.leeway:
        raise _Refused("time")
    return datetime.fromtimestamp(expires + client.leeway, tz=now.tzinfo)


def _seconds(claims: Mapping[str, object], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int:
        raise _Refused(name)
    return value


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
        raise _Refused(name)
    return value
