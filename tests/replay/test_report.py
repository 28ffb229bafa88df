"""The reports: a line a replay, a JUnit case a replay, and a page that stands alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

from cds_service.replay.report import html, junit, lines
from cds_service.replay.run import Result
from cds_service.replay.scenario import Plan, Scenario

PLAN = Plan(
    folder=Path("fixtures/daily"),
    title="Daily <methotrexate>",
    story="A story.",
    as_of=date(2026, 11, 24),
    hook="order-sign",
    modes=("prefetch", "fetch"),
    server_up=True,
    notation={},
)
CARD = {"topic": "X", "indicator": "critical", "summary": "Stop", "rules": ["SAF-X critical"], "offers": []}
FOUND: dict[str, object] = {"cards": [CARD], "notEvaluated": [{"rule": "SAF-Y", "missing": ["creatinine"]}]}
SCENARIO = Scenario(PLAN, (), {}, FOUND)
RESULTS = [
    Result(SCENARIO, "prefetch", FOUND, ()),
    Result(SCENARIO, "fetch", FOUND, ("card X did not appear", "SAF-Y was not evaluated")),
]


def test_lines() -> None:
    """Each replay is a line, its differences follow, and the last line counts."""
    assert list(lines(RESULTS)) == [
        "ok      daily (prefetch)",
        "DIFFERS daily (fetch)",
        "          card X did not appear",
        "          SAF-Y was not evaluated",
        "2 replayed, 1 differ",
    ]
    assert list(lines(RESULTS[:1]))[-1] == "1 replayed, all agree"


def test_junit() -> None:
    """A machine reads two cases, one of them failed with all its differences."""
    suite = ET.fromstring(junit(RESULTS))  # noqa: S314  # our own words
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [case.get("name") for case in suite] == ["prefetch", "fetch"]
    assert suite[1][0].text == "card X did not appear\nSAF-Y was not evaluated"


def test_html() -> None:
    """A reader sees the story, the cards and the differences; words are escaped."""
    page = html(RESULTS)
    assert "Daily &lt;methotrexate&gt;" in page
    assert "critical: Stop (SAF-X critical)" in page
    assert "card X did not appear" in page
    assert "SAF-Y: creatinine" in page
