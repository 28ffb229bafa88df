"""The shipped code lists, for writing charts."""

from __future__ import annotations

from functools import cache

from cds_service.clinical.terms import Terminology
from cds_service.content import cards_dir
from cds_service.errors import KnowledgeFault
from cds_service.knowledge.codes import load_codes


@cache
def terminology() -> Terminology:
    """The code lists. Raises :class:`~cds_service.errors.KnowledgeFault` with every fault."""
    terms, faults = load_codes(cards_dir() / "codes")
    if faults:
        raise KnowledgeFault(faults)
    return terms
