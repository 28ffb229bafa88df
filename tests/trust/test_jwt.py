"""Who calls: the EHR's token, asked of a running service with real keys and real key servers."""

from __future__ import annotations

import gzip
import hmac
import json
import random
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import requests
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64decode

from cds_service.errors import SettingsFault
from tests.fhir_server import FhirServer, Reply, reply
from tests.trust.house import (
    BASE,
    EC,
    ISSUER,
    OTHER,
    RSA,
    SECONDS,
    SERVICE,
    STRANGER,
    Clock,
    Ehr,
    House,
    bearer,
    build,
    entry,
    public,
    segment,
    sign,
    view_call,
)
from tests.trust.replicas import replicas
from tests.trust.secure import secure_server

HERE = f"{BASE}/cds-services/{SERVICE}"
P256 = ECKey.generate_key("P-256")


@pytest.fixture
def house(ehr: Ehr, tmp_path: Path) -> House:
    """A service that trusts the EHR."""
    return build(tmp_path, [entry(ehr)])


def encoded(value: object) -> str:
    """A segment of a token."""
    return segment(value if isinstance(value, bytes) else json.dumps(value).encode())


def unsigned(ehr: Ehr, header: Mapping[str, object], signature: str = "") -> str:
    """A token of good claims under any header."""
    return f"{encoded(header)}.{encoded(ehr.claims())}.{signature}"


@pytest.mark.parametrize(("alg", "kid", "key"), [("ES384", "ec", EC), ("RS384", "rsa", RSA)])
def test_jwt_01_the_recommended_algorithms_are_accepted(
    alg: str, kid: str, key: Any, ehr: Ehr, house: House
) -> None:
    """A good token lets the caller in."""
    token = ehr.token(key=key, header={"alg": alg, "kid": kid})
    assert house.call(token).status_code == 200


@pytest.mark.parametrize(("alg", "key"), [("ES256", P256), ("RS256", RSA), ("PS384", RSA)])
def test_jwt_01_others_are_accepted_where_configured(alg: str, key: Any, ehr: Ehr, tmp_path: Path) -> None:
    """And only there."""
    ehr.publish(public(key, "other"))
    house = build(tmp_path, [entry(ehr, algorithms=[alg])])
    assert house.call(ehr.token(key=key, header={"alg": alg, "kid": "other"})).status_code == 200
    usual = build(tmp_path, [entry(ehr)])
    assert usual.call(ehr.token(key=key, header={"alg": alg, "kid": "other"})).status_code == 401


def test_jwt_01_segments_are_read_as_url_safe(ehr: Ehr, house: House) -> None:
    """Tokens whose segments hold - and _ are as good as others."""
    found = set()
    for number in range(200):
        token = ehr.token(sub=f"~~~???>>>{number}")
        found |= set(token) & {"-", "_"}
        if number < 20:
            assert house.call(token).status_code == 200
    assert found == {"-", "_"}


@pytest.mark.parametrize("value", [None, "", "Basic dXNlcjpwYXNz", "Bearer", "Bearer ", "Token {}", "{}"])
def test_jwt_02_a_call_without_a_bearer_token_is_refused(value: str | None, ehr: Ehr, house: House) -> None:
    """Also one whose token has no scheme or another one."""
    headers = {} if value is None else {"Authorization": value.format(ehr.token())}
    assert house.call(None, headers=headers).status_code == 401


def test_jwt_02_two_authorization_headers_are_refused(ehr: Ehr, house: House) -> None:
    """Which of the two a proxy has checked cannot be known."""
    sent = [("Authorization", f"Bearer {ehr.token()}"), ("Authorization", f"Bearer {ehr.token()}")]
    answer = house.client.post(f"/cds-services/{SERVICE}", json=view_call(), headers=sent)
    assert answer.status_code == 401


def test_jwt_02_a_token_in_the_address_or_the_body_is_no_token(ehr: Ehr, house: House) -> None:
    """Addresses end up in logs."""
    token = ehr.token()
    for query in (f"access_token={token}", f"token={token}", f"authorization=Bearer%20{token}"):
        assert house.client.post(f"/cds-services/{SERVICE}?{query}", json=view_call()).status_code == 401
    assert house.client.post(f"/cds-services/{SERVICE}/{token}", json=view_call()).status_code in (401, 404)
    assert house.call(None, view_call(access_token=token)).status_code == 401


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
def test_jwt_02_the_scheme_is_read_in_any_case(scheme: str, ehr: Ehr, house: House) -> None:
    """Names of schemes are case-insensitive."""
    answer = house.call(None, headers={"Authorization": f"{scheme} {ehr.token()}"})
    assert answer.status_code == 200


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None, 5, ["ES384"], "es384"])
def test_jwt_03_an_unsigned_token_is_refused(alg: object, ehr: Ehr, house: House) -> None:
    """Whatever it calls its algorithm, with an empty signature or some bytes for one."""
    header = {"alg": alg, "kid": "ec", "typ": "JWT"} if alg is not None else {"kid": "ec", "typ": "JWT"}
    for signature in ("AAAA", encoded(b"\0" * 96), ""):
        assert house.call(unsigned(ehr, header, signature)).status_code == 401


def secrets_of(key: Any) -> list[bytes]:
    """The public texts of a key that a careless verifier takes for a shared secret."""
    members = key.as_dict(private=False)
    texts = [json.dumps(members).encode(), str(members.get("n", members.get("x"))).encode()]
    return [key.as_pem(private=False), key.as_der(private=False), *texts]


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize("kid", ["ec", "rsa"])
@pytest.mark.parametrize("form", range(4), ids=["pem", "der", "jwk", "modulus"])
def test_jwt_03_a_public_key_is_no_secret(alg: str, kid: str, form: int, ehr: Ehr, house: House) -> None:
    """What everybody knows signs nothing."""
    secret = secrets_of(EC if kid == "ec" else RSA)[form]
    signed = f"{encoded({'alg': alg, 'kid': kid, 'typ': 'JWT'})}.{encoded(ehr.claims())}"
    # By hand: the library would not sign with such a secret.
    digest = hmac.new(secret, signed.encode(), f"sha{alg[2:]}").digest()
    assert house.call(f"{signed}.{encoded(digest)}").status_code == 401


def test_jwt_03_no_symmetric_algorithm_can_be_configured(ehr: Ehr, tmp_path: Path) -> None:
    """Neither none nor HMAC is an algorithm of a client."""
    for alg in ("none", "HS256", "HS384"):
        with pytest.raises(SettingsFault, match="algorithms"):
            build(tmp_path, [entry(ehr, algorithms=[alg])])


@pytest.mark.parametrize(
    ("alg", "kid", "key"),
    [
        ("RS384", "ec", RSA),
        ("ES384", "rsa", EC),
        ("ES256", "ec", P256),
        ("ES512", "ec", ECKey.generate_key("P-521")),
    ],
)
def test_jwt_04_the_algorithm_fits_the_key(alg: str, kid: str, key: Any, ehr: Ehr, tmp_path: Path) -> None:
    """A token of one kind that names a key of another is refused, even where all algorithms are allowed."""
    house = build(tmp_path, [entry(ehr, algorithms=["ES256", "ES384", "ES512", "RS256", "RS384"])])
    assert house.call(ehr.token(key=key, header={"alg": alg, "kid": kid})).status_code == 401


def test_jwt_04_a_key_made_for_one_algorithm_serves_no_other(ehr: Ehr, tmp_path: Path) -> None:
    """Where the published key names its algorithm."""
    ehr.publish(public(RSA, "rsa", alg="RS384"))
    house = build(tmp_path, [entry(ehr, algorithms=["RS256", "RS384"])])
    assert house.call(ehr.token(key=RSA, header={"alg": "RS256", "kid": "rsa"})).status_code == 401
    assert house.call(ehr.token(key=RSA, header={"alg": "RS384", "kid": "rsa"})).status_code == 200


@pytest.mark.parametrize(
    "kid", [None, "", "unknown", "../../x", "k" * 10_000, 1, ["ec"], {"ec": 1}, "EC", "ec "]
)
def test_jwt_05_an_unknown_key_id_is_refused(kid: object, ehr: Ehr, house: House) -> None:
    """Also one that is no text, or a path."""
    assert house.call(ehr.token(header={"kid": kid})).status_code == 401
    assert all(path == "ehr.example.org/jwks" for path in ehr.server.asked)


def test_jwt_05_a_key_id_is_an_opaque_text(ehr: Ehr, house: House) -> None:
    """Epic's are plain base64."""
    ehr.publish(public(EC, "a+b/c=="))
    assert house.call(ehr.token(header={"kid": "a+b/c=="})).status_code == 200


def test_jwt_05_an_id_of_two_keys_names_none(ehr: Ehr, house: House) -> None:
    """Which one was meant cannot be told."""
    ehr.publish(public(EC, "twice"), public(STRANGER, "twice"))
    assert house.call(ehr.token(header={"kid": "twice"})).status_code == 401


def test_jwt_06_keys_named_by_a_token_are_not_fetched(ehr: Ehr, listener: FhirServer, house: House) -> None:
    """A token whose jku is not the configured address is refused, and nobody is asked."""
    listener.otherwise = reply({"keys": [public(STRANGER, "ec")]})
    own = ehr.jwks_url
    named = [
        listener.url, "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", f"{own}/other",
        f"{own}?x", f"{own}#x", own.replace("http://", "http://x@"), own.upper(), "", [own], {"url": own}, 7,
    ]  # fmt: skip
    for jku in named:
        for key in (EC, STRANGER):
            assert house.call(ehr.token(key=key, header={"jku": jku})).status_code == 401
    assert listener.asked == []
    assert set(ehr.server.asked) <= {"ehr.example.org/jwks"}


def test_jwt_06_the_configured_address_may_be_named(ehr: Ehr, tmp_path: Path) -> None:
    """Also a further one, which is known by its text alone and never fetched."""
    house = build(tmp_path, [entry(ehr, jku=["https://elsewhere.example.org/jwks"])])
    assert house.call(ehr.token(header={"jku": ehr.jwks_url})).status_code == 200
    assert house.call(ehr.token(header={"jku": "https://elsewhere.example.org/jwks"})).status_code == 200


def test_jwt_07_keys_in_a_token_are_not_used(ehr: Ehr, listener: FhirServer, house: House) -> None:
    """Neither one it brings along nor one it points to."""
    brought: list[dict[str, object]] = [
        {"jwk": public(STRANGER, "ec")}, {"x5u": listener.url}, {"x5c": ["MIIB"]}, {"x5t": "AAAA"},
        {"jwk": public(STRANGER, "ec"), "jku": ehr.jwks_url},
    ]  # fmt: skip
    for header in brought:
        assert house.call(ehr.token(key=STRANGER, header=header)).status_code == 401
    assert listener.asked == []


AUDIENCES: list[tuple[object, int]] = [
    (HERE, 200), ([HERE], 200), (["https://x.example", HERE], 200),
    (f"{BASE}/cds-services/{OTHER}", 401), (BASE, 401), (f"{BASE}/", 401), (f"{HERE}/", 401),
    (HERE.replace("https", "http"), 401), (HERE.replace("cds.example", "CDS.example"), 401),
    (HERE.replace(".org", ".org:443"), 401), (f"{HERE}?x=1", 401), (f"{HERE}#x", 401), (f"{HERE} ", 401),
    (["https://x.example"], 401), ([], 401), ({}, 401), ("", 401), (1, 401), ([[HERE]], 401), ({"aud": HERE}, 401),
    (f"{BASE}/cds-services", 401), (f"{BASE}/cds-services/*", 401), ("*", 401),
]  # fmt: skip


@pytest.mark.parametrize(("aud", "status"), AUDIENCES)
def test_jwt_08_the_audience_is_the_called_address(aud: object, status: int, ehr: Ehr, house: House) -> None:
    """Exactly, as a text or in a list."""
    token = sign({"alg": "ES384", "kid": "ec"}, json.dumps({**ehr.claims(), "aud": aud}), EC)
    assert house.call(token).status_code == status


def test_jwt_08_without_an_audience_a_token_is_refused(ehr: Ehr, house: House) -> None:
    """It would be good anywhere."""
    claims = {name: value for name, value in ehr.claims().items() if name != "aud"}
    assert house.call(sign({"alg": "ES384", "kid": "ec"}, json.dumps(claims), EC)).status_code == 401


@pytest.mark.parametrize(
    "name", ["Host", "X-Forwarded-Host", "X-Forwarded-Server", "Forwarded", "X-Original-URL"]
)
def test_jwt_08_what_a_call_says_of_its_address_does_not_count(name: str, ehr: Ehr, house: House) -> None:
    """The audience comes from the configuration."""
    value = "host=evil.example" if name == "Forwarded" else "evil.example"
    token = ehr.token(f"https://evil.example/cds-services/{SERVICE}")
    assert house.call(token, headers={name: value, "X-Forwarded-Proto": "https"}).status_code == 401


def test_jwt_09_a_token_is_good_at_one_place(ehr: Ehr, house: House) -> None:
    """Not at another service, at discovery or at feedback; nor is theirs good there."""
    assert house.call(ehr.token(), service=OTHER).status_code == 401
    assert house.client.get("/cds-services", headers=bearer(ehr.token())).status_code == 401
    feedback = house.client.post(
        f"/cds-services/{SERVICE}/feedback", json={"feedback": []}, headers=bearer(ehr.token())
    )
    assert feedback.status_code == 401
    for aud in (f"{BASE}/cds-services", f"{HERE}/feedback"):
        assert house.call(ehr.token(aud)).status_code == 401
    catalogue = house.client.get("/cds-services", headers=bearer(ehr.token(f"{BASE}/cds-services")))
    assert catalogue.status_code == 200


EXPIRIES: list[tuple[object, int]] = [
    (SECONDS - 59, 200), (SECONDS - 61, 401), (SECONDS - 60, 401), (str(SECONDS + 300), 401),
    (SECONDS + 300.5, 401), (True, 401), ([SECONDS], 401), (None, 401), (-1, 401), (0, 401), (10**30, 401),
    (SECONDS + 3500, 200), (SECONDS + 3601, 401), (SECONDS + 24 * 3600, 401), (4102444800, 401),
]  # fmt: skip


@pytest.mark.parametrize(("exp", "status"), EXPIRIES)
def test_jwt_10_the_expiry_is_held_to(exp: object, status: int, ehr: Ehr, house: House) -> None:
    """A minute of leeway behind, an hour ahead."""
    iat = SECONDS if not isinstance(exp, int) or exp > SECONDS else SECONDS - 360
    assert house.call(ehr.token(exp=exp, iat=iat)).status_code == status


@pytest.mark.parametrize(
    "written", ["NaN", "Infinity", "1e30", "1e999999", f"{SECONDS}.0", f'"{SECONDS}"', "null"]
)
def test_jwt_10_a_number_that_is_none_is_no_expiry(written: str, ehr: Ehr, house: House) -> None:
    """Written into the token by hand."""
    claims = json.dumps(ehr.claims(exp="EXP")).replace('"EXP"', written)
    assert house.call(sign({"alg": "ES384", "kid": "ec"}, claims, EC)).status_code == 401


def test_jwt_10_a_longer_life_may_be_configured(ehr: Ehr, tmp_path: Path) -> None:
    """Up to a day; a token is then remembered as long."""
    house = build(tmp_path, [entry(ehr, longest_life=24 * 3600)])
    token = ehr.token(exp=SECONDS + 24 * 3600)
    assert house.call(token).status_code == 200
    house.clock.now += timedelta(hours=23, minutes=59)
    house.clock.seconds += 23 * 3600 + 59 * 60
    assert house.call(token).status_code == 401


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"iat": SECONDS + 59}, 200), ({"iat": SECONDS + 60}, 200), ({"iat": SECONDS + 61}, 401),
        ({"iat": None}, 401), ({"iat": str(SECONDS)}, 401), ({"iat": SECONDS - 315_360_000}, 401),
        ({"nbf": SECONDS - 300}, 200), ({"nbf": SECONDS + 59}, 200), ({"nbf": SECONDS + 61}, 401),
        ({"nbf": str(SECONDS)}, 401), ({"nbf": SECONDS + 0.5}, 401),
        ({"iat": SECONDS + 50, "exp": SECONDS + 50}, 401), ({"iat": SECONDS + 50, "exp": SECONDS + 49}, 401),
    ],
)  # fmt: skip
def test_jwt_11_a_token_from_the_future_is_refused(
    claims: dict[str, Any], status: int, ehr: Ehr, house: House
) -> None:
    """Beyond the leeway; and one that does not say since when it is good."""
    assert house.call(ehr.token(**claims)).status_code == status


def test_jwt_12_a_token_is_used_once_in_a_process(ehr: Ehr, house: House) -> None:
    """The second time it is a stranger's."""
    token = ehr.token()
    assert [house.call(token).status_code for _ in range(3)] == [200, 401, 401]


def test_jwt_12_a_token_is_used_once_among_replicas(ehr: Ehr, tmp_path: Path) -> None:
    """Fifty copies at once over two servers of four processes each: one is let in."""
    clients = [entry(ehr, jwks_url=None, jwks={"keys": [public(EC, "ec")]})]
    with replicas(tmp_path, clients, 2) as servers, ThreadPoolExecutor(50) as pool:
        for _ in range(5):
            token = ehr.token()

            def present(number: int, token: str = token) -> int:
                address = f"{servers[number % 2].url}/cds-services/{SERVICE}"
                return requests.post(address, json=view_call(), headers=bearer(token), timeout=10).status_code

            assert sorted(pool.map(present, range(50))) == [200] + [401] * 49


def test_jwt_13_a_token_stays_used_over_a_restart(ehr: Ehr, tmp_path: Path) -> None:
    """What was seen is in the database."""
    token = ehr.token()
    assert build(tmp_path, [entry(ehr)]).call(token).status_code == 200
    again = build(tmp_path, [entry(ehr)])
    assert again.call(token).status_code == 401
    assert again.call(ehr.token()).status_code == 200


def test_jwt_13_without_its_database_the_service_lets_nobody_in(ehr: Ehr, tmp_path: Path) -> None:
    """Whether a token is new cannot be known: call again, not come in."""
    house = build(tmp_path, [entry(ehr)])
    (tmp_path / "records.db").rename(tmp_path / "gone.db")
    (tmp_path / "records.db").mkdir()
    answer = house.call(ehr.token())
    assert (answer.status_code, bool(answer.headers["Retry-After"])) == (503, True)


def test_jwt_14_issuers_number_their_tokens_by_themselves(
    ehr: Ehr, server: FhirServer, tmp_path: Path
) -> None:
    """The same id of two issuers is two tokens; also where a text could join to the same."""
    other = Ehr(server, "https://other.example.org")
    other.publish(public(STRANGER, "ec"))
    house = build(tmp_path, [entry(ehr), entry(other)])
    assert house.call(ehr.token(jti="same")).status_code == 200
    assert house.call(other.token(jti="same", key=STRANGER)).status_code == 200
    assert house.call(other.token(jti="same", key=STRANGER)).status_code == 401


def test_jwt_14_a_key_of_one_issuer_signs_for_no_other(ehr: Ehr, server: FhirServer, tmp_path: Path) -> None:
    """Keys are kept by issuer: the same key id elsewhere is another key."""
    other = Ehr(server, "https://other.example.org")
    other.publish(public(STRANGER, "ec"))
    house = build(tmp_path, [entry(ehr), entry(other)])
    assert house.call(other.token(key=STRANGER)).status_code == 200
    assert house.call(ehr.token(key=STRANGER)).status_code == 401
    assert house.call(other.token(key=EC)).status_code == 401


@pytest.mark.parametrize("jti", [None, "", " ", 7, ["x"], "j" * 257, "j" * 5_000])
def test_jwt_14_a_token_has_an_id(jti: object, ehr: Ehr, house: House) -> None:
    """A text of 1 to 256 characters; without one it could be used for ever."""
    assert house.call(ehr.token(jti=jti)).status_code == 401


def test_jwt_14_a_client_may_be_allowed_to_reuse_tokens_loudly(
    ehr: Ehr, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """For clients that do; the log says so at every start."""
    house = build(tmp_path, [entry(ehr, reuse_tokens=True)])
    assert any("used again" in record.getMessage() for record in caplog.records)
    token = ehr.token()
    assert [house.call(token).status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize("tenant", [None, "", "other", "NORTH", 7, ["north"], "n" * 300])
def test_jwt_15_an_unknown_tenant_is_refused(tenant: object, ehr: Ehr, tmp_path: Path) -> None:
    """Always with 403: the client is known, the organisation is not."""
    house = build(tmp_path, [entry(ehr, tenants=["north", "south"])])
    assert house.call(ehr.token(tenant=tenant)).status_code == 403
    assert house.call(ehr.token(tenant="north")).status_code == 200


def test_jwt_15_a_service_may_be_closed_to_a_client(ehr: Ehr, tmp_path: Path) -> None:
    """Where the client is configured for some services only."""
    house = build(tmp_path, [entry(ehr, services=[OTHER])])
    assert house.call(ehr.token()).status_code == 403


def test_jwt_16_a_rotated_key_works_within_a_minute(ehr: Ehr, house: House) -> None:
    """And the old one is refused when the set it was in is ten minutes old."""
    new = ECKey.generate_key("P-384")
    assert house.call(ehr.token()).status_code == 200
    ehr.publish(public(new, "new"))
    house.clock.seconds += 60
    assert house.call(ehr.token(key=new, header={"kid": "new"})).status_code == 200
    assert house.call(ehr.token()).status_code == 401


def test_jwt_16_a_withdrawn_key_is_out_after_ten_minutes(ehr: Ehr, house: House) -> None:
    """Even if no new one is ever used."""
    assert house.call(ehr.token()).status_code == 200
    ehr.publish(public(STRANGER, "new"))
    house.clock.seconds += 600
    assert house.call(ehr.token()).status_code == 401


def broken(server: FhirServer) -> dict[str, Reply]:
    """The ways a key server can fail."""
    # Whoever read all of it would find the key.
    key = json.dumps(public(EC, "ec")).encode()
    many = [public(EC, f"k{number}") for number in range(10_000)] + [public(EC, "ec")]
    return {
        "500": Reply(b"", 500),
        "hangs": reply({"keys": [public(EC, "ec")]}, delay=4),
        "drip": Reply(json.dumps({"keys": [public(EC, "ec")]}).encode(), drip=0.1),
        "10 MB": Reply(b'{"keys": [' + b" " * 10_000_000 + key + b"]}"),
        "gzip bomb": Reply(bomb(key), headers=(("Content-Encoding", "gzip"),)),
        "html": Reply(b"<html>keys</html>", content_type="text/html"),
        "redirect": Reply(b"", 302, headers=(("Location", f"{server.url}/elsewhere"),)),
        "10 000 keys": reply({"keys": many}),
        "symmetric": reply({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "ec"}]}),
        "private": reply({"keys": [{**EC.as_dict(private=True), "kid": "ec"}]}),
        "duplicate": reply({"keys": [public(EC, "ec"), public(STRANGER, "ec")]}),
        "deep": Reply(b"[" * 100_000),
        "cut short": Reply(b'{"keys": [', length=1000),
        "no set": reply({"keys": {"ec": public(EC, "ec")}}),
    }


def bomb(key: bytes) -> bytes:
    """A hundred megabytes in a hundred kilobytes."""
    return gzip.compress(b'{"keys": [' + b" " * 100_000_000 + key + b"]}")


BROKEN = [
    "500", "hangs", "drip", "10 MB", "gzip bomb", "html", "redirect", "10 000 keys", "symmetric", "private",
    "duplicate", "deep", "cut short", "no set",
]  # fmt: skip


@pytest.mark.parametrize("how", BROKEN)
def test_jwt_17_a_broken_key_server_lets_nobody_in_and_holds_nobody(how: str, ehr: Ehr, house: House) -> None:
    """A call whose key is not known yet is refused within two and a half seconds."""
    ehr.server.answers["elsewhere"] = reply({"keys": [public(EC, "ec")]})
    ehr.server.answers["ehr.example.org/jwks"] = broken(ehr.server)[how]
    started = time.monotonic()
    assert house.call(ehr.token()).status_code == 401
    assert time.monotonic() - started < 2.5
    assert "elsewhere" not in ehr.server.asked


@pytest.mark.parametrize("how", ["500", "hangs", "10 MB", "html", "redirect", "10 000 keys", "no set"])
def test_jwt_17_known_keys_outlive_a_broken_key_server(how: str, ehr: Ehr, house: House) -> None:
    """For a day; and only the call that finds out about it waits."""
    assert house.call(ehr.token()).status_code == 200
    ehr.server.answers["ehr.example.org/jwks"] = broken(ehr.server)[how]
    for hours, longest in ((0.1, 0.5), (1, 2.5), (6, 0.5), (12, 0.5)):
        house.clock.seconds = 1000 + hours * 3600
        started = time.monotonic()
        assert house.call(ehr.token()).status_code == 200
        assert time.monotonic() - started < longest
    house.clock.seconds = 1000 + 25 * 3600
    assert house.call(ehr.token()).status_code == 401


def test_jwt_17_a_certificate_nobody_vouches_for_is_no_key_server(tmp_path: Path) -> None:
    """The keys of a server whose certificate cannot be checked are not taken."""
    with secure_server(reply({"keys": [public(EC, "ec")]})) as server:
        ehr = Ehr(server)
        house = build(tmp_path, [entry(ehr)])
        assert house.call(ehr.token()).status_code == 401
        assert server.asked == []


def test_jwt_18_invented_key_ids_cause_no_flood(ehr: Ehr, house: House) -> None:
    """A thousand of them in a minute: two fetches at most."""
    for number in range(1_000):
        assert house.call(ehr.token(header={"kid": f"k{number}"}, key=STRANGER)).status_code == 401
        house.clock.seconds += 0.059
    assert len(ehr.server.asked) <= 2


def deep(depth: int) -> bytes:
    """A JSON value in many brackets."""
    return b'{"a":' * depth + b"1" + b"}" * depth


def malformed(ehr: Ehr) -> dict[str, str]:
    """Tokens that are none."""
    good = ehr.token()
    header, claims, signature = good.split(".")
    usual = {"alg": "ES384", "kid": "ec", "typ": "JWT"}
    return {
        "two segments": f"{header}.{claims}",
        "four segments": f"{good}.{signature}",
        "five segments": ".".join([header, claims, signature, claims, signature]),
        "empty segments": "..",
        "no signature": f"{header}.{claims}.",
        "bad base64": f"{header}.{claims}!.{signature}",
        "a character too many": f"{header}A.{claims}.{signature}",
        "padding": f"{header}==.{claims}.{signature}",
        "plain base64": f"{header}.{claims}.{signature[:-2]}+/",
        "a space": f"{header} .{claims}.{signature}",
        "not ASCII": f"{header}.{claims}é.{signature}",
        "no JSON": f"{encoded(b'hello')}.{claims}.{signature}",
        "a list": f"{encoded([usual])}.{claims}.{signature}",
        "not UTF-8": f"{encoded(bytes([0xFF, 0xFE]))}.{claims}.{signature}",
        "deep header": f"{encoded(deep(900))}.{claims}.{signature}",
        "deep claims": f"{header}.{encoded(deep(900))}.{signature}",
        "zip": ehr.token(header={"zip": "DEF"}),
        "unknown crit": ehr.token(header={"crit": ["exp2"], "exp2": 1}),
        "empty crit": ehr.token(header={"crit": []}),
        "b64": ehr.token(header={"b64": False}),
        "another type": ehr.token(header={"typ": "JWE"}),
        "a type that is no text": ehr.token(header={"typ": ["JWT"]}),
        "long header": ehr.token(header={"x5c": ["A" * 8_000]}),
        "large claims": ehr.token(sub="A" * 1_000_000),
        "signature of another": f"{header}.{claims}.{ehr.token(key=STRANGER).split('.')[2]}",
        "claims of another": f"{header}.{encoded(ehr.claims(sub='x'))}.{signature}",
        "signature cut": f"{header}.{claims}.{signature[:-8]}",
        "zeroes for a signature": f"{header}.{claims}.{encoded(bytes(96))}",
        "DER for a signature": f"{header}.{claims}.{encoded(bytes([0x30, 0x64, 0x02, 0x30] + [1] * 98))}",
    }


def test_jwt_19_a_malformed_token_is_refused_at_once(ehr: Ehr, house: House) -> None:
    """Each with less than 50 ms of work, and as any other stranger."""
    assert house.call(ehr.token()).status_code == 200
    for name, token in malformed(ehr).items():
        started = time.thread_time()
        answer = house.call(None, headers={"Authorization": f"Bearer {token}"})
        taken = time.thread_time() - started
        assert (name, answer.status_code) == (name, 401)
        assert (name, taken < 0.05) == (name, True)


def test_jwt_19_a_line_ends_no_token(ehr: Ehr, house: House) -> None:
    """A token with a line break or a NUL behind it is another text."""
    for end in ("\n", "\0", "\x0b", " x", ","):
        environ = {"HTTP_AUTHORIZATION": f"Bearer {ehr.token()}{end}"}
        answer = house.client.post(f"/cds-services/{SERVICE}", json=view_call(), environ_overrides=environ)
        assert answer.status_code == 401


def test_jwt_19_changed_bytes_never_pass(ehr: Ehr, house: House) -> None:
    """Five hundred tokens with one character changed: refused, and never an error of the service."""
    chosen = random.Random(7)  # noqa: S311 - picks places, keeps no secret
    alphabet = "ABCXYZabcxyz0189-_.=+/ é"
    passed = 0
    for _ in range(500):
        token = ehr.token()
        place = chosen.randrange(len(token))
        changed = token[:place] + chosen.choice(alphabet) + token[place + 1 :]
        status = house.call(None, headers={"Authorization": f"Bearer {changed}"}).status_code
        assert status in (200, 401)
        # The last characters of a segment may hold bits that stand for nothing: the bytes are the same then.
        parts = [raw(part) for part in changed.split(".")]
        is_same = parts == [raw(part) for part in token.split(".")]
        assert status == 401 or is_same
        passed += status == 200
    assert passed < 100


def raw(part: str) -> bytes | None:
    """What a segment of a token says; ``None`` where it says nothing."""
    try:
        return urlsafe_b64decode(part.encode())
    except ValueError:
        return None


def sandbox_claims() -> dict[str, object]:
    """The claims of the public sandbox."""
    return {
        "iss": "https://sandbox.cds-hooks.org",
        "aud": HERE,
        "iat": SECONDS,
        "exp": SECONDS + 300,
        "jti": "sandbox-1",
    }


def test_jwt_20_the_sandbox_is_a_stranger_in_production(ehr: Ehr, tmp_path: Path) -> None:
    """Its token, made as the sandbox makes it, is refused."""
    jwks = {"keys": [public(EC, "ec")]}
    house = build(tmp_path, [{"issuer": ISSUER, "jwks": jwks}], env="production")
    assert house.call(ehr.token()).status_code == 200
    header = {
        "alg": "ES384",
        "typ": "JWT",
        "kid": "9c9ba5b2",
        "jku": "https://sandbox.cds-hooks.org/.well-known/jwks.json",
    }
    assert house.call(sign(header, json.dumps(sandbox_claims()), STRANGER)).status_code == 401


@pytest.mark.parametrize(
    "client",
    [
        {"issuer": "https://sandbox.cds-hooks.org", "jwks": {"keys": []}},
        {"issuer": "https://SANDBOX.cds-hooks.org/", "jwks": {"keys": []}},
        {"issuer": ISSUER, "jwks_url": "https://sandbox.cds-hooks.org/.well-known/jwks.json"},
        {
            "issuer": ISSUER,
            "jwks": {"keys": []},
            "jku": ["https://sandbox.cds-hooks.org/.well-known/jwks.json"],
        },
        {"issuer": "https://sandbox.cds-hooks.org.", "jwks": {"keys": []}},
        {"issuer": "https://sandbox.cds-hooks.org", "jwks": {"keys": []}, "profile": "sandbox"},
    ],
)
def test_jwt_20_production_does_not_start_with_the_sandbox(client: dict[str, object], tmp_path: Path) -> None:
    """However it is written into the file of clients."""
    with pytest.raises(SettingsFault, match="sandbox"):
        build(tmp_path, [client], env="production")


def test_jwt_20_development_may_trust_the_sandbox(server: FhirServer, tmp_path: Path) -> None:
    """That is what it is for."""
    sandbox = Ehr(server, "https://sandbox.cds-hooks.org")
    sandbox.publish(public(EC, "9c9ba5b2"))
    house = build(tmp_path, [entry(sandbox, profile="sandbox")])
    assert house.call(sandbox.token(header={"kid": "9c9ba5b2"})).status_code == 200


def refusals(ehr: Ehr, house: House) -> dict[str, str | None]:
    """One token for each reason to refuse."""
    used = ehr.token()
    assert house.call(used).status_code == 200
    return {
        "absent": None,
        "form": "x",
        "issuer": ehr.token(iss="https://nobody.example"),
        "key": ehr.token(header={"kid": "nobody"}),
        "algorithm": ehr.token(key=RSA, header={"alg": "RS256", "kid": "rsa"}),
        "signature": ehr.token(key=STRANGER),
        "audience": ehr.token("https://elsewhere.example"),
        "time": ehr.token(iat=SECONDS - 600, exp=SECONDS - 300),
        "id": ehr.token(jti=None),
        "replay": used,
        "jku": ehr.token(header={"jku": "https://nobody.example"}),
    }


def test_jwt_21_every_refusal_is_the_same(ehr: Ehr, house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Body and headers byte for byte; why is one word in the log."""
    seen = set()
    for token in refusals(ehr, house).values():
        answer = house.call(token)
        seen.add((answer.status_code, answer.data, tuple(answer.headers)))
    ((status, body, headers),) = seen
    assert status == 401
    assert dict(headers)["WWW-Authenticate"] == "Bearer"
    assert b"token" not in body
    told = [json.loads(r.getMessage()) for r in caplog.records if "caller refused" in r.getMessage()]
    reasons = {line["reason"] for line in told}
    # An issuer that nobody trusts is anybody's text, and is told to no log.
    assert {line["issuer"] for line in told} == {ISSUER, None}
    assert {line["issuer"] for line in told if line["reason"] in ("absent", "form", "issuer")} == {None}
    assert {"absent", "form", "issuer", "key", "signature", "audience", "time", "jti", "replay"} <= reasons


def test_jwt_21_the_time_of_a_refusal_tells_nothing(ehr: Ehr, house: House) -> None:
    """A thousand of each, interleaved: the medians are within five milliseconds."""
    assert house.call(ehr.token()).status_code == 200
    makes = {
        "issuer": {"iss": "https://nobody.example"},
        "signature": {"key": STRANGER},
        "expired": {"iat": SECONDS - 600, "exp": SECONDS - 300},
    }
    tokens = {name: [ehr.token(**more) for _ in range(5)] for name, more in makes.items()}  # type: ignore[arg-type]
    taken: dict[str, list[float]] = {name: [] for name in makes}
    client = house.client
    for number in range(1_000):
        for name, made in tokens.items():
            started = time.perf_counter()
            answer = client.post(f"/cds-services/{SERVICE}", json={}, headers=bearer(made[number % 5]))
            taken[name].append(time.perf_counter() - started)
            assert answer.status_code == 401
    medians = [median(each) for each in taken.values()]
    assert max(medians) - min(medians) < 0.005


@pytest.mark.parametrize(("off", "status"), [(45, 200), (-45, 200), (600, 401), (-600, 401)])
def test_jwt_22_a_clock_that_is_off(off: int, status: int, ehr: Ehr, tmp_path: Path) -> None:
    """By less than the leeway: no harm. By ten minutes: refused, both ways."""
    clock = Clock()
    clock.now += timedelta(seconds=off)
    house = build(tmp_path, [entry(ehr)], clock=clock)
    # A token that has just been made for a moment's use.
    assert house.call(ehr.token(exp=SECONDS + 10)).status_code == status
