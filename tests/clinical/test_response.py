"""Improvement, classification and cancer group: the worked cases to the last digit, and every edge."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical import cancer, classification
from cds_service.clinical.response import MEASURES, RANGES, Change, Measure, category, lacking, part, score
from tests.clinical.oracle import case, shown

NAMES: dict[str, Measure] = {
    "phga": "physician_global", "ptga": "patient_global", "mmt": "muscle", "haq": "haq", "enz": "enzyme",
    "ext": "extramuscular",
}  # fmt: skip


def changes(core: dict[str, Any]) -> dict[Measure, Change]:
    """The core set of a worked case."""
    pairs = {
        "physician_global": core["phga"], "patient_global": core["ptga"], "muscle": core["mmt8"],
        "haq": core["haq"], "extramuscular": core["extramuscular"],
    }  # fmt: skip
    found: dict[Measure, Change] = {
        name: Change(Decimal(a), Decimal(b), RANGES[name])  # type: ignore[index, misc]
        for name, (a, b) in pairs.items()
    }
    uln = Decimal(core["ck_uln"])
    before, now = (Decimal(each) / uln for each in core["ck"])
    return {**found, "enzyme": Change(before, now, Decimal(15))}


@pytest.mark.parametrize("name", ["G23", "G24", "G25"])
def test_the_worked_scores(name: str) -> None:
    """Every part's per cent and points, the total and the category."""
    worked = case(name)
    found, wanted = changes(worked["core_set"]), worked["expected"]["numbers"]
    for short, expected in wanted["parts"].items():
        told = part(NAMES[short], found[NAMES[short]])
        assert shown(told.percent, expected["pct"]) == expected["pct"]
        assert told.points == expected["points"]
    assert score(found) == wanted["tis"]
    for key, juvenile in (("category_adult", False), ("category_juvenile", True)):
        if key in wanted:
            assert category(score(found), juvenile=juvenile) == wanted[key]


@pytest.mark.parametrize(
    ("total", "adult", "juvenile"),
    [("19.9", "none", "none"), ("20", "minimal", "none"), ("30", "minimal", "minimal"),
     ("40", "moderate", "minimal"), ("45", "moderate", "moderate"), ("60", "major", "moderate"),
     ("70", "major", "major")],
)  # fmt: skip
def test_the_categories_begin_at_their_edge(total: str, adult: str, juvenile: str) -> None:
    """Adult 20, 40, 60; juvenile 30, 45, 70."""
    assert category(Decimal(total), juvenile=False) == adult
    assert category(Decimal(total), juvenile=True) == juvenile


def test_a_score_without_strength_or_global_is_incomplete() -> None:
    """Both are needed, and five of six."""
    whole = changes(case("G23")["core_set"])
    assert lacking(whole) == ()
    assert lacking({k: v for k, v in whole.items() if k != "muscle"}) == ("muscle",)
    assert lacking({k: v for k, v in whole.items() if k != "haq"}) == ()
    assert lacking({k: v for k, v in whole.items() if k not in ("haq", "enzyme")}) == ("haq", "enzyme")


@given(st.sampled_from(MEASURES), st.decimals(0, 10, places=2), st.decimals(0, 10, places=2))
def test_more_improvement_is_never_fewer_points(measure: Measure, one: Decimal, other: Decimal) -> None:
    """Points never fall as the percentage rises."""
    sign = -1 if measure == "muscle" else 1
    less, more = sorted((one, other))
    start = Decimal(50)
    parts = [part(measure, Change(start, start - sign * each, Decimal(10))) for each in (less, more)]
    assert parts[0].points <= parts[1].points


@pytest.mark.parametrize("name", ["G34", "G35", "G36", "G37", "G38", "G39"])
def test_the_worked_classifications(name: str) -> None:
    """Score, probability and category; the category by the score, exactly at its edge."""
    worked = case(name)
    biopsy, wanted = worked["with_biopsy"], worked["expected"]["numbers"]
    total = classification.score(worked["items"], biopsy=biopsy)
    assert total == wanted["score"]
    found = classification.probability_percent(total, biopsy=biopsy)
    assert abs(found - wanted["probability_pct"]) <= Decimal("0.06")
    assert classification.category(total, biopsy=biopsy) == wanted["category"]


def test_the_worked_cancer_groups() -> None:
    """Anti-TIF1-gamma at 58 with dysphagia is high, with one scan as an option; antisynthetase at 35 is standard."""
    found = {"dm", "anti_tif1g", "onset_above_40", "dysphagia"}
    assert (cancer.category(found), cancer.factors(found)) == ("high", (4, 0))
    assert cancer.single_scan(found)
    other = {"male"}
    assert (cancer.category(other), cancer.factors(other)) == ("standard", (0, 1))


def test_of_dermatomyositis_and_amyopathic_disease_the_graver_counts() -> None:
    """They exclude each other: with both on the list only the high factor counts."""
    assert cancer.factors({"dm", "amyopathic_dm"}) == (1, 0)
    assert cancer.factors({"amyopathic_dm"}) == (0, 1)


@given(
    st.frozensets(st.sampled_from(sorted(cancer.HIGH | cancer.INTERMEDIATE))),
    st.sampled_from(sorted(cancer.HIGH)),
)
def test_one_more_factor_never_lowers_the_group(found: frozenset[str], more: str) -> None:
    """What is not known yet can only raise it: a group from a part of the factors is a lower bound."""
    rank = ("standard", "moderate", "high")
    assert rank.index(cancer.category(found | {more})) >= rank.index(cancer.category(found))
