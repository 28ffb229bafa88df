"""From the settings to who may call, where the service may call, and what it remembers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import requests

from cds_service.errors import SettingsFault
from cds_service.outbound.keys import key_fetcher
from cds_service.outbound.routes import Routes
from cds_service.protocol.cards import Card
from cds_service.protocol.clients import Clients, read_clients
from cds_service.protocol.discovery import Service
from cds_service.protocol.feedback import Item
from cds_service.protocol.jwks import KeyCache
from cds_service.protocol.request import HookRequest
from cds_service.protocol.trust import Caller, Verifier
from cds_service.records.schema import open_database
from cds_service.records.store import Records
from cds_service.settings import Settings
from cds_service.web.feedback import Keep
from cds_service.web.guard import Guard, let_all_in, let_none_in
from cds_service.web.ledger import Ledger, ledger


def trusted_clients(settings: Settings) -> Clients:
    """The clients of the file; none where there is no file. Raises :class:`SettingsFault`."""
    if settings.clients is None:
        return Clients()
    return read_clients(settings.clients, production=settings.env == "production")


def routes(settings: Settings, clients: Clients) -> Routes:
    """Which addresses may be connected to: public ones, and the private ones a client is configured with."""
    private = set()
    for client in clients:
        if client.private_addresses:
            private |= {base.host for base in client.every_base()}
            private |= {urlsplit(client.jwks_url).hostname or ""} if client.jwks_url else set()
    return Routes(private, allow_local=settings.allow_local_fhir)


def open_records(settings: Settings, clock: Callable[[], datetime]) -> Records | None:
    """The records, their schema up to date; ``None`` where the settings name no database."""
    if settings.database_url is None:
        return None
    return Records(
        open_database(settings.database_url),
        secret=settings.secret.get_secret_value() if settings.secret else None,
        retention=timedelta(days=settings.retention) if settings.retention else None,
        clock=clock,
    )


def guard(
    settings: Settings,
    clients: Clients,
    records: Records | None,
    http: requests.Session,
    clock: Callable[[], datetime],
    monotonic: Callable[[], float],
) -> Guard:
    """Who is let in. With authentication on and no client to trust, nobody."""
    if settings.auth == "off":
        return let_all_in
    if not clients.by_issuer:
        return let_none_in
    if records is None:
        raise SettingsFault("CDS_DATABASE_URL: identifying callers needs a database; name one")
    keys = KeyCache(key_fetcher(http, monotonic), monotonic)
    public_urls = (settings.public_url,) if settings.public_url else ()
    return Verifier(clients, keys, records, clock, public_urls).identify


@dataclass(frozen=True, slots=True)
class Memory:
    """What the edge has remembered: answers, feedback; and whether that works."""

    note: Ledger
    keep: Keep
    is_available: Callable[[], bool]


def memory(records: Records | None, knowledge: str) -> Memory:
    """The records as the edge uses them; where there are none, nothing is remembered."""
    if records is None:
        return Memory(_note_nothing, _keep_nothing, lambda: True)
    return Memory(ledger(records, knowledge), records.take, records.is_available)


def _note_nothing(service: Service, request: HookRequest, caller: Caller, cards: Sequence[Card]) -> None:
    """There is no database: a replay, a measurement."""
    del service, request, caller, cards


def _keep_nothing(items: Sequence[Item], *, service: str, issuer: str, tenant: str | None) -> None:
    """There is no database."""
    del items, service, issuer, tenant
