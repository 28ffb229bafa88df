"""A caller is identified by a signed token, each rule by itself; tests/trust/ asks the running service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

from cds_service.errors import Forbidden, Unauthorised
from cds_service.protocol.clients import Client, Clients
from cds_service.protocol.jwks import KeyCache
from cds_service.protocol.trust import Verifier

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
BASE = "https://cds.example.org"
ISSUER = "https://ehr.example.org"
EC = ECKey.generate_key("P-384")
RSA = RSAKey.generate_key(2048)
KEYS = {
    "keys": [
        {**EC.as_dict(private=False), "kid": "ec+/="},
        {**RSA.as_dict(private=False), "kid": "rsa"},
    ]
}


class Seen:
    """Remembers token ids."""

    def __init__(self) -> None:
        self.tokens: set[tuple[str, str]] = set()
        self.until: datetime | None = None

    def first_time(self, issuer: str, token_id: str, expires: datetime) -> bool:
        """Whether the token is new."""
        self.until = expires
        is_new = (issuer, token_id) not in self.tokens
        self.tokens.add((issuer, token_id))
        return is_new


def verifier(seen: Seen | None = None, **more: Any) -> Verifier:
    """A verifier that trusts one client."""

    def fetch(address: str) -> object:
        raise AssertionError(f"nothing is fetched, least of all {address}")

    client = Client(issuer=ISSUER, jwks=KEYS, **more)
    cache = KeyCache(fetch, lambda: 0.0)
    return Verifier(Clients((client,)), cache, seen or Seen(), lambda: NOW, (BASE,))


def token(key: Any = EC, header: dict[str, Any] | None = None, **claims: Any) -> str:
    """An Authorization header; a claim of ``None`` is left out."""
    body = {
        "iss": ISSUER,
        "aud": f"{BASE}/cds-services/s1",
        "iat": SECONDS,
        "exp": SECONDS + 300,
        "jti": "t-1",
        **claims,
    }
    protected = {"alg": "ES384", "kid": "ec+/=", "typ": "JWT", **(header or {})}
    present = {name: value for name, value in body.items() if value is not None}
    algorithms = [protected["alg"]]
    registry = jws.JWSRegistry(algorithms=algorithms, strict_check_header=False)
    return "Bearer " + jwt.encode(protected, present, key, algorithms=algorithms, registry=registry)


def test_a_good_token_names_its_client_and_tenant() -> None:
    """The caller is the client of the issuer, with the tenant the token names."""
    caller = verifier().identify(token(tenant="north"), "s1")
    assert (caller.issuer, caller.tenant) == (ISSUER, "north")


def test_rs384_is_accepted_too() -> None:
    """Both recommended algorithms are accepted without being configured."""
    assert verifier().identify(token(RSA, {"alg": "RS384", "kid": "rsa"}), "s1").issuer == ISSUER


@pytest.mark.parametrize(
    ("seconds", "accepted"), [(59, True), (60, False), (-300, True), (-359, True), (-361, False)]
)
def test_time_has_a_minute_of_leeway(seconds: int, accepted: bool) -> None:
    """A token is good from a minute before its issue to a minute after its end."""
    text = token(iat=SECONDS - 300 - seconds, exp=SECONDS - seconds)
    if accepted:
        assert verifier().identify(text, "s1")
    else:
        with pytest.raises(Unauthorised):
            verifier().identify(text, "s1")


def test_a_token_is_remembered_until_it_could_not_be_used_again() -> None:
    """Its id is kept to the end of its life and the leeway."""
    seen = Seen()
    verifier(seen).identify(token(), "s1")
    assert seen.until == NOW + timedelta(seconds=360)


def test_a_refused_token_uses_up_no_id() -> None:
    """Only a token that is good in every other respect is noted."""
    seen = Seen()
    with pytest.raises(Unauthorised):
        verifier(seen).identify(token(aud="elsewhere"), "s1")
    assert not seen.tokens


def test_reuse_can_be_allowed_for_one_client() -> None:
    """Where a client is known to reuse its tokens, and only there, they are accepted again."""
    allowing = verifier(reuse_tokens=True)
    assert allowing.identify(token(), "s1") == allowing.identify(token(), "s1")
    once = verifier()
    once.identify(token(), "s1")
    with pytest.raises(Unauthorised):
        once.identify(token(), "s1")


def test_feedback_has_an_audience_of_its_own() -> None:
    """A token for a service is not one for its feedback, unless the client has one audience for both."""
    with pytest.raises(Unauthorised):
        verifier().identify(token(), "s1", feedback=True)
    own = token(aud=f"{BASE}/cds-services/s1/feedback")
    assert verifier().identify(own, "s1", feedback=True)
    assert verifier(profile="epic").identify(token(), "s1", feedback=True)


def test_audiences_can_be_configured_by_endpoint() -> None:
    """A client that sends another audience, or reaches the service elsewhere, is met by configuration."""
    meld = verifier(audiences={"*": ("sand_man",), "discovery": ("typed/",)})
    assert meld.identify(token(aud="sand_man"), "s1")
    assert meld.identify(token(aud="typed/", jti="2"))
    with pytest.raises(Unauthorised):
        meld.identify(token(aud="typed/", jti="3"), "s1")
    proxied = verifier(public_urls=("https://other.example.org/cds/",))
    assert proxied.identify(token(aud="https://other.example.org/cds/cds-services/s1"), "s1")


def test_tenants_and_services_are_forbidden_not_unknown() -> None:
    """A known caller for an unlisted organisation or service is refused as such."""
    with pytest.raises(Forbidden):
        verifier(tenants=["north"]).identify(token(tenant="south"), "s1")
    with pytest.raises(Forbidden):
        verifier(tenants=["north"]).identify(token(), "s1")
    with pytest.raises(Forbidden):
        verifier(services=("s2",)).identify(token(), "s1")


def test_an_address_of_keys_is_accepted_by_name_only() -> None:
    """A jku that is configured is accepted and not fetched; another is refused."""
    named = verifier(jku=("https://ehr.example.org/jwks",))
    assert named.identify(token(header={"jku": "https://ehr.example.org/jwks"}), "s1")
    with pytest.raises(Unauthorised):
        named.identify(token(header={"jku": "https://ehr.example.org/jwks?x"}, jti="2"), "s1")


def test_unknown_header_members_are_passed_over() -> None:
    """A member that does not change how the token is read does no harm, whosever keys it holds."""
    stray = {"x5t": "abc", "x5c": ["MIIB"], "x5u": "https://evil.example", "org": "x"}
    assert verifier().identify(token(header=stray), "s1")
