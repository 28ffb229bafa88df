"""The service put together: knowledge, edge and decider behind one Flask application.

This is where the clock, identities and the network come from; everything below takes them as arguments.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import requests
from flask import Flask

from cds_service.content import cards_dir
from cds_service.decide.decider import Decider, World
from cds_service.edge import build_edge, memory
from cds_service.knowledge.load import Knowledge, load
from cds_service.settings import Settings
from cds_service.web.rules import rules_blueprint
from cds_service.web.site import build_site

# Fetches of all calls of a process together; what is beyond waits, and its call's deadline runs.
MOST_FETCHES = 64


def create_app(
    settings: Settings,
    *,
    http: requests.Session | None = None,
    clock: Callable[[], datetime] | None = None,
    new_id: Callable[[], str] | None = None,
    monotonic: Callable[[], float] | None = None,
    knowledge: Knowledge | None = None,
) -> Flask:
    """The application. ``clock`` tells the aware time of day, ``new_id`` a fresh UUID, ``monotonic`` seconds.

    ``http`` brings the connections to FHIR servers; ``knowledge`` is what was loaded already, if it was.
    Raises :class:`~cds_service.errors.KnowledgeFault` and :class:`~cds_service.errors.SettingsFault`.
    """
    clock = clock or _now
    monotonic = monotonic or time.monotonic
    new_id = new_id or _new_id
    known = knowledge or load(cards_dir(), settings.overlay)
    edge = build_edge(settings, http=http, clock=clock, monotonic=monotonic)
    world = World(
        today=_today(settings, clock),
        new_id=new_id,
        monotonic=monotonic,
        http=edge.http,
        pool=ThreadPoolExecutor(MOST_FETCHES, thread_name_prefix="fetch"),
        may_call=edge.may_call,
        deadline=settings.deadline,
        public_url=(settings.public_url or "").rstrip("/"),
    )
    decider = Decider(known, world, settings.most_cards)
    remembered = memory(edge.records, known.version)
    site = build_site(
        decider.services(),
        decider,
        knowledge=known.version,
        guard=edge.guard,
        note=remembered.note,
        keep=remembered.keep,
        is_available=remembered.is_available,
        limit=settings.max_body,
        origins=settings.origins,
        new_id=new_id,
        monotonic=monotonic,
    )
    site.register_blueprint(rules_blueprint(known))
    return site


def _today(settings: Settings, clock: Callable[[], datetime]) -> Callable[[], date]:
    """The day it is where the service stands (``TZ``): a record writes today's results under the local day."""
    frozen = settings.as_of
    return (lambda: frozen) if frozen else (lambda: clock().astimezone().date())


def _now() -> datetime:
    return datetime.now(UTC)


def _new_id() -> str:
    return str(uuid.uuid4())
