"""Nothing that can be sent makes the service fail, hang or answer out of shape.

Twenty thousand calls in the test run, in shards that processes share; ``make fuzz`` makes a million. A shard's
number is its seed, so that a failure is made again by its seed alone.
"""

from __future__ import annotations

import os

import pytest

from tests.fuzz.house import run

CALLS = int(os.environ.get("FUZZ_CALLS", "20000"))
OF_A_SHARD = 500
FIRST = int(os.environ.get("FUZZ_SEED", "0"))


@pytest.mark.parametrize("seed", range(FIRST, FIRST + CALLS // OF_A_SHARD))
def test_whatever_is_sent_is_answered_in_shape(seed: int) -> None:
    """A documented status, strict JSON, no failure of the service, no hang."""
    failed = run(seed, OF_A_SHARD)
    assert not failed, "\n".join(failed)[:20_000]
