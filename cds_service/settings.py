"""Every setting of the service, read once from ``CDS_*`` variables or from ``.env``.

The default is production. What production must not run with is refused at start-up, all of it at once,
each in one line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from cds_service.errors import SettingsFault
from cds_service.protocol.addresses import BadAddress, parse_base

# Its private key is in a public repository: whoever likes can sign with it.
SANDBOX_ISSUER_HOST = "sandbox.cds-hooks.org"
SANDBOX_FAULT = f"CDS_CLIENTS: production does not trust the public sandbox issuer {SANDBOX_ISSUER_HOST}"
SHORTEST_SECRET = 16
FEWEST_CHARACTERS = 8
# What stands in examples for a secret to be put there.
TO_REPLACE = re.compile(r"change.?(me|it|this)|placeholder|your.?secret", re.IGNORECASE)


class Settings(BaseSettings):
    """The settings, checked each by itself. :func:`load` also checks them together."""

    model_config = SettingsConfigDict(env_prefix="CDS_", env_file=".env", extra="ignore", frozen=True)

    env: Literal["development", "production"] = Field(
        "production", description="production refuses every setting that is meant for development"
    )
    auth: Literal["off", "jwt"] = Field("jwt", description="how callers are identified; production: jwt")
    clients: Path | None = Field(
        None, description="file of trusted clients; without it nobody can call in production"
    )
    database_url: str | None = Field(
        "sqlite:///cds-service.db",
        description="database of the records, as an SQLAlchemy URL; empty for none",
    )
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, description="processes; default one a core"
    )
    threads: int = Field(8, ge=1, le=256, description="calls a process answers at the same time")
    deadline: float = Field(2.0, gt=0, le=60, description="seconds a whole call may take")
    max_body: int = Field(10_000_000, ge=1_000, description="bytes a body may have")
    public_url: str | None = Field(
        None,
        description="address callers reach the service at; required in production where a client names no audience",
    )
    overlay: Path | None = Field(None, description="folder of a hospital's own thresholds and switches")
    most_cards: int = Field(
        3, ge=1, le=5, description="cards an answer shows; critical ones are shown beyond it"
    )
    as_of: date | None = Field(None, description="freezes the date")
    allow_local_fhir: bool = Field(False, description="lets fhirServer be a loopback http address")
    origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="browser origins that may call, separated by commas"
    )
    secret: SecretStr | None = Field(None, description="keys the hash of patient ids; required in production")
    retention: int | None = Field(None, ge=1, description="days records are kept; default for ever")

    @field_validator("origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("clients", "overlay", "as_of", "database_url", "public_url", "secret", mode="before")
    @classmethod
    def _unset(cls, value: object) -> object:
        """An empty variable is an unset one: that is how a compose file leaves one out."""
        return None if value == "" else value


def load(**overrides: Any) -> Settings:
    """Read the settings; ``overrides`` win over the environment.

    Raises :class:`SettingsFault` with one line a fault, each naming the variable.
    """
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise SettingsFault(*(_line(fault) for fault in error.errors(include_input=False))) from None
    if faults := tuple(_faults(settings)):
        raise SettingsFault(*faults)
    return settings


def _line(fault: Mapping[str, Any]) -> str:
    name = str(fault["loc"][0]).upper()
    return f"CDS_{name}: {fault['msg'][0].lower()}{fault['msg'][1:]}"


def _faults(settings: Settings) -> Iterator[str]:
    for name in ("clients", "overlay"):
        path: Path | None = getattr(settings, name)
        if path is not None and not path.exists():
            yield f"CDS_{name.upper()}: there is no {path}"
    if settings.env == "production":
        yield from _production_faults(settings)
    yield from _origin_faults(settings)
    yield from _address_faults(settings)


def _origin_faults(settings: Settings) -> Iterator[str]:
    is_production = settings.env == "production"
    if any("*" in origin for origin in settings.origins) and (is_production or settings.auth == "jwt"):
        # Development too, where callers are identified: a token in the wrong page's hands is as good there.
        yield "CDS_ORIGINS: callers are not identified behind a wildcard origin; name each origin"
    elif is_production and not all(origin.startswith("https://") for origin in settings.origins):
        yield "CDS_ORIGINS: production is called by pages over https only; name each origin with https://"


def _address_faults(settings: Settings) -> Iterator[str]:
    url = settings.public_url
    if url is not None and not _is_plain(url):
        yield "CDS_PUBLIC_URL: must be an address like https://cds.example.org, without query and fragment"
    elif url is not None and settings.env == "production" and not url.startswith("https://"):
        yield "CDS_PUBLIC_URL: production is reached over https only"


def _production_faults(settings: Settings) -> Iterator[str]:
    if settings.auth == "off":
        yield "CDS_AUTH: production does not run with authentication off; set jwt"
    if settings.as_of is not None:
        yield "CDS_AS_OF: production does not run with a frozen date; unset it"
    if settings.allow_local_fhir:
        yield "CDS_ALLOW_LOCAL_FHIR: production does not call local FHIR servers; unset it"
    if settings.secret is None or _is_guessable(settings.secret.get_secret_value()):
        yield (
            f"CDS_SECRET: production needs a secret of at least {SHORTEST_SECRET} characters that nobody can "
            "guess, as openssl rand -hex 32 makes one"
        )
    if settings.database_url is None:
        yield "CDS_DATABASE_URL: production keeps records; name a database"
    if settings.clients is not None and settings.clients.is_file() and trusts_sandbox(settings.clients):
        yield SANDBOX_FAULT


def _is_guessable(secret: str) -> bool:
    return (
        len(secret) < SHORTEST_SECRET
        or len(set(secret)) < FEWEST_CHARACTERS
        or bool(TO_REPLACE.search(secret))
    )


def _is_plain(url: str) -> bool:
    try:
        parse_base(url)
    except BadAddress:
        return False
    return True


def trusts_sandbox(clients: Path) -> bool:
    """Whether a file of clients names the public sandbox, however it is written."""
    try:
        content = yaml.safe_load(clients.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return SANDBOX_ISSUER_HOST.encode() in clients.read_bytes()
    return any(_host(text) == SANDBOX_ISSUER_HOST for text in _texts(content))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from _texts(name)
            yield from _texts(member)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _host(text: str) -> str | None:
    try:
        return (urlsplit(text).hostname or "").rstrip(".")
    except ValueError:
        return None
