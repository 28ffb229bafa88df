"""``cds-service``: every command, in one line each."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from cds_service import logs
from cds_service.content import cards_dir
from cds_service.errors import KnowledgeFault, SettingsFault
from cds_service.knowledge import check as checking


def _now() -> datetime:
    return datetime.now(UTC)


def _clients() -> click.Command:
    from cds_service.clients_command import command

    return command


def _cohort() -> click.Command:
    from cds_service.replay.cohort.command import command

    return command


def _conform() -> click.Command:
    from cds_service.conform.command import conform_command
    from cds_service.conform.probe import World

    return conform_command(World(_now, time.monotonic, lambda: str(uuid.uuid4())))


def _demo() -> click.Command:
    from cds_service.demo.command import command

    return command


def _faults() -> click.Command:
    from cds_service.faults.command import faults_command

    return faults_command(_now)


def _replay() -> click.Command:
    from cds_service.replay.command import command

    return command


# Imported when asked for: who checks a card need not wait for the web server, the demo and the probe.
_LATER: Mapping[str, Callable[[], click.Command]] = {
    "clients": _clients, "cohort": _cohort, "conform": _conform, "demo": _demo, "faults": _faults,
    "replay": _replay,
}  # fmt: skip


class Commands(click.Group):
    """All commands; those of ``_LATER`` are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_LATER})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return _LATER[cmd_name]() if cmd_name in _LATER else super().get_command(ctx, cmd_name)


@click.group(cls=Commands)
def commands() -> None:
    """Clinical decision support for dermatomyositis over CDS Hooks."""


@commands.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serve calls, as the CDS_* settings say."""
    from cds_service import app, server, settings

    chosen = settings.load()
    server.run(app.create_app(chosen), chosen, host, port)


@commands.command()
@click.option("--overlay", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--facts", is_flag=True, help="Print the facts a page may use.")
def check(overlay: Path | None, facts: bool) -> None:
    """Check all knowledge: exit 0, or every fault named."""
    if facts:
        for line in checking.catalogue():
            click.echo(line)
        return
    knowledge, faults = checking.check(cards_dir(), overlay)
    for fault in faults:
        click.echo(str(fault), err=True)
    if faults or knowledge is None:
        click.echo(f"{len(faults)} faults", err=True)
        sys.exit(1)
    for line in checking.summary(knowledge):
        click.echo(line)


def main() -> None:
    """The entry point: faults of settings and knowledge end it in one line each, not in a trace."""
    logs.configure()
    try:
        commands()
    except (SettingsFault, KnowledgeFault) as fault:
        click.echo(str(fault), err=True)
        sys.exit(1)
