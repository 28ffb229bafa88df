"""No patient's data and no token is in any log, error, metric or undocumented column, whatever happens.

Marked words stand in every kind of string that comes in: the call, FHIR answers, headers, tokens, feedback. Two
hundred and fifty calls take every way through the service, sound and broken, with logging at its loudest.
"""

from __future__ import annotations

import json
import logging
import os
import random
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import cds_service.fhir.chart
from cds_service.fhir.synthesis import Store, equip
from cds_service.fhir.synthesis.call import answer_prefetch
from cds_service.protocol import codec
from cds_service.replay.scenario import Scenario, find, load
from tests.fhir_server import FhirServer, Reply
from tests.trust.house import BASE, Clock, Ehr, House, bearer, entry, whole
from tests.web.test_server import free_port, wait_until_ready

ROOT = Path(__file__).parents[2]
CALLS = 250
DAY = date(2026, 11, 24)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MARK = re.compile(r"zqcanary\d+", re.IGNORECASE)
# What the tables keep of what a caller sent, as cds_service/records/tables.py says.
DOCUMENTED = {
    ("feedback", name)
    for name in ("comment", "reason_system", "reason_code", "reason_display", "outcome_timestamp", "accepted")
} | {("shown_cards", "hook_instance")}


class Marks:
    """Marked words without end, and marked copies of values."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.count = 0

    def word(self) -> str:
        """A new one."""
        self.count += 1
        return f"zqcanary{self.count}"

    def into(self, value: Any, share: float) -> Any:
        """A copy in which this share of all strings ends in a marked word; names and texts always do."""
        if isinstance(value, dict):
            free = ("family", "text", "display", "given", "line", "comment", "userComment", "div")
            return {k: self.into(v, 1.0 if k in free else share) for k, v in value.items()}
        if isinstance(value, list):
            return [self.into(each, share) for each in value]
        if isinstance(value, str) and self.chance.random() < share:
            return f"{value} {self.word()}"
        return value


class Heard(logging.Handler):
    """Every record of every logger, as any handler would print it."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it, with its exception and whatever else hangs on it."""
        self.lines.append(f"{logging.Formatter().format(record)} {vars(record)}")


@pytest.fixture
def heard() -> Iterator[Heard]:
    """All logging, at DEBUG."""
    handler, root = Heard(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


@cache
def scenarios() -> tuple[Scenario, ...]:
    """The shipped patients."""
    return tuple(load(folder) for folder in find())


@pytest.fixture
def house(tmp_path: Path, ehr: Ehr) -> House:
    """The whole service, with authentication, its database and real connections to the FHIR server."""
    client = entry(ehr, fhir_bases=[ehr.server.url])
    return whole(tmp_path, [client], clock=Clock(now=NOON), as_of=DAY, deadline=5)


def token(ehr: Ehr, path: str, marks: Marks, **claims: Any) -> dict[str, str]:
    """A good token with marked words wherever a token may hold words."""
    now = int(NOON.timestamp())
    told: dict[str, Any] = {
        "iat": now,
        "exp": now + 300,
        "sub": marks.word(),
        "jti": marks.word(),
        "name": marks.word(),
    }
    return bearer(ehr.token(f"{BASE}{path}", **(told | claims)))


def serve(server: FhirServer, scenario: Scenario, templates: Mapping[str, str], marks: Marks) -> None:
    """Let the FHIR server answer this patient's queries, with marked words and now and then with rubbish."""
    person = str(scenario.request["context"]["patientId"])  # type: ignore[index]
    for key, found in answer_prefetch(Store(scenario.resources), templates, person).items():
        query = templates[key].replace("{{context.patientId}}", person)
        body = codec.encode(marks.into(found, marks.chance.choice((0.0, 0.0, 0.2))))
        status = marks.chance.choice((200, 200, 200, 200, 403, 500, 302))
        spoilt = marks.chance.random() < 0.1
        server.answers[query] = Reply(f"<p>{marks.word()}</p>".encode() if spoilt else body, status=status)


def call(house: House, ehr: Ehr, marks: Marks, templates: Mapping[str, Mapping[str, str]]) -> Any:
    """One call, sound or broken."""
    chance = marks.chance
    scenario = chance.choice(scenarios())
    hook = scenario.plan.hook
    mode: Any = chance.choice(("prefetch", "fetch", "partial"))
    body = equip(scenario.request, Store(scenario.resources), templates[hook], mode, ehr.server.url)
    if mode != "prefetch":
        serve(ehr.server, scenario, templates[hook], marks)
        body["fhirAuthorization"] = {**body["fhirAuthorization"], "access_token": marks.word()}  # type: ignore[dict-item]
    sent = codec.encode(marks.into(body, chance.choice((0.0, 0.0, 0.0, 0.02, 0.3))))
    if chance.random() < 0.1:
        sent = sent[: chance.randrange(len(sent))]
    path = f"/cds-services/dermatomyositis-{hook}"
    headers = token(ehr, path, marks, **({"exp": 5} if chance.random() < 0.1 else {}))
    headers |= {"X-Request-Id": marks.word(), "User-Agent": marks.word(), "Cookie": f"a={marks.word()}"}
    address = f"{path}?patient={marks.word()}"
    return house.client.post(address, data=sent, content_type="application/json", headers=headers)


def feedback(house: House, ehr: Ehr, marks: Marks, card: str) -> Any:
    """A clinician's words about a card."""
    told = {
        "card": card,
        "outcome": "overridden",
        "overrideReason": {
            "reason": {
                "code": marks.word(),
                "system": f"https://{marks.word()}.example.org",
                "display": marks.word(),
            },
            "userComment": marks.word(),
        },
        "outcomeTimestamp": "2026-11-24T12:00:00Z",
    }
    path = "/cds-services/dermatomyositis-order-sign/feedback"
    return house.client.post(path, json={"feedback": [told]}, headers=token(ehr, path, marks))


def columns(database: Path) -> Iterator[tuple[str, str]]:
    """The columns that hold a marked word."""
    with sqlite3.connect(database) as open_:
        tables = [row[0] for row in open_.execute("select name from sqlite_master where type = 'table'")]
        for table in tables:
            rows = open_.execute(f"select * from {table}")  # noqa: S608  # the names are the database's own
            names = [each[0] for each in rows.description]
            for row in rows:
                yield from (
                    (table, name) for name, value in zip(names, row, strict=True) if MARK.search(str(value))
                )


def test_phi_01_nothing_of_a_patient_or_a_token_is_told(
    house: House, ehr: Ehr, heard: Heard, tmp_path: Path, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Logs, what is printed, refusals, discovery and health, and the database beyond its documented columns."""
    marks = Marks(random.Random(1))  # noqa: S311  # no secret hangs on it
    listed = house.client.get("/cds-services", headers=token(ehr, "/cds-services", marks)).get_json()[
        "services"
    ]
    templates = {each["hook"]: each.get("prefetch", {}) for each in listed}
    statuses, refusals, cards = set(), [], []
    for number in range(CALLS):
        if number == CALLS - 20:
            # A rule that crashes over a patient's data: the incident is logged, the data are not.
            monkeypatch.setattr(cds_service.fhir.chart, "read_patient", _crash)
        answer = call(house, ehr, marks, templates)
        statuses.add(answer.status_code)
        if answer.status_code != 200:
            refusals.append(answer.get_data(as_text=True) + str(answer.headers))
        elif "card" in answer.get_data(as_text=True):
            cards += [card["uuid"] for card in answer.get_json()["cards"]]
    refusals += [
        feedback(house, ehr, marks, card).get_data(as_text=True) for card in [*cards[:20], marks.word()]
    ]
    told = [house.client.get(path).get_data(as_text=True) for path in ("/livez", "/readyz", "/metrics")]
    printed = capfd.readouterr()
    assert {200, 400, 401, 412, 500} <= statuses
    assert marks.count > 5000
    for said in (*heard.lines, *refusals, *told, printed.out, printed.err):
        assert not MARK.search(said), said[:500]
    assert set(columns(tmp_path / "records.db")) <= DOCUMENTED


def _crash(resource: object, *_: object) -> None:
    raise ValueError(f"cannot read {resource}")


def test_phi_02_a_refusal_tells_nothing_of_the_inside(house: House, ehr: Ehr) -> None:
    """No path of a file, no class, no trace, no statement."""
    marks = Marks(random.Random(2))  # noqa: S311  # no secret hangs on it
    inside = re.compile(r"Traceback|\.py\b|/cds_service/|Error\b|sqlalchemy|SELECT|site-packages")
    templates: dict[str, dict[str, str]] = {scenario.plan.hook: {} for scenario in scenarios()}
    for _ in range(60):
        answer = call(house, ehr, marks, templates)
        if answer.status_code != 200:
            assert not inside.search(answer.get_data(as_text=True))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The server as it is shipped, over a real socket; and what it logs."""
    log = tmp_path_factory.mktemp("served") / "log"
    url = f"http://127.0.0.1:{free_port()}"
    with log.open("wb") as said:
        command = [sys.executable, "-m", "tests.web.serving", url.rpartition(":")[2]]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
        try:
            wait_until_ready(url, process)
            yield url, log
        finally:
            process.terminate()
            process.wait(timeout=20)


def answers(url: str, sent: bytes) -> list[tuple[bytes, bytes]]:
    """Heads and bodies of all that is answered to some bytes."""
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as caller:
        caller.sendall(sent)
        caller.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: caller.recv(65_536), b""))
    parts = re.split(rb"(?=HTTP/1\.[01] \d{3} )", received)[1:]
    return [(head, body) for head, _, body in (part.partition(b"\r\n\r\n") for part in parts)]


LINE = "POST /cds-services/dm-sign?patient=zqcanary1 HTTP/1.1"
USUAL = ("Host: zqcanary2", "Content-Type: application/json", "Authorization: Bearer zqcanary3")


def request(*headers: str, line: str = LINE, body: str = "") -> bytes:
    """A request by hand; a call for discovery comes behind it, that must not be taken for another."""
    behind = "GET /cds-services HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    return "\r\n".join([line, *USUAL, *headers, "", body + behind]).encode("latin-1")


CHUNKED = "Transfer-Encoding: chunked"
NO_HTTP = {
    "length and chunks": (request("Content-Length: 2", CHUNKED, body="2\r\n{}\r\n0\r\n\r\n"), 400),
    "two lengths": (request("Content-Length: 2", "Content-Length: 3", body="{}"), 400),
    "a length below nothing": (request("Content-Length: -1"), 400),
    "a chunk that is none": (request(CHUNKED, body="zqcanary4\r\n{}"), 400),
    "a chunk without its end": (request(CHUNKED, body="2\r\nzqcanary5\r\n"), 400),
    "a trailer that is none": (request(CHUNKED, body="2\r\n{}\r\n0\r\nzq canary6\r\n\r\n"), 400),
    "NUL in a token": (request("Cookie: zqcanary7\0"), 400),
    "a folded header": (request("X-A: zqcanary8\r\n zqcanary9"), 400),
    "a name with a space": (request("X zqcanary10: a"), 400),
    "two hosts": (request("Host: zqcanary11"), 400),
    "a long header": (request("X-A: zqcanary12" + "a" * 9_000), 431),
    "many headers": (request(*(f"X{number}: zqcanary{number}" for number in range(150))), 431),
    "a method that is none": (request(line="zqcanary14\0 /cds-services HTTP/1.1"), 400),
    "a version that is none": (request(line="GET /zqcanary15 HTTP/9.9"), 400),
    "a long line": (request(line=f"GET /zqcanary16{'a' * 9_000} HTTP/1.1"), 414),
    "no line": (b"zqcanary17\r\n\r\n", 400),
    "a body that broke off": (request("Content-Length: 5000", body='{"a": "zqcanary18"'), 400),
    "chunks that broke off": (request(CHUNKED, body='5000\r\n{"a": "zqcanary19"'), 400),
}


@pytest.mark.parametrize(("sent", "status"), NO_HTTP.values(), ids=NO_HTTP)
def test_phi_01_what_is_no_http_is_told_nowhere(sent: bytes, status: int, served: tuple[str, Path]) -> None:
    """It is refused once, as JSON, and what stands behind it is no call of its own; nothing of it is in a log."""
    url, log = served
    ((head, body),) = answers(url, sent)
    assert int(head.split()[1]) == status
    assert b"Content-Type: application/json" in head
    assert json.loads(body)["resourceType"] == "OperationOutcome"
    assert not MARK.search((head + body).decode("latin-1"))
    assert b"\nServer:" not in head
    assert not re.search(r"zq ?canary", log.read_text("utf-8"))


def test_phi_03_no_header_names_the_software(served: tuple[str, Path]) -> None:
    """Neither the framework nor the server, nor a version of either: on an answer and on a refusal."""
    url, _ = served
    for path in ("/cds-services", "/readyz", "/nothing"):
        ((head, _),) = answers(url, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        names = {line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:]}
        assert not {b"server", b"x-powered-by", b"via"} & names
        assert not re.search(rb"(?i)gunicorn|werkzeug|flask|python", head)


def test_phi_04_one_line_a_record(house: House, ehr: Ehr, heard: Heard) -> None:
    """Line ends in what is sent end no line of the log."""
    marks = Marks(random.Random(4))  # noqa: S311  # no secret hangs on it
    path = "/cds-services/dermatomyositis-order-sign"
    broken = '{"hook": "order-sign\\n{\\"event\\": \\"forged\\"}", "hookInstance": "x\\r\\ny"}'
    house.client.post(path, data=broken, content_type="application/json", headers=token(ehr, path, marks))
    lines = [line for line in heard.lines if "forged" in line or "\r" in line.split(" {'name'")[0]]
    assert not lines
