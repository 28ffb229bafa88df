"""Findings that take an order away, and those of which any one order may go: they share a card."""

from __future__ import annotations

from cds_service.knowledge.evaluate import Finding

_REMOVABLE = ("delete",)


def removes(finding: Finding) -> bool:
    """Whether the finding stops its order and offers to remove it."""
    offers = finding.tier.offers if finding.tier else ()
    return finding.group == "STOP" and any(offer.kind in _REMOVABLE for offer in offers)


def seen_together(finding: Finding) -> tuple[str, ...]:
    """What a page of alternatives was seen in, the same for each of its orders; empty for other pages."""
    if not finding.page.alternatives or not removes(finding):
        return ()
    shown = (str(found) for cause in finding.causes for found in cause.seen_in)
    return finding.group, finding.rule, *sorted(shown)
