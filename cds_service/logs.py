"""Log lines: one JSON object each, on standard error, of named fields only.

Nothing logs a body, a query string, a token, a patient's id or the text of an exception: the text of a
JSON or HTTP error quotes its input. Libraries are kept silent at every level, for they log addresses (urllib3:
a FHIR query names the patient), statements with their values (SQLAlchemy) and what they do (Alembic).
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

import msgspec
import structlog

OUTSPOKEN = ("urllib3", "requests", "sqlalchemy", "alembic", "werkzeug", "asyncio", "concurrent", "joserfc")
SILENT = logging.CRITICAL + 1


def configure() -> None:
    """Set up logging of the process; called once, at its edge."""
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    for name in OUTSPOKEN:
        logging.getLogger(name).setLevel(SILENT)
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
