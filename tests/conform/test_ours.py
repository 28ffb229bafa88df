"""This service, as it is shipped and served, asked all that the specification asks, with callers identified and not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from joserfc.jwk import ECKey, RSAKey

from cds_service.conform.checks.transport import named
from cds_service.conform.run import Result, run
from cds_service.conform.subjects import suggestions
from cds_service.fhir.synthesis import Store, equip
from cds_service.replay.scenario import find, load
from tests.conform.asking import found, probe, signer
from tests.conform.gate import ISSUER
from tests.conform.model import ORIGIN
from tests.decide.service import catalogue
from tests.web.test_server import free_port, wait_until_ready

ROOT = Path(__file__).parents[2]
EC, RSA = ECKey.generate_key("P-384"), RSAKey.generate_key(2048)
SERVE = "from cds_service.cli import main; main()"
# What the answers of this service have nothing of; the rest of the checks had something to judge.
WITHOUT = {"T2", "D15", "S3", "SA1", "SA3", "SG3", "CS3", "C11", "L1", "L2", "L3", "L4", "L5", "L6", "L8"}
NEEDS_A_KEY = {
    "D16",
    "S7",
    "FB11",
    "X1",
    "X2",
    "X3",
    "X4",
    "X5",
    "X6",
    "X7",
    "X8",
    "X9",
    "X10",
    "X11",
    "X13",
    "X14",
}


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[str]:
    """The service in a process of its own; yields its address."""
    base = f"http://127.0.0.1:{free_port()}"
    usual = {
        "CDS_ENV": "development",
        "CDS_DATABASE_URL": f"sqlite:///{folder}/records.db",
        "CDS_AS_OF": "2026-11-24",
        "CDS_ORIGINS": ORIGIN,
        "CDS_PUBLIC_URL": base,
        "CDS_WORKERS": "2",
    }
    command = [sys.executable, "-c", SERVE, "serve", "--port", base.rpartition(":")[2]]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **usual, **settings}
    log = (folder / "log").open("wb")
    process = subprocess.Popen(command, cwd=folder, env=environment, stderr=log)
    try:
        wait_until_ready(base, process, seconds=60)
        yield base
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service with authentication on, as in production, that trusts one client with two keys."""
    folder = tmp_path_factory.mktemp("guarded")
    keys = [
        {**key.as_dict(private=False), "kid": kid, "use": "sig"} for kid, key in (("ec", EC), ("rsa", RSA))
    ]
    clients = folder / "clients.yaml"
    clients.write_text(yaml.safe_dump({"clients": [{"issuer": ISSUER, "jwks": {"keys": keys}}]}))
    with serving(folder, CDS_AUTH="jwt", CDS_CLIENTS=str(clients)) as base:
        yield base


def fixtures() -> list[dict[str, Any]]:
    """The shipped calls with all they ask for as prefetch, so that every kind of card is shown."""
    return [
        equip(
            each.request,
            Store(each.resources),
            catalogue()[each.plan.hook].get("prefetch", {}),
            "prefetch",
            "",
        )
        for each in map(load, find())
    ]


def unjudged(results: list[Result]) -> set[str]:
    """The requirements that nothing was found for."""
    return {each.check.requirement.id for each in results if each.status == "not applicable"}


def test_the_open_service_keeps_to_the_specification(tmp_path: Path) -> None:
    """Authentication off: no fault and no warning, whatever service and card."""
    with serving(tmp_path, CDS_AUTH="off") as base:
        asked = probe(base, own=fixtures(), agreed_system_actions=False)
        results = list(run(asked))
        offers = [each.value for _, each in suggestions(asked)]
        offered = {entry["id"] for entry in asked.entries}
    assert found(results) == []
    assert {target.id for target in asked.targets if target.is_known} == offered
    assert len(offered) == 8
    # Each does something, and nothing that hangs on the order of its actions: they are about different resources.
    assert all(each["actions"] for each in offers)
    for each in offers:
        about = [action.get("resourceId") or named(action["resource"]) for action in each["actions"]]
        assert len(set(filter(None, about))) == len(list(filter(None, about)))
    assert unjudged(results) == WITHOUT | NEEDS_A_KEY


@pytest.mark.parametrize(("kid", "key"), [("ec", EC), ("rsa", RSA)])
def test_the_guarded_service_keeps_to_the_specification(kid: str, key: Any, guarded: str) -> None:
    """Authentication on, with either recommended algorithm."""
    results = list(run(probe(guarded, signer(key, kid=kid), own=fixtures(), agreed_system_actions=False)))
    assert found(results) == []
    assert unjudged(results) == WITHOUT


def test_the_command_says_so(guarded: str, tmp_path: Path) -> None:
    """``cds-service conform`` with a key in a file: exit 0, and both reports written."""
    key, told, built = tmp_path / "key.pem", tmp_path / "report.json", tmp_path / "report.xml"
    key.write_bytes(EC.as_pem(private=True))
    command = [
        sys.executable,
        "-c",
        SERVE,
        "conform",
        guarded,
        "--key",
        str(key),
        "--issuer",
        ISSUER,
        "--kid",
        "ec",
    ]
    command += ["--origin", ORIGIN, "--json", str(told), "--junit", str(built)]
    ended = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "0 FAIL, 0 warn" in ended.stdout
    assert json.loads(told.read_text())["totals"].keys() == {"pass", "not applicable"}
    assert b'failures="0"' in built.read_bytes()
