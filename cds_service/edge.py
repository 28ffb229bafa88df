"""What stands between the service and everybody else, built from the settings: who is let in, who may be
called, what is remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import requests
import structlog

from cds_service.errors import SettingsFault
from cds_service.outbound.connections import resolve
from cds_service.outbound.keys import key_fetcher
from cds_service.outbound.routes import Resolve, Routes
from cds_service.outbound.session import open_session
from cds_service.protocol.access import may_call
from cds_service.protocol.addresses import parse_base
from cds_service.protocol.cards import Card
from cds_service.protocol.clients import Client, Clients, read_clients
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

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Edge:
    """``guard`` identifies callers, ``may_call`` says whether a FHIR base may be called for one, ``http``
    calls it, ``records`` remember."""

    guard: Guard
    may_call: Callable[[str, Caller], bool]
    http: requests.Session
    records: Records | None


def build_edge(
    settings: Settings,
    *,
    http: requests.Session | None,
    clock: Callable[[], datetime],
    monotonic: Callable[[], float],
    resolver: Resolve = resolve,
) -> Edge:
    """Build it. ``http`` replaces the session, ``resolver`` the look-up of names; ``clock`` is an aware time.

    Raises :class:`SettingsFault` for a file of clients or a database that cannot be used.
    """
    clients = trusted_clients(settings)
    session = http or open_session(routes(clients, settings), monotonic=monotonic, resolver=resolver)
    records = open_records(settings, clock)
    keys = KeyCache(key_fetcher(session, monotonic), monotonic)
    return Edge(_guard(settings, clients, keys, records, clock), _policy(settings), session, records)


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


def trusted_clients(settings: Settings) -> Clients:
    """The clients of the file the settings name; none where they name none."""
    if settings.clients is None:
        return Clients()
    clients = read_clients(settings.clients, production=settings.env == "production")
    if settings.auth == "jwt" and not settings.public_url:
        faults = tuple(_nowhere(clients))
        if faults:
            raise SettingsFault(*faults)
    return clients


def _nowhere(clients: Clients) -> Iterator[str]:
    """The clients that could not name any audience."""
    for client in clients:
        if not client.public_urls and not client.audiences:
            yield (
                f"CDS_PUBLIC_URL: set the address callers reach the service at: "
                f"tokens of {client.issuer} must name it as their audience"
            )


def routes(clients: Clients, settings: Settings) -> Routes:
    """Which addresses may be connected to for these clients."""
    private = {host for client in clients if client.private_addresses for host in _hosts(client)}
    return Routes(frozenset(private), settings.allow_local_fhir)


def _hosts(client: Client) -> Iterator[str]:
    if client.jwks_url is not None:
        yield parse_base(client.jwks_url).host
    for base in client.every_base():
        yield base.host


def _guard(
    settings: Settings,
    clients: Clients,
    keys: KeyCache,
    records: Records | None,
    clock: Callable[[], datetime],
) -> Guard:
    if settings.auth == "off":
        return let_all_in
    if not clients.by_issuer:
        log.warning("nobody can call: CDS_CLIENTS names no trusted client")
        return let_none_in
    if records is None:
        raise SettingsFault("CDS_DATABASE_URL: identifying callers needs a database; name one")
    for client in clients:
        if client.reuse_tokens:
            log.warning("tokens may be used again by whoever gets hold of one", issuer=client.issuer)
    addresses = (settings.public_url,) if settings.public_url else ()
    return Verifier(clients, keys, records, clock, addresses).identify


def _policy(settings: Settings) -> Callable[[str, Caller], bool]:
    def allowed(server: str, caller: Caller) -> bool:
        return may_call(server, caller, allow_local=settings.allow_local_fhir)

    return allowed
