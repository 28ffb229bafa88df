"""A scenario's folder is read whole or refused with the file and the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service.replay.scenario import ScenarioFault, find, merged, read_plan

GOOD = """
title: A title
story: A story.
as_of: 2026-11-24
hook: patient-view
chart: {patient: {age: 50}, labs: [{creatinine: 1 mg/dL}]}
"""


def folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "noise.yaml").write_text("adult: {labs: [{sodium: 139 mmol/L}]}", encoding="utf-8")
    scenario = tmp_path / "one"
    scenario.mkdir()
    (scenario / "scenario.yaml").write_text(text, encoding="utf-8")
    return scenario


def test_noise_joins_the_chart(tmp_path: Path) -> None:
    """The noise comes after the scenario's own entries, section by section."""
    plan = read_plan(folder(tmp_path, GOOD + "noise: adult\n"))
    assert plan.notation["labs"] == [{"creatinine": "1 mg/dL"}, {"sodium": "139 mmol/L"}]
    assert plan.modes == ("prefetch", "fetch", "partial")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD + "hok: x\n", "unknown key hok"),
        ("title: A title\n", "as_of, chart, hook, story is missing"),
        (GOOD + "noise: adlut\n", "'adlut' is not one of adult"),
        (GOOD + "call: [x]\n", "call: must be a mapping"),
        ("- a list\n", "must be a mapping"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_scenario_that_cannot_be_read(tmp_path: Path, text: str, words: str) -> None:
    """A slip is refused with the file and the words at fault."""
    with pytest.raises(ScenarioFault, match=words):
        read_plan(folder(tmp_path, text))


def test_a_call_is_patched() -> None:
    """Members are replaced within members; null leaves one out; a list is replaced whole; nothing else changes."""
    call: dict[str, object] = {"hook": "h", "context": {"a": 1, "b": {"type": "t", "entry": [1]}}}
    patch = {
        "context": {"a": None, "b": {"type": None, "entry": [2]}, "new": {"x": None, "y": 1}},
        "extension": {"e": 1},
    }
    wanted = {"hook": "h", "context": {"b": {"entry": [2]}, "new": {"y": 1}}, "extension": {"e": 1}}
    assert merged(call, patch) == wanted
    assert call == {"hook": "h", "context": {"a": 1, "b": {"type": "t", "entry": [1]}}}


def test_no_scenario_is_a_fault(tmp_path: Path) -> None:
    """A path without scenarios is a slip, never "all agree"."""
    with pytest.raises(ScenarioFault, match=r"no scenario\.yaml"):
        find([tmp_path])
