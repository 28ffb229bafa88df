"""Who is trusted: the file of clients (``CDS_CLIENTS``), read and checked whole at start.

```yaml
clients:
  - issuer: https://ehr.example.org          # the token's iss, compared exactly
    jwks_url: https://ehr.example.org/jwks   # or jwks: {keys: [...]}
    fhir_bases: [https://ehr.example.org/fhir/r4]
    profile: epic
```
https://cds-hooks.hl7.org/2.0/#trusting-cds-clients
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from cds_service.errors import SettingsFault
from cds_service.protocol.addresses import Base, parse_base
from cds_service.protocol.jwks import Keys, Unusable, read_keys
from cds_service.protocol.profiles import PROFILES, Profile, ProfileChange, changed

Algorithm = Literal["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
DEFAULT_ALGORITHMS: tuple[Algorithm, ...] = ("ES384", "RS384")
HOUR = 3600


def _base(value: object) -> object:
    return parse_base(value) if isinstance(value, str) else value


FhirBase = Annotated[Base, BeforeValidator(_base)]


def _plain(url: str) -> str:
    parse_base(url)
    return url


Url = Annotated[str, AfterValidator(_plain)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Tenant(_Entry):
    """One organisation behind a client that serves several; its own FHIR bases replace the client's."""

    fhir_bases: tuple[FhirBase, ...] | None = None


class Client(_Entry):
    """One trusted client.

    ``public_urls`` are further addresses it reaches this service at (``CDS_PUBLIC_URL`` is always one);
    ``audiences`` are texts accepted as ``aud`` beside the called address, by endpoint (``discovery``, a
    service id, ``<service id>/feedback`` or ``*``). ``jku`` lists addresses a token may name as its keys'
    beside ``jwks_url``; they are never fetched. ``reuse_tokens`` accepts a token more than once.
    ``leeway`` and ``longest_life`` are seconds. ``private_addresses`` lets its FHIR and key servers lie in
    a private network.
    """

    issuer: str = Field(min_length=1, max_length=1024)
    jwks_url: Url | None = None
    jwks: Any = Field(None, repr=False)
    jku: tuple[str, ...] = ()
    algorithms: tuple[Algorithm, ...] = Field(DEFAULT_ALGORITHMS, min_length=1)
    public_urls: tuple[Url, ...] = ()
    audiences: Mapping[str, tuple[str, ...]] = {}
    tenants: Mapping[str, Tenant] = {}
    services: tuple[str, ...] = ()
    fhir_bases: tuple[FhirBase, ...] = ()
    private_addresses: bool = False
    profile: str = "standard"
    reuse_tokens: bool = False
    leeway: int = Field(60, ge=0, le=300)
    longest_life: int = Field(HOUR, gt=0, le=24 * HOUR)

    @field_validator("tenants", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return {name: {} for name in value} if isinstance(value, list) else value

    @field_validator("jwks")
    @classmethod
    def _readable(cls, value: object) -> Keys | None:
        try:
            return None if value is None else read_keys(value)
        except Unusable as error:
            raise ValueError(str(error)) from None

    @model_validator(mode="after")
    def _has_keys(self) -> Self:
        if (self.jwks_url is None) == (self.jwks is None):
            raise ValueError("give either jwks_url or jwks")
        return self

    @property
    def keys(self) -> Keys | None:
        """The keys written in the file, by key id; ``None`` where they are fetched."""
        keys: Keys | None = self.jwks
        return keys

    def bases(self, tenant: str | None) -> tuple[Base, ...]:
        """The FHIR bases that may be called for a tenant of this client."""
        own = self.tenants.get(tenant) if tenant is not None else None
        return self.fhir_bases if own is None or own.fhir_bases is None else own.fhir_bases

    def every_base(self) -> Iterator[Base]:
        """The FHIR bases of the client and of all its tenants."""
        yield from self.fhir_bases
        for tenant in self.tenants.values():
            yield from tenant.fhir_bases or ()


class _File(_Entry):
    clients: tuple[Client, ...] = Field(min_length=1)
    profiles: Mapping[str, ProfileChange] = {}


class Clients:
    """The trusted clients by issuer, and the profile of each."""

    def __init__(self, clients: tuple[Client, ...] = (), profiles: Mapping[str, Profile] = PROFILES) -> None:
        self.by_issuer: Mapping[str, Client] = {client.issuer: client for client in clients}
        self.profiles = profiles

    def __iter__(self) -> Iterator[Client]:
        return iter(self.by_issuer.values())

    def profile(self, client: Client) -> Profile:
        """What the client renders and accepts."""
        return self.profiles[client.profile]


def read_clients(path: Path, *, production: bool) -> Clients:
    """Read the file. Raises :class:`SettingsFault` with every fault, one line each, naming its place."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        file = _File.model_validate(content)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise SettingsFault(f"CDS_CLIENTS: {path} cannot be read as YAML in UTF-8") from None
    except ValidationError as error:
        raise SettingsFault(*(f"CDS_CLIENTS: {fault}" for fault in _told(error))) from None
    profiles = {**PROFILES, **{name: changed(name, change) for name, change in file.profiles.items()}}
    if faults_ := tuple(_faults(file, profiles, production)):
        raise SettingsFault(*(f"CDS_CLIENTS: {fault}" for fault in faults_))
    return Clients(file.clients, profiles)


def strange_services(clients: Clients, services: Collection[str]) -> Iterator[str]:
    """The names in the file that no service on offer has: a slip there locks a client out without a word."""
    known = set(services) | {f"{service}/feedback" for service in services} | {"discovery", "*"}
    for index, client in enumerate(clients):
        for name in client.services:
            if name not in services:
                yield f"clients[{index}].services: no service is named {name}"
        for name in sorted(set(client.audiences) - known):
            yield f"clients[{index}].audiences: no service is named {name}"


def _told(error: ValidationError) -> Iterator[str]:
    faults = error.errors(include_input=False, include_context=False)
    for fault in faults:
        place = fault["loc"]
        # A list is also told to be too short where an item of it is at fault.
        is_echo = fault["type"] == "too_short" and any(
            other["loc"][: len(place)] == place for other in faults if other is not fault
        )
        if not is_echo:
            yield f"{_place(place)}{fault['msg'].removeprefix('Value error, ')}"


def _place(location: tuple[int | str, ...]) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return f"{path.removeprefix('.')}: " if path else ""


def _faults(file: _File, profiles: Mapping[str, Profile], production: bool) -> Iterator[str]:
    seen = set()
    for index, client in enumerate(file.clients):
        where = f"clients[{index}]"
        if client.issuer in seen:
            yield f"{where}.issuer: another client has this issuer; tell organisations apart by tenants"
        seen.add(client.issuer)
        if client.keys is not None and not client.keys:
            yield f"{where}.jwks: holds no public signature key with an id; private and shared keys are not taken"
        if client.profile not in profiles:
            yield f"{where}.profile: no profile is named so; there are {', '.join(sorted(profiles))}"
        if production:
            yield from _cleartext(where, client)
    for name in sorted(set(file.profiles) & set(PROFILES)):
        yield f"profiles.{name}: is the name of a shipped profile; choose another"


def _cleartext(where: str, client: Client) -> Iterator[str]:
    if client.jwks_url is not None and not client.jwks_url.startswith("https://"):
        yield f"{where}.jwks_url: production fetches keys over https only"
    if any(base.scheme != "https" for base in client.every_base()):
        yield f"{where}.fhir_bases: production calls FHIR servers over https only"
