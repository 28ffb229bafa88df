"""What the tester shows of itself: a token for each call, one token for all, or none."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

LIFE = timedelta(minutes=5)
ALGORITHMS = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}


class BadKey(Exception):
    """A private key cannot be used; the text says why and quotes nothing."""


class Credentials(Protocol):
    """Makes the ``Authorization`` header of a call."""

    def header(self, url: str) -> dict[str, str]:
        """The header for a call to this address."""


class Anonymous:
    """Shows nothing."""

    def header(self, url: str) -> dict[str, str]:
        """No header."""
        del url
        return {}


@dataclass(frozen=True, slots=True)
class OneToken:
    """Shows one token at every call."""

    token: str

    def header(self, url: str) -> dict[str, str]:
        """The header, the same for every address."""
        del url
        return bearer(self.token)


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs a token for each call: its audience is the called address, its ``jti`` used once."""

    key: ECKey | RSAKey
    issuer: str
    kid: str
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    jku: str | None = None
    tenant: str | None = None

    @property
    def algorithm(self) -> str:
        """The algorithm that fits the key."""
        return "RS384" if isinstance(self.key, RSAKey) else ALGORITHMS[str(self.key.as_dict()["crv"])]

    def header(self, url: str) -> dict[str, str]:
        """The header of one call."""
        return bearer(self.token(url))

    def token(
        self,
        url: str,
        *,
        key: Any = None,
        header: Mapping[str, object] | None = None,
        claims: Mapping[str, object] | None = None,
    ) -> str:
        """A token for an address. ``header`` and ``claims`` replace members; ``None`` leaves one out."""
        now = int(self.clock().timestamp())
        usual = {
            "iss": self.issuer, "aud": url, "iat": now, "exp": now + int(LIFE.total_seconds()),
            "jti": self.new_id(), "tenant": self.tenant,
        }  # fmt: skip
        protected = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT", "jku": self.jku, **(header or {})}
        return sign(_present(protected), _present({**usual, **(claims or {})}), key or self.key)


def bearer(token: str) -> dict[str, str]:
    """The header that shows a token."""
    return {"Authorization": f"Bearer {token}"}


def sign(header: Mapping[str, Any], claims: Mapping[str, object], key: Any) -> str:
    """A token put together by hand, for a library would refuse to make a bad one.

    ``key`` is a private key, the bytes of a shared secret, or nothing for ``none``.
    """
    signed = f"{_segment(json.dumps(header).encode())}.{_segment(json.dumps(claims).encode())}"
    return f"{signed}.{_segment(_signature(signed.encode(), header, key))}"


def _signature(signed: bytes, header: Mapping[str, Any], key: Any) -> bytes:
    name = str(header.get("alg"))
    if isinstance(key, bytes):
        return hmac.digest(key, signed, f"sha{name[2:]}")
    if name.lower() == "none":
        return b""
    return jws.JWSRegistry.algorithms[name].sign(signed, key)


def read_key(path: Path) -> ECKey | RSAKey:
    """A private key in a file, as PEM or JWK. Raises :class:`BadKey`."""
    try:
        text = path.read_text(encoding="utf-8")
        key = _jwk(text) if text.lstrip().startswith("{") else _pem(text)
    except (OSError, ValueError, JoseError):
        raise BadKey(f"{path} holds no EC or RSA key as PEM or JWK") from None
    if not key.is_private:
        raise BadKey(f"{path} holds a public key; a private key is needed to sign")
    return key


def _jwk(text: str) -> ECKey | RSAKey:
    key = JWKRegistry.import_key(json.loads(text))
    if not isinstance(key, ECKey | RSAKey):
        raise ValueError("not an EC or RSA key")
    return key


def _pem(text: str) -> ECKey | RSAKey:
    try:
        return ECKey.import_key(text)
    except (ValueError, JoseError):
        return RSAKey.import_key(text)


def _present(members: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}


def _segment(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
