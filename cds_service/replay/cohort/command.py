"""``cds-service cohort``: how many cards would a clinic see?"""

from __future__ import annotations

import logging
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path

import click

from cds_service.content import cards_dir
from cds_service.knowledge.load import load
from cds_service.replay.cohort.report import page
from cds_service.replay.cohort.run import Answered, run_some
from cds_service.replay.command import in_process
from cds_service.replay.knowledge import terminology

# The population has a day of its own, so that it is the same whenever it is made.
AS_OF = date(2026, 11, 24)
OF_A_SHARE = 20


def answers(seed: int, patients: int, workers: int) -> list[Answered]:
    """Every call about so many patients, worked out by so many processes."""
    shares = [range(first, min(first + OF_A_SHARE, patients)) for first in range(0, patients, OF_A_SHARE)]
    work = partial(_share, seed)
    if workers == 1:
        return [call for share in shares for call in work(share)]
    with ProcessPoolExecutor(workers, initializer=_quietly) as pool:
        return [call for calls in pool.map(work, shares) for call in calls]


def _quietly() -> None:
    logging.disable(logging.WARNING)


def _share(seed: int, numbers: range) -> list[Answered]:
    return list(run_some(in_process(AS_OF), terminology(), AS_OF, seed, numbers))


@click.command("cohort")
@click.option("--patients", default=300, show_default=True, help="How many.")
@click.option("--seed", default=1, show_default=True, help="Another number is another population.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write the page to this file."
)
def command(patients: int, seed: int, workers: int, report: Path | None) -> None:
    """Put a synthetic population through the service and count the cards."""
    found = page(
        answers(seed, patients, workers), patients=patients, seed=seed, knowledge=load(cards_dir()).version
    )
    click.echo(found) if report is None else report.write_text(found, encoding="utf-8")
