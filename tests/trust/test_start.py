"""Production refuses to start with what is dangerous: the command ends at once, and says which in one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.trust.house import EC, ISSUER, public
from tests.trust.starting import serve

ROOT = Path(__file__).parents[2]
SECRET = "6f1c0d9ab2e84f7395d1c0a7"
KEYS = {"keys": [public(EC, "ec")]}
TRUSTED = {"issuer": ISSUER, "jwks": KEYS, "fhir_bases": ["https://ehr.example.org/fhir"]}


class Ended(NamedTuple):
    """How a process ended, and what it said."""

    returncode: int | None
    stdout: str
    stderr: str


# The service is imported once; each start is a process of its own that begins from there.
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["cds_service.cli"])


def start(folder: Path, *clients: dict[str, Any], **settings: str) -> Ended:
    """Start production with good settings but for these."""
    file = folder / "clients.yaml"
    file.write_text(yaml.safe_dump({"clients": list(clients or [TRUSTED])}), encoding="utf-8")
    usual = {
        "CDS_CLIENTS": str(file),
        "CDS_SECRET": SECRET,
        "CDS_PUBLIC_URL": "https://cds.example.org",
        "CDS_DATABASE_URL": f"sqlite:///{folder}/records.db",
    }
    chosen = {name: value for name, value in (usual | settings).items() if value != "unset"}
    process = PROCESSES.Process(target=serve, args=(folder, {"PATH": os.environ["PATH"], **chosen}))
    process.start()
    process.join(60)
    if process.is_alive():
        process.kill()
        process.join()
    said, told = ((folder / name).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
    return Ended(process.exitcode, said, told)


def refused(ended: Ended) -> list[str]:
    """The lines a refusal says."""
    assert ended.returncode == 1, ended.stderr
    assert ended.stdout == ""
    assert "Traceback" not in ended.stderr
    return ended.stderr.splitlines()


SETTINGS = {
    "authentication off": {"CDS_AUTH": "off"},
    "a frozen date": {"CDS_AS_OF": "2026-01-02"},
    "local FHIR servers": {"CDS_ALLOW_LOCAL_FHIR": "1"},
    "any origin": {"CDS_ORIGINS": "*"},
    "some origins": {"CDS_ORIGINS": "https://*.example.org"},
    "an origin over http": {"CDS_ORIGINS": "https://a.example,http://b.example"},
    "the origin null": {"CDS_ORIGINS": "null"},
    "no secret": {"CDS_SECRET": "unset"},
    "an empty secret": {"CDS_SECRET": ""},
    "a short secret": {"CDS_SECRET": "6f1c0d9ab2e84f7"},
    "one character many times": {"CDS_SECRET": "a" * 40},
    "a secret to be replaced": {"CDS_SECRET": "please-CHANGE-ME-please"},
    "no database": {"CDS_DATABASE_URL": ""},
    "a database in memory": {"CDS_DATABASE_URL": "sqlite:///:memory:"},
    "no public address": {"CDS_PUBLIC_URL": "unset"},
    "a public address over http": {"CDS_PUBLIC_URL": "http://cds.example.org"},
    "a public address that is none": {"CDS_PUBLIC_URL": "cds.example.org"},
    "clients that are not there": {"CDS_CLIENTS": "/nowhere/clients.yaml"},
    "a word for auth": {"CDS_AUTH": "none"},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_start_01_a_dangerous_setting_is_refused(settings: dict[str, str], tmp_path: Path) -> None:
    """One line that names the variable, and never the secret."""
    (line,) = refused(start(tmp_path, **settings))
    ((name, value),) = settings.items()
    assert line.startswith(f"{name}: ")
    assert name != "CDS_SECRET" or value in ("", "unset") or value not in line


CLIENTS: dict[str, tuple[dict[str, Any], str]] = {
    "the sandbox as issuer": ({"issuer": "https://sandbox.cds-hooks.org", "jwks": KEYS}, "sandbox"),
    "the sandbox's keys": (
        {"issuer": ISSUER, "jwks_url": "https://sandbox.cds-hooks.org/.well-known/jwks.json"},
        "sandbox",
    ),
    "a FHIR base over http": ({**TRUSTED, "fhir_bases": ["http://ehr.example.org/fhir"]}, "fhir_bases"),
    "a tenant's FHIR base over http": (
        {**TRUSTED, "tenants": {"north": {"fhir_bases": ["http://ehr.example.org/fhir"]}}},
        "fhir_bases",
    ),
    "a FHIR base with a user": (
        {**TRUSTED, "fhir_bases": ["https://a:b@ehr.example.org/fhir"]},
        "fhir_bases",
    ),
    "keys over http": ({"issuer": ISSUER, "jwks_url": "http://ehr.example.org/jwks"}, "jwks_url"),
    "a file of keys": ({"issuer": ISSUER, "jwks_url": "file:///etc/keys"}, "jwks_url"),
    "no keys": ({"issuer": ISSUER}, "jwks"),
    "a shared secret for a key": (
        {"issuer": ISSUER, "jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "ec"}]}},
        "jwks",
    ),
    "a private key": (
        {"issuer": ISSUER, "jwks": {"keys": [{**EC.as_dict(private=True), "kid": "ec"}]}},
        "jwks",
    ),
    "no algorithm": ({**TRUSTED, "algorithms": ["none"]}, "algorithms"),
    "a symmetric algorithm": ({**TRUSTED, "algorithms": ["HS256"]}, "algorithms"),
    "tokens for ever": ({**TRUSTED, "longest_life": 10**9}, "longest_life"),
    "a leeway of an hour": ({**TRUSTED, "leeway": 3600}, "leeway"),
    "a profile nobody knows": ({**TRUSTED, "profile": "epik"}, "profile"),
    "a member nobody knows": ({**TRUSTED, "reuse_token": True}, "reuse_token"),
}


@pytest.mark.parametrize(("client", "word"), CLIENTS.values(), ids=CLIENTS)
def test_start_01_a_dangerous_client_is_refused(client: dict[str, Any], word: str, tmp_path: Path) -> None:
    """One line that names the place in the file, and never a key."""
    (line,) = refused(start(tmp_path, client))
    assert line.startswith("CDS_CLIENTS: ")
    assert word in line
    assert "c2VjcmV0" not in line
    assert str(EC.as_dict(private=True)["d"]) not in line


def test_start_01_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """A line each, so that one round mends them."""
    lines = refused(
        start(tmp_path, CDS_AUTH="off", CDS_ORIGINS="*", CDS_SECRET="unset", CDS_AS_OF="2026-01-02")
    )
    assert sorted({line.partition(":")[0] for line in lines}) == [
        "CDS_AS_OF",
        "CDS_AUTH",
        "CDS_ORIGINS",
        "CDS_SECRET",
    ]
    assert len(lines) == 4


def test_start_01_good_settings_are_not_refused(tmp_path: Path) -> None:
    """The service is built; else the tests above would prove nothing. Nothing is served on the way."""
    file = tmp_path / "clients.yaml"
    file.write_text(json.dumps({"clients": [TRUSTED]}), encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "CDS_CLIENTS": str(file),
        "CDS_SECRET": SECRET,
        "CDS_PUBLIC_URL": "https://cds.example.org",
        "CDS_DATABASE_URL": f"sqlite:///{tmp_path}/records.db",
    }
    built = "from cds_service import app, settings; print(app.create_app(settings.load()).name)"
    ended = subprocess.run(
        [sys.executable, "-c", built],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
