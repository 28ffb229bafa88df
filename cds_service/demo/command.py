"""``cds-service demo``: the service, a demo EHR and its FHIR server on one address."""

from __future__ import annotations

from datetime import date

import click
from flask import Flask

from cds_service import server, settings
from cds_service.app import create_app
from cds_service.demo.fhir import fhir_blueprint
from cds_service.demo.page import page_blueprint
from cds_service.fhir.synthesis import Store
from cds_service.replay.knowledge import terminology
from cds_service.replay.scenario import find, load
from cds_service.settings import Settings

# The day every demo patient is seen on.
TODAY = date(2026, 11, 24)


def demo_settings() -> Settings:
    """Development, nobody to identify, a loopback FHIR server, one frozen day, one process."""
    return settings.load(env="development", auth="off", allow_local_fhir=True, as_of=TODAY, workers=1)


def build_demo(chosen: Settings) -> Flask:
    """The service with the demo EHR beside it. The page asks the service over HTTP like any client."""
    site = create_app(chosen)
    scenarios = [load(folder) for folder in find()]
    seen = [scenario for scenario in scenarios if scenario.plan.as_of == chosen.as_of]
    site.register_blueprint(fhir_blueprint({each.name: Store(each.resources) for each in seen}))
    site.register_blueprint(page_blueprint(seen, terminology()))
    return site


@click.command("demo")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True)
def command(host: str, port: int) -> None:
    """Start the service, a demo EHR with synthetic patients, and its FHIR server."""
    chosen = demo_settings()
    site = build_demo(chosen)
    click.echo(f"http://{host}:{port}/demo/   synthetic patients; content not yet reviewed by a clinician")
    server.run(site, chosen, host, port)
