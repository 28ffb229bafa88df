"""``cds-service``: every command is there, and none waits for what only another needs."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from cds_service.cli import commands

NAMES = ("check", "clients", "cohort", "conform", "demo", "faults", "replay", "serve")


def test_help_names_every_command() -> None:
    """``cds-service --help`` lists all, each with a line of its own."""
    told = CliRunner().invoke(commands, ["--help"]).stdout
    lines = [line.split(maxsplit=1) for line in told.partition("Commands:")[2].splitlines() if line.strip()]
    assert tuple(name for name, _ in lines) == NAMES
    assert all(words for _, words in lines)


@pytest.mark.parametrize("name", NAMES)
def test_a_command_tells_how_it_is_used(name: str) -> None:
    """``--help`` of each command ends with 0."""
    result = CliRunner().invoke(commands, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert name in result.stdout


def test_an_unknown_command_is_refused() -> None:
    """A slip is wrong use, not a trace."""
    result = CliRunner().invoke(commands, ["chekc"])
    assert result.exit_code == 2
    assert "No such command" in result.output


def test_check_imports_neither_the_web_server_nor_the_probe() -> None:
    """Who writes a card runs the check after each change: what it does not need, it does not import."""
    asked = (
        "import sys\n"
        "from cds_service.cli import commands\n"
        "commands(['check'], standalone_mode=False)\n"
        "print(*sorted({'flask', 'requests', 'sqlalchemy', 'cds_service.conform'} & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert run.stdout.splitlines()[-1] == ""
