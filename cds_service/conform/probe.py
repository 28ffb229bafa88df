"""What checks look through: the service under test, asked once for what many checks look at."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlsplit

from cds_service.conform.calls import call, library
from cds_service.conform.http import Http, Reply, Unanswered
from cds_service.conform.patient import Patient, encode
from cds_service.conform.reading import Members, NotStrict, read
from cds_service.conform.tokens import Credentials, Signer

JSON = {"Content-Type": "application/json", "Accept": "application/json"}
# A service that lets so many calls of one address hang is not asked there again.
PATIENCE = 3


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the tester wants: only these ``services`` and ``hooks`` (all where empty), ``own`` calls beside
    the made ones, the browser ``origin`` that is allowed, whether system actions have been agreed."""

    services: Sequence[str] = ()
    hooks: Sequence[str] = ()
    own: Sequence[Mapping[str, Any]] = ()
    origin: str | None = None
    agreed_system_actions: bool = False


@dataclass(frozen=True, slots=True)
class World:
    """Where time and identities come from: an aware time, seconds, a fresh UUID."""

    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    new_id: Callable[[], str]


@dataclass(frozen=True)
class Probe:
    """The service under test at ``base``, the address before ``/cds-services``.

    At ``ends``, in the seconds of the world, nothing more is asked or judged: how much there is to look at is
    the service's to choose.
    """

    base: str
    http: Http
    credentials: Credentials
    world: World
    wishes: Wishes = Wishes()
    ends: float = math.inf
    _unanswered: dict[str, int] = field(default_factory=dict)

    @cached_property
    def patient(self) -> Patient:
        """The synthetic patient, today."""
        return Patient(self.world.clock().date())

    @property
    def discovery_url(self) -> str:
        """The address of discovery."""
        return f"{self.base}/cds-services"

    @property
    def is_local(self) -> bool:
        """Whether the service runs on this machine, where a development server may leave out what others may not."""
        return urlsplit(self.base).hostname in ("127.0.0.1", "::1", "localhost")

    @property
    def signer(self) -> Signer | None:
        """Signs calls, where the tester has given a key."""
        return self.credentials if isinstance(self.credentials, Signer) else None

    def look_at_the_clock(self) -> None:
        """Raises :class:`Unanswered` where the time of the run is over."""
        if self.world.monotonic() > self.ends:
            raise Unanswered("the time of the whole run is over; see --longest, --service and --hook")

    def send(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send a call with our credentials, unless ``headers`` bring their own. Raises :class:`Unanswered`."""
        self.look_at_the_clock()
        if self._unanswered.get(url, 0) >= PATIENCE:
            raise Unanswered(f"not asked again after {PATIENCE} calls without an answer")
        wanted = headers or {}
        shown = {} if "Authorization" in wanted else self.credentials.header(url)
        whole = {**JSON, "User-Agent": "cds-service-conform", **shown, **wanted}
        try:
            reply = self.http.send(method, url, body, {n: v for n, v in whole.items() if v})
        except Unanswered:
            self._unanswered[url] = self._unanswered.get(url, 0) + 1
            raise
        self._unanswered.pop(url, None)
        return reply

    @cached_property
    def discovery(self) -> Reply:
        """The answer of discovery. Raises :class:`Unanswered`."""
        return self.send("GET", self.discovery_url)

    @cached_property
    def entries(self) -> list[Members]:
        """The services that discovery lists, as far as they can be read."""
        try:
            listed = read(self.discovery.body)
        except (NotStrict, Unanswered):
            return []
        services = listed.get("services") if isinstance(listed, dict) else None
        return [each for each in services if isinstance(each, dict)] if isinstance(services, list) else []

    @cached_property
    def targets(self) -> list[Target]:
        """The services that are asked for: all, or those that the tester names."""
        wishes = self.wishes
        return [
            Target(self, entry)
            for entry in self.entries
            if isinstance(entry.get("id"), str) and isinstance(entry.get("hook"), str)
            if not wishes.services or entry["id"] in wishes.services
            if not wishes.hooks or entry["hook"] in wishes.hooks
        ]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said to a call: ``body`` is the answer read, or ``None`` where it is no strict JSON.

    Where no answer came the status of ``reply`` is 0 and ``fault`` says why.
    """

    sent: Mapping[str, Any]
    reply: Reply
    body: object = None
    fault: str = ""


@dataclass(frozen=True)
class Target:
    """One service of discovery."""

    probe: Probe
    entry: Members

    @property
    def id(self) -> str:
        """The last part of its address."""
        return str(self.entry["id"])

    @property
    def hook(self) -> str:
        """Its hook."""
        return str(self.entry["hook"])

    @property
    def label(self) -> str:
        """How a report names it."""
        return f"{self.id} ({self.hook})"

    @property
    def url(self) -> str:
        """Its address; an id cannot lead anywhere else."""
        return f"{self.probe.discovery_url}/{quote(self.id, safe='')}"

    @property
    def is_known(self) -> bool:
        """Whether its hook is a published one, so that a call can be made for it."""
        return self.hook in library()

    def call(self, **changes: object) -> dict[str, Any]:
        """A fresh call, with members replaced; ``None`` leaves one out."""
        made = {**call(self.entry, self.probe.patient, self.probe.world.new_id()), **changes}
        return {name: value for name, value in made.items() if value is not None}

    def post(self, body: object, headers: Mapping[str, str] | None = None, *, path: str = "") -> Reply:
        """Post a body, bytes as they are. Raises :class:`Unanswered`."""
        content = body if isinstance(body, bytes) else encode(body)
        return self.probe.send("POST", self.url + path, content, headers)

    def ask(self, body: Mapping[str, Any]) -> Answer:
        """Make a call and read its answer."""
        try:
            reply = self.post(body)
        except Unanswered as reason:
            return Answer(body, Reply(0, {}, b"", 0.0), fault=str(reason))
        try:
            return Answer(body, reply, read(reply.body))
        except NotStrict:
            return Answer(body, reply)

    @cached_property
    def answers(self) -> list[Answer]:
        """What it says to a whole call, to the same call again, and to the tester's own calls of its hook."""
        made = self.call() if self.is_known else None
        again = {**made, "hookInstance": self.probe.world.new_id()} if made else None
        own = [each for each in self.probe.wishes.own if each.get("hook") == self.hook]
        return [self.ask(each) for each in [made, again, *own] if each]
