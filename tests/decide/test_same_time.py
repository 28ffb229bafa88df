"""Two results of one time that contradict each other: told, whichever the chart lists first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask, topics, unjudged

COURSE = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly fri", "since": "200 days ago"}
COUNTS: list[dict[str, Any]] = [
    {"platelets": "20 10*9/L", "on": "3 days ago"},
    {"platelets": "250 10*9/L", "on": "3 days ago"},
]


@pytest.mark.parametrize("labs", [COUNTS, COUNTS[::-1]], ids=["low first", "low last"])
def test_two_counts_of_one_time_are_never_silence(labs: list[dict[str, Any]]) -> None:
    """20 and 250 platelets of one morning: the alarm, or "could not check"; never the better one alone."""
    body = ask({**MAN, "medications": [COURSE], "labs": labs}, "patient-view")
    assert "MONCBC02" in topics(body) or "MON-CBC-02" in unjudged(body)
