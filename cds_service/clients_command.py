"""``cds-service clients check``: what is configured for each client, and what it will not be able to show."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from pydantic import ValidationError

from cds_service import settings
from cds_service.content import cards_dir
from cds_service.errors import SettingsFault
from cds_service.knowledge.catalogue import ServiceEntry
from cds_service.knowledge.load import load
from cds_service.protocol.abilities import cannot_show
from cds_service.protocol.addresses import parse_base
from cds_service.protocol.clients import Client, Clients, read_clients, strange_services
from cds_service.protocol.profiles import Profile
from cds_service.settings import Settings


@click.group("clients")
def command() -> None:
    """Look at the file of trusted clients."""


@command.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def check(file: Path | None) -> None:
    """Check FILE, or the file that CDS_CLIENTS names, as the environment CDS_ENV would take it.

    Tells for each client what it will not be able to show. Exits 0, or 1 with every fault named.
    """
    chosen = _settings()
    path = file or chosen.clients
    if path is None:
        raise SettingsFault("CDS_CLIENTS: names no file; name one, or give it to the command")
    services = load(cards_dir()).lists.services
    clients, faults = _read(path, chosen, services)
    for line in _report(clients, services):
        click.echo(line)
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        sys.exit(1)


def _settings() -> Settings:
    """The settings each by itself: a file can be checked before all the others are there."""
    try:
        return Settings()
    except ValidationError:
        return settings.load()  # refuses them too, in words


def _read(path: Path, chosen: Settings, services: Sequence[ServiceEntry]) -> tuple[Clients, tuple[str, ...]]:
    is_production = chosen.env == "production"
    try:
        clients = read_clients(path, production=is_production)
    except SettingsFault as fault:
        return Clients(), fault.faults
    faults = [f"CDS_CLIENTS: {each}" for each in strange_services(clients, [each.id for each in services])]
    if is_production and settings.trusts_sandbox(path):
        faults.append(settings.SANDBOX_FAULT)
    return clients, tuple(faults)


def _report(clients: Clients, services: Sequence[ServiceEntry]) -> Iterator[str]:
    for client in clients:
        profile = clients.profile(client)
        yield f"{client.issuer} ({client.profile})"
        for words, lines in (
            ("not called", _uncalled(client, profile, services)),
            ("not shown", cannot_show(profile)),
            ("to know", _remarks(client)),
        ):
            yield from (f"  {words}: {line}" for line in lines)


def _uncalled(client: Client, profile: Profile, services: Sequence[ServiceEntry]) -> Iterator[str]:
    for service in services:
        if client.services and service.id not in client.services:
            yield f"{service.id}: not among its services"
        elif profile.hooks is not None and service.hook not in profile.hooks:
            yield f"{service.id}: it does not know the hook {service.hook}"


def _remarks(client: Client) -> Iterator[str]:
    if client.jwks_url is not None:
        yield f"its keys are fetched from {parse_base(client.jwks_url).host}"
    else:
        yield f"its keys are in the file: {', '.join(sorted(client.keys or ()))}"
    if not any(client.every_base()):
        yield "no FHIR base: what is not in its prefetch is not known"
    if client.reuse_tokens:
        yield "reuse_tokens: a token may be used again by whoever gets hold of it"
    if client.private_addresses:
        yield "private_addresses: its servers may lie in a private network"
