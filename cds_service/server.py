"""The production server: gunicorn around the application, in processes of a few threads each.

The application is built once, before the processes part, so that a fault in the knowledge stops the
start with one message and the knowledge is shared in memory. Nothing in it may start a thread or open a
connection before its first call.
"""

from __future__ import annotations

import gc
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from cds_service.settings import Settings

# A worker that does not answer for so long is taken for hung. A call has a deadline far below it.
SECONDS_UNTIL_HUNG = 90
SECONDS_TO_DRAIN = 30


def options(settings: Settings, host: str, port: int) -> dict[str, Any]:
    """What gunicorn is told."""
    return {
        "bind": [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"],
        "workers": settings.workers,
        "worker_class": "gthread",
        "threads": settings.threads,
        "preload_app": True,
        "timeout": SECONDS_UNTIL_HUNG,
        "graceful_timeout": SECONDS_TO_DRAIN,
        "keepalive": 5,
        # Query strings and headers do not belong in a log; the service logs its calls itself.
        "accesslog": None,
        "loglevel": "warning",
        # No door of its own beside the port.
        "control_socket_disable": True,
    }


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn, given its options and its application directly."""

    def __init__(self, app: Flask, chosen: dict[str, Any]) -> None:
        self.app = app
        self.chosen = chosen
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn: only our options count, no file and no variable."""
        for name, value in self.chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called by gunicorn: the application."""
        return self.app


def run(app: Flask, settings: Settings, host: str, port: int) -> None:
    """Serve until told to stop (SIGTERM drains)."""
    # The knowledge lives as long as the process: the collector need not walk it, nor the processes copy it.
    gc.collect()
    gc.freeze()
    Server(app, options(settings, host, port)).run()
