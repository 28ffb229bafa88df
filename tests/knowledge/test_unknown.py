"""Every rule knows when it does not know: without the data it rests on it says so, or fires on what is left."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from cds_service.errors import DataRequired
from tests.test_cards import SEVERITY, cases, knowledge
from tests.test_metamorphic import request_of, told

FAILED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
# Decided by the draft alone, whatever else can be read; what it says of a running order is told as unread then.
ALWAYS_KNOWN = {"SAF-MTX-01"}


@cache
def firing() -> dict[str, list[Any]]:
    """The worked patients about whom each rule fires."""
    found: dict[str, list[Any]] = {}
    for each in cases():
        rule, case, notation, as_of = each.values
        if case["expect"] in SEVERITY[:3] and "unreadable" not in notation:
            found.setdefault(rule, []).append((notation, case.get("hook", "order-sign"), as_of))
    return found


def outcomes(rule: str, patient: Any) -> dict[str, str]:
    """What the rule says when each query of the call fails in turn; ``refused`` where the call cannot be judged."""
    said = {}
    whole = request_of(patient)
    for key in sorted(whole["prefetch"].keys() - {"patient"}):
        try:
            found = told({**whole, "prefetch": {**whole["prefetch"], key: FAILED}}, patient)
        except DataRequired:
            said[key] = "refused"
            continue
        words = [word for (name, _), (word, _) in found.items() if name == rule]
        said[key] = min(words, key=SEVERITY.index, default="silent")
    return said


@pytest.mark.parametrize("rule", sorted({page.rule for page in knowledge().pages}))
def test_a_rule_is_never_silent_for_want_of_data(rule: str) -> None:
    """No failed query silences a rule that fires, and one of them makes it unknown or the call refused."""
    said = [outcomes(rule, patient) for patient in firing()[rule][:4]]
    assert not [each for each in said if "silent" in each.values()]
    assert any({"unknown", "refused"} & set(each.values()) for each in said) or rule in ALWAYS_KNOWN
