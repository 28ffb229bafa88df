"""Log lines: one JSON object each, on standard error, of named fields only.

Nothing logs a body, a query string, a token, a patient's id or the text of an exception: the text of a
JSON or HTTP error quotes its input.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import msgspec
import structlog


def configure() -> None:
    """Set up logging of the process; called once, at its edge."""
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(_json),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _json(fields: object, **_options: object) -> str:
    return msgspec.json.encode(fields).decode()


def places(error: BaseException) -> list[str]:
    """Where an exception came from, innermost last: ``file:line function``. Never what it said."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
