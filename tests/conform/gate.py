"""Checks the tokens of callers one step after another; each step can be left out."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey

ISSUER, KID = "https://ehr.example.org", "conformance"


class Stranger(Exception):
    """A caller is not let in; the text is the step that stopped it."""


@dataclass
class Gate:
    """Lets in who signs with ``key``."""

    key: ECKey
    base: str = ""
    seen: set[str] = field(default_factory=set)

    def check(self, authorization: str | None, path: str, skip: Collection[str]) -> None:
        """Raises :class:`Stranger`."""
        if "everything" in skip:
            return
        if authorization is None:
            _stop("missing", skip)
            return
        scheme, _, token = authorization.partition(" ")
        known = ("Bearer",) if "lower_case" in skip else ("Bearer", "bearer")
        if scheme not in known and not ("scheme" in skip and scheme == "Basic"):
            raise Stranger("scheme")
        signed, _, signature = token.rpartition(".")
        header, claims = map(_decoded, signed.split("."))
        self._check_signature(header, signed, signature, skip)
        self._check_header(header, skip)
        self._check_claims(claims, path, skip)

    def _check_signature(
        self, header: Mapping[str, Any], signed: str, signature: str, skip: Collection[str]
    ) -> None:
        algorithm = str(header.get("alg"))
        if algorithm.lower() == "none":
            return _stop("none", skip)
        if algorithm.startswith("HS"):
            secret, name = self.key.as_pem(private=False), f"sha{algorithm[2:]}"
            wanted = hmac.new(secret, signed.encode(), getattr(hashlib, name)).digest()
            if urlsafe_b64encode(wanted).decode().rstrip("=") != signature:
                raise Stranger("shared secret")
            return _stop("hs", skip)
        if algorithm != "ES384" or "es384" in skip:
            raise Stranger("algorithm")
        key = ECKey.import_key(header["jwk"]) if "jwk" in skip and "jwk" in header else self.key
        is_good = jws.JWSRegistry.algorithms[algorithm].verify(signed.encode(), _bytes(signature), key)
        return None if is_good else _stop("signature", skip)

    def _check_header(self, header: Mapping[str, Any], skip: Collection[str]) -> None:
        if header.get("kid") != KID:
            _stop("kid", skip)
        if "crit" in header:
            _stop("crit", skip)
        if "jku" in header:
            _stop("jku", skip)

    def _check_claims(self, claims: Mapping[str, Any], path: str, skip: Collection[str]) -> None:
        if claims.get("iss") != ISSUER:
            _stop("issuer", skip)
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) and "aud_list" not in skip else [audience]
        if f"{self.base}{path}" not in audiences:
            _stop("audience", skip)
        now = time.time()
        if claims.get("exp", 0) < now:
            _stop("exp", skip)
        if claims.get("iat", now + 999) > now + 60:
            _stop("iat", skip)
        if "jti" not in claims or claims["jti"] in self.seen:
            _stop("jti", skip)
        self.seen.add(str(claims.get("jti")))


def _stop(step: str, skip: Collection[str]) -> None:
    if step not in skip:
        raise Stranger(step)


def _decoded(segment: str) -> dict[str, Any]:
    return json.loads(_bytes(segment))  # type: ignore[no-any-return]


def _bytes(segment: str) -> bytes:
    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
