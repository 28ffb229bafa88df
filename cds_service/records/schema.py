"""Open the database and bring its schema up to date, one process at a time."""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from cds_service.errors import SettingsFault

MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = "r0001"
BUSY_MILLISECONDS = 2000
# Seconds a call waits for a connection of the pool.
LONGEST_WAIT = 2.0
# Any number will do, as long as no other program locks by it in the same database.
ADVISORY_LOCK = 7_263_914_417


def open_database(address: str) -> Engine:
    """The engine of the records, its schema up to date. No connection stays open: the process may part.

    Raises :class:`SettingsFault` when the address cannot be used or the database cannot be reached.
    """
    url = _url(address)
    try:
        migrating = _engine(url, pooled=False)
        with _one_at_a_time(url, migrating):
            _bring_up_to_date(migrating)
        return _engine(url, pooled=True)
    except (NoSuchModuleError, ModuleNotFoundError):
        raise SettingsFault(f"CDS_DATABASE_URL: no driver for {url.drivername} is installed") from None
    except (DBAPIError, OSError):
        # Never the text of the error: it holds the address, with its password.
        raise SettingsFault("CDS_DATABASE_URL: the database cannot be opened or migrated") from None


def _url(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        raise SettingsFault("CDS_DATABASE_URL: is not an address like sqlite:///records.db") from None
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise SettingsFault("CDS_DATABASE_URL: a database in memory is not shared by processes; name a file")
    return url


def _engine(url: URL, *, pooled: bool) -> Engine:
    if url.get_backend_name() != "sqlite":
        pool = {"pool_timeout": LONGEST_WAIT} if pooled else {"poolclass": NullPool}
        return create_engine(url, **pool)
    arguments = {"check_same_thread": False, "timeout": BUSY_MILLISECONDS / 1000, "isolation_level": None}
    engine = (
        create_engine(url, connect_args=arguments, pool_timeout=LONGEST_WAIT)
        if pooled
        else create_engine(url, connect_args=arguments, poolclass=NullPool)
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_writing)
    return engine


def _prepare_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # any DB-API connection
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_writing(connection: Connection) -> None:
    """Take the lock at once: a transaction that reads first and writes then could not wait for another's."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def _one_at_a_time(url: URL, engine: Engine) -> Iterator[None]:
    if url.get_backend_name() == "sqlite":
        with Path(f"{url.database}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        return
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": ADVISORY_LOCK})
        yield


def _bring_up_to_date(engine: Engine) -> None:
    with engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
    # Imported here: it costs more than the whole check, and is needed once in the life of a database.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found
