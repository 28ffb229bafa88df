"""All faults on one machine: one port for what HTTP can do wrong, one for each that fails before."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from cds_service.faults import certificates, doors
from cds_service.faults.catalogue import FAULTS
from cds_service.faults.certificates import Authority
from cds_service.faults.query import read
from cds_service.faults.wire import Asked, Reply, serving
from cds_service.fhir.synthesis import Store, outcome
from cds_service.protocol.codec import encode

# Faults that come before HTTP, each with what it does.
EARLY: Mapping[str, str] = {
    "expired": "TLS with a certificate that has expired",
    "wrong-host": "TLS with a certificate for another name",
    "self-signed": "TLS with a certificate that nobody vouches for",
    "tls-1.1": "TLS in a version that is out of date",
    "refused": "no connection is accepted",
    "swallowed": "no attempt to connect is answered",
    "unknown-name": "a host name that nobody knows",
}
UNKNOWN = "http://nobody.invalid/fhir"


@dataclass(slots=True)
class Witness:
    """Another server, to which some faults lead: it must not hear anything."""

    requests: int = 0
    tokens: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hear(self, asked: Asked) -> Reply:
        """Count a request, and whether it brought a token."""
        with self._lock:
            self.requests += 1
            self.tokens += any(name.lower() == "authorization" for name in asked.headers)
        return Reply(b'{"resourceType": "Bundle", "type": "searchset"}')

    def told(self) -> Reply:
        """What it has heard."""
        return Reply(
            encode({"requests": self.requests, "tokens": self.tokens}), content_type="application/json"
        )


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the faults are. ``authority`` is the certificate to trust, as PEM, to see what TLS does wrong beside
    an unknown authority."""

    plain: str
    secure: str
    early: Mapping[str, str]
    witness: Witness
    authority: bytes

    def base(self, fault: str, *, tls: bool = False) -> str:
        """The FHIR base that has a fault."""
        return self.early.get(fault) or f"{self.secure if tls else self.plain}/{fault}/fhir"

    def bases(self) -> dict[str, str]:
        """The FHIR base of every fault, by name."""
        return {name: self.base(name) for name in (*FAULTS, *EARLY)}


@contextmanager
def running(store: Store, now: datetime, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[Ground]:
    """Serve every fault over a store for as long as the block runs. ``now`` is aware: it dates certificates.

    The ports are ``port`` and the eight after it; with 0 they are free ones.
    """
    ports = iter(range(port, port + 9) if port else [0] * 9)
    by, witness = certificates.authority(now), Witness()
    first = next(ports)
    with ExitStack() as held:
        away = held.enter_context(serving(witness.hear, host=host, port=next(ports)))
        answer = _answering(store, f"http://{host}:{away}/fhir/away", witness)
        plain = held.enter_context(serving(answer("http"), host=host, port=first))
        secure = {
            name: held.enter_context(serving(answer("https"), host=host, port=next(ports), tls=context))
            for name, context in _contexts(by, now, host).items()
        }
        refused = held.enter_context(doors.refusing(host, next(ports)))
        swallowed = held.enter_context(doors.swallowing(host, next(ports)))
        early = {name: f"https://{host}:{number}/sound/fhir" for name, number in secure.items()} | {
            "refused": f"http://{host}:{refused}/fhir",
            "swallowed": f"http://{host}:{swallowed}/fhir",
            "unknown-name": UNKNOWN,
        }
        own = early.pop("secure").removesuffix("/sound/fhir")
        yield Ground(f"http://{host}:{plain}", own, early, witness, by.pem())


def _contexts(by: Authority, now: datetime, host: str) -> dict[str, ssl.SSLContext]:
    return {
        "secure": certificates.sound(by, now, host),
        "expired": certificates.expired(by, now, host),
        "wrong-host": certificates.sound(by, now, "elsewhere.invalid"),
        "self-signed": certificates.sound(None, now, host),
        "tls-1.1": certificates.outdated(by, now, host),
    }


def _answering(store: Store, away: str, witness: Witness) -> Callable[[str], Callable[[Asked], Reply]]:
    def over(scheme: str) -> Callable[[Asked], Reply]:
        def answer(asked: Asked) -> Reply:
            if asked.path == "/witness":
                return witness.told()
            found = read(store, f"{scheme}://{asked.headers.get('Host', '')}", asked.path, away)
            if found is None or found[0] not in FAULTS:
                return Reply(encode(outcome("not-found", "ask /FAULT/fhir/...; see --list")), 404)
            return FAULTS[found[0]].answer(found[1])

        return answer

    return over
