"""The first tables: tokens seen, cards shown, feedback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "seen_tokens",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("expires", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "shown_cards",
        sa.Column("card", sa.String(36), primary_key=True),
        sa.Column("service", sa.String(128), nullable=False),
        sa.Column("issuer", sa.String(1024), nullable=False),
        sa.Column("tenant", sa.String(256)),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("hook_instance", sa.String(64), nullable=False),
        sa.Column("patient", sa.String(64)),
        sa.Column("knowledge", sa.String(128), nullable=False),
        sa.Column("shown", sa.BigInteger, nullable=False, index=True),
    )
    op.create_table(
        "feedback",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("card", sa.String(64), nullable=False, index=True),
        sa.Column("service", sa.String(128), nullable=False),
        sa.Column("issuer", sa.String(1024), nullable=False),
        sa.Column("tenant", sa.String(256)),
        sa.Column("is_known", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("outcome_timestamp", sa.String(64)),
        sa.Column("accepted", sa.Text),
        sa.Column("reason_system", sa.Text),
        sa.Column("reason_code", sa.Text),
        sa.Column("reason_display", sa.Text),
        sa.Column("comment", sa.Text),
        sa.Column("received", sa.BigInteger, nullable=False, index=True),
    )


def downgrade() -> None:
    """Take it back."""
    for table in ("feedback", "shown_cards", "seen_tokens"):
        op.drop_table(table)
