"""The tester is safe with a service that means harm: it never waits for ever, and its token goes nowhere else."""

from __future__ import annotations

import io
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from joserfc.jwk import ECKey
from rich.console import Console

from cds_service.conform import report
from cds_service.conform.http import LARGEST_ANSWER, Http, Unanswered
from cds_service.conform.probe import PATIENCE
from cds_service.conform.run import fails, run
from cds_service.conform.tokens import OneToken
from tests.conform.asking import found, probe, signer
from tests.conform.gate import Gate
from tests.conform.model import Model, running

SECONDS = 0.4
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def talking(say: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that says to every caller what it is told to."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                caller, _ = listener.accept()
                threading.Thread(target=answer, args=(caller,), daemon=True).start()

    def answer(caller: socket.socket) -> None:
        with suppress(OSError), caller:
            caller.recv(65_536)
            say(caller)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()


def nothing(caller: socket.socket) -> None:
    """Hangs."""
    time.sleep(60)


def drops_of_a_head(caller: socket.socket) -> None:
    """Sends a byte of the head now and then: no pause is ever long."""
    for byte in HEAD * 99:
        caller.send(bytes([byte]))
        time.sleep(0.05)


def drops_of_a_body(caller: socket.socket) -> None:
    """Sends the head, and a byte of the body now and then."""
    caller.send(HEAD + b"Content-Length: 9999\r\n\r\n")
    for _ in range(9999):
        caller.send(b" ")
        time.sleep(0.05)


def flood(caller: socket.socket) -> None:
    """Sends more than anybody wants."""
    caller.send(HEAD + b"\r\n")
    for _ in range(2 * LARGEST_ANSWER // 65_536):
        caller.sendall(b" " * 65_536)


@pytest.mark.parametrize("say", [nothing, drops_of_a_head, drops_of_a_body])
def test_no_server_holds_a_call(say: Callable[[socket.socket], None]) -> None:
    """However it hangs, the call is given up at its deadline."""
    with talking(say) as base:
        started = time.monotonic()
        with pytest.raises(Unanswered, match="within"):
            Http(SECONDS, time.monotonic).send("GET", base)
    assert time.monotonic() - started < SECONDS + 1


def test_an_answer_without_end_is_not_read() -> None:
    """It is given up at the cap."""
    with talking(flood) as base, pytest.raises(Unanswered, match="over"):
        Http(10, time.monotonic).send("GET", base)


def test_what_is_no_http_is_no_answer() -> None:
    """Nor is a closed port."""
    with talking(lambda caller: caller.sendall(b"SSH-2.0\r\n")) as base, pytest.raises(Unanswered):
        Http(2, time.monotonic).send("GET", base)
    with pytest.raises(Unanswered):
        Http(2, time.monotonic).send("GET", base)


def test_a_run_against_a_service_that_hangs_ends() -> None:
    """Discovery is asked so often and no more; the run fails."""
    with talking(nothing) as base:
        started = time.monotonic()
        results = list(run(probe(base, timeout=SECONDS)))
    assert fails(results)
    assert time.monotonic() - started < (2 * PATIENCE + 2) * SECONDS + 3


def test_a_service_that_hangs_behind_its_discovery_is_given_up() -> None:
    """After some calls without an answer it is asked no more, and told so."""
    model = Model({"delay": 5})
    with running(model) as base:
        results = list(run(probe(base, timeout=0.1, origin=None), {"S1", "P7", "R2", "R4", "R5", "R7"}))
        asked = len(model.asked)
    assert fails(results)
    assert any("not asked again" in line for line in found(results))
    assert asked <= 1 + 2 * PATIENCE


def test_no_redirect_is_followed() -> None:
    """The token stays with the service that was named."""
    stranger = Model()
    with running(stranger) as elsewhere:
        led_away = {"Location": f"{elsewhere}/cds-services"}

        def redirect(caller: socket.socket) -> None:
            line = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {led_away['Location']}\r\nContent-Length: 0\r\n\r\n"
            caller.sendall(line.encode())

        with talking(redirect) as base:
            results = list(run(probe(base, OneToken("a-token"), timeout=2)))
    assert stranger.asked == []
    assert "D1 it_is_where_it_should_be: discovery: leads elsewhere with 307" in found(results)


@pytest.mark.parametrize("identity", ["../../elsewhere", "//elsewhere.example.org/a", "a?b=c", "a#b", "é"])
def test_an_id_leads_nowhere_else(identity: str) -> None:
    """What discovery says is no path of its own: calls stay below /cds-services."""
    model = Model({"raw_discovery": json.dumps({"services": [{"id": identity, "hook": "patient-view"}]})})
    with running(model) as base:
        list(run(probe(base, OneToken("a-token")), {"D8", "S1"}))
    assert all(path.startswith("/cds-services") and path.count("/") <= 2 for _, path, _ in model.asked)
    assert not any(".." in path.split("/") for _, path, _ in model.asked)


def test_every_call_is_signed_for_its_address_and_once() -> None:
    """A service that takes each token once, for the address it names, lets the tester in."""
    key = ECKey.generate_key("P-384")
    model = Model(gate=Gate(key))
    with running(model) as base:
        assert found(run(probe(base, signer(key)), {"S1", "FB1", "D3"})) == []
    shown = [token for _, _, token in model.asked]
    assert len(set(shown)) == len(shown) > 5


ENTRY = {"hook": "patient-view", "id": "model-view", "title": "t", "description": "d", "version": "2.0.1"}
USUAL_CARD = {"summary": "s", "indicator": "info", "source": {"label": "l"}}


def service(**members: Any) -> str:
    """A discovery of one service."""
    return json.dumps({"services": [{**ENTRY, **members}]})


def card(**members: Any) -> str:
    """An answer of one card."""
    return json.dumps({"cards": [{**USUAL_CARD, **members}]})


# What a service may say to hang the tester or to break what it writes: discovery, and an answer.
HOSTILE = {
    "many comments begun": (service(), card(detail="<!--" * 100_000)),
    "many tags begun": (service(), card(detail="<a " * 100_000)),
    "many tokens begun": (service(prefetch={"a": "{{" * 50_000, "b": "{{" + " " * 100_000}), card()),
    "many types begun": (service(prefetch={"a": "{{" + "ofType(" * 30_000 + " " * 100_000 + "}}"}), card()),
    "a long number of days": (service(prefetch={"a": "{{today() - " + "9" * 50_000 + "!}}"}), card()),
    "a day before all days": (service(prefetch={"a": "Observation?date=ge{{today() - 99999999 days}}"}), card()),
    "a long count": (service(prefetch={"a": f"Observation?_count={'9' * 5_000}"}), card()),
    "a count that is none": (service(prefetch={"a": "Observation?_count=\u00b2"}), card()),
    "control characters": (service(), card(indicator="\x1b]0;x\x07\x00\u202e\x9b")),
    "control characters in a name": (service(id="a\x1b[2J\x00b"), card()),
    "half characters in a name": (service(id="\ud800"), card()),
    "half characters in an answer": (service(), card(uuid="\ud800", suggestions=[{"uuid": "\ud800"}])),
    "lists that are none": (service(), card(suggestions=7, links="x", overrideReasons={"a": 1}, uuid=[1])),
    "texts that are none": (service(), card(suggestions=[{"uuid": []}, {"uuid": {}}], selectionBehavior=[])),
    "members that are none": (
        service(version=1, hookVersion=[], usageRequirements={}, extension=[], prefetch={"a": None}),
        json.dumps({"cards": [{}], "systemActions": {"a": 1}, "extension": 7}),
    ),
    "an address that is none": (service(), card(links=[{"label": "l", "url": "http://[", "type": "smart"}])),
    "a deep answer": (service(), '{"cards": [], "extension": ' + '{"a": ' * 450 + "1" + "}" * 451),
    "a long number": (service(), '{"cards": [], "extension": {"a.b": ' + "9" * 5_000 + "}}"),
    "a large number": (service(), '{"cards": [{"suggestions": [{"actions": [{"resource": {"a": 1e999999999}}]}]}]}'),
}  # fmt: skip
# The checks that look closely.
LOOKING = {
    "T1", "T7", "D6", "D8", "D10", "D14", "P1", "P3", "P4", "P5a", "C2", "C4", "C5", "SG2", "SG3", "AC4", "L2", "L4",
    "E3",
}  # fmt: skip
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


@pytest.mark.parametrize(("told", "answer"), HOSTILE.values(), ids=HOSTILE)
def test_nothing_a_service_says_hangs_a_run_or_breaks_a_report(told: str, answer: str) -> None:
    """It ends soon, and its reports can be written and read, without a character that moves a cursor."""
    started = time.monotonic()
    with running(Model({"raw_discovery": told, "raw": answer})) as base:
        results = list(run(probe(base, timeout=3, origin=None), LOOKING))
    assert time.monotonic() - started < 10
    screen = io.StringIO()
    for line in report.lines(results, everything=True):
        Console(file=screen, soft_wrap=True).print(line)
    shown = screen.getvalue()
    assert not UNPRINTABLE.search(shown)
    assert len(shown) < 100_000
    assert len(json.loads(report.as_json(base, results).encode())["checks"]) == len(results)
    assert len(ET.fromstring(report.junit(results))) == len(results)  # noqa: S314  # our own


def test_a_run_has_a_time_of_its_own() -> None:
    """However much a service offers: what is left then has failed, and says so."""
    entries = [{**ENTRY, "id": f"a{number}"} for number in range(5_000)]
    started = time.monotonic()
    with running(Model({"raw_discovery": json.dumps({"services": entries})})) as base:
        results = list(run(probe(base, longest=2, origin=None)))
    assert time.monotonic() - started < 10
    assert fails(results)
    assert any("the whole run is over" in line for line in found(results))
