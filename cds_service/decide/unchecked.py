"""What could not be checked: told in the answer for machines, and never taken for "nothing found"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from cds_service.clinical.chart import Chart, Medication
from cds_service.clinical.known import Unknown
from cds_service.knowledge.evaluate import Finding, is_visit
from cds_service.knowledge.load import Knowledge

NOT_BUILT = "not built yet"
SWITCHED_OFF = "switched off by this site"
UNREADABLE = "drug unreadable"


def unreadable(draft: Medication) -> bool:
    """Whether a draft names no drug at all: neither a code nor a word. An unlisted drug is simply not ours."""
    return draft.recognised == "none" and not draft.name.strip()


def nothing_can_be_said(found: Sequence[Finding]) -> bool:
    """Whether no page could be judged, and none that is open could be critical."""
    return bool(found) and all(f.outcome == "unknown" and not f.unsure_critical for f in found)


def not_evaluated(
    found: Iterable[Finding], knowledge: Knowledge, chart: Chart, hook: str, unread: Sequence[Medication]
) -> list[dict[str, object]]:
    """Each rule that could not be judged once, with what is missing; rows not built or switched off among them."""
    missing: dict[str, dict[str, None]] = {}
    for finding in found:
        if finding.outcome == "unknown" or finding.doubtful:
            names = finding.missing or finding.reasons
            missing.setdefault(finding.rule, {}).update(dict.fromkeys(names))
    for rows, why in ((knowledge.pending, NOT_BUILT), (knowledge.switched_off, SWITCHED_OFF)):
        for rule in _concerning(rows, chart, hook, bool(unread)):
            missing.setdefault(rule, {})[why] = None
    if unread:
        for rule in sorted(knowledge.lists.safety):
            missing.setdefault(rule, {})[UNREADABLE] = None
    return [{"rule": rule, "missing": list(names)} for rule, names in sorted(missing.items())]


def _concerning(
    rows: Mapping[str, frozenset[str]], chart: Chart, hook: str, all_of_them: bool
) -> Iterator[str]:
    """Those of the rows that are about a drug of the call."""
    if not rows:
        return
    drugs = frozenset().union(*(order.ingredients for order in _orders(chart, hook)))
    for rule, concerned in sorted(rows.items()):
        if all_of_them or drugs & concerned:
            yield rule


def _orders(chart: Chart, hook: str) -> Iterator[Medication]:
    """The drafts; at a visit what runs."""
    if not is_visit(hook):
        yield from chart.drafts
        return
    courses = chart.medications()
    if not isinstance(courses, Unknown):
        yield from (course for course in courses.value if course.state in ("active", "on-hold"))
