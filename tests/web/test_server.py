"""gunicorn as `serve` starts it: framing, limits and a clean end, over a real socket."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.web.site import LIMIT, sign_call

ROOT = Path(__file__).parents[2]


@dataclass
class Running:
    """A server that was started, and where."""

    process: subprocess.Popen[bytes]
    url: str


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(url: str, process: subprocess.Popen[bytes], seconds: float = 20) -> None:
    """Ask /readyz until it answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended by itself"
        try:
            if requests.get(f"{url}/readyz", timeout=1).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError("the server did not become ready")


@pytest.fixture
def running() -> Iterator[Running]:
    """A server with two processes; ended after the test if it did not end by itself."""
    port = free_port()
    command = [sys.executable, "-m", "tests.web.serving", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    server = Running(process, f"http://127.0.0.1:{port}")
    try:
        wait_until_ready(server.url, process)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=20)


def test_a_real_server_answers_refuses_and_ends(running: Running) -> None:
    """Calls by length and chunked, a chunked body over the limit, a name that is no path; then SIGTERM."""
    address = f"{running.url}/cds-services/dm-sign"
    body = json.dumps(sign_call()).encode()
    headers = {"Content-Type": "application/json"}

    by_length = requests.post(address, data=body, headers=headers, timeout=5)
    assert (by_length.status_code, by_length.headers["Content-Type"]) == (200, "application/json")

    chunked = requests.post(address, data=iter([body[:20], body[20:]]), headers=headers, timeout=5)
    assert chunked.json()["cards"] == by_length.json()["cards"]

    pieces = (b" " * 4_000 for _ in range(LIMIT // 4_000 + 2))
    over = requests.post(address, data=pieces, headers=headers, timeout=5)
    assert (over.status_code, over.json()["resourceType"]) == (413, "OperationOutcome")

    elsewhere = requests.get(f"{running.url}/cds-services/../etc/passwd", timeout=5)
    assert (elsewhere.status_code, elsewhere.headers["Content-Type"]) == (404, "application/json")

    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(timeout=20) == 0
