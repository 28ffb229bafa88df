"""What every test runs under: no network but loopback, no settings of the machine, no patient in a log."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from cds_service import logs

ROOT = Path(__file__).parents[1]
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Tests that need a token or a name of their own use these, so that the guard can find them in a log.
TOKEN = "canary-token-5f1d"
NAME = "Canaryfamilyname"

# A busy machine is slow to make inputs; that is no fault of what is tested.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches beyond this machine fails, whatever the network would have answered."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        is_network = self.family in (socket.AF_INET, socket.AF_INET6)
        if is_network and address[0] not in LOOPBACK:
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No CDS_* setting and no .env of the machine reaches a test."""
    for name in [name for name in os.environ if name.upper().startswith("CDS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path_factory.getbasetemp())


@pytest.fixture(autouse=True)
def _no_patient_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A log line that names a patient of the fixtures, or a token, fails the test that wrote it."""
    logs.configure()
    caplog.set_level("DEBUG")
    yield
    told = [record.getMessage() for phase in ("setup", "call") for record in caplog.get_records(phase)]
    leaked = sorted(
        {word for line in told for word in secrets() if re.search(rf"\b{re.escape(word)}\b", line)}
    )
    assert not leaked, f"a log line holds {leaked}"


@cache
def secrets() -> frozenset[str]:
    """Words that must never reach a log: the tests' own, and every family name in fixtures/."""
    found = {TOKEN, NAME}
    for path in (ROOT / "fixtures").rglob("*.json"):
        found |= set(_family_names(json.loads(path.read_text(encoding="utf-8"))))
    return frozenset(found)


def _family_names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        family = value.get("family")
        if isinstance(family, str):
            yield family
        for member in value.values():
            yield from _family_names(member)
    elif isinstance(value, list):
        for item in value:
            yield from _family_names(item)
