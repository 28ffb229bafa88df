"""The service in process, with a FHIR server that answers what the fuzzer says."""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import unquote

import requests
from flask import Flask
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse
from werkzeug.test import Client, EnvironBuilder, TestResponse

from cds_service.app import create_app
from cds_service.content import cards_dir
from cds_service.knowledge.load import Knowledge, load
from cds_service.settings import Settings
from cds_service.settings import load as load_settings
from tests.fuzz.calls import SERVER, Call, Generator, Sound
from tests.fuzz.judge import faults

TODAY = date(2026, 11, 24)
# A call that takes so long hangs; sound calls take some hundredths of a second.
SECONDS_OF_A_HANG = 10.0


class Server(BaseAdapter):
    """A FHIR server in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: Mapping[str, tuple[int, bytes]] = {}

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        """What the call says this query is answered with; 404 for any other."""
        asked = unquote(str(request.url)).removeprefix(f"{SERVER}/")
        status, body = self.answers.get(asked, (404, b""))
        response = requests.Response()
        response.status_code, response.url, response.request = status, str(request.url), request
        response.raw = HTTPResponse(body=io.BytesIO(body), status=status, preload_content=False)
        return response

    def close(self) -> None:
        """Called by requests; there is nothing to close."""


@cache
def knowledge() -> Knowledge:
    """Loaded once."""
    return load(cards_dir(), None)


class House:
    """The service and its FHIR server."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.server = Server()
        http = requests.Session()
        http.mount("http://", self.server)
        chosen = settings or load_settings(
            env="development", auth="off", as_of=TODAY, allow_local_fhir=True, database_url=None
        )
        self.app: Flask = create_app(chosen, http=http, knowledge=knowledge())
        self._client = Client(self.app)

    def templates(self) -> dict[str, Mapping[str, str]]:
        """The prefetch templates of each hook, as discovery tells them."""
        listed = self._client.get("/cds-services").get_json()["services"]
        return {service["hook"]: service.get("prefetch", {}) for service in listed}

    def send(self, call: Call) -> TestResponse:
        """One call answered."""
        self.server.answers = call.fhir
        builder = EnvironBuilder(
            path=call.path,
            method=call.method,
            data=call.body,
            content_type=call.content_type,
            headers=call.headers,
        )
        return self._client.open(builder.get_environ())

    def try_out(self, call: Call) -> list[str]:
        """What is wrong with the answer to a call."""
        started = time.perf_counter()
        response = self.send(call)
        found = faults(response, is_call=_is_call(call))
        if time.perf_counter() - started > SECONDS_OF_A_HANG:
            found.append("took too long")
        return found


def _is_call(call: Call) -> bool:
    parts = call.path.split("/")
    return call.method == "POST" and len(parts) == 3 and parts[1] == "cds-services"


@cache
def _built() -> tuple[House, Sound]:
    """Built once a process: the service is the same for every call, as it is in use."""
    house = House()
    return house, Sound(house.templates())


def run(seed: int, count: int) -> list[str]:
    """So many calls of a seed; each failure with the call, so that it can be kept as a vector."""
    house, sound = _built()
    generator = Generator(seed, sound)
    failed = []
    for number in range(count):
        call = generator.call()
        found = house.try_out(call)
        if found:
            failed.append(f"seed {seed}, call {number}: {', '.join(found)}: {call.described()}")
    return failed
