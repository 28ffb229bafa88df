"""``cds-service faults``: a FHIR server that fails as told, to try a client of FHIR servers against."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import click

from cds_service.content import fixtures_dir
from cds_service.faults.catalogue import FAULTS
from cds_service.faults.server import EARLY, Ground, running
from cds_service.fhir.synthesis import Store
from cds_service.replay.scenario import Scenario, ScenarioFault, load

PORT = 8090
PATIENT = "stable-visit"
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


def faults_command(clock: Callable[[], datetime]) -> click.Command:
    """The command. ``clock`` tells the aware time, by which certificates are dated."""

    @click.command("faults")
    @click.option("--list", "listing", is_flag=True, help="Print every fault and what it does, and end.")
    @click.option("--host", default="127.0.0.1", show_default=True)
    @click.option("--port", default=PORT, show_default=True, help="The first of nine ports.")
    @click.option(
        "--patient", type=FOLDER, help=f"Scenario folder whose chart is served; {PATIENT} if not said."
    )
    @click.option("--ca", type=FILE, help="Write the certificate to trust here, as PEM.")
    def command(listing: bool, host: str, port: int, patient: Path | None, ca: Path | None) -> None:
        """Serve a FHIR server for every fault. Each has a FHIR base of its own; --list names them.

        GET /witness on the first port tells how many requests and tokens reached a server they must not reach.
        """
        if listing:
            for line in lines(catalogue()):
                click.echo(line)
            return
        scenario = _scenario(patient or fixtures_dir() / PATIENT)
        with running(Store(scenario.resources), clock(), host=host, port=port) as ground:
            if ca:
                ca.write_bytes(ground.authority)
            for line in _greeting(ground, scenario):
                click.echo(line)
            _wait()

    return command


def catalogue() -> dict[str, str]:
    """What every fault does, by its name."""
    return {name: fault.does for name, fault in FAULTS.items()} | dict(EARLY)


def lines(rows: dict[str, str]) -> Iterator[str]:
    """Two columns."""
    width = max(map(len, rows))
    return (f"{name:<{width}}  {text}" for name, text in rows.items())


def _scenario(folder: Path) -> Scenario:
    try:
        return load(folder)
    except ScenarioFault as fault:
        raise click.BadParameter(str(fault), param_hint="--patient") from fault


def _greeting(ground: Ground, scenario: Scenario) -> Iterator[str]:
    yield from lines(ground.bases())
    yield f"over TLS: {ground.secure}/FAULT/fhir"
    yield f"the patient: {scenario.name}; who has heard what: {ground.plain}/witness"


def _wait() -> None:
    """Until the command is interrupted."""
    threading.Event().wait()
