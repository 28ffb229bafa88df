"""Is the process alive, and may it be sent calls? Neither touches anything outside the process."""

from __future__ import annotations

from flask import Blueprint, Response

from cds_service.web.answers import answer


def health_blueprint(knowledge: str) -> Blueprint:
    """``/livez`` and ``/readyz``. ``knowledge`` is the version of the knowledge that answers."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/livez")
    def live() -> Response:
        return answer({"status": "alive"})

    @blueprint.get("/readyz")
    def ready() -> Response:
        return answer({"status": "ready", "knowledge": knowledge})

    return blueprint
