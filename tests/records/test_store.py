"""The records, in a real database."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect

from cds_service.errors import Busy, SettingsFault
from cds_service.protocol.feedback import Item, Reason
from cds_service.records.schema import HEAD, open_database
from cds_service.records.store import Records, ShownTo
from cds_service.records.tables import metadata

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CALL = ShownTo("s1", "https://ehr.example.org", "north", "8c1f0c9e-7a52-4d4e-9f1a-0d3f3c1f0001", "p-1", "k1")
CALLER = {"service": "s1", "issuer": "https://ehr.example.org", "tenant": "north"}
CARD = "7d2a3b8e-17a5-4a51-a4a3-000000000001"
ITEM = Item(CARD, "overridden", "2026-03-01T00:00:00Z", (), Reason("known", "s"), "as discussed")

Make = Callable[..., Records]
Rows = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the database of a test lies."""
    return tmp_path / "records.db"


@pytest.fixture
def make(database: Path) -> Make:
    """Open the records, as one more process would."""

    def opened(
        now: datetime = NOW, retention: timedelta | None = None, secret: str | None = "s" * 16
    ) -> Records:
        engine = open_database(f"sqlite:///{database}")
        return Records(engine, secret=secret, retention=retention, clock=lambda: now)

    return opened


@pytest.fixture
def rows(database: Path) -> Rows:
    """Read a table without the code under test."""

    def read(table: str) -> list[dict[str, Any]]:
        connection = sqlite3.connect(database)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608
        finally:
            connection.close()

    return read


def test_the_migrations_make_the_tables_the_code_uses(database: Path) -> None:
    """A migrated database has exactly the tables, columns and indexes that are declared."""
    engine = open_database(f"sqlite:///{database}")
    found = inspect(engine)
    assert set(found.get_table_names()) == {*metadata.tables, "alembic_version"}
    for name, table in metadata.tables.items():
        columns = {(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(name)}
        assert columns == {(c.name, str(c.type), c.nullable) for c in table.columns}
        assert {i["name"] for i in found.get_indexes(name)} == {i.name for i in table.indexes}
    engine.dispose()


def test_many_processes_may_start_at_once(database: Path) -> None:
    """The schema is brought up to date by one; the others wait and find it done."""
    with ThreadPoolExecutor(8) as pool:
        engines = list(pool.map(lambda _: open_database(f"sqlite:///{database}"), range(8)))
    for engine in engines:
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD
        engine.dispose()


@pytest.mark.parametrize(
    "address", ["nonsense", "sqlite://", "sqlite:///:memory:", "sqlite:////no/such/dir/x.db", "nodb://x/y"]
)
def test_a_database_that_cannot_be_used_stops_the_start(address: str) -> None:
    """The fault names the setting and never quotes the address, which may hold a password."""
    with pytest.raises(SettingsFault, match="CDS_DATABASE_URL") as caught:
        open_database(address)
    assert "/no/such" not in str(caught.value)


def test_a_token_is_new_once(make: Make) -> None:
    """Among all processes and after a restart; the same id of another issuer is another token."""
    until = NOW + timedelta(minutes=5)
    first, second = make(), make()
    assert first.first_time("a", "t", until)
    assert not second.first_time("a", "t", until)
    assert second.first_time("b", "t", until)
    assert not make().first_time("a", "t", until)


def test_of_fifty_copies_at_once_one_is_new(make: Make) -> None:
    """However many threads and processes ask at the same time."""
    records = [make() for _ in range(4)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: records[n % 4].first_time("a", "t", NOW), range(50)))
    assert answers.count(True) == 1


def test_neither_token_nor_patient_can_be_read_back(make: Make, database: Path) -> None:
    """No table holds the id of a token or of a patient, and the hash depends on the secret."""
    records = make()
    records.first_time("a", "token-id-1", NOW)
    records.show([(CARD, ["SAF-MTX-01"])], CALL)
    held = b"".join(path.read_bytes() for path in database.parent.iterdir())
    assert b"token-id-1" not in held
    assert b"p-1" not in held


def test_shown_cards_are_kept(make: Make, rows: Rows) -> None:
    """Who was shown what, by which knowledge."""
    make().show([(CARD, ["SAF-MTX-01", "MON-01"])], CALL)
    (row,) = rows("shown_cards")
    assert row["rules"] == '["SAF-MTX-01", "MON-01"]'
    assert (row["service"], row["tenant"], row["knowledge"]) == ("s1", "north", "k1")
    assert row["hook_instance"] == CALL.hook_instance
    assert len(row["patient"]) == 64


def test_without_a_secret_no_patient_is_recorded(make: Make, rows: Rows) -> None:
    """A hash without a key could be tried out."""
    make(secret=None).show([(CARD, [])], CALL)
    assert rows("shown_cards")[0]["patient"] is None


def test_feedback_on_a_shown_card_is_kept_whole(make: Make, rows: Rows) -> None:
    """With its reason and comment, which is what it is for."""
    records = make()
    records.show([(CARD, [])], CALL)
    records.take([ITEM], **CALLER)
    (row,) = rows("feedback")
    assert (row["is_known"], row["reason_code"], row["comment"]) == (1, "known", "as discussed")


@pytest.mark.parametrize("other", [{"service": "s2"}, {"issuer": "x"}, {"tenant": "south"}, {"tenant": None}])
def test_feedback_of_a_stranger_is_only_counted(make: Make, rows: Rows, other: dict[str, Any]) -> None:
    """A card of another service, client or organisation is as unknown as an invented one; no text is kept."""
    records = make()
    records.show([(CARD, [])], CALL)
    records.take([ITEM], **{**CALLER, **other})
    (row,) = rows("feedback")
    assert (row["is_known"], row["reason_code"], row["comment"]) == (0, None, None)


def test_repeats_are_harmless(make: Make, rows: Rows) -> None:
    """The same batch five times, also at once, is one set of rows."""
    records = make()
    other = Item(CARD, "accepted", "2026-03-01T00:00:00Z", ("a", "b"))
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: records.take([ITEM, other, ITEM], **CALLER), range(5)))
    assert len(rows("feedback")) == 2


def test_what_is_past_its_time_is_forgotten(make: Make, rows: Rows) -> None:
    """Tokens that could not be used again always; cards and feedback when retention ends."""
    records = make()
    records.first_time("a", "t", NOW)
    records.show([(CARD, [])], CALL)
    records.take([ITEM], **CALLER)
    make(NOW + timedelta(days=29), timedelta(days=30)).purge()
    assert [len(rows(table)) for table in ("seen_tokens", "shown_cards", "feedback")] == [0, 1, 1]
    make(NOW + timedelta(days=31)).purge()
    assert [len(rows(table)) for table in ("shown_cards", "feedback")] == [1, 1]
    make(NOW + timedelta(days=31), timedelta(days=30)).purge()
    assert [len(rows(table)) for table in ("shown_cards", "feedback")] == [0, 0]


def test_a_database_that_fails_is_busy(make: Make, database: Path) -> None:
    """The error says nothing of what was to be written."""
    records = make()
    assert records.is_available()
    connection = sqlite3.connect(database)
    connection.execute("DROP TABLE seen_tokens")
    connection.close()
    assert not records.is_available()
    with pytest.raises(Busy) as caught:
        records.first_time("a", "token-id", NOW)
    assert caught.value.retry_after
    assert "token-id" not in str(caught.value)


def test_a_clock_that_is_set_back_makes_no_used_token_good(make: Make) -> None:
    """A token that has expired and was forgotten in the meantime could be presented again an hour earlier."""
    expires = NOW + timedelta(minutes=5)
    assert make(NOW).first_time("i", "t", expires)
    make(NOW + timedelta(hours=1)).purge()
    assert not make(NOW).first_time("i", "t", expires)
    make(NOW + timedelta(hours=3)).purge()
    assert make(NOW).first_time("i", "t", expires)


def test_a_call_does_not_wait_long_for_a_connection(database: Path) -> None:
    """Where all are in use, the database is as good as gone: the caller is told within its deadline."""
    engine = open_database(f"sqlite:///{database}")
    records = Records(engine, secret=None, retention=None, clock=lambda: NOW)
    taken = [engine.connect() for _ in range(15)]
    started = time.monotonic()
    with pytest.raises(Busy):
        records.first_time("i", "t", NOW)
    assert time.monotonic() - started < 3
    for connection in taken:
        connection.close()
    assert records.first_time("i", "t", NOW)
