"""Browsers: which pages may call, and what they may read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cds_service.errors import SettingsFault
from tests.trust.house import SERVICE, Ehr, House, bearer, build, entry, view_call

ALLOWED = "https://ehr-screen.example.org"
PATHS = ["/cds-services", f"/cds-services/{SERVICE}", f"/cds-services/{SERVICE}/feedback"]
STRANGERS = [
    "https://evil.example", "null", f"{ALLOWED}.evil.example", ALLOWED.replace("https", "http"), f"{ALLOWED}:8443",
    f"{ALLOWED}/", ALLOWED.upper(), f"{ALLOWED}, https://evil.example", "https://evil-ehr-screen.example.org",
    "https://example.org", "*", " ", f" {ALLOWED}x", "file://", "https://ehr-screenxexample.org",
]  # fmt: skip


@pytest.fixture
def house(ehr: Ehr, tmp_path: Path) -> House:
    """A service that one page of the EHR may call."""
    return build(tmp_path, [entry(ehr)], origins=(ALLOWED,))


def preflight(origin: str, method: str = "POST") -> dict[str, str]:
    """What a browser asks before it calls."""
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type",
    }


@pytest.mark.parametrize("path", PATHS)
def test_cors_01_a_configured_page_may_call(path: str, house: House) -> None:
    """The browser asks first, without a token, and is told what it may send."""
    answer = house.client.options(path, headers=preflight(ALLOWED))
    assert answer.status_code in (200, 204)
    assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().replace(" ", "").split(",")
    assert {"authorization", "content-type"} == set(allowed)
    methods = answer.headers["Access-Control-Allow-Methods"].replace(" ", "").split(",")
    assert {"GET", "POST"} <= set(methods) <= {"GET", "POST", "OPTIONS"}
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", STRANGERS)
def test_cors_01_another_page_may_not(origin: str, ehr: Ehr, house: House) -> None:
    """However alike its origin looks; neither asked first nor on the call itself."""
    for path in PATHS:
        answer = house.client.options(path, headers=preflight(origin))
        assert "Access-Control-Allow-Origin" not in answer.headers
    answer = house.call(ehr.token(), headers={"Origin": origin})
    assert answer.status_code == 200
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    # A cache must not give the answer of one page to another.
    assert "Origin" in answer.headers["Vary"]


def test_cors_01_without_configured_pages_none_may(ehr: Ehr, tmp_path: Path) -> None:
    """That is the default."""
    house = build(tmp_path, [entry(ehr)])
    for origin in (ALLOWED, "null", "*"):
        answer = house.client.options(PATHS[1], headers=preflight(origin))
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("origins", [("*",), (ALLOWED, "*"), ("https://*.example.org",)])
@pytest.mark.parametrize("env", ["development", "production"])
def test_cors_02_callers_are_not_identified_behind_a_wildcard(
    origins: tuple[str, ...], env: str, ehr: Ehr, tmp_path: Path
) -> None:
    """The service does not start: any page could use a token it got hold of."""
    with pytest.raises(SettingsFault, match="CDS_ORIGINS"):
        build(tmp_path, [entry(ehr)], origins=origins, env=env)


def test_cors_02_no_answer_allows_all_or_credentials(ehr: Ehr, house: House) -> None:
    """Whatever is asked, wherever."""
    for origin in [ALLOWED, *STRANGERS]:
        answers = [house.client.options(path, headers=preflight(origin)) for path in [*PATHS, "/livez", "/x"]]
        answers += [house.client.get(path, headers={"Origin": origin}) for path in PATHS]
        answers.append(house.call(ehr.token(), headers={"Origin": origin}))
        for answer in answers:
            assert answer.headers.get("Access-Control-Allow-Origin", ALLOWED) == ALLOWED
            assert "Access-Control-Allow-Credentials" not in answer.headers


def test_cors_03_a_browser_may_read_errors(ehr: Ehr, house: House) -> None:
    """Of every kind; else it would show a network failure in place of the reason."""
    origin = {"Origin": ALLOWED}
    client = house.client
    answers = {
        401: house.call(None, headers=origin),
        400: house.call(ehr.token(), {"hook": 1}, headers=origin),
        404: client.post("/cds-services/nothing", json={}, headers=origin | bearer(ehr.token())),
        405: client.get(PATHS[1], headers=origin | bearer(ehr.token())),
        413: client.post(PATHS[1], data=b" " * 11_000_000, headers=origin, content_type="application/json"),
        415: client.post(PATHS[1], data=b"x", headers=origin, content_type="text/plain"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED
        assert "Origin" in answer.headers["Vary"]


def test_cors_03_also_where_data_lack_and_where_the_service_fails(ehr: Ehr, tmp_path: Path) -> None:
    """412 and 503."""
    house = build(tmp_path, [entry(ehr, fhir_bases=[ehr.server.url])], origins=(ALLOWED,))
    lacking = house.call(ehr.token(), view_call(ehr.server.url), headers={"Origin": ALLOWED})
    assert (lacking.status_code, lacking.headers["Access-Control-Allow-Origin"]) == (412, ALLOWED)
    with closing(sqlite3.connect(tmp_path / "records.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        failing = house.call(ehr.token(), headers={"Origin": ALLOWED})
    assert (failing.status_code, failing.headers["Access-Control-Allow-Origin"]) == (503, ALLOWED)
