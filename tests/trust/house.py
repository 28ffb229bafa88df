"""A service with authentication on, an EHR that signs with real keys, and what they listen on."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import requests
import yaml
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

from cds_service.app import create_app
from cds_service.content import cards_dir
from cds_service.edge import build_edge, routes, trusted_clients
from cds_service.errors import DataRequired
from cds_service.fhir.client import Deadline, FetchFault, FhirClient
from cds_service.knowledge.load import Knowledge
from cds_service.knowledge.load import load as knowledge_of
from cds_service.outbound.connections import resolve
from cds_service.outbound.session import open_session
from cds_service.protocol.annotations import Check
from cds_service.protocol.cards import Card, Source
from cds_service.protocol.discovery import Service
from cds_service.protocol.request import HookRequest
from cds_service.protocol.trust import Caller
from cds_service.settings import load
from cds_service.web.ledger import ledger
from cds_service.web.site import build_site
from tests.fhir_server import FhirServer, reply

BASE = "https://cds.example.org"
ISSUER = "https://ehr.example.org"
SERVICE = "dermatomyositis-patient-view"
OTHER = "dermatomyositis-order-sign"
EC = ECKey.generate_key("P-384")
RSA = RSAKey.generate_key(2048)
STRANGER = ECKey.generate_key("P-384")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
SECRET = "a secret of the tests"
TOKEN = "canary-token-5f1d"


def public(key: Any, kid: str, **more: object) -> dict[str, object]:
    """A key as it is published."""
    return {**key.as_dict(private=False), "kid": kid, "use": "sig", **more}


@dataclass
class Clock:
    """Wall clock and seconds, which pass together when told to."""

    now: datetime = NOW
    seconds: float = 1000.0

    def wall(self) -> datetime:
        """The time of day."""
        return self.now

    def monotonic(self) -> float:
        """Seconds."""
        return self.seconds


@dataclass
class Ehr:
    """Signs tokens for one issuer and publishes its keys at a server on loopback."""

    server: FhirServer
    issuer: str = ISSUER
    numbers: Any = field(default_factory=count)

    @property
    def jwks_url(self) -> str:
        """Where its keys are."""
        return f"{self.server.url}/{self.issuer.rpartition('/')[2]}/jwks"

    def publish(self, *keys: Mapping[str, object]) -> None:
        """Publish keys in place of those before."""
        self.server.answers[f"{self.issuer.rpartition('/')[2]}/jwks"] = reply({"keys": list(keys)})

    def claims(self, aud: object = None, **more: object) -> dict[str, object]:
        """The claims of a good token for the service; a claim of ``None`` is left out."""
        usual: dict[str, object] = {
            "iss": self.issuer,
            "aud": aud or f"{BASE}/cds-services/{SERVICE}",
            "iat": SECONDS,
            "exp": SECONDS + 300,
            "jti": f"token-{next(self.numbers)}",
        }
        return {name: value for name, value in {**usual, **more}.items() if value is not None}

    def token(
        self,
        aud: object = None,
        *,
        key: Any = EC,
        header: Mapping[str, object] | None = None,
        **claims: object,
    ) -> str:
        """A signed token."""
        protected = {"alg": "ES384", "kid": "ec", "typ": "JWT", **(header or {})}
        payload = json.dumps(self.claims(aud, **claims))
        return sign({n: v for n, v in protected.items() if v is not None}, payload, key)


def sign(header: Mapping[str, Any], payload: str | bytes, key: Any) -> str:
    """Any header over any payload, signed as it says; put together by hand, for a library refuses the worst."""
    text = payload.encode() if isinstance(payload, str) else payload
    signed = f"{segment(json.dumps(dict(header)).encode())}.{segment(text)}"
    signature = jws.JWSRegistry.algorithms[header["alg"]].sign(signed.encode(), key)
    return f"{signed}.{segment(signature)}"


def segment(raw: bytes) -> str:
    """Bytes as a token holds them."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def bearer(token: str) -> dict[str, str]:
    """The header a token is sent in."""
    return {"Authorization": f"Bearer {token}"}


def view_call(fhir: str | None = None, **more: Any) -> dict[str, Any]:
    """A patient-view call; with an address of a FHIR server, and a token for it."""
    call: dict[str, Any] = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/dr-1", "patientId": "p-1"},
    }
    if fhir is not None:
        call["fhirServer"] = fhir
        call["fhirAuthorization"] = {
            "access_token": TOKEN,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/*.read",
            "subject": "cds",
        }
    return {**call, **more}


@dataclass
class House:
    """A service under test."""

    app: Flask
    clock: Clock

    @property
    def client(self) -> FlaskClient:
        """A client that never called before."""
        return self.app.test_client()

    def call(
        self,
        token: str | None,
        body: object = None,
        *,
        service: str = SERVICE,
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """Call a service."""
        sent = {**(bearer(token) if token is not None else {}), **(headers or {})}
        whole = view_call() if body is None else body
        return self.client.post(f"/cds-services/{service}", json=whole, headers=sent)


Make = Callable[..., House]


def entry(ehr: Ehr, **more: object) -> dict[str, object]:
    """The entry of an EHR in the file of clients."""
    return {"issuer": ehr.issuer, "jwks_url": ehr.jwks_url, "private_addresses": True, **more}


def build(
    folder: Path,
    clients: list[dict[str, object]],
    *,
    http: Any = None,
    resolver: Any = resolve,
    clock: Clock | None = None,
    **settings: Any,
) -> House:
    """A service that trusts these clients, its records in ``folder``."""
    chosen = load(**_settings(folder, clients, settings))
    clock = clock or Clock()
    edge = build_edge(chosen, http=http, clock=clock.wall, monotonic=clock.monotonic, resolver=resolver)
    assert edge.records is not None
    numbers = count()

    def decide(service: Service, request: HookRequest, caller: Caller) -> Any:
        return _Told((_card(_name(request, caller, edge, chosen.deadline), next(numbers)),))

    app = build_site(
        [
            Service(SERVICE, "patient-view", "DM", "DM"),
            Service(OTHER, "order-sign", "DM", "DM"),
            Service("dermatomyositis-patient-view-too", "patient-view", "DM", "DM"),
        ],
        decide,
        knowledge="k-1",
        guard=edge.guard,
        note=ledger(edge.records, "k-1"),
        keep=edge.records.take,
        is_available=edge.records.is_available,
        limit=chosen.max_body,
        origins=chosen.origins,
        new_id=lambda: "id",
        monotonic=clock.monotonic,
    )
    return House(app, clock)


def _settings(
    folder: Path,
    clients: list[dict[str, object]],
    more: dict[str, Any],
    profiles: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    file = folder / "clients.yaml"
    file.write_text(yaml.safe_dump({"clients": clients, "profiles": profiles or {}}), encoding="utf-8")
    usual = {
        "env": "development",
        "auth": "jwt",
        "clients": file,
        "public_url": BASE,
        "database_url": f"sqlite:///{folder}/records.db",
        "secret": SECRET,
    }
    return {**usual, **more}


@dataclass
class _Told:
    cards: tuple[Card, ...]
    extension: Mapping[str, object] = field(default_factory=dict)
    check: Check | None = None


def _card(name: str, number: int) -> Card:
    return Card(f"00000000-0000-4000-8000-{number:012}", f"seen {name}", "info", Source("Test"))


def _name(request: HookRequest, caller: Caller, edge: Any, seconds: float) -> str:
    prefetch = request.prefetch or {}
    if isinstance(given := prefetch.get("patient"), dict):
        return str(given.get("id"))
    if request.fhir is None or not edge.may_call(request.fhir.server, caller):
        return request.patient_id if "fhirServer" not in request.context else "nobody"
    client = FhirClient(edge.http, request.fhir, Deadline(seconds, time.monotonic))
    try:
        patient = client.get(f"Patient/{request.patient_id}")
    except FetchFault:
        raise DataRequired("patient") from None
    assert isinstance(patient, dict)
    return str(patient["id"])


def whole(
    folder: Path,
    clients: list[dict[str, object]],
    *,
    profiles: Mapping[str, object] | None = None,
    resolver: Any = resolve,
    clock: Clock | None = None,
    http: requests.Session | None = None,
    **settings: Any,
) -> House:
    """The service as it is shipped, with all its knowledge, that trusts these clients."""
    chosen = load(**_settings(folder, clients, settings, profiles))
    clock = clock or Clock()
    permitted = routes(trusted_clients(chosen), chosen)
    http = http or open_session(permitted, monotonic=time.monotonic, resolver=resolver)
    app = create_app(chosen, http=http, clock=clock.wall, monotonic=time.monotonic, knowledge=_knowledge())
    return House(app, clock)


@cache
def _knowledge() -> Knowledge:
    return knowledge_of(cards_dir())
