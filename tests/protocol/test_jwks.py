"""Key sets: what is read of them, and when they are fetched."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from cds_service.protocol.jwks import KeyCache, Unusable, read_keys

URL = "https://ehr.example.org/jwks"
KEY = ECKey.generate_key("P-384")


def public(kid: str, key: Any = KEY, **more: object) -> dict[str, object]:
    """A public key as it is published."""
    return {**key.as_dict(private=False), "kid": kid, "use": "sig", **more}


class Clock:
    """Seconds that pass when told to."""

    now = 1000.0

    def __call__(self) -> float:
        """The time now."""
        return self.now


class Publisher:
    """Serves a key set, or fails; counts how often it was asked."""

    def __init__(self, *keys: dict[str, object]) -> None:
        self.keys: list[dict[str, object]] | None = list(keys)
        self.asked = 0

    def __call__(self, address: str) -> object:
        """Answer a fetch."""
        assert address == URL
        self.asked += 1
        if self.keys is None:
            raise Unusable
        return {"keys": self.keys}


def test_usable_keys_are_read() -> None:
    """EC and RSA signature keys are read; members that are not needed to verify do no harm."""
    keys = read_keys({"keys": [public("a"), public("b", RSAKey.generate_key(2048), x5c=["?"], x5t="!")]})
    assert set(keys) == {"a", "b"}


@pytest.mark.parametrize(
    "key",
    [
        public("a") | {"kid": None},
        public("a", use="enc"),
        public("a", key_ops=["encrypt"]),
        public("a", key_ops="verify"),
        public("a", x="AAAA"),
        public("a", crv="P-999"),
        public("a", kty=["EC"]),
        {**KEY.as_dict(private=True), "kid": "a"},
        {**OctKey.generate_key(256).as_dict(), "kid": "a"},
        "a",
    ],
)
def test_unusable_keys_are_passed_over(key: object) -> None:
    """A key without id, for another use, private, symmetric or damaged is not there; the others are."""
    assert set(read_keys({"keys": [key, public("good")]})) == {"good"}


def test_a_short_rsa_key_is_passed_over() -> None:
    """RSA below 2048 bits is not trusted."""
    with pytest.warns(match="."):
        short = RSAKey.generate_key(1024)
    assert read_keys({"keys": [public("a", short)]}) == {}


def test_an_id_that_occurs_twice_names_no_key() -> None:
    """Which of two keys would be meant cannot be told, so neither is."""
    assert set(read_keys({"keys": [public("a"), public("a", use="enc"), public("b")]})) == {"b"}


@pytest.mark.parametrize(
    "value", [None, [], {"keys": {}}, "x", {"keys": [public(str(n)) for n in range(101)]}]
)
def test_what_is_no_key_set_is_refused(value: object) -> None:
    """Anything but an object with a list of at most a hundred keys is unusable."""
    with pytest.raises(Unusable):
        read_keys(value)


def test_unknown_ids_do_not_cause_a_flood_of_fetches() -> None:
    """A thousand invented ids within a minute cost one fetch."""
    publisher, clock = Publisher(public("a")), Clock()
    cache = KeyCache(publisher, clock)
    assert cache.find(URL, "a") is not None
    for n in range(1000):
        clock.now += 0.05
        assert cache.find(URL, f"random-{n}") is None
    assert publisher.asked == 1


def test_a_new_key_is_found_within_a_minute() -> None:
    """After a rotation the first call more than a minute after the last fetch fetches again."""
    publisher, clock = Publisher(public("a")), Clock()
    cache = KeyCache(publisher, clock)
    assert cache.find(URL, "a") is not None
    publisher.keys = [public("b")]
    clock.now += 60
    assert cache.find(URL, "b") is not None


def test_a_withdrawn_key_is_out_within_ten_minutes() -> None:
    """A call ten minutes after the last fetch waits for the new set and does not find the old key."""
    publisher, clock = Publisher(public("a")), Clock()
    cache = KeyCache(publisher, clock)
    assert cache.find(URL, "a") is not None
    publisher.keys = [public("b")]
    clock.now += 600
    assert cache.find(URL, "a") is None


def test_the_last_good_keys_serve_for_a_day() -> None:
    """While the publisher is down known keys are good for a day, and no longer."""
    publisher, clock = Publisher(public("a")), Clock()
    cache = KeyCache(publisher, clock)
    assert cache.find(URL, "a") is not None
    publisher.keys = None
    clock.now += 24 * 3600 - 1
    assert cache.find(URL, "a") is not None
    clock.now += 2
    assert cache.find(URL, "a") is None


def test_a_publisher_that_was_down_is_asked_again_after_half_a_minute() -> None:
    """A failure at the first fetch does not lock a client out for long."""
    publisher, clock = Publisher(), Clock()
    publisher.keys = None
    cache = KeyCache(publisher, clock)
    assert cache.find(URL, "a") is None
    publisher.keys = [public("a")]
    assert cache.find(URL, "a") is None
    clock.now += 30
    assert cache.find(URL, "a") is not None


def test_a_publisher_that_hangs_holds_nobody_with_a_known_key() -> None:
    """A call with a cached key does not wait for another's fetch; a stranger's wait is bounded."""
    release, clock = threading.Event(), Clock()
    asked = []

    def fetch(address: str) -> object:
        asked.append(address)
        if len(asked) > 1:
            release.wait(10)
        return {"keys": [public("a")]}

    cache = KeyCache(fetch, clock, patience=0.05)
    assert cache.find(URL, "a") is not None
    clock.now += 300
    assert cache.find(URL, "a") is not None
    assert cache.find(URL, "unknown") is None
    release.set()
