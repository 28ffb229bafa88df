"""The service in processes of its own: several replicas of several workers on one database."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from cds_service import logs
from cds_service import server as gunicorn
from cds_service.settings import load
from tests.trust.house import build

ROOT = Path(__file__).parents[2]
WORKERS = 4


@dataclass
class Replica:
    """One server that was started, and where."""

    process: subprocess.Popen[bytes]
    url: str

    def kill(self) -> None:
        """End the server and all its workers, without a word of warning."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=20)


@contextmanager
def replicas(folder: Path, clients: list[dict[str, object]], count: int) -> Iterator[list[Replica]]:
    """So many replicas that trust these clients, their records in ``folder``."""
    # One after the other would take longer; the first ones to come bring the database up to date, safely.
    started = [_start(folder / f"replica-{number}", folder, clients) for number in range(count)]
    try:
        for replica in started:
            _wait(replica)
        yield started
    finally:
        for replica in started:
            if replica.process.poll() is None:
                replica.kill()


def _start(own: Path, folder: Path, clients: list[dict[str, object]]) -> Replica:
    own.mkdir(exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "tests.trust.replicas",
        str(port),
        str(own),
        str(folder),
        json.dumps(clients),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    # A group of its own, so that its workers can be ended with it.
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    return Replica(process, f"http://127.0.0.1:{port}")


def _wait(replica: Replica) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        assert replica.process.poll() is None, "the server ended by itself"
        try:
            if requests.get(f"{replica.url}/readyz", timeout=1).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError("the server did not become ready")


def _serve(port: int, own: Path, folder: Path, clients: list[dict[str, object]]) -> None:
    logs.configure()
    house = build(own, clients, database_url=f"sqlite:///{folder}/records.db")
    chosen = load(env="development", auth="off", workers=WORKERS, threads=8)
    gunicorn.run(house.app, chosen, "127.0.0.1", port)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), json.loads(sys.argv[4]))
