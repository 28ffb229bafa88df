"""``cds-service faults`` as a tester runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from cds_service.cli import commands
from cds_service.faults.catalogue import FAULTS
from cds_service.faults.server import EARLY
from tests.conftest import ROOT

START = "from cds_service.cli import main; main()"


def test_the_list_names_every_fault_and_what_it_does() -> None:
    """One line each, and the command ends."""
    listed = CliRunner().invoke(commands, ["faults", "--list"])
    assert listed.exit_code == 0
    rows = [line.split(maxsplit=1) for line in listed.output.splitlines()]
    assert [name for name, _ in rows] == [*FAULTS, *EARLY]
    assert all(does for _, does in rows)


def test_every_fault_stands_in_the_document() -> None:
    """In the table of docs/faults.md, which shows what --list says."""
    page = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    told = {**{name: fault.does for name, fault in FAULTS.items()}, **EARLY}
    assert [
        f"| `{name}` | {does} |" for name, does in told.items() if f"| `{name}` | {does} |" not in page
    ] == []


def test_a_started_server_tells_where_its_faults_are(tmp_path: Path) -> None:
    """Every base, the patient, the certificate to trust; and it answers there."""
    command = [sys.executable, "-c", START, "faults", "--port", "0", "--ca", str(tmp_path / "ca.pem")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, cwd=tmp_path
    ) as server:
        try:
            assert server.stdout is not None
            told = dict(server.stdout.readline().split() for _ in (*FAULTS, *EARLY))
            secure = server.stdout.readline().split()[-1].replace("FAULT", "sound")
            assert "stable-visit" in server.stdout.readline()
            ca = str(tmp_path / "ca.pem")
            assert requests.get(f"{told['sound']}/Patient/beth", timeout=5).json()["id"] == "beth"
            assert requests.get(f"{told['gone']}/Patient/beth", timeout=5).status_code == 410
            assert requests.get(f"{secure}/Patient/beth", timeout=5, verify=ca).status_code == 200
            with pytest.raises(requests.exceptions.SSLError, match="expired"):
                requests.get(f"{told['expired']}/Patient/beth", timeout=5, verify=ca)
            none = requests.get(told["sound"].replace("/sound/", "/none/") + "/Patient/beth", timeout=5)
            assert none.status_code == 404
        finally:
            server.terminate()


def test_a_folder_that_is_no_scenario_is_refused(tmp_path: Path) -> None:
    """By the name of the option."""
    refused = CliRunner().invoke(commands, ["faults", "--patient", str(tmp_path)])
    assert refused.exit_code == 2
    assert "--patient" in refused.output
