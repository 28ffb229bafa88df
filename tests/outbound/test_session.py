"""The session, against real servers on loopback."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import requests

from cds_service.outbound.keys import key_fetcher
from cds_service.outbound.routes import Routes
from cds_service.outbound.session import open_session
from cds_service.protocol.jwks import Unusable
from tests.fhir_server import FhirServer, Reply, reply, running

LOCAL = Routes(allow_local=True)


@pytest.fixture
def server() -> Iterator[FhirServer]:
    """A server on loopback."""
    with running() as started:
        yield started


@pytest.fixture
def http() -> Iterator[requests.Session]:
    """A session that may call loopback."""
    with open_session(LOCAL, monotonic=time.monotonic) as session:
        yield session


@contextmanager
def dripping(first: bytes) -> Iterator[str]:
    """A server that sends ``first`` and then a byte now and then, for ever."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.sendall(first)
                while not stop.wait(0.05):
                    connection.sendall(b"x")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        stop.set()
        listener.close()
        thread.join(1)


def test_connections_are_kept_and_used_again(server: FhirServer, http: requests.Session) -> None:
    """Answer after answer arrives whole, with and without a body."""
    server.answers = {"a": reply({"a": 1}), "b": Reply(b"", 204)}
    for _ in range(3):
        assert http.get(f"{server.url}/a", timeout=2).json() == {"a": 1}
        assert http.get(f"{server.url}/b", timeout=2).status_code == 204


@pytest.mark.parametrize(
    "first", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"]
)
def test_a_dripping_server_holds_nobody(first: bytes, http: requests.Session) -> None:
    """Header or body: the whole answer has the time that was given, whatever arrives meanwhile."""
    started = time.monotonic()
    with dripping(first) as url, pytest.raises((requests.RequestException, OSError)):
        http.get(url, timeout=0.3)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed_nor_its_body_read(
    status: int, server: FhirServer, http: requests.Session
) -> None:
    """Even where the caller forgot to forbid it; a redirect's body may be without end."""
    server.answers = {
        "a": Reply(b"", status, headers=(("Location", f"{server.url}/b"),), length=10**9),
        "b": reply({}),
    }
    with http.get(f"{server.url}/a", timeout=2, stream=True) as answer:
        assert answer.status_code == status
    assert server.asked == ["a"]


def test_no_proxy_netrc_or_cookie_is_used(
    server: FhirServer,
    http: requests.Session,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Whatever the environment says and the server sets."""
    home = tmp_path_factory.mktemp("home")
    (home / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    (home / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(home))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.answers = {"a": Reply(b"{}", headers=(("Set-Cookie", "a=b"),))}
    http.get(f"{server.url}/a", timeout=2)
    http.get(f"{server.url}/a", timeout=2)
    assert server.tokens == [None, None]
    assert not any("Cookie" in headers for headers in server.headers)


def test_a_name_that_means_loopback_is_not_called(server: FhirServer) -> None:
    """A name resolved anew to a private address gets no connection, however often it was public before."""
    answers = iter([["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["169.254.169.254"], ["10.0.0.1"]])
    reached: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        assert host == "ehr.example.org"
        reached.append(host)
        return next(answers)

    url = server.url.replace("127.0.0.1", "ehr.example.org")
    with open_session(Routes(), monotonic=time.monotonic, resolver=resolver) as http:
        for _ in range(4):
            with pytest.raises(requests.ConnectionError):
                http.get(url, timeout=2)
    assert len(reached) == 4
    assert server.asked == []


def test_the_connection_goes_to_the_address_that_was_checked(server: FhirServer) -> None:
    """A name is resolved once: there is no second answer that could differ. The name stays in the request."""
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    server.answers = {"a": reply({})}
    url = server.url.replace("127.0.0.1", "ehr.example.org")
    with open_session(Routes({"ehr.example.org"}), monotonic=time.monotonic, resolver=resolver) as http:
        assert http.get(f"{url}/a", timeout=2).status_code == 200
    assert asked == ["ehr.example.org"]
    assert server.headers[0]["Host"].startswith("ehr.example.org:")


def test_a_server_that_is_down_is_spared(http: requests.Session) -> None:
    """After five failures no connection is tried."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    for _ in range(5):
        with pytest.raises(requests.ConnectionError):
            http.get(url, timeout=1)
    with pytest.raises(requests.ConnectionError, match="not called for now"):
        http.get(url, timeout=1)


def test_a_server_that_asks_for_a_pause_gets_it(server: FhirServer, http: requests.Session) -> None:
    """Too many requests, or not ready, with a number of seconds."""
    server.otherwise = Reply(b"", 503, headers=(("Retry-After", "30"),))
    assert http.get(f"{server.url}/a", timeout=2).status_code == 503
    with pytest.raises(requests.ConnectionError, match="not called for now"):
        http.get(f"{server.url}/a", timeout=2)


NOW = ("Date", "Thu, 26 Nov 2026 10:00:00 GMT")


@pytest.mark.parametrize(
    ("headers", "is_spared"),
    [
        ((("Retry-After", "Thu, 26 Nov 2026 10:00:20 GMT"), NOW), True),
        ((("Retry-After", "Thu, 26 Nov 2026 09:59:00 GMT"), NOW), False),
        ((("Retry-After", "Thu, 26 Nov 2026 10:00:20 GMT"),), False),
        ((("Retry-After", "Thu, 26 Nov 2026 10:00:20 -0000"), NOW), False),
        ((("Retry-After", "-1"), NOW), False),
        ((("Retry-After", "0"), NOW), False),
        ((("Retry-After", "9" * 400), NOW), True),
        ((("Retry-After", "soon"), NOW), False),
    ],
)
def test_a_pause_may_be_asked_for_by_a_date(
    headers: tuple[tuple[str, str], ...], is_spared: bool, server: FhirServer, http: requests.Session
) -> None:
    """By the server's own clock; a date that has passed, or without a clock beside it, asks for nothing."""
    server.otherwise = Reply(b"", 429, headers=headers)
    assert http.get(f"{server.url}/a", timeout=2).status_code == 429
    if is_spared:
        with pytest.raises(requests.ConnectionError, match="not called for now"):
            http.get(f"{server.url}/a", timeout=2)
    else:
        assert http.get(f"{server.url}/a", timeout=2).status_code == 429


def test_keys_are_fetched(server: FhirServer, http: requests.Session) -> None:
    """The JSON value at the address, as it is."""
    server.answers = {"jwks": reply({"keys": []})}
    assert key_fetcher(http, time.monotonic)(f"{server.url}/jwks") == {"keys": []}


@pytest.mark.parametrize(
    "bad",
    [
        Reply(b"", 500),
        Reply(b"<html>"),
        Reply(b"", 302, headers=(("Location", "/fhir/good"),)),
        Reply(b'{"keys": [' + b" " * 300_000 + b"]}"),
        Reply(b"{}" * 20, drip=0.2),
        Reply(b"{}", length=100, delay=0),
    ],
    ids=["500", "html", "redirect", "large", "drip", "short"],
)
def test_what_is_no_key_set_is_unusable_in_time(
    bad: Reply, server: FhirServer, http: requests.Session
) -> None:
    """An error, HTML, a redirect, too much or too slow: within two seconds and a half."""
    server.answers = {"jwks": bad, "good": reply({"keys": []})}
    started = time.monotonic()
    with pytest.raises(Unusable):
        key_fetcher(http, time.monotonic)(f"{server.url}/jwks")
    assert time.monotonic() - started < 2.5
    assert server.asked == ["jwks"]
