"""A server that fails is spared, and holds up its own calls only."""

from __future__ import annotations

import pytest

from cds_service.outbound.breaker import Breakers, Spared


class Clock:
    """Seconds that pass when told to."""

    now = 100.0

    def __call__(self) -> float:
        """The time now."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The clock of a test."""
    return Clock()


@pytest.fixture
def breakers(clock: Clock) -> Breakers:
    """Breakers with two calls a server."""
    return Breakers(clock, share=2, patience=0.01)


def fail(breakers: Breakers, server: str, times: int) -> None:
    """Call a server in vain."""
    for _ in range(times):
        breakers.enter(server)
        breakers.failed(server)
        breakers.leave(server)


def test_a_server_that_failed_five_times_is_not_called(breakers: Breakers) -> None:
    """The fifth failure within half a minute is the last for now; other servers are called as before."""
    fail(breakers, "a", 5)
    with pytest.raises(Spared):
        breakers.enter("a")
    breakers.enter("b")


def test_failures_far_apart_do_not_count_together(breakers: Breakers, clock: Clock) -> None:
    """Five failures in a day are no outage."""
    for _ in range(20):
        fail(breakers, "a", 1)
        clock.now += 10
    breakers.enter("a")


def test_a_success_ends_the_count(breakers: Breakers) -> None:
    """A server that answers now and then is called."""
    fail(breakers, "a", 4)
    breakers.enter("a")
    breakers.succeeded("a")
    breakers.leave("a")
    fail(breakers, "a", 4)
    breakers.enter("a")


def test_after_ten_seconds_one_call_tries(breakers: Breakers, clock: Clock) -> None:
    """While it is under way others are spared; it opens the way, or closes it again."""
    fail(breakers, "a", 5)
    clock.now += 10
    breakers.enter("a")
    with pytest.raises(Spared):
        breakers.enter("a")
    breakers.failed("a")
    breakers.leave("a")
    with pytest.raises(Spared):
        breakers.enter("a")
    clock.now += 10
    breakers.enter("a")
    breakers.succeeded("a")
    breakers.leave("a")
    breakers.enter("a")
    breakers.enter("a")


def test_a_pause_that_is_asked_for_is_kept(breakers: Breakers, clock: Clock) -> None:
    """For at most a minute, whatever the server says."""
    breakers.enter("a")
    breakers.failed("a", 86_400)
    breakers.leave("a")
    clock.now += 59
    with pytest.raises(Spared):
        breakers.enter("a")
    clock.now += 1
    breakers.enter("a")


def test_a_server_has_its_share_of_calls(breakers: Breakers) -> None:
    """One more waits a moment and is spared; one that ended makes room."""
    breakers.enter("a")
    breakers.enter("a")
    with pytest.raises(Spared):
        breakers.enter("a")
    breakers.enter("b")
    breakers.leave("a")
    breakers.enter("a")
