"""Who calls (X, D16, FB11): what a stranger could show, and what a known client shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from cds_service.conform.http import Reply
from cds_service.conform.probe import Probe, Target
from cds_service.conform.registry import NotApplicable, check
from cds_service.conform.subjects import takes_feedback, targets, whole
from cds_service.conform.tokens import Anonymous, Signer, bearer, sign

NOBODY = {"Authorization": ""}
LONG_AGO, FAR_AHEAD = -86_400, 86_400
# Which of them is best is a requirement of its own.
REFUSED = (400, 401, 403)


def guarded(probe: Probe) -> Iterator[tuple[str, tuple[Target, Signer]]]:
    """The first service that is asked for, with what signs for the tester; where tokens are asked for at all."""
    if probe.signer is None:
        raise NotApplicable("no private key was given; name one with --key and --issuer")
    for where, target in list(targets(probe))[:1]:
        if _shown(target, NOBODY) not in REFUSED:
            raise NotApplicable("the service answers without a token, so it judges none")
        yield where, (target, probe.signer)


def _shown(target: Target, header: Mapping[str, str]) -> int:
    return target.post(target.call(), header).status


def _refused(target: Target, token: str, what: str) -> Iterator[str]:
    if (status := _shown(target, bearer(token))) not in REFUSED:
        yield f"answers {status} to {what}"


def _forged(signer: Signer, url: str, algorithm: str, key: Any) -> str:
    return signer.token(url, header={"alg": algorithm}, key=key)


@check("X1", whole)
def a_caller_is_identified(probe: Probe) -> Iterator[str]:
    """A call without a token is refused"""
    if probe.is_local and isinstance(probe.credentials, Anonymous):
        raise NotApplicable("the service runs on this machine and no credentials were given")
    for where, target in targets(probe):
        if (status := _shown(target, NOBODY)) not in REFUSED:
            yield f"{where} answers {status} without a token"


@check("X2", guarded)
def the_scheme_is_bearer(subject: tuple[Target, Signer]) -> Iterator[str]:
    """bearer in lower case is read, another scheme is refused"""
    target, signer = subject
    if _shown(target, {"Authorization": f"bearer {signer.token(target.url)}"}) in REFUSED:
        yield "refuses the word bearer in lower case"
    status = _shown(target, {"Authorization": f"Basic {signer.token(target.url)}"})
    if status not in REFUSED:
        yield f"answers {status} to another scheme"


@check("X3", guarded)
def an_unsigned_token_is_refused(subject: tuple[Target, Signer]) -> Iterator[str]:
    """alg none in every spelling"""
    target, signer = subject
    for name in ("none", "None", "NONE"):
        yield from _refused(target, _forged(signer, target.url, name, None), f"alg {name}")


@check("X4", guarded)
def a_shared_secret_is_refused(subject: tuple[Target, Signer]) -> Iterator[str]:
    """HS tokens, with the public key for a secret"""
    target, signer = subject
    public = signer.key.as_pem(private=False)
    for name in ("HS256", "HS384", "HS512"):
        yield from _refused(target, _forged(signer, target.url, name, public), f"alg {name}")


@check("X5", guarded)
def the_recommended_algorithm_is_accepted(subject: tuple[Target, Signer]) -> Iterator[str]:
    """A good token of the tester's is accepted"""
    target, signer = subject
    if (status := _shown(target, signer.header(target.url))) in REFUSED:
        yield f"answers {status} to a good token signed with {signer.algorithm}"


@check("X6", guarded)
def the_key_is_the_issuers(subject: tuple[Target, Signer]) -> Iterator[str]:
    """A stranger's signature and an unknown kid are refused"""
    target, signer = subject
    stranger = _stranger(signer)
    yield from _refused(target, signer.token(target.url, key=stranger), "a stranger's signature")
    yield from _refused(
        target, signer.token(target.url, header={"kid": "conformance-unknown"}), "an unknown kid"
    )
    yield from _refused(target, signer.token(target.url, header={"kid": None}), "a token without kid")


def _stranger(signer: Signer) -> ECKey | RSAKey:
    if isinstance(signer.key, RSAKey):
        return RSAKey.generate_key(2048)
    return ECKey.generate_key(str(signer.key.as_dict()["crv"]))


@check("X7", guarded)
def strangers_are_not_trusted(subject: tuple[Target, Signer]) -> Iterator[str]:
    """An issuer or an address of keys that nobody listed"""
    target, signer = subject
    stranger = {"iss": "https://stranger.example.net"}
    yield from _refused(target, signer.token(target.url, claims=stranger), "an issuer that nobody listed")
    foreign = {"jku": "https://stranger.example.net/jwks.json"}
    yield from _refused(
        target, signer.token(target.url, header=foreign), "an address of keys that nobody listed"
    )


@check("X8", guarded)
def the_audience_is_what_is_called(subject: tuple[Target, Signer]) -> Iterator[str]:
    """Another audience or none is refused, a list with the right one is accepted"""
    target, signer = subject
    wrong: list[object] = [None, target.probe.base, f"{target.url}-other", "https://stranger.example.net", []]
    for audience in wrong:
        yield from _refused(
            target, signer.token(target.url, claims={"aud": audience}), f"the audience {audience!r}"
        )
    several = signer.token(target.url, claims={"aud": ["https://elsewhere.example.org", target.url]})
    if _shown(target, bearer(several)) in REFUSED:
        yield "refuses a list of audiences with the right one in it"


@check("X9", guarded)
def a_token_has_its_time(subject: tuple[Target, Signer]) -> Iterator[str]:
    """Past its time, without one"""
    target, signer = subject
    now = int(signer.clock().timestamp())
    past = {"iat": now + LONG_AGO, "exp": now + LONG_AGO + 300}
    yield from _refused(target, signer.token(target.url, claims=past), "a token past its time")
    yield from _refused(target, signer.token(target.url, claims={"exp": None}), "a token without exp")


@check("X10", guarded)
def a_token_is_not_from_the_future(subject: tuple[Target, Signer]) -> Iterator[str]:
    """From the future, without time of issue"""
    target, signer = subject
    ahead = int(signer.clock().timestamp()) + FAR_AHEAD
    yield from _refused(
        target, signer.token(target.url, claims={"iat": ahead, "exp": ahead + 300}), "a token from the future"
    )
    yield from _refused(target, signer.token(target.url, claims={"iat": None}), "a token without iat")


@check("X11", guarded)
def a_token_is_accepted_once(subject: tuple[Target, Signer]) -> Iterator[str]:
    """The second time, without jti"""
    target, signer = subject
    token = signer.token(target.url)
    _shown(target, bearer(token))
    yield from _refused(target, token, "a token that was shown before")
    yield from _refused(target, signer.token(target.url, claims={"jti": None}), "a token without jti")


@check("X13", guarded)
def nothing_unsigned_is_believed(subject: tuple[Target, Signer]) -> Iterator[str]:
    """A key brought along, and a crit that nobody knows"""
    target, signer = subject
    stranger = _stranger(signer)
    brought = {"jwk": stranger.as_dict(private=False)}
    yield from _refused(target, signer.token(target.url, header=brought, key=stranger), "a key brought along")
    unknown = {"crit": ["conformance"], "conformance": 1}
    yield from _refused(target, signer.token(target.url, header=unknown), "a crit that nobody knows")


@check("X14", guarded)
def refusals_are_the_same(subject: tuple[Target, Signer]) -> Iterator[str]:
    """The same body for every reason"""
    target, signer = subject
    replies = list(_refusals(target, signer))
    if len({(reply.status, reply.body) for reply in replies}) > 1:
        yield "the refusal tells one reason from another"


@check("S7", guarded)
def a_refusal_says_how_to_call(subject: tuple[Target, Signer]) -> Iterator[str]:
    """401 with WWW-Authenticate: Bearer"""
    for reply in _refusals(*subject):
        if reply.status != 401:
            yield f"a caller that is not identified gets {reply.status}"
            return
        if not reply.headers.get("www-authenticate", "").lower().startswith("bearer"):
            yield "a 401 has no WWW-Authenticate: Bearer"
            return


def _refusals(target: Target, signer: Signer) -> Iterator[Reply]:
    bad = (
        signer.token(target.url, claims={"aud": "https://stranger.example.net"}),
        signer.token(target.url, claims={"exp": 1}),
        signer.token(target.url, key=_stranger(signer)),
        sign({"alg": "none"}, {}, None),
    )
    for header in (NOBODY, *map(bearer, bad)):
        yield target.post(target.call(), header)


@check("D16", whole)
def discovery_is_read_with_its_own_audience(probe: Probe) -> Iterator[str]:
    """A token for discovery is accepted there"""
    if probe.signer is None:
        raise NotApplicable("no private key was given; name one with --key and --issuer")
    if (status := probe.discovery.status) in REFUSED:
        yield f"answers {status} to a good token whose audience is the address of discovery"


@check("FB11", guarded)
def feedback_is_guarded_as_the_service(subject: tuple[Target, Signer]) -> Iterator[str]:
    """Nobody may give feedback, a client whose token is for it may"""
    target, _ = subject
    if not takes_feedback(target):
        raise NotApplicable("no feedback is taken")
    given = target.probe.world.clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    item = {"card": target.probe.world.new_id(), "outcome": "overridden", "outcomeTimestamp": given}
    body = {"feedback": [item]}
    if (status := target.post(body, NOBODY, path="/feedback").status) not in REFUSED:
        yield f"answers {status} to feedback without a token"
    if (status := target.post(body, path="/feedback").status) in (401, 403):
        yield f"answers {status} to feedback with a good token"
