"""Settings: what is taken, what is refused, and what production must not run with."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cds_service.errors import SettingsFault
from cds_service.settings import Settings, load

SECRET = "0123456789abcdef"


def faults(**overrides: object) -> tuple[str, ...]:
    """The faults settings are refused with."""
    with pytest.raises(SettingsFault) as refused:
        load(**overrides)
    return tuple(str(fault) for fault in refused.value.faults)


def test_the_default_is_production_with_jwt() -> None:
    """Whoever forgets to say gets the safe one."""
    settings = load(secret=SECRET)
    assert (settings.env, settings.auth, settings.origins) == ("production", "jwt", ())
    assert (settings.deadline, settings.max_body) == (2.0, 10_000_000)
    assert settings.workers >= 1


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each as CDS_ and its name."""
    values = {
        "CDS_ENV": "development", "CDS_AUTH": "off", "CDS_AS_OF": "2026-01-02", "CDS_ALLOW_LOCAL_FHIR": "1",
        "CDS_ORIGINS": "https://a.example, https://b.example", "CDS_OVERLAY": str(tmp_path),
        "CDS_WORKERS": "3", "CDS_DEADLINE": "0.5", "CDS_CLIENTS": "", "CDS_RETENTION": "30",
    }  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings = load()
    assert (settings.as_of, settings.allow_local_fhir) == (date(2026, 1, 2), True)
    assert settings.origins == ("https://a.example", "https://b.example")
    assert (settings.overlay, settings.clients) == (tmp_path, None)
    assert (settings.workers, settings.deadline, settings.retention) == (3, 0.5, 30)


def test_settings_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A .env in the working directory, which the environment overrules."""
    (tmp_path / ".env").write_text("CDS_ENV=development\nCDS_WORKERS=2\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CDS_WORKERS", "5")
    assert (load().env, load().workers) == ("development", 5)


def test_production_refuses_what_is_for_development(tmp_path: Path) -> None:
    """All of it at once, each in one line that names the variable and the remedy."""
    clients = tmp_path / "clients.yaml"
    clients.write_text("clients:\n  - issuer: https://sandbox.cds-hooks.org\n")
    told = faults(
        auth="off", as_of="2026-01-02", allow_local_fhir=True, origins="*", clients=clients, database_url=""
    )
    assert [line.partition(":")[0] for line in told] == [
        "CDS_AUTH", "CDS_AS_OF", "CDS_ALLOW_LOCAL_FHIR", "CDS_SECRET", "CDS_DATABASE_URL", "CDS_CLIENTS",
        "CDS_ORIGINS",
    ]  # fmt: skip
    assert not any("\n" in line for line in told)


def test_development_takes_them() -> None:
    """A laptop needs them all."""
    settings = load(env="development", auth="off", as_of="2026-01-02", allow_local_fhir=True, origins="*")
    assert settings.as_of == date(2026, 1, 2)


@pytest.mark.parametrize(
    "text",
    [
        '{"https://sandbox.cds-hooks.org": {"keys": []}}',
        "- {issuer: 'https://SANDBOX.cds-hooks.org/', jwks: x}",
        "clients: [ {jwks: 'https://sandbox.cds-hooks.org/.well-known/jwks.json'} ]",
        "{ not: yaml: https://sandbox.cds-hooks.org",
    ],
)
def test_the_sandbox_issuer_is_found_however_it_is_written(tmp_path: Path, text: str) -> None:
    """Its private key is public."""
    clients = tmp_path / "clients.yaml"
    clients.write_text(text)
    assert [line.partition(":")[0] for line in faults(secret=SECRET, clients=clients)] == ["CDS_CLIENTS"]


def test_other_issuers_are_taken(tmp_path: Path) -> None:
    """An issuer is judged by its whole host."""
    clients = tmp_path / "clients.yaml"
    clients.write_text("- issuer: https://sandbox.cds-hooks.org.example\n  n: 1\n  bad: 'http://[::1'\n")
    assert load(secret=SECRET, clients=clients).clients == clients


def test_a_path_that_does_not_exist_is_refused() -> None:
    """Also in development: an overlay that is not there would be thresholds that are not there."""
    told = faults(env="development", overlay="/nowhere/overlay", clients="/nowhere/clients")
    assert told == ("CDS_CLIENTS: there is no /nowhere/clients", "CDS_OVERLAY: there is no /nowhere/overlay")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("env", "staging"),
        ("auth", "none"),
        ("workers", 0),
        ("deadline", 0),
        ("as_of", "soon"),
        ("retention", -1),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(name: str, value: object) -> None:
    """One line, with the variable's name."""
    (line,) = faults(**{"secret": SECRET, name: value})
    assert line.startswith(f"CDS_{name.upper()}: ")


def test_callers_are_not_identified_behind_a_wildcard_origin() -> None:
    """In development either: any page could use a token it got hold of."""
    assert faults(env="development", origins="*") == (
        "CDS_ORIGINS: callers are not identified behind a wildcard origin; name each origin",
    )


@pytest.mark.parametrize("origin", ["null", "http://ehr.example.org", "ehr.example.org"])
def test_production_is_called_by_pages_over_https_only(origin: str) -> None:
    """Anybody on the way could change another page; "null" is every page without an origin."""
    (line,) = faults(secret=SECRET, origins=origin)
    assert line.startswith("CDS_ORIGINS: ")


@pytest.mark.parametrize(
    "url", ["http://cds.example.org", "cds.example.org", "https://cds.example.org?x", "https://a@b.example"]
)
def test_the_public_address_is_one(url: str) -> None:
    """Tokens must name it as their audience, so a slip in it would lock everybody out."""
    assert {line.partition(":")[0] for line in faults(secret=SECRET, public_url=url)} == {"CDS_PUBLIC_URL"}


def test_a_short_secret_is_refused_and_never_printed() -> None:
    """A secret that can be guessed hides nobody."""
    (line,) = faults(secret="hunter2")
    assert line.startswith("CDS_SECRET: ")
    assert "hunter2" not in line
    assert SECRET not in repr(load(secret=SECRET))


@pytest.mark.parametrize(
    "secret", ["", "a" * 40, "0101010101010101", "please-change-me-soon", "your secret goes here"]
)
def test_a_secret_that_can_be_guessed_is_refused(secret: str) -> None:
    """Also a long one: one character many times, or what stands in examples."""
    (line,) = faults(secret=secret)
    assert line.startswith("CDS_SECRET: ")


def test_every_setting_says_what_it_is() -> None:
    """The reference page is made from the descriptions."""
    assert all(field.description for field in Settings.model_fields.values())
