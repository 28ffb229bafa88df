"""Remember tokens, cards and feedback.

A database that does not answer is :class:`~cds_service.errors.Busy`: the caller of this module decides
whether the call can go on without.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cds_service.errors import Busy
from cds_service.protocol.feedback import Item
from cds_service.records.tables import feedback, seen_tokens, shown_cards

log = structlog.get_logger(__name__)

PLAIN_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
BETWEEN_PURGES = timedelta(minutes=10)
# A clock that is set back, or another replica's that is behind, must not make a forgotten token good again.
CLOCKS_APART = timedelta(hours=2)
RETRY_AFTER = 2


@dataclass(frozen=True, slots=True)
class ShownTo:
    """The call a card answers: by whom, for whom, by which knowledge."""

    service: str
    issuer: str
    tenant: str | None
    hook_instance: str
    patient_id: str
    knowledge: str


class Records:
    """The records in a database.

    ``secret`` keys the hash of patients (without one no patient is recorded); ``retention`` is how long
    cards and feedback are kept (``None``: for ever); ``clock`` is an aware time.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        secret: str | None,
        retention: timedelta | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._secret = secret.encode() if secret else None
        self._retention = retention
        self._clock = clock
        self._purging = threading.Lock()
        self._next_purge: datetime | None = None

    def first_time(self, issuer: str, token_id: str, expires: datetime) -> bool:
        """Note a token; whether it was new, among all processes."""
        row = {"digest": _digest(issuer, token_id), "expires": _seconds(expires)}
        with self._writing() as connection:
            return self._insert(connection, seen_tokens, [row]) == 1

    def show(self, cards: Sequence[tuple[str, Iterable[str]]], to: ShownTo) -> None:
        """Note the cards of an answer: each its uuid and the ids of its rules."""
        if not cards:
            return
        common = {
            "service": to.service,
            "issuer": to.issuer,
            "tenant": to.tenant,
            "hook_instance": self._plain(to.hook_instance),
            "patient": self._keyed(to.issuer, to.tenant or "", to.patient_id),
            "knowledge": to.knowledge,
            "shown": _seconds(self._clock()),
        }
        rows = [{**common, "card": card, "rules": json.dumps(list(rules))} for card, rules in cards]
        with self._writing() as connection:
            self._insert(connection, shown_cards, rows)

    def take(self, items: Sequence[Item], *, service: str, issuer: str, tenant: str | None) -> None:
        """Keep a batch of feedback, whole or not at all; it is on the disk when this returns."""
        with self._writing(durable=True) as connection:
            known = _shown(connection, items, service, issuer, tenant)
            caller = {"service": service, "issuer": issuer, "tenant": tenant}
            received = _seconds(self._clock())
            told = [(item, item.card in known) for item in items]
            rows = [_feedback_row(*each, caller) | {"received": received} for each in told]
            self._insert(connection, feedback, rows)

    def is_available(self) -> bool:
        """Whether the database answers."""
        try:
            with self._engine.connect() as connection:
                connection.execute(select(seen_tokens.c.digest).limit(1))
        except (DBAPIError, PoolTimeout):
            return False
        return True

    def purge(self) -> None:
        """Forget what is past its time: tokens that could not be used again, and what retention ends."""
        now = self._clock()
        with self._transaction() as connection:
            connection.execute(
                delete(seen_tokens).where(seen_tokens.c.expires < _seconds(now - CLOCKS_APART))
            )
            if self._retention is not None:
                before = _seconds(now - self._retention)
                connection.execute(delete(shown_cards).where(shown_cards.c.shown < before))
                connection.execute(delete(feedback).where(feedback.c.received < before))

    @contextmanager
    def _writing(self, *, durable: bool = False) -> Iterator[Connection]:
        self._purge_in_time()
        with self._transaction(durable=durable) as connection:
            yield connection

    @contextmanager
    def _transaction(self, *, durable: bool = False) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                if self._engine.dialect.name == "sqlite":
                    level = "FULL" if durable else "NORMAL"
                    _pragma(connection, f"synchronous={level}")
                with connection.begin():
                    yield connection
        except (DBAPIError, PoolTimeout) as error:
            # Never the text: it quotes the row.
            log.error("records unavailable", type=type(error).__name__)
            raise Busy("the records are not available; call again", retry_after=RETRY_AFTER) from None

    def _purge_in_time(self) -> None:
        now = self._clock()
        with self._purging:
            if self._next_purge is not None and now < self._next_purge:
                return
            self._next_purge = now + BETWEEN_PURGES
        self.purge()

    def _insert(self, connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> int:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        return connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows).rowcount

    def _plain(self, text: str) -> str:
        return text if PLAIN_ID.fullmatch(text) else self._keyed(text) or ""

    def _keyed(self, *parts: str) -> str | None:
        if self._secret is None:
            return None
        return hmac.new(self._secret, _joined(parts), hashlib.sha256).hexdigest()


def _shown(
    connection: Connection, items: Iterable[Item], service: str, issuer: str, tenant: str | None
) -> set[str]:
    cards = sorted({item.card for item in items})
    query = select(shown_cards.c.card).where(
        shown_cards.c.card.in_(cards),
        shown_cards.c.service == service,
        shown_cards.c.issuer == issuer,
        shown_cards.c.tenant.is_(None) if tenant is None else shown_cards.c.tenant == tenant,
    )
    return set(connection.execute(query).scalars())


def _feedback_row(item: Item, is_known: bool, caller: Mapping[str, str | None]) -> dict[str, object]:
    sender = [text or "" for text in caller.values()]
    row: dict[str, object] = {
        **caller,
        # A repeat has the same digest, and so is the same row.
        "digest": _digest(*sender, item.card, item.outcome, item.timestamp, *sorted(item.accepted)),
        "card": item.card if is_known or UUID.fullmatch(item.card) else _digest(item.card),
        "is_known": is_known,
        "outcome": item.outcome,
    }
    details = {
        "outcome_timestamp": item.timestamp,
        "accepted": json.dumps(item.accepted),
        "reason_system": item.reason.system if item.reason else None,
        "reason_code": item.reason.code if item.reason else None,
        "reason_display": item.reason.display if item.reason else None,
        "comment": item.comment,
    }
    return row | (details if is_known else dict.fromkeys(details))


def _pragma(connection: Connection, pragma: str) -> None:
    raw = connection.connection.cursor()
    raw.execute(f"PRAGMA {pragma}")
    raw.close()


def _digest(*parts: str) -> str:
    return hashlib.sha256(_joined(parts)).hexdigest()


def _joined(parts: Iterable[str]) -> bytes:
    return json.dumps(list(parts)).encode()


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
