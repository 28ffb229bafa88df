"""Have it remembered who was shown what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import structlog

from cds_service.errors import Busy
from cds_service.protocol.cards import Card
from cds_service.protocol.discovery import Service
from cds_service.protocol.request import HookRequest
from cds_service.protocol.trust import Caller
from cds_service.records.store import Records, ShownTo

log = structlog.get_logger(__name__)

OURS = "org.dermatomyositis-cds"


class Ledger(Protocol):
    """Told of every answer before it is sent."""

    def __call__(self, service: Service, request: HookRequest, caller: Caller, cards: Sequence[Card]) -> None:
        """Note the cards of an answer."""


def ledger(records: Records, knowledge: str) -> Ledger:
    """A ledger in the records. Advice is not held back for want of a database: what could not be noted is
    an error in the log."""

    def note(service: Service, request: HookRequest, caller: Caller, cards: Sequence[Card]) -> None:
        shown_to = ShownTo(
            service=service.id,
            issuer=caller.issuer,
            tenant=caller.tenant,
            hook_instance=request.hook_instance,
            patient_id=request.patient_id,
            knowledge=knowledge,
        )
        try:
            records.show([(card.uuid, tuple(rules(card))) for card in cards], shown_to)
        except Busy:
            log.error("cards were shown and not recorded", service=service.id, cards=len(cards))

    return note


def rules(card: Card) -> Iterator[str]:
    """The ids of the rules a card speaks for."""
    said = card.extension.get(OURS)
    entries: object = said.get("rules") if isinstance(said, Mapping) else None
    for entry in entries if isinstance(entries, Iterable) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("rule"), str):
            yield entry["rule"]
