"""Run by Alembic to bring a database up to date, over the connection it is handed.

A new revision: ``alembic -c cds_service/records/migrations/alembic.ini revision --autogenerate -m "..."``.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

from cds_service.records.tables import metadata


def migrate(connection: Connection) -> None:
    """Run the revisions that are missing, all or none."""
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:  # from the command line, while developing
    with create_engine(context.config.get_main_option("sqlalchemy.url") or "").connect() as opened:
        migrate(opened)
