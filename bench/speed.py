"""How fast is a whole clinical answer, beside a handler that only decodes the same body?

Both run in this process, in turns, on the same calls, so that the ratio means the same on any machine.
No socket is involved: what is measured is our own work.

    python bench/speed.py [--least 0.5] [--rounds 30] [fixtures ...]

After that, how long ``cds-service check`` takes as a command: it fails over two seconds.
"""

from __future__ import annotations

import gc
import io
import logging
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import click
from flask import Flask, Response, request
from werkzeug.test import create_environ

from cds_service import logs
from cds_service.app import create_app
from cds_service.content import fixtures_dir
from cds_service.fhir.synthesis import Store, equip
from cds_service.protocol import codec
from cds_service.replay.scenario import Scenario, find
from cds_service.replay.scenario import load as load_scenario
from cds_service.settings import load

CALLS_A_ROUND = 20
# A chart of usual size: about fifty resources.
USUAL = range(40, 61)
CHECKS = 5
# Who writes a card runs the check after each change.
LONGEST_CHECK_S = 2.0
# The day the fixtures are of.
TODAY = date(2026, 11, 24)


@dataclass(frozen=True, slots=True)
class Call:
    """A call to measure: a name to print, the service's address, the body and its number of resources."""

    name: str
    path: str
    body: bytes
    resources: int = 0


def decoding_only() -> Flask:
    """The yardstick: the same framework, the same decoder, a fixed text."""
    app = Flask(__name__, static_folder=None)

    @app.post("/cds-services/<_service_id>")
    def call(_service_id: str) -> Response:
        codec.decode(request.get_data())
        return Response(b'{"cards":[]}', content_type="application/json")

    return app


def post(app: Flask, call: Call) -> int:
    """Answer one call in process; the status."""
    response = Response.from_app(app, environ(call))
    response.get_data()
    return response.status_code


def environ(call: Call) -> dict[str, Any]:
    """What a server hands on for a call."""
    return _environ(call) | {"wsgi.input": io.BytesIO(call.body)}


@cache
def _environ(call: Call) -> dict[str, Any]:
    made: dict[str, Any] = create_environ(call.path, method="POST", content_type="application/json")
    return made | {"CONTENT_LENGTH": str(len(call.body))}


def rate(app: Flask, call: Call) -> float:
    """Calls a second, over one short run."""
    started = time.perf_counter()
    for _ in range(CALLS_A_ROUND):
        post(app, call)
    return CALLS_A_ROUND / (time.perf_counter() - started)


def compare(app: Flask, yardstick: Flask, call: Call, rounds: int) -> tuple[float, float, float]:
    """Median calls a second of the service and of the yardstick, and the median of their ratios."""
    pairs = [(rate(app, call), rate(yardstick, call)) for _ in range(rounds)]
    ours, theirs = zip(*pairs, strict=True)
    return statistics.median(ours), statistics.median(theirs), statistics.median(a / b for a, b in pairs)


def fixture_calls(folders: Sequence[Path], app: Flask) -> list[Call]:
    """The calls of the fixtures with the whole prefetch the service asks for."""
    services = app.test_client().get("/cds-services").get_json()["services"]
    templates = {service["hook"]: service.get("prefetch", {}) for service in services}
    scenarios = [load_scenario(folder) for folder in find(folders)]
    return [_call(each, templates[each.plan.hook]) for each in scenarios if each.plan.hook in templates]


def _call(scenario: Scenario, templates: Mapping[str, str]) -> Call:
    body = equip(scenario.request, Store(scenario.resources), templates, "prefetch", "")
    prefetch: Any = body["prefetch"]
    count = sum(len(each.get("entry", [1])) for each in prefetch.values() if each)
    path = f"/cds-services/dermatomyositis-{scenario.plan.hook}"
    return Call(f"{scenario.name} ({count} resources)", path, codec.encode(body), count)


def check_seconds() -> float:
    """The median of whole runs of ``cds-service check`` over all shipped knowledge, the start of Python included."""
    command = [sys.executable, "-c", "from cds_service.cli import main; main()", "check"]
    taken = []
    for _ in range(CHECKS):
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


@click.command(help=__doc__)
@click.argument("folders", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--rounds", default=30, show_default=True, help="short runs a call, taken in turns")
@click.option("--least", default=0.0, show_default=True, help="fail if any ratio is below this")
def main(folders: tuple[Path, ...], rounds: int, least: float) -> None:
    """Measure every call and print one line each."""
    # Log lines are made, which is our work, and written nowhere, for a terminal's speed is not.
    logging.basicConfig(format="%(message)s", level=logging.INFO, handlers=[logging.FileHandler(os.devnull)])
    logs.configure()
    settings = load(env="development", auth="off", as_of=TODAY, database_url=None)
    app, yardstick = create_app(settings), decoding_only()
    calls = fixture_calls(folders or (fixtures_dir(),), app)
    # As the server does when it starts.
    gc.collect()
    gc.freeze()
    lowest, usual = 1.0, []
    click.echo(f"{'call':<60}{'bytes':>9}{'median ms':>11}{'ours/s':>9}{'decode/s':>10}{'ratio':>8}")
    for call in calls:
        status = post(app, call)
        ours, theirs, ratio = compare(app, yardstick, call, rounds)
        lowest = min(lowest, ratio)
        note = "" if status == 200 else f"  status {status}"
        figures = f"{1000 / ours:>11.2f}{ours:>9.0f}{theirs:>10.0f}{ratio:>8.3f}"
        click.echo(f"{call.name:<60}{len(call.body):>9}{figures}{note}")
        if call.resources in USUAL:
            usual.append(1000 / ours)
    if usual:
        click.echo(
            f"{len(usual)} calls of {USUAL[0]} to {USUAL[-1]} resources: {min(usual):.1f} to {max(usual):.1f} ms, "
            f"median {statistics.median(usual):.1f} ms"
        )
    check = check_seconds()
    click.echo(f"cds-service check: {check:.2f} s, the median of {CHECKS}")
    if check > LONGEST_CHECK_S:
        raise click.ClickException(f"cds-service check takes {check:.2f} s, more than {LONGEST_CHECK_S} s")
    if lowest < least:
        raise click.ClickException(f"the lowest ratio is {lowest:.2f}, below {least}")


if __name__ == "__main__":
    main()
