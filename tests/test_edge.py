"""From the settings to who may call, where the service may call, and what it remembers."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from cds_service import edge
from cds_service.errors import SettingsFault, Unauthorised
from cds_service.protocol.clients import Clients
from cds_service.protocol.trust import Caller
from cds_service.settings import Settings, load
from cds_service.web.guard import Guard

NOW = datetime(2026, 1, 2, tzinfo=UTC)
KEY = ECKey.generate_key("P-384", {"kid": "k-1", "use": "sig"})
ISSUER = "https://ehr.example.org"


def clients_file(folder: Path, **members: Any) -> Path:
    """A file of one client whose key is KEY."""
    client = {"issuer": ISSUER, "jwks": {"keys": [KEY.as_dict(private=False)]}, **members}
    path = folder / "clients.yaml"
    path.write_text(json.dumps({"clients": [client]}))
    return path


def production(folder: Path, **members: Any) -> Settings:
    """Settings that production takes."""
    usual: dict[str, Any] = {
        "secret": "0123456789abcdef",
        "database_url": f"sqlite:///{folder}/records.db",
        "public_url": "https://cds.example.org",
    }
    if "clients" not in members:
        usual["clients"] = clients_file(folder)
    return load(**(usual | members))


def guard(settings: Settings) -> Guard:
    """The guard these settings make."""
    return edge.build_edge(settings, http=None, clock=lambda: NOW, monotonic=time.monotonic).guard


def token(**claims: Any) -> str:
    """An Authorization header as the client signs it for discovery."""
    seconds = int(NOW.timestamp())
    usual = {
        "iss": ISSUER,
        "aud": "https://cds.example.org/cds-services",
        "exp": seconds + 300,
        "iat": seconds,
        "jti": "j-1",
    }
    header = {"alg": "ES384", "kid": "k-1", "typ": "JWT"}
    return "Bearer " + jwt.encode(header, usual | claims, KEY, algorithms=["ES384"])


def test_production_without_clients_lets_nobody_in(tmp_path: Path) -> None:
    """There is nothing to verify a caller with; it must never mean everybody."""
    with pytest.raises(Unauthorised):
        guard(production(tmp_path, clients=None))(token())


def test_a_trusted_client_is_let_in_once(tmp_path: Path) -> None:
    """With a token that is noted in the records, whoever verifies it."""
    settings = production(tmp_path)
    caller = guard(settings)(token())
    assert caller.issuer == ISSUER
    with pytest.raises(Unauthorised):
        guard(settings)(token())


def test_authentication_off_lets_everybody_in(tmp_path: Path) -> None:
    """In development."""
    settings = load(env="development", auth="off", database_url="", clients=clients_file(tmp_path))
    assert guard(settings)(None) == Caller()


def test_identifying_callers_needs_a_database(tmp_path: Path) -> None:
    """Without one a token could be used again and again."""
    with pytest.raises(SettingsFault, match="CDS_DATABASE_URL"):
        guard(production(tmp_path, env="development", database_url=""))


def test_private_networks_are_reached_for_clients_that_live_there(tmp_path: Path) -> None:
    """And for no other."""
    inside = clients_file(tmp_path, fhir_bases=["https://fhir.inside.example/r4"], private_addresses=True)
    settings = production(tmp_path, clients=inside)
    routes = edge.routes(edge.trusted_clients(settings), settings)
    assert routes.permits("fhir.inside.example", "10.0.0.5")
    assert not routes.permits("other.example", "10.0.0.5")
    assert not edge.routes(Clients(), settings).permits("fhir.inside.example", "10.0.0.5")


def test_without_a_database_nothing_is_remembered() -> None:
    """A replay leaves no trace."""
    assert edge.open_records(load(env="development", database_url=""), lambda: NOW) is None
    assert edge.memory(None, "k-1").is_available()


def test_with_a_database_it_is(tmp_path: Path) -> None:
    """Also in a new file, brought up to date on the way."""
    records = edge.open_records(production(tmp_path, retention=30), lambda: NOW)
    assert records is not None
    assert edge.memory(records, "k-1").is_available()
