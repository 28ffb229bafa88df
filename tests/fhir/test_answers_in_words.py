"""What a result, a reason or a category says in words that are easily taken for something else."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir.findings import in_words
from tests.decide.service import MAN, ask

Json = dict[str, Any]
OURS = "org.dermatomyositis-cds"
METHOTREXATE = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "route": "oral"}


def grade(rule: str, **notation: Any) -> str:
    """How grave a rule is told of the man, or ""."""
    cards = ask({**MAN, **notation}, "order-sign")["cards"]
    found = [each for card in cards for each in card["extension"][OURS]["rules"] if each["rule"] == rule]
    return found[0]["indicator"] if found else ""


@pytest.mark.parametrize(
    ("said", "finding"),
    [
        ("Positive, not previously tested", "positive"),
        ("Reactive. Not confirmed by neutralisation", "positive"),
        ("positive (HBsAg not quantified)", "positive"),
        ("not positive", ""),
        ("reactive: no", ""),
        ("positive, retest not reactive", ""),
    ],
)
def test_what_follows_the_answer_does_not_undo_it(said: str, finding: str) -> None:
    """A remark behind "positive" is about the test; a negation of the answer itself leaves it open."""
    assert in_words(said) == finding


@pytest.mark.parametrize("said", ["positiv", "positif", "reaktiv", "Positive, not previously tested"])
def test_a_positive_surface_antigen_is_read_in_other_languages(said: str) -> None:
    """As the names of drugs and problems are."""
    order = {"drug": "rituximab", "dose": "1000 mg", "timing": "once", "route": "intravenous"}
    labs = [{"hbsag": said, "words": True, "on": "5 days ago"}]
    assert grade("SAF-RTX-01", orders=[order], labs=labs) == "critical"


@pytest.mark.parametrize("said", ["Absent activity", "Poor", "PM", "homozygous deficient", "Low activity"])
def test_an_absent_enzyme_is_a_poor_metaboliser(said: str) -> None:
    """ "Absent" is said of the activity, not of the result."""
    order = {"drug": "azathioprine", "dose": "100 mg", "timing": "daily", "route": "oral"}
    labs = [{"tpmt_phenotype": said, "words": True}, {"nudt15": "Normal metabolizer"}]
    assert grade("SAF-AZA-03", orders=[order], labs=labs) == "critical"


@pytest.mark.parametrize(
    ("reason", "wanted"),
    [
        ("surgical site infection", "critical"),
        ("post-surgical wound infection", "critical"),
        ("prevent sepsis progression", "critical"),
        ("surgical prophylaxis", ""),
        ("prevention of infection", ""),
    ],
)
def test_an_infection_of_a_wound_is_treated_not_prevented(reason: str, wanted: str) -> None:
    """The word "surgical" alone is no prophylaxis."""
    given = {
        "text": "meropenem",
        "sig": "1 g IV q8h",
        "since": "2 days ago",
        "fhir": {"reasonCode": [{"text": reason}]},
    }
    assert grade("SAF-INF-01", orders=[METHOTREXATE], medications=[given]) == wanted


@pytest.mark.parametrize(
    ("category", "wanted"),
    [
        ("Hematology/oncology outpatient", "critical"),
        ("cytotoxic drug", "critical"),
        ("Chemotherapy", ""),
    ],
)
def test_only_chemotherapy_exempts(category: str, wanted: str) -> None:
    """A department or a kind of drug is no protocol."""
    reason = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "C50.9"}]}
    fhir = {"category": [{"text": category}], "reasonCode": [reason]}
    order = {"drug": "methotrexate", "dose": "20 mg", "timing": "daily", "route": "oral", "fhir": fhir}
    assert grade("SAF-MTX-01", orders=[order], problems=["dermatomyositis"]) == wanted
