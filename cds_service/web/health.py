"""Is the process alive, and may it be sent calls?"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response

from cds_service.errors import Busy
from cds_service.web.answers import answer


def health_blueprint(knowledge: str, is_available: Callable[[], bool]) -> Blueprint:
    """``/livez`` touches nothing outside the process; ``/readyz`` asks ``is_available``, the database.

    ``knowledge`` is the version of the knowledge that answers.
    """
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/livez")
    def live() -> Response:
        return answer({"status": "alive"})

    @blueprint.get("/readyz")
    def ready() -> Response:
        if not is_available():
            raise Busy("the database does not answer", retry_after=5)
        return answer({"status": "ready", "knowledge": knowledge})

    return blueprint
