"""The tester is safe with a service that means harm: it never waits for ever, and its token goes nowhere else."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from joserfc.jwk import ECKey

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
