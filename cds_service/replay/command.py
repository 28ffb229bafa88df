"""``cds-service replay``: are the cards still the expected ones?"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import click

from cds_service import settings
from cds_service.app import create_app
from cds_service.fhir.synthesis import Mode
from cds_service.replay.build import pretty
from cds_service.replay.report import html, junit, lines
from cds_service.replay.run import InProcess, Result, Running, Target, TargetOf, replay
from cds_service.replay.scenario import MODES, Scenario, ScenarioFault, find, load


@cache
def in_process(as_of: date) -> Target:
    """The service in this process, as of a day, with the shipped knowledge and no caller to identify."""
    return InProcess(
        create_app(
            settings.load(
                env="development",
                auth="off",
                allow_local_fhir=True,
                as_of=as_of,
                database_url=None,
                deadline=10,
            )
        )
    )


def replay_all(scenarios: Sequence[Scenario], mode: Mode | None, target_of: TargetOf) -> list[Result]:
    """Every scenario in the modes it is meant for, or in the one asked for where it is meant for it."""
    return [
        replay(scenario, each, target_of(scenario.plan.as_of))
        for scenario in scenarios
        for each in scenario.plan.modes
        if mode in (None, each)
    ]


def update(results: Sequence[Result]) -> list[Path]:
    """Write each scenario's first answer as the expected one; the files that changed."""
    first = {result.scenario.name: result for result in reversed(results)}
    changed = []
    for result in first.values():
        file, content = result.scenario.plan.folder / "expected.json", pretty(result.found)
        if not file.is_file() or file.read_bytes() != content:
            file.write_bytes(content)
            changed.append(file)
    return changed


@click.command("replay")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--url", help="A running service; without it the service runs in this process.")
@click.option("--mode", type=click.Choice(MODES), help="How the chart travels; without it in every way.")
@click.option("--junit", "junit_file", type=click.Path(path_type=Path), help="Write a JUnit report.")
@click.option("--html", "html_file", type=click.Path(path_type=Path), help="Write a report for readers.")
@click.option(
    "--update", "updating", is_flag=True, help="Take the answers for the expected ones. Read the diff."
)
def command(
    paths: tuple[Path, ...],
    url: str | None,
    mode: Mode | None,
    junit_file: Path | None,
    html_file: Path | None,
    updating: bool,
) -> None:
    """Replay fixtures and show how the cards differ from the expected ones.

    PATHS are scenario folders or folders of them; the shipped fixtures by default. Exit code 0: all agree.
    """
    # The differences are what one came for, not a line of log a call.
    logging.getLogger().setLevel(logging.WARNING)
    target_of: TargetOf = (lambda _: Running(url)) if url else in_process
    try:
        scenarios = [load(folder) for folder in find(paths)]
    except ScenarioFault as fault:
        raise click.ClickException(str(fault)) from fault
    results = replay_all(scenarios, mode, target_of)
    if junit_file:
        junit_file.write_bytes(junit(results))
    if html_file:
        html_file.write_text(html(results), encoding="utf-8")
    if updating:
        for file in update(results):
            click.echo(f"wrote {file}")
        return
    for line in lines(results):
        click.echo(line)
    sys.exit(any(not result.agrees for result in results))
