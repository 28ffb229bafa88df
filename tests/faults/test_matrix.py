"""Whatever a FHIR server does wrong: the stated status, in time, and nothing told to anybody else."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from cds_service.faults.bodies import STRANGER
from cds_service.faults.catalogue import FAULTS
from cds_service.faults.server import EARLY, Ground, running
from cds_service.fhir.synthesis import Store
from cds_service.outbound.connections import resolve
from cds_service.outbound.routes import Routes
from cds_service.outbound.session import open_session
from cds_service.replay.scenario import Scenario, load
from tests.conftest import ROOT
from tests.fhir_server import FhirServer
from tests.trust.house import EC, ISSUER, SERVICE, TOKEN, Ehr, House, public, view_call, whole

MATRIX: dict[str, dict[str, Any]] = yaml.safe_load(
    (ROOT / "tests" / "vectors" / "fault-matrix.yaml").read_text(encoding="utf-8")
)
DEADLINE, SHORT = 2.0, 0.5
GRACE = 0.25
# What a busy machine may add to any answer.
SLACK = 1.0
OURS = "org.dermatomyositis-cds"
SIGN = "dermatomyositis-order-sign"


@dataclass
class Met:
    """The service, met by the faults of one server."""

    ground: Ground
    houses: dict[float, House]
    http: requests.Session
    ehr: Ehr
    scenario: Scenario
    sound: dict[str, Any] = field(default_factory=dict)

    def call(self, service: str, base: str, deadline: float) -> tuple[int, dict[str, Any], float]:
        """Status and body of a call whose chart is to come from a base, and the seconds it took."""
        # A session that has met nothing yet: no fault may be spared because of the one before.
        self.http.adapters = fresh().adapters
        body = self._body(service, base)
        token = self.ehr.token(f"https://cds.example.org/cds-services/{service}")
        begun = time.monotonic()
        answer = self.houses[deadline].call(token, body, service=service)
        return answer.status_code, answer.get_json(), time.monotonic() - begun

    def _body(self, service: str, base: str) -> dict[str, Any]:
        context = self.scenario.request["context"]
        assert isinstance(context, dict)
        if service == SIGN:
            signed = {name: member for name, member in context.items() if name != "selections"}
            return {**view_call(base), "hook": "order-sign", "context": signed}
        return view_call(base, context={name: context[name] for name in ("userId", "patientId")})


def fresh() -> requests.Session:
    """A session that may call every base of a server of faults, and looks its one wrong name up nowhere."""

    def resolver(host: str, port: int) -> list[str]:
        if host.endswith(".invalid"):
            raise socket.gaierror("no such name")
        return resolve(host, port)

    return open_session(Routes({"127.0.0.1"}), monotonic=time.monotonic, resolver=resolver)


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Met]:
    """Faults over the chart of a woman whose methotrexate is ordered daily, and a service that may call them."""
    scenario = load(ROOT / "fixtures" / "methotrexate-daily")
    with running(Store(scenario.resources), datetime.now(UTC)) as ground:
        folder = tmp_path_factory.mktemp("faults")
        (folder / "ca.pem").write_bytes(ground.authority)
        http = fresh()
        http.verify = str(folder / "ca.pem")
        bases = [
            *ground.bases().values(),
            ground.base("sound", tls=True),
            ground.base("redirect-plain", tls=True),
        ]
        client = {
            "issuer": ISSUER,
            "jwks": {"keys": [public(EC, "ec")]},
            "fhir_bases": bases,
            "private_addresses": True,
        }
        houses = {seconds: house(folder, client, http, seconds) for seconds in (30.0, DEADLINE, SHORT)}
        met = Met(ground, houses, http, Ehr(FhirServer("")), scenario)
        met.sound = unjudged(met.call(SIGN, ground.base("sound"), 30.0)[1])
        yield met


def house(folder: Path, client: dict[str, object], http: requests.Session, seconds: float) -> House:
    """The service with a deadline."""
    own = folder / str(seconds)
    own.mkdir()
    return whole(own, [client], http=http, deadline=seconds, as_of=date(2026, 11, 24))


def base_of(met: Met, fault: str) -> str:
    """A fault's base; one that leads from TLS to plain HTTP is met over TLS."""
    return met.ground.base(fault, tls=fault == "redirect-plain")


def limits(fault: str) -> tuple[float, float]:
    """The deadline to call with, and the seconds within which the answer must come."""
    quick = MATRIX[fault].get("seconds")
    return (DEADLINE, quick + SLACK) if quick else (SHORT, SHORT + GRACE + SLACK)


def unjudged(body: dict[str, Any]) -> dict[str, Any]:
    """What the answer says was not evaluated, by rule."""
    rows = body.get("extension", {}).get(OURS, {}).get("notEvaluated", [])
    return {row["rule"]: row["missing"] for row in rows}


def test_every_fault_has_a_row() -> None:
    """A fault that is served and not tried would prove nothing."""
    assert set(MATRIX) == {*FAULTS, *EARLY}


@pytest.mark.parametrize("fault", MATRIX)
def test_where_required_data_fail_the_call_is_refused_in_time(met: Met, fault: str) -> None:
    """With the status of the fault's row, by name, within its time; nobody else hears of it."""
    deadline, limit = limits(fault)
    status, body, took = met.call(SERVICE, base_of(met, fault), deadline)
    assert status in MATRIX[fault]["required"]
    assert took < limit
    if status == 412:
        assert body["resourceType"] == "OperationOutcome"
        assert "127.0.0.1" not in str(body)
    assert_nobody_else_heard(met, body)


@pytest.mark.parametrize("fault", MATRIX)
def test_where_other_data_fail_the_lethal_card_still_comes(met: Met, fault: str) -> None:
    """In time, with a list of what could not be judged that is no shorter than the truth."""
    deadline, limit = limits(fault)
    status, body, took = met.call(SIGN, base_of(met, fault), deadline)
    assert status == 200
    assert took < limit
    assert any(card["indicator"] == "critical" for card in body["cards"])
    if MATRIX[fault].get("judged") == "as-sound":
        assert unjudged(body) == met.sound
    if MATRIX[fault].get("judged") == "less":
        assert set(unjudged(body)) > set(met.sound)
        assert all(unjudged(body).values())
    assert_nobody_else_heard(met, body)


def assert_nobody_else_heard(met: Met, body: dict[str, Any]) -> None:
    """Neither a request nor a token reached the witness, and no stranger's data the answer."""
    assert (met.ground.witness.requests, met.ground.witness.tokens) == (0, 0)
    assert STRANGER not in str(body)


def test_the_witness_hears_whoever_comes(met: Met) -> None:
    """A client that follows leads is caught; the tests above would otherwise prove nothing."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with running(Store(met.scenario.resources), datetime.now(UTC)) as ground:
        led = requests.get(f"{ground.base('redirect')}/Patient/dora", headers=headers, timeout=2)
        assert led.url != f"{ground.base('redirect')}/Patient/dora"
        told = requests.get(f"{ground.plain}/witness", timeout=2).json()
    assert told["requests"] == 1


def test_a_certificate_that_is_trusted_opens_the_door(met: Met) -> None:
    """Over TLS a sound server is read: the certificates that are refused are not refused for being ours."""
    status, _, _ = met.call(SERVICE, met.ground.base("sound", tls=True), DEADLINE)
    assert status == 200
