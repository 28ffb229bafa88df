"""What a site has changed of the numbers and severities that a card rests on, in words."""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.clinical.facts import FACTS
from cds_service.knowledge.evaluate import Finding
from cds_service.knowledge.limits import Limit
from cds_service.knowledge.load import Knowledge
from cds_service.knowledge.words import escape


def site_changes(told: Sequence[Finding], knowledge: Knowledge) -> str:
    """The site's own numbers and severities that the findings rest on, a line each; "" without any."""
    overlay = knowledge.overlay
    if not overlay.site:
        return ""
    rested_on = frozenset[str]().union(*map(_limits_of, told))
    lines = [_limit(overlay.limits[name], knowledge) for name in sorted(rested_on & set(overlay.limits))]
    lines += [
        knowledge.lists.lexicon.phrase(
            "site_severity", site=escape(overlay.site), rule=finding.rule, shipped=finding.tier.shipped
        )
        for finding in told
        if finding.tier and finding.tier.shipped
    ]
    return "\n".join(dict.fromkeys(f"- {line}" for line in lines))


def _limit(limit: Limit, knowledge: Knowledge) -> str:
    lexicon = knowledge.lists.lexicon
    return lexicon.phrase(
        "site_limit",
        site=escape(knowledge.overlay.site),
        value=escape(lexicon.printed(f"{limit.value:f} {limit.unit}")),
        reason=escape(limit.means),
    )


def _limits_of(finding: Finding) -> frozenset[str]:
    """Full names of the limits that a finding's comparisons, and the facts of its words, rest on."""
    compared = {used.limit for used in finding.used}
    facts = {used.fact for used in finding.used} | {value.ask.fact for value in finding.page.values.values()}
    return frozenset(compared).union(*(FACTS[name].limits() for name in facts))
