"""Where the service calls back: the address in a call is the caller's to choose, and so is a server's answer."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.fhir_server import FhirServer, Reply, reply
from tests.trust.house import EC, ISSUER, TOKEN, Ehr, House, public, view_call, whole
from tests.trust.secure import secure_server

KEYS = {"keys": [public(EC, "ec")]}
PATIENT = {"resourceType": "Patient", "id": "p-1", "gender": "female", "birthDate": "1970-01-01"}
EMPTY = {"resourceType": "Bundle", "type": "searchset"}
REAL = "https://ehr.example.com/fhir"


class Names:
    """Knows what every name means, and remembers who was asked for."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> list[str]:
        """The addresses of a name."""
        self.asked.append(host)
        return list(self.addresses)


def client(*bases: str, **more: object) -> dict[str, object]:
    """The entry of an EHR whose key is in the file, so that nothing but FHIR is ever fetched."""
    return {"issuer": ISSUER, "jwks": KEYS, "fhir_bases": list(bases), **more}


def ask(house: House, ehr: Ehr, fhir: str, **more: Any) -> TestResponse:
    """A call that names a FHIR server and hands over a token for it."""
    return house.call(ehr.token(), view_call(fhir, **more))


def is_harmless(answer: TestResponse) -> bool:
    """Refused as malformed, answered from the prefetch, or told which data lack."""
    return answer.status_code in (200, 400, 412)


def internal(port: int) -> list[str]:
    """Ways to write an address that no EHR has."""
    hosts = [
        "127.0.0.1", "localhost", "LOCALHOST", "localhost.", "127.1", "127.0.1", "2130706433", "0x7f000001",
        "0x7f.0.0.1", "0177.0.0.1", "017700000001", "0.0.0.0", "0", "[::1]", "[::]", "[::ffff:127.0.0.1]",  # noqa: S104
        "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::]", "[2002:a9fe:a9fe::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "169.254.169.254",
        "169.254.170.2", "168.63.129.16", "100.100.100.200", "192.88.99.1", "10.0.0.1", "172.16.0.1",
        "192.168.1.1", "100.64.0.1", "224.0.0.1", "255.255.255.255", "metadata.google.internal", "metadata",
        "①②⑦.⓪.⓪.①", "127。0。0。1",
    ]  # fmt: skip
    return [f"http://{host}:{port}/fhir" for host in hosts] + [f"http://{host}/latest" for host in hosts]


def test_ssrf_01_an_internal_address_is_never_called(ehr: Ehr, listener: FhirServer, tmp_path: Path) -> None:
    """Not even looked up, however it is written; the prefetch is used all the same."""
    names = Names("127.0.0.1")
    house = whole(tmp_path, [client(REAL)], resolver=names)
    port = urlsplit(listener.url).port or 0
    for address in [*internal(port), "file:///etc/passwd", "gopher://127.0.0.1:70/", "ftp://127.0.0.1/"]:
        assert is_harmless(ask(house, ehr, address)), address
    prefetch = {
        "patient": PATIENT,
        "conditions": EMPTY,
        "medicationRequests": EMPTY,
        "medicationStatements": EMPTY,
    }
    assert ask(house, ehr, listener.url, prefetch=prefetch).status_code == 200
    assert (names.asked, listener.asked) == ([], [])


def test_ssrf_01_a_configured_name_with_an_internal_address_is_not_called(
    ehr: Ehr, listener: FhirServer, tmp_path: Path
) -> None:
    """Where the client is not said to live in a private network: its name may have been taken over."""
    port = urlsplit(listener.url).port
    base = f"http://ehr.example.com:{port}/fhir"
    inside = [
        "127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "10.1.2.3", "172.31.0.1", "192.168.0.9", "fe80::1",  # noqa: S104
        "fc00::5", "169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "224.0.0.1", "168.63.129.16",
        "192.88.99.1", "100.64.0.1", "::", "ff02::1", "100.100.100.200", "::a9fe:a9fe", "64:ff9b:1::7f00:1", "fec0::1",
        "192.0.0.192",
    ]  # fmt: skip
    for number, address in enumerate(inside):
        for answer in ([address], ["93.184.216.34", address]):
            folder = tmp_path / f"{number}-{len(answer)}"
            folder.mkdir()
            names = Names(*answer)
            house = whole(folder, [client(base)], resolver=names)
            assert ask(house, ehr, base).status_code == 412
            assert set(names.asked) == {"ehr.example.com"}
    assert listener.asked == []


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "64:ff9b::a9fe:a9fe", "224.0.0.1", "0.0.0.0", "fe80::1", "fd00:ec2::254"],  # noqa: S104
)
def test_ssrf_01_where_clouds_keep_their_credentials_nobody_may_call(
    address: str, ehr: Ehr, tmp_path: Path
) -> None:
    """Even for a client that lives in a private network; the test's own guard would see the connection."""
    house = whole(tmp_path, [client(REAL, private_addresses=True)], resolver=Names(address))
    assert ask(house, ehr, REAL).status_code == 412


def test_ssrf_01_without_authentication_nothing_is_called(listener: FhirServer, tmp_path: Path) -> None:
    """Unless the settings allow loopback, by its own names and over http."""
    closed, opened = tmp_path / "closed", tmp_path / "opened"
    closed.mkdir()
    opened.mkdir()
    house = whole(closed, [client(REAL)], auth="off")
    assert house.call(None, view_call(listener.url)).status_code == 412
    assert listener.asked == []
    names = Names("127.0.0.1")
    house = whole(opened, [client(REAL)], auth="off", allow_local_fhir=True, resolver=names)
    for address in (
        listener.url.replace("127.0.0.1", "ehr.example.com"),
        "http://169.254.169.254/fhir",
        REAL,
    ):
        assert house.call(None, view_call(address)).status_code == 412
    assert (listener.asked, names.asked) == ([], [])
    house.call(None, view_call(listener.url))
    assert listener.asked != []


LOOK_ALIKES = [
    "https://ehr.example.com.evil.tld/fhir", "https://ehr.example.com@evil.tld/fhir",
    "https://ehr.example.com\\@evil.tld/fhir", "https://ehr.example.com\\.evil.tld/fhir",
    "https://ehr.example.com%2f@evil.tld/fhir", "https://ehr.example.com#@evil.tld/fhir",
    "https://ehr.example.com?@evil.tld/fhir", "https://evil.tld/https://ehr.example.com/fhir",
    "https://ehr.example.com/fhirevil", "https://ehr.example.com/fhir/../admin",
    "https://ehr.example.com/fhir/%2e%2e/admin", "https://ehr.example.com/fhir/..%2fadmin",
    "https://ehr.example.com/fhir/./../admin", "https://ehr.example.com//fhir", "https://ehr.example.com/FHIR",
    "https://ehr.exa\tmple.com/fhir", "https://ehr.example.com\n.evil.tld/fhir",
    "https://\u0435hr.example.com/fhir", "https://ehr.example\u3002com/fhir", "https://ehr.example.com\u2024evil/fhir",
    "https://EHR.example.com\u200b/fhir", "http://ehr.example.com/fhir", "https://ehr.example.com:8443/fhir",
    "https://ehr.example.com:/fhir", "https://ehr.example.com:443@evil.tld/fhir",
    "https://ehr.example.com./fhir", "https://user@ehr.example.com/fhir", "https://u:p@ehr.example.com/fhir",
    "https://ehr.example.com/fhir?x=1", "https://ehr.example.com/fhir#x", "https://ehr.example.com",
    "https://example.com/fhir", "https://xehr.example.com/fhir", "//ehr.example.com/fhir", "ehr.example.com/fhir",
    "https:ehr.example.com/fhir", "https:///ehr.example.com/fhir", "https://ehr.example.com/fhir;@evil.tld",
    " https://ehr.example.com.evil.tld/fhir", "https://[ehr.example.com]/fhir",
]  # fmt: skip


@pytest.mark.parametrize("address", LOOK_ALIKES)
def test_ssrf_02_what_looks_like_a_base_is_none(address: str, ehr: Ehr, tmp_path: Path) -> None:
    """No name is looked up for it, so no token can leave."""
    names = Names("127.0.0.1")
    house = whole(tmp_path, [client(REAL, private_addresses=True)], resolver=names)
    assert is_harmless(ask(house, ehr, address))
    assert names.asked == []


@pytest.mark.parametrize(
    "address", [REAL, f"{REAL}/", "https://EHR.example.com/fhir", "https://ehr.example.com:443/fhir"]
)
def test_ssrf_02_the_base_itself_is_called(address: str, ehr: Ehr, tmp_path: Path) -> None:
    """The same address in other letters is the same; the tests above would otherwise prove nothing."""
    names = Names()
    house = whole(tmp_path, [client(REAL)], resolver=names)
    assert ask(house, ehr, address).status_code == 412
    assert set(names.asked) == {"ehr.example.com"}


def test_ssrf_03_a_name_that_changes_its_meaning_gains_nothing(
    ehr: Ehr, listener: FhirServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First public, then loopback: the first connection goes to the public address, a second is not made."""
    reached: list[str] = []

    def connect(self: socket.socket, address: Any) -> None:
        del self
        reached.append(address[0])
        raise OSError("nobody there")

    monkeypatch.setattr(socket.socket, "connect", connect)
    base = f"http://ehr.example.com:{urlsplit(listener.url).port}/fhir"
    answers = iter([["93.184.216.34"]])
    house = whole(tmp_path, [client(base)], resolver=lambda _host, _port: next(answers, ["127.0.0.1"]))
    for _ in range(3):
        assert ask(house, ehr, base).status_code == 412
    assert reached == ["93.184.216.34"]
    assert listener.asked == []


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308])
def test_ssrf_04_a_redirect_is_not_followed(
    status: int, ehr: Ehr, listener: FhirServer, tmp_path: Path
) -> None:
    """Wherever it leads: elsewhere, to another port, back to the same server."""
    house = whole(tmp_path, [client(ehr.server.url, private_addresses=True)])
    listener.otherwise = reply(PATIENT)
    for target in (
        listener.url,
        f"{ehr.server.url}/stolen",
        "http://169.254.169.254/",
        "/fhir/stolen",
        "//[::1]/",
    ):
        ehr.server.otherwise = Reply(b"", status, headers=(("Location", target),))
        assert ask(house, ehr, ehr.server.url).status_code == 412
    assert listener.asked == []
    assert ehr.server.asked != []
    assert "stolen" not in ehr.server.asked


def bundle(next_page: str) -> dict[str, object]:
    """One page of a search that claims to have another."""
    return {**EMPTY, "link": [{"relation": "next", "url": next_page}]}


def next_pages(own: str, foreign: str) -> list[str]:
    """Addresses a server may give for its next page, and that are not its own."""
    host = urlsplit(own).netloc
    return [
        f"{foreign}/next", f"//{urlsplit(foreign).netloc}/fhir/next", "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data", f"http://{host}@{urlsplit(foreign).netloc}/fhir/next",
        f"http://{host}/elsewhere/next", f"http://{host}/fhirevil/next", f"{own}/../stolen", f"{own}/%2e%2e/stolen",
        f"{foreign}\\next", f"https://{host}/fhir/next", "javascript:alert(1)", "", "\t" + f"{foreign}/next",
    ]  # fmt: skip


def test_ssrf_05_a_next_page_elsewhere_is_not_fetched(ehr: Ehr, listener: FhirServer, tmp_path: Path) -> None:
    """Neither with the token nor without."""
    house = whole(tmp_path, [client(ehr.server.url, private_addresses=True)], deadline=10)
    ehr.server.answers["Patient/p-1"] = reply(PATIENT)
    for target in next_pages(ehr.server.url, listener.url):
        ehr.server.otherwise = reply(bundle(target))
        assert is_harmless(ask(house, ehr, ehr.server.url))
    assert listener.asked == []
    assert not [path for path in ehr.server.asked if "next" in path or "stolen" in path]


def test_ssrf_05_a_next_page_of_the_server_is_fetched(ehr: Ehr, tmp_path: Path) -> None:
    """Once, with the token; the test above would otherwise prove nothing."""
    house = whole(tmp_path, [client(ehr.server.url, private_addresses=True)], deadline=10)
    ehr.server.answers = {"Patient/p-1": reply(PATIENT), "next?page=2": reply(EMPTY)}
    ehr.server.otherwise = reply(bundle(f"{ehr.server.url}/next?page=2"))
    ask(house, ehr, ehr.server.url)
    assert "next?page=2" in ehr.server.asked
    assert set(ehr.server.tokens) == {f"Bearer {TOKEN}"}


def test_ssrf_05_prefetch_cannot_lead_elsewhere(ehr: Ehr, listener: FhirServer, tmp_path: Path) -> None:
    """A page in the prefetch is as little to be trusted, and so are references and attachments."""
    house = whole(tmp_path, [client(ehr.server.url, private_addresses=True)], deadline=10)
    drug = {
        "resource": {
            "resourceType": "MedicationRequest",
            "id": "m-1",
            "status": "active",
            "intent": "order",
            "subject": {"reference": "Patient/p-1"},
            "medicationReference": {"reference": f"{listener.url}/Medication/m"},
        }
    }
    photo = [{"contentType": "image/png", "url": f"{listener.url}/photo"}]
    prefetch = {
        "patient": {**PATIENT, "photo": photo},
        "conditions": bundle(f"{listener.url}/next"),
        "medicationRequests": {**EMPTY, "entry": [drug]},
        "medicationStatements": bundle("http://169.254.169.254/latest"),
    }
    assert is_harmless(ask(house, ehr, ehr.server.url, prefetch=prefetch))
    assert listener.asked == []


def authorization(**changed: object) -> dict[str, object]:
    """The authorization of a call, with some members changed."""
    whole_: dict[str, object] = view_call("x")["fhirAuthorization"]
    return {**whole_, **changed}


@pytest.mark.parametrize(
    "changed",
    [
        {"access_token": f"{TOKEN}\r\nX-Injected: 1"}, {"access_token": f"{TOKEN}\nX-Injected: 1"},
        {"access_token": f"{TOKEN}\0"}, {"access_token": f"{TOKEN} {TOKEN}"}, {"access_token": "é" * 20},
        {"access_token": "A" * 100_000}, {"access_token": ""}, {"access_token": " "}, {"access_token": None},
        {"access_token": 7}, {"access_token": [TOKEN]}, {"token_type": "Basic"}, {"token_type": "mac"},
        {"token_type": "Bearer\r\nX-Injected: 1"}, {"token_type": 7}, {"patient": "../p-1"}, {"patient": "p-2"},
    ],
)  # fmt: skip
def test_ssrf_06_a_malformed_authorization_is_not_used(
    changed: dict[str, object], ehr: Ehr, tmp_path: Path
) -> None:
    """Refused, or the server is not asked with it; nothing of it becomes a header."""
    house = whole(tmp_path, [client(ehr.server.url, private_addresses=True)])
    answer = ask(house, ehr, ehr.server.url, fhirAuthorization=authorization(**changed))
    assert answer.status_code in (400, 412)
    assert ehr.server.asked == []


@pytest.mark.parametrize("expires", [0, -1, "soon", None, 10**30])
def test_ssrf_06_the_life_of_the_token_is_the_servers_to_judge(
    expires: object, ehr: Ehr, tmp_path: Path
) -> None:
    """It is used for this call only, whatever the call says of its expiry."""
    house = whole(tmp_path, [client(ehr.server.url, private_addresses=True)])
    assert is_harmless(ask(house, ehr, ehr.server.url, fhirAuthorization=authorization(expires_in=expires)))
    assert set(ehr.server.tokens) <= {f"Bearer {TOKEN}"}


def test_ssrf_06_an_authorization_without_a_server_is_malformed(ehr: Ehr, tmp_path: Path) -> None:
    """There is nobody it could be for."""
    house = whole(tmp_path, [client(REAL)])
    body = view_call(fhirAuthorization=authorization())
    assert house.call(ehr.token(), body).status_code == 400
    assert house.call(ehr.token(), {**body, "fhirServer": None}).status_code == 400
    assert house.call(ehr.token(), {**body, "fhirServer": ""}).status_code == 400


def test_ssrf_07_proxies_and_credentials_of_the_environment_are_not_used(
    ehr: Ehr, listener: FhirServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither for FHIR nor for keys: a proxy would see the token, a netrc would replace it."""
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\ndefault login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, listener.url)
    keys = {"jwks": None, "jwks_url": ehr.jwks_url, "private_addresses": True}
    house = whole(tmp_path, [client(ehr.server.url, **keys)])
    assert ask(house, ehr, ehr.server.url).status_code == 412
    assert listener.asked == []
    assert set(ehr.server.tokens) == {None, f"Bearer {TOKEN}"}
    assert ehr.server.tokens[0] is None
    assert ehr.server.asked[0].endswith("jwks")


def test_ssrf_08_a_tenants_token_stays_with_its_own_server(
    ehr: Ehr, listener: FhirServer, tmp_path: Path
) -> None:
    """Both servers are known, each for its own tenant only."""
    tenants = {"north": {"fhir_bases": [ehr.server.url]}, "south": {"fhir_bases": [listener.url]}}
    house = whole(tmp_path, [client(tenants=tenants, private_addresses=True)])
    assert house.call(ehr.token(tenant="north"), view_call(listener.url)).status_code == 412
    assert (ehr.server.asked, listener.asked) == ([], [])
    house.call(ehr.token(tenant="south"), view_call(listener.url))
    assert ehr.server.asked == []
    assert listener.asked != []


def test_ssrf_08_an_issuers_token_stays_with_its_own_server(
    ehr: Ehr, listener: FhirServer, tmp_path: Path
) -> None:
    """One client's base is none for another."""
    other = {**client(listener.url, private_addresses=True), "issuer": "https://other.example.org"}
    house = whole(tmp_path, [client(ehr.server.url, private_addresses=True), other])
    assert ask(house, ehr, listener.url).status_code == 412
    assert listener.asked == []


@pytest.mark.parametrize(
    "patient", ["1&_include=*", "../Observation", "p/1", "p?x=1", "p%2f1", "p 1", "p\n1", "é"]
)
def test_ssrf_08_an_id_is_no_query(patient: str, ehr: Ehr, tmp_path: Path) -> None:
    """What is put into an address has the form of an id."""
    house = whole(tmp_path, [client(ehr.server.url, private_addresses=True)])
    body = view_call(ehr.server.url)
    body["context"] = {"userId": "Practitioner/dr-1", "patientId": patient}
    assert house.call(ehr.token(), body).status_code == 400
    assert ehr.server.asked == []


def test_a_fhir_server_whose_certificate_nobody_vouches_for_gets_no_token(ehr: Ehr, tmp_path: Path) -> None:
    """Its data are not taken either."""
    with secure_server(reply(PATIENT)) as server:
        house = whole(tmp_path, [client(server.url, private_addresses=True)])
        assert ask(house, ehr, server.url).status_code == 412
        assert (server.asked, server.tokens) == ([], [])
