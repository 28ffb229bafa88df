"""``cds-service clients check``: what it tells of a file of clients, and when it fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from joserfc.jwk import ECKey

from cds_service.clients_command import command
from cds_service.errors import SettingsFault

KEY = {**ECKey.generate_key("P-384").as_dict(private=False), "kid": "k-1"}
KNOWN: dict[str, Any] = {
    "issuer": "https://ehr.example.org",
    "jwks": {"keys": [KEY]},
    "fhir_bases": ["https://ehr.example.org/fhir"],
}


def check(
    folder: Path, *clients: dict[str, Any], environment: dict[str, str] | None = None, **more: Any
) -> Result:
    """The command's answer about a file of these clients."""
    file = folder / "clients.yaml"
    file.write_text(yaml.safe_dump({"clients": list(clients), **more}), encoding="utf-8")
    return CliRunner().invoke(command, ["check", str(file)], env=environment)


def section(result: Result, issuer: str) -> list[str]:
    """The lines about one client."""
    lines = result.stdout.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{issuer} "))
    rest = lines[start + 1 :]
    return rest[: next((number for number, line in enumerate(rest) if not line.startswith(" ")), len(rest))]


def test_each_client_is_told_what_it_will_not_show(tmp_path: Path) -> None:
    """By its profile: a client that can do everything has nothing to lose but what must be agreed."""
    epic = {**KNOWN, "issuer": "https://epic.example.org", "profile": "epic"}
    result = check(tmp_path, KNOWN, epic)
    assert (result.exit_code, result.stderr) == (0, "")
    standard = section(result, "https://ehr.example.org")
    assert [line for line in standard if "not shown" in line] == [
        "  not shown: the mark of a check on its orders: system_actions is off until it is agreed"
    ]
    assert not [line for line in standard if "not called" in line]
    lines = section(result, "https://epic.example.org")
    assert "  not shown: the button that corrects an order" in lines
    uncalled = [line for line in lines if "not called" in line]
    assert any("encounter-start" in line for line in uncalled)
    assert not any("order-sign" in line for line in uncalled)


def test_a_sites_own_profile_counts(tmp_path: Path) -> None:
    """It is told by what it says, not by its base."""
    ours = {"ours": {"base": "epic", "applies_dosage": True}}
    result = check(tmp_path, {**KNOWN, "profile": "ours"}, profiles=ours)
    assert result.exit_code == 0
    assert "https://ehr.example.org (ours)" in result.stdout
    assert "drug with its dose" not in result.stdout


def test_what_an_operator_should_know_is_told(tmp_path: Path) -> None:
    """Where keys come from, whether anything can be fetched, what was loosened; services it may not call."""
    loose = {
        "issuer": "https://ehr.example.org",
        "jwks_url": "https://keys.example.org/jwks",
        "reuse_tokens": True,
        "private_addresses": True,
        "services": ["dermatomyositis-patient-view"],
    }
    told = check(tmp_path, loose).stdout
    for words in (
        "keys.example.org",
        "no FHIR base",
        "reuse_tokens",
        "private_addresses",
        "not among its services",
    ):
        assert words in told
    assert "k-1" in check(tmp_path, KNOWN).stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"profile": "epik"}, "no profile is named so"),
        ({"algorithms": ["HS256"]}, "algorithms"),
        ({"services": ["dermatomyositis-order-sing"]}, "no service is named dermatomyositis-order-sing"),
        ({"audiences": {"dermatomyositis-order-sing": ["x"]}}, "no service is named"),
        ({"fhir_bases": ["http://ehr.example.org/fhir"]}, "https only"),
        ({"jwks": {"keys": []}}, "no public signature key"),
        ({"issuer": "https://sandbox.cds-hooks.org"}, "sandbox"),
    ],
)
def test_a_fault_is_named_and_fails(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    """Each in one line on standard error, as the service itself would say it."""
    result = check(tmp_path, {**KNOWN, **change})
    assert result.exit_code == 1
    assert result.stderr.startswith("CDS_CLIENTS: ")
    assert said in result.stderr


def test_development_takes_what_production_does_not(tmp_path: Path) -> None:
    """As CDS_ENV says."""
    local = {**KNOWN, "fhir_bases": ["http://127.0.0.1:8080/fhir"]}
    assert check(tmp_path, local).exit_code == 1
    assert check(tmp_path, local, environment={"CDS_ENV": "development"}).exit_code == 0


def test_the_file_of_the_settings_is_checked_by_default(tmp_path: Path) -> None:
    """Without the settings that only a running service needs; without any file there is nothing to check."""
    file = tmp_path / "clients.yaml"
    file.write_text(yaml.safe_dump({"clients": [KNOWN]}), encoding="utf-8")
    result = CliRunner().invoke(command, ["check"], env={"CDS_CLIENTS": str(file)})
    assert (result.exit_code, "ehr.example.org" in result.stdout) == (0, True)
    nothing = CliRunner().invoke(command, ["check"])
    assert isinstance(nothing.exception, SettingsFault)
    wrong = CliRunner().invoke(command, ["check"], env={"CDS_CLIENTS": str(file), "CDS_ENV": "staging"})
    assert isinstance(wrong.exception, SettingsFault)


@pytest.mark.parametrize("content", [b"", b"clients: [", b"\xff\xfe", b"[]", b"clients: 7"])
def test_what_is_no_file_of_clients_is_refused(content: bytes, tmp_path: Path) -> None:
    """Also one that is not there."""
    file = tmp_path / "clients.yaml"
    file.write_bytes(content)
    for path in (file, tmp_path / "nothing.yaml"):
        result = CliRunner().invoke(command, ["check", str(path)])
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("CDS_CLIENTS: ")
