"""The tables. Every column that can hold what a caller sent says so.

Times are whole seconds since 1970 in UTC.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, MetaData, String, Table, Text

metadata = MetaData()

# ``digest`` stands for issuer and token id: neither can be read back from it.
seen_tokens = Table(
    "seen_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("expires", BigInteger, nullable=False, index=True),
)

# Who was shown what, by which knowledge. ``patient`` is a keyed hash; ``rules`` is a JSON array of rule ids;
# ``hook_instance`` is the caller's id of the call, or its keyed hash where it is not plainly an id.
shown_cards = Table(
    "shown_cards",
    metadata,
    Column("card", String(36), primary_key=True),
    Column("service", String(128), nullable=False),
    Column("issuer", String(1024), nullable=False),
    Column("tenant", String(256)),
    Column("rules", Text, nullable=False),
    Column("hook_instance", String(64), nullable=False),
    Column("patient", String(64)),
    Column("knowledge", String(128), nullable=False),
    Column("shown", BigInteger, nullable=False, index=True),
)

# What a clinician did with a card. ``comment``, ``reason_*`` and ``outcome_timestamp`` are what the caller
# sent; they are kept only where ``is_known``, that is where the card was shown to this very caller.
# ``card`` is the card's uuid, or a hash where the caller sent something else.
feedback = Table(
    "feedback",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("card", String(64), nullable=False, index=True),
    Column("service", String(128), nullable=False),
    Column("issuer", String(1024), nullable=False),
    Column("tenant", String(256)),
    Column("is_known", Boolean, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("outcome_timestamp", String(64)),
    Column("accepted", Text),
    Column("reason_system", Text),
    Column("reason_code", Text),
    Column("reason_display", Text),
    Column("comment", Text),
    Column("received", BigInteger, nullable=False, index=True),
)
