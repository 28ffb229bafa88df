"""Ask a service what the specification asks."""

from __future__ import annotations

import math
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from cds_service.conform.http import Http
from cds_service.conform.probe import Probe, Wishes, World
from cds_service.conform.tokens import Anonymous, Signer
from tests.conform.gate import ISSUER, KID
from tests.conform.model import ORIGIN

WORLD = World(lambda: datetime.now(UTC), time.monotonic, lambda: str(uuid.uuid4()))


def signer(key: ECKey | RSAKey, issuer: str = ISSUER, kid: str = KID) -> Signer:
    """Signs for the tester."""
    return Signer(key=key, issuer=issuer, kid=kid, clock=WORLD.clock, new_id=WORLD.new_id)


def probe(
    base: str, credentials: Any = None, *, timeout: float = 10, longest: float = math.inf, **wishes: Any
) -> Probe:
    """Looks at the service at an address."""
    usual: dict[str, Any] = {"origin": ORIGIN, "agreed_system_actions": True}
    return Probe(
        base,
        Http(timeout, time.monotonic),
        credentials or Anonymous(),
        WORLD,
        Wishes(**{**usual, **wishes}),
        time.monotonic() + longest,
    )


def found(results: Any) -> list[str]:
    """The faults of a run, one line each."""
    return [
        f"{result.check.requirement.id} {result.check.name}: {fault.where}: {fault.reason}"
        for result in results
        for fault in result.faults
    ]
