"""``cds-service``: every command, in one line each."""

from __future__ import annotations

import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import click

from cds_service import app, logs, server, settings
from cds_service.clients_command import command as clients
from cds_service.conform.command import conform_command
from cds_service.conform.probe import World
from cds_service.content import cards_dir
from cds_service.demo.command import command as demo
from cds_service.errors import KnowledgeFault, SettingsFault
from cds_service.faults.command import faults_command
from cds_service.knowledge import check as checking
from cds_service.replay.cohort.command import command as cohort
from cds_service.replay.command import command as replay


@click.group()
def commands() -> None:
    """Clinical decision support for dermatomyositis over CDS Hooks."""


@commands.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True)
def serve(host: str, port: int) -> None:
    """Serve calls, as the CDS_* settings say."""
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


def _world() -> World:
    return World(_now, time.monotonic, lambda: str(uuid.uuid4()))


def _now() -> datetime:
    return datetime.now(UTC)


commands.add_command(clients)
commands.add_command(cohort)
commands.add_command(conform_command(_world()))
commands.add_command(demo)
commands.add_command(faults_command(_now))
commands.add_command(replay)


def main() -> None:
    """The entry point: faults of settings and knowledge end it in one line each, not in a trace."""
    logs.configure()
    try:
        commands()
    except (SettingsFault, KnowledgeFault) as fault:
        click.echo(str(fault), err=True)
        sys.exit(1)
