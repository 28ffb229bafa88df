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
        yield from _overlay(knowledge)


def _overlay(knowledge: Knowledge) -> Iterator[str]:
    """What a site changed; each critical check that it lowered or switched off stands out."""
    site = knowledge.overlay
    yield f"  overlay of {site.site}: {len(site.limits)} limits changed, {len(site.off)} rules switched off"
    for name, limit in sorted(site.limits.items()):
        yield f"    {name}: {limit.value} {limit.unit}, {limit.means}"
    for (rule, old), new in sorted(site.severities.items()):
        yield f"    {rule}: {old} is shown as {new}"
    if site.off:
        yield f"    switched off: {', '.join(sorted(site.off))}"
    for told in knowledge.softened:
        yield f"  CRITICAL CHECK SOFTENED: {told}"


def catalogue() -> Iterator[str]:
    """The closed catalogue of facts: name, kind, unit, what it is asked of, arguments, meaning."""
    for name in sorted(FACTS):
        spec = FACTS[name]
        of = f" of: {spec.of}" if spec.of else ""
        args = f" args: {', '.join(spec.args)}" if spec.args else ""
        yield f"{name}  {spec.kind}{f' in {spec.unit}' if spec.unit else ''}{of}{args}"
        yield f"    {spec.doc.splitlines()[0] if spec.doc else ''}"
