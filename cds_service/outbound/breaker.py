"""Spare a server that fails, and the service from it: a circuit breaker and a bulkhead for each server.

A server that failed five times within half a minute is not called for ten seconds; then one call tries it.
No server takes more than its share of the threads, so that one that hangs holds up its own calls only.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

FAILURES = 5
WITHIN = 30.0
OPEN_FOR = 10.0
LONGEST_PAUSE = 60.0


class Spared(OSError):
    """A server is not called: it failed too often, asked for a pause, or has too many calls under way."""


@dataclass(slots=True)
class _State:
    slots: threading.BoundedSemaphore
    failures: deque[float] = field(default_factory=lambda: deque(maxlen=FAILURES))
    closed_until: float | None = None
    is_probing: bool = False


class Breakers:
    """The state of each server, by any key; shared by the threads of a process.

    ``share`` is how many calls to one server may be under way; one more waits ``patience`` seconds for
    another to end.
    """

    def __init__(self, monotonic: Callable[[], float], share: int = 24, patience: float = 0.25) -> None:
        self._monotonic = monotonic
        self._share = share
        self._patience = patience
        self._lock = threading.Lock()
        self._states: dict[Hashable, _State] = {}

    def enter(self, server: Hashable) -> None:
        """Begin a call; :meth:`leave` ends it. Raises :class:`Spared` where it is not to be made."""
        with self._lock:
            state = self._states.setdefault(server, _State(threading.BoundedSemaphore(self._share)))
            if state.closed_until is not None:
                if self._monotonic() < state.closed_until or state.is_probing:
                    raise Spared("the server is not called for now")
                state.is_probing = True
        if not state.slots.acquire(timeout=self._patience):
            with self._lock:
                state.is_probing = False
            raise Spared("the server has too many calls under way")

    def leave(self, server: Hashable) -> None:
        """End a call that was begun."""
        self._states[server].slots.release()

    def succeeded(self, server: Hashable) -> None:
        """The server answered as it should."""
        with self._lock:
            state = self._states[server]
            state.failures.clear()
            state.closed_until, state.is_probing = None, False

    def failed(self, server: Hashable, pause: float | None = None) -> None:
        """The server did not answer, or asked for a pause of so many seconds."""
        now = self._monotonic()
        with self._lock:
            state = self._states[server]
            state.is_probing = False
            state.failures.append(now)
            if pause is not None and pause > 0:
                state.closed_until = now + min(pause, LONGEST_PAUSE)
            elif len(state.failures) == FAILURES and now - state.failures[0] <= WITHIN:
                state.closed_until = now + OPEN_FOR
