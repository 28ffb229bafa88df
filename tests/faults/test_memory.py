"""What a FHIR server sends without measure is not kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cds_service.faults.server import running
from cds_service.fhir.synthesis import Store
from cds_service.replay.scenario import load
from tests.conftest import ROOT

BOMBS = ("huge", "bomb", "double-bomb")
MEGABYTES_20 = 20_000_000


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is read from /proc")
def test_a_bomb_takes_little_memory(tmp_path: Path) -> None:
    """A body of 100 MB, and 200 MB packed once and twice, add less than 20 MB to the process at any moment."""
    scenario, report = load(ROOT / "fixtures" / "methotrexate-daily"), tmp_path / "report.json"
    with running(Store(scenario.resources), datetime.now(UTC)) as ground:
        bases = [f"{name}={ground.base(name)}" for name in ("sound", *BOMBS)]
        command = [sys.executable, "-m", "tests.faults.greedy", str(report), *bases]
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True
        )
    sound, *bombs = json.loads(report.read_text(encoding="utf-8"))
    assert '"cards"' in sound["said"]
    assert [each["fault"] for each in bombs] == list(BOMBS)
    for each in bombs:
        # It was met, and not spared because of the one before.
        assert "sent too much" in each["said"]
        assert each["grown"] < MEGABYTES_20, each["fault"]
