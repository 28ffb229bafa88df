"""Who may call. The answer to a stranger never says why."""

from __future__ import annotations

from typing import Protocol

from cds_service.protocol.trust import Caller, unauthorised


class Guard(Protocol):
    """Identifies who calls."""

    def __call__(
        self, authorization: str | None, service: str | None = None, /, *, feedback: bool = False
    ) -> Caller:
        """Who sent this ``Authorization`` header to discovery (no ``service``), to a service or to its
        feedback. Raises :class:`~cds_service.errors.Unauthorised` or Forbidden."""


def let_all_in(_authorization: str | None, _service: str | None = None, *, feedback: bool = False) -> Caller:
    """Authentication is off: development only."""
    del feedback
    return Caller()


def let_none_in(_authorization: str | None, _service: str | None = None, *, feedback: bool = False) -> Caller:
    """There is nothing to verify a caller with: every call is refused."""
    del feedback
    raise unauthorised()
