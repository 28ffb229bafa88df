"""Who may call. The answer to a stranger never says why."""

from __future__ import annotations

from collections.abc import Callable

from cds_service.protocol.trust import Caller, unauthorised

# From the Authorization header and the id of the service called (None: discovery) to who calls, or
# Unauthorised or Forbidden.
Guard = Callable[[str | None, str | None], Caller]


def let_all_in(_authorization: str | None, _service: str | None) -> Caller:
    """Authentication is off: development only."""
    return Caller()


def let_none_in(_authorization: str | None, _service: str | None) -> Caller:
    """There is nothing to verify a caller with: every call is refused."""
    raise unauthorised()
