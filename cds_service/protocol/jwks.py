"""The keys clients sign with: read, fetched, cached, and fetched anew when a client rotates them.

An address is only ever taken from the configuration, never from a token.
https://www.rfc-editor.org/rfc/rfc7517
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from urllib.parse import urlsplit

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

log = structlog.get_logger(__name__)

Key = ECKey | RSAKey
Keys = Mapping[str, Key]

MOST_KEYS = 100
SMALLEST_RSA = 2048
PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
KINDS: Mapping[str, type[Key]] = {"EC": ECKey, "RSA": RSAKey}

FRESH = 300.0
HELD = 600.0
LAST_GOOD = 24 * 3600.0
# An unknown key id is the caller's to choose: it must not turn into a flood of fetches.
BETWEEN_FETCHES = 60.0
AFTER_FAILURE = 30.0


class Unusable(Exception):
    """The key set could not be had or holds no key set. Never quotes what was received."""


def read_keys(value: object) -> Keys:
    """The usable public signature keys of a JWK Set, by key id.

    Passed over: keys without an id, for encryption, symmetric or private ones, RSA below 2048 bits, and
    all keys of an id that occurs twice. Raises :class:`Unusable` for what is no JWK Set, or too large.
    """
    members = value.get("keys") if isinstance(value, Mapping) else None
    if not isinstance(members, list):
        raise Unusable("is not a JWK Set: an object with keys")
    if len(members) > MOST_KEYS:
        raise Unusable(f"has more than {MOST_KEYS} keys")
    found = [(kid, key) for kid, key in map(_key, members) if kid is not None]
    times = Counter(kid for kid, _ in found)
    return {kid: key for kid, key in found if key is not None and times[kid] == 1}


def _key(member: object) -> tuple[str | None, Key | None]:
    if not isinstance(member, dict):
        return None, None
    kid, kind = member.get("kid"), member.get("kty")
    if not isinstance(kid, str) or not kid:
        return None, None
    if not isinstance(kind, str) or kind not in KINDS or PRIVATE_PARTS & member.keys() or not _signs(member):
        return kid, None
    return kid, _imported(KINDS[kind], member)


def _signs(member: Mapping[str, object]) -> bool:
    operations = member.get("key_ops", ["verify"])
    return member.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _imported(kind: type[Key], member: dict[str, object]) -> Key | None:
    # What is not needed to verify is left out: a certificate chain or a stray member cannot then be at fault.
    wanted = ("kty", "kid", "use", "alg", "crv", "x", "y", "n", "e")
    parts: dict[str, str | list[str]] = {
        name: text for name in wanted if isinstance(text := member.get(name), str)
    }
    try:
        if kind is RSAKey and len(parts.get("n", "")) * 6 < SMALLEST_RSA:
            return None
        key = kind.import_key(parts)
        key.get_op_key("verify")
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key


@dataclass(slots=True)
class _Entry:
    """What is known of one address; the times are seconds of the cache's clock."""

    keys: Keys = field(default_factory=dict)
    fetched: float = -inf
    tried: float = -inf
    failed: bool = False
    under_way: threading.Event | None = None


class KeyCache:
    """Key sets by address, shared by the threads of a process.

    ``fetch`` returns the JSON value at an address or raises :class:`Unusable`; ``monotonic`` is seconds.
    A set is asked for anew in the background from 5 minutes of age; from 10 minutes on a call waits for the
    new one, so that a withdrawn key is out; where none can be had the last good one serves for a day.
    Each fetch has a thread of its own and nobody waits for it longer than ``patience`` seconds: a server
    that never stops answering holds a thread, not the service.
    """

    def __init__(
        self, fetch: Callable[[str], object], monotonic: Callable[[], float], patience: float = 2.0
    ) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._patience = patience
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}

    def find(self, address: str, kid: str) -> Key | None:
        """The key of this id, fetched if need be; ``None`` when there is none or none can be had."""
        with self._lock:
            entry = self._entries.setdefault(address, _Entry())
            age = self._monotonic() - entry.fetched
            key = entry.keys.get(kid) if age < LAST_GOOD else None
            if key is not None and age < FRESH:
                return key
            # Who has a key to go on with waits neither for another's fetch nor where the last one failed.
            is_patient = age >= HELD and not entry.failed and entry.under_way is None
            fetch = self._start(address, entry)
        if fetch is None or (key is not None and not is_patient):
            return key
        fetch.wait(self._patience)
        with self._lock:
            return entry.keys.get(kid) if self._monotonic() - entry.fetched < LAST_GOOD else None

    def _start(self, address: str, entry: _Entry) -> threading.Event | None:
        """Start a fetch unless there was one lately: the end of the one under way."""
        now = self._monotonic()
        if now - entry.tried < (AFTER_FAILURE if entry.failed else BETWEEN_FETCHES):
            return entry.under_way
        entry.tried = now
        entry.under_way = done = threading.Event()
        threading.Thread(target=self._run, args=(address, entry, done), daemon=True).start()
        return done

    def _run(self, address: str, entry: _Entry, done: threading.Event) -> None:
        keys: Keys | None = None
        try:
            keys = read_keys(self._fetch(address))
        except Unusable:
            log.warning("keys could not be fetched", host=urlsplit(address).hostname)
        finally:
            with self._lock:
                self._keep(entry, keys, done)
            done.set()

    def _keep(self, entry: _Entry, keys: Keys | None, done: threading.Event) -> None:
        if keys is not None:
            entry.keys, entry.fetched = keys, self._monotonic()
        if entry.under_way is done:
            entry.failed = keys is None
            entry.under_way = None
