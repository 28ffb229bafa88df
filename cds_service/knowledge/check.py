"""The start-up check as a command: every fault named, or what the knowledge holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cds_service.clinical.facts import FACTS
from cds_service.errors import ContentFault
from cds_service.knowledge.load import Knowledge, inspect


def check(root: Path, overlay: Path | None = None) -> tuple[Knowledge | None, tuple[ContentFault, ...]]:
    """The knowledge, and all faults of it."""
    return inspect(root, overlay)


def summary(knowledge: Knowledge) -> Iterator[str]:
    """What the knowledge holds, one line each."""
    yield f"knowledge {knowledge.version}: no fault found"
    yield f"  {len(knowledge.pages)} pages, {len(knowledge.limits)} limits, {len(FACTS)} facts"
    yield f"  {len(knowledge.lists.sources)} sources, {len(knowledge.lists.orders)} orders"
    yield f"  {len(knowledge.pending)} safety rows not built yet: {', '.join(sorted(knowledge.pending)) or 'none'}"
    if knowledge.overlay.site:
        yield f"  overlay of {knowledge.overlay.site}: {len(knowledge.overlay.limits)} limits changed"


def catalogue() -> Iterator[str]:
    """The closed catalogue of facts: name, kind, unit, what it is asked of, arguments, meaning."""
    for name in sorted(FACTS):
        spec = FACTS[name]
        of = f" of: {spec.of}" if spec.of else ""
        args = f" args: {', '.join(spec.args)}" if spec.args else ""
        yield f"{name}  {spec.kind}{f' in {spec.unit}' if spec.unit else ''}{of}{args}"
        yield f"    {spec.doc.splitlines()[0] if spec.doc else ''}"
