"""Every rule can be read by whoever sees its card, and its source attributes are data."""

from __future__ import annotations

import pytest

from tests.decide.service import app
from tests.test_cards import knowledge

KEYS = {
    "bibliographicCitation", "developer", "fundingSource", "releaseAndRevisionDates", "race", "ethnicity", "language",
    "sexualOrientation", "genderIdentity", "sex", "dateOfBirth", "socialDeterminants", "healthStatusAssessments",
}  # fmt: skip
RULES = sorted({page.rule for page in knowledge().pages})


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_its_thirteen_attributes(rule: str) -> None:
    """Each with a value, "not used" where nothing is used; at least one citation."""
    found = app().test_client().get(f"/knowledge/{rule}/source-attributes").get_json()
    assert set(found) == KEYS
    assert all(found.values())


def test_a_rule_says_when_it_fires() -> None:
    """The page of the kidney rule names its threshold, its sources and that nobody reviewed it."""
    page = app().test_client().get("/knowledge/SAF-MTX-04")
    assert page.status_code == 200
    for words in ("egfr: below 30", "not yet reviewed by a clinician", '<h3 class="critical">'):
        assert words in page.text
    assert "script" not in page.text


def test_what_is_used_is_said() -> None:
    """Sex and date of birth are used where kidney function is."""
    found = app().test_client().get("/knowledge/SAF-MTX-04/source-attributes").get_json()
    assert found["sex"].startswith("used for")
    assert found["race"] == "not used"


@pytest.mark.parametrize("path", ["NOPE-1", "NOPE-1/source-attributes"])
def test_a_rule_nobody_knows_is_404(path: str) -> None:
    """As an OperationOutcome."""
    answer = app().test_client().get(f"/knowledge/{path}")
    assert answer.status_code == 404
    assert answer.get_json()["resourceType"] == "OperationOutcome"
