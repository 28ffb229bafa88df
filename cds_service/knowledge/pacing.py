"""What is told on its days only: reminders beside a running glucocorticoid, and what stays the same for months."""

from __future__ import annotations

from datetime import timedelta

from cds_service.clinical.facts import FACTS
from cds_service.clinical.known import Input, Known
from cds_service.knowledge.evaluate import Finding, is_visit

_CHART_OPENED = ("patient-view", "encounter-start")
REMINDER = "steroid_reminder_due"
# For so long a new fact is told at each visit: as a half-yearly reminder is.
NEW_FOR = "glucocorticoid.remind_open_days"


def is_put_off(finding: Finding, hook: str) -> bool:
    """What stays the same for months has its days and is not told at every visit.

    What is missing beside a running glucocorticoid: at its start and twice a year; other tiers name their fact.
    What a new result, problem or drug adds is no reminder.
    """
    paced = finding.tier.paced if finding.tier else ""
    asked = REMINDER if finding.group == "STEROID" else paced
    if not asked or finding.outcome != "fired":
        return False
    if not (hook in _CHART_OPENED if is_visit(hook) else is_renewal(finding)):
        return False
    if asked == REMINDER and _is_news(finding):
        return False
    due = finding.scope.about(None).get(asked)
    return isinstance(due, Known) and not due.value


def _is_news(finding: Finding) -> bool:
    """Whether it rests on something younger than its reminder: not the steroid, which is renewed for ever."""
    today, days = finding.scope.chart.today, timedelta(days=int(finding.scope.limit(NEW_FOR)))
    dose = {each for used in finding.used if _is_of_dose(used.fact) for each in used.inputs}
    dated: set[Input] = {each for used in finding.used for each in used.inputs} - dose
    return any(each.on is not None and today - days <= each.on <= today for each in dated)


def _is_of_dose(name: str) -> bool:
    """Whether a fact tells how much is taken, or for how long."""
    unit = FACTS[name].unit
    return unit == "d" or unit.startswith("mg")


def is_renewal(finding: Finding) -> bool:
    """Whether it is about an order that only goes on with what is taken."""
    phase = finding.scope.get("phase") if finding.order is not None else None
    return isinstance(phase, Known) and phase.value == "renewal"
