"""``cds-service conform``: does a CDS Hooks service, any one, keep to the specification?"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from rich.console import Console

from cds_service.conform import report
from cds_service.conform.http import Http
from cds_service.conform.patient import decode
from cds_service.conform.probe import Probe, Wishes, World
from cds_service.conform.run import fails, run
from cds_service.conform.tokens import Anonymous, BadKey, Credentials, OneToken, Signer, read_key

FILE = click.Path(dir_okay=False, path_type=Path)
READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


def conform_command(world: World) -> click.Command:
    """The command. ``world`` is where time and identities come from."""

    @click.command("conform")
    @click.argument("url")
    @click.option("--service", "services", multiple=True, help="Ask only this service, by its id.")
    @click.option("--hook", "hooks", multiple=True, help="Ask only the services of this hook.")
    @click.option(
        "--request",
        "requests",
        multiple=True,
        type=READABLE,
        help="A call of your own, beside the made ones.",
    )
    @click.option("--timeout", default=10.0, show_default=True, help="Seconds a whole call may take.")
    @click.option("--longest", default=600.0, show_default=True, help="Seconds the whole run may take.")
    @click.option("--token", help="One bearer token for every call.")
    @click.option("--key", type=READABLE, help="Private key, PEM or JWK: signs a token for each call.")
    @click.option("--issuer", help="Issuer of the tokens that --key signs.")
    @click.option("--kid", default="conformance", show_default=True, help="Id of the key.")
    @click.option("--jku", help="Address of the key set, where the service wants it named.")
    @click.option("--tenant", help="Tenant, where the service wants it named.")
    @click.option("--ca", type=READABLE, help="Certificates to trust, as PEM.")
    @click.option("--origin", help="A browser origin that the service allows.")
    @click.option("--agreed-system-actions", is_flag=True, help="This client has agreed to system actions.")
    @click.option("--all", "everything", is_flag=True, help="Show what passed, too.")
    @click.option("--json", "json_file", type=FILE, help="Write the report as JSON.")
    @click.option("--junit", "junit_file", type=FILE, help="Write the report for a build server.")
    def command(**options: Any) -> None:
        """Ask the CDS Hooks service at URL, the address before /cds-services, all that the specification asks.

        It calls every service with a synthetic patient, sends malformed calls and feedback: do not ask a
        service that clinicians use. Exit code 0: every SHALL is met. 1: one is not. 2: wrong use.
        """
        probe = _probe(options, world)
        _missed(probe)
        results = list(run(probe))
        console = Console(soft_wrap=True, highlight=False)
        for line in report.lines(results, everything=options["everything"]):
            console.print(line)
        if options["json_file"]:
            options["json_file"].write_text(report.as_json(probe.base, results), encoding="utf-8")
        if options["junit_file"]:
            options["junit_file"].write_bytes(report.junit(results))
        sys.exit(fails(results))

    return command


def _probe(options: Mapping[str, Any], world: World) -> Probe:
    base = options["url"].rstrip("/").removesuffix("/cds-services")
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise click.UsageError("URL must be an address such as https://cds.example.org")
    wishes = Wishes(
        services=options["services"],
        hooks=options["hooks"],
        own=_own(options["requests"]),
        origin=options["origin"],
        agreed_system_actions=options["agreed_system_actions"],
    )
    ca = str(options["ca"]) if options["ca"] else None
    http = Http(options["timeout"], world.monotonic, ca)
    ends = world.monotonic() + options["longest"]
    return Probe(base, http, _credentials(options, world), world, wishes, ends)


def _own(files: Sequence[Path]) -> list[dict[str, Any]]:
    calls = []
    for file in files:
        try:
            call = decode(file.read_bytes())
        except ValueError:
            raise click.UsageError(f"--request: {file} is no JSON") from None
        if not isinstance(call, dict) or not isinstance(call.get("hook"), str):
            raise click.UsageError(f"--request: {file} is no call with a hook")
        calls.append(call)
    return calls


def _credentials(options: Mapping[str, Any], world: World) -> Credentials:
    if options["key"] and options["token"]:
        raise click.UsageError("give --token or --key, not both")
    if options["token"]:
        return OneToken(options["token"])
    if not options["key"]:
        return Anonymous()
    if not options["issuer"]:
        raise click.UsageError("--key needs --issuer")
    try:
        key = read_key(options["key"])
    except BadKey as fault:
        raise click.UsageError(f"--key: {fault}") from None
    names = ("issuer", "kid", "jku", "tenant")
    return Signer(key=key, clock=world.clock, new_id=world.new_id, **{name: options[name] for name in names})


def _missed(probe: Probe) -> None:
    """A name that matches nothing would pass for a service without faults."""
    for option, name, wanted in (
        ("service", "id", probe.wishes.services),
        ("hook", "hook", probe.wishes.hooks),
    ):
        offered = {entry.get(name) for entry in probe.entries}
        for each in wanted:
            if offered and each not in offered:
                raise click.UsageError(f"--{option}: discovery lists no {each}")
    asked = {target.hook for target in probe.targets}
    for call in probe.wishes.own:
        if asked and call["hook"] not in asked:
            raise click.UsageError(f"--request: no service that is asked has the hook {call['hook']}")
