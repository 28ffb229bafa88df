"""Who may call. The answer to a stranger never says why."""

from __future__ import annotations

from collections.abc import Callable

from flask import Request

from cds_service.errors import Unauthorised

Guard = Callable[[Request], None]


def let_all_in(_request: Request) -> None:
    """Authentication is off: development only."""


def let_none_in(_request: Request) -> None:
    """Authentication is asked for and there is nothing to verify a caller with: every call is refused."""
    raise Unauthorised("the caller could not be identified")
