"""The web application around a decider."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from flask import Flask

from cds_service.protocol.discovery import Service
from cds_service.web.errors import handle_errors
from cds_service.web.feedback import Keep, feedback_blueprint
from cds_service.web.guard import Guard
from cds_service.web.health import health_blueprint
from cds_service.web.ledger import Ledger
from cds_service.web.origins import allow_origins
from cds_service.web.services import Decider, services_blueprint


def build_site(
    services: Iterable[Service],
    decide: Decider,
    *,
    knowledge: str,
    guard: Guard,
    note: Ledger,
    keep: Keep,
    is_available: Callable[[], bool],
    limit: int,
    origins: Collection[str],
    new_id: Callable[[], str],
    monotonic: Callable[[], float],
) -> Flask:
    """A Flask application that offers ``services`` and has ``decide`` answer their calls.

    ``note`` is told of every answer, ``keep`` keeps the feedback, ``is_available`` tells whether they
    work.
    """
    services = tuple(services)
    # Flask serves ./static by default, and would answer for files nobody meant to publish.
    app = Flask(__name__, static_folder=None)
    app.url_map.strict_slashes = True
    handle_errors(app, new_id)
    allow_origins(app, origins)
    app.register_blueprint(
        services_blueprint(services, decide, guard=guard, note=note, limit=limit, monotonic=monotonic)
    )
    app.register_blueprint(feedback_blueprint({service.id for service in services}, keep, guard=guard))
    app.register_blueprint(health_blueprint(knowledge, is_available))
    return app
