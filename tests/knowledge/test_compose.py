"""Findings become few cards: grouped, merged, dominated, ordered, cut; nothing is ever lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical.chart import Medication
from cds_service.knowledge.compose import Plan, compose
from cds_service.knowledge.evaluate import Finding
from cds_service.knowledge.offers import Offer
from cds_service.knowledge.pages import GROUPS, INDICATORS, Page, Tier
from tests.clinical.charts import draft, scope
from tests.test_cards import knowledge

MTX, AZA = draft("methotrexate"), draft("azathioprine")
MODEL = next(page for page in knowledge().pages if page.rule == "SAF-MTX-04")
DOMINANCE = knowledge().lists.dominance


def finding(
    rule: str,
    indicator: str = "warning",
    group: str = "FIX",
    order: Medication | None = MTX,
    outcome: Any = "fired",
    offers: tuple[Offer, ...] = (),
) -> Finding:
    """A finding of a made-up page."""
    tier = replace(MODEL.tiers[0], indicator=indicator, groups={"default": group}, offers=offers)
    page: Page = replace(MODEL, rule=rule, rank=(1, 1, rule), tiers=(tier,))
    here = scope(order) if order is not None else scope()
    reasons = ("no data",) if outcome == "unknown" else ()
    return Finding(page, "order-sign", outcome, here, tier, reasons=reasons)


def cards(*found: Finding, hook: str = "order-sign", ceiling: int = 3) -> tuple[Plan, ...]:
    """The plans of these findings."""
    return compose(found, hook, DOMINANCE, ceiling)


def rules(plan: Plan) -> set[str]:
    """Every rule a plan's record holds."""
    return {each.rule for each in plan.recorded()}


def test_findings_of_one_group_about_one_order_share_a_card() -> None:
    """Two dose findings of one order are one card; the gravest leads."""
    (card,) = cards(finding("A", "info"), finding("B", "warning"))
    assert card.indicator == "warning"
    assert [each.rule for each in card.told] == ["B", "A"]


def test_two_orders_are_two_cards() -> None:
    """What is wrong with one drug is not told on the card of another."""
    assert len(cards(finding("A"), finding("A", order=AZA))) == 2


def test_two_criticals_share_a_card_only_where_one_act_resolves_both() -> None:
    """Deleting the order resolves both: one card. Two different acts: two cards."""
    delete = (Offer("delete"),)
    both = cards(
        finding("A", "critical", "STOP", offers=delete), finding("B", "critical", "STOP", offers=delete)
    )
    assert len(both) == 1
    assert len(cards(finding("A", "critical", "STOP"), finding("B", "critical", "STOP"))) == 2


def test_the_dominated_finding_is_on_the_record_and_not_in_words() -> None:
    """Daily methotrexate silences the dose card about the same order, not about another."""
    (card,) = cards(finding("SAF-MTX-01", "critical", "STOP"), finding("SAF-DOSE-MTX", "critical", "STOP"))
    assert [each.rule for each in card.told] == ["SAF-MTX-01"]
    assert rules(card) == {"SAF-MTX-01", "SAF-DOSE-MTX"}
    other = cards(
        finding("SAF-MTX-01", "critical", "STOP"), finding("SAF-DOSE-MTX", "critical", "STOP", order=AZA)
    )
    assert len(other) == 2


@pytest.mark.parametrize(
    "rule",
    ["SAF-MTX-03", "SAF-MTX-04", "SAF-MTX-08", "SAF-MTX-10", "SAF-AZA-03", "SAF-MMF-01", "SAF-PREG-01", "SAF-CYC-01",
     "SAF-JAK-01", "SAF-ALL-01"],
)  # fmt: skip
def test_what_a_drug_needs_is_not_told_where_the_drug_must_go(rule: str) -> None:
    """A stop that removes the drug speaks for its dose, its tests and its companions; other criticals stay."""
    needed = (finding("A", "warning", "START"), finding("B", "info", "WATCH"), finding("C", "warning", "FIX"))
    stop = finding(rule, "critical", "STOP")
    (card,) = cards(stop, *needed)
    assert ([each.rule for each in card.told], rules(card)) == ([rule], {rule, "A", "B", "C"})
    assert len(cards(stop, finding("D", "critical", "STOP"))) == 2
    assert len(cards(stop, finding("C", "warning", "FIX", order=AZA))) == 2


def test_what_is_found_in_the_patient_stays_where_a_drug_must_go() -> None:
    """Blood pressure on a steroid, or an IgG, is not settled by removing methotrexate; its interaction is."""
    stop, pair = finding("SAF-MTX-03", "critical", "STOP"), finding("B", "warning", "WATCH", order=None)
    pressure = replace(pair, page=replace(pair.page, drugs=frozenset({"prednisone"})))
    igg = replace(pair, page=replace(pair.page, drugs=frozenset()))
    assert [len(cards(stop, each)) for each in (pressure, igg, pair)] == [2, 2, 1]


def test_a_remark_silences_nothing() -> None:
    """It may be told nowhere; what it silenced would be lost."""
    remark = finding("SAF-MTX-01", "critical", "REMARKS")
    shown = cards(remark, finding("SAF-DOSE-MTX", "critical", "STOP"), hook="order-select")
    assert [each.rule for plan in shown for each in plan.told if each.group == "STOP"] == ["SAF-DOSE-MTX"]


def test_remarks_go_to_a_card_of_the_same_drug() -> None:
    """A line joins the card about its order; homeless lines share one card, never on order-select."""
    (card,) = cards(finding("A"), finding("L", "info", "REMARKS"))
    assert rules(card) == {"A", "L"}
    (alone,) = cards(finding("L", "info", "REMARKS"), finding("M", "info", "REMARKS"))
    assert alone.group == "REMARKS"
    assert cards(finding("L", "info", "REMARKS"), hook="order-select") == ()


def test_what_could_not_be_judged_is_told_once_at_home() -> None:
    """Inside the card of the same order; else one card, a warning if a critical row is open."""
    unknown = finding("U", "critical", outcome="unknown")
    (card,) = cards(finding("A"), unknown)
    assert card.unknown == (unknown,)
    (alone,) = cards(unknown, finding("V", "info", outcome="unknown"))
    assert (alone.group, alone.indicator) == ("NOTCHECKED", "warning")
    assert cards(finding("V", "info", outcome="unknown"))[0].indicator == "info"


def test_more_than_the_ceiling_becomes_lines() -> None:
    """Three cards; the rest is told in a line each of the last, and stays on its record."""
    found = [finding(f"R{n}", group="WATCH") for n in range(5)]
    shown = cards(*found)
    assert len(shown) == 3
    assert len(shown[-1].noted) == 2
    assert rules(shown[-1]) == {"R2", "R3", "R4"}


def test_no_critical_is_ever_cut() -> None:
    """Five criticals are five cards, whatever the ceiling."""
    found = [finding(f"R{n}", "critical", "ALARM") for n in range(5)]
    assert len(cards(*found, ceiling=1)) == 5


GROUP = st.sampled_from(GROUPS)
FINDING = st.builds(
    finding,
    st.sampled_from([f"R{n}" for n in range(6)] + ["SAF-MTX-01", "SAF-DOSE-MTX"]),
    st.sampled_from(INDICATORS),
    GROUP,
    st.sampled_from([MTX, AZA]),
    st.sampled_from(["fired", "unknown", "silent"]),
)


@given(st.lists(FINDING, max_size=12), st.integers(1, 5))
def test_nothing_is_lost_and_nothing_is_milder(found: list[Finding], ceiling: int) -> None:
    """Every fired finding is on some card's record; every critical one that is worded leads or heads a card."""
    shown = compose(found, "order-sign", DOMINANCE, ceiling)
    recorded = [id(each) for plan in shown for each in plan.recorded()]
    fired = [id(each) for each in found if each.outcome == "fired"]
    assert sorted(recorded) == sorted(fired)
    noted = {id(each) for plan in shown for under in plan.noted for each in under.recorded()}
    critical = {id(each) for each in found if each.outcome == "fired" and each.indicator == "critical"}
    assert not critical & noted
    order = [INDICATORS.index(plan.indicator) for plan in shown]
    assert order == sorted(order)


def test_tiers_are_plain_data() -> None:
    """A tier can be replaced as data; nothing in it remembers a call."""
    assert isinstance(MODEL.tiers[0], Tier)


@pytest.mark.parametrize("ceiling", [1, 2, 3, 4, 5])
def test_the_ceiling_is_the_most_there_is(ceiling: int) -> None:
    """Without criticals never more cards than the ceiling."""
    found = [finding(f"R{n}", group="WATCH") for n in range(8)]
    assert len(cards(*found, ceiling=ceiling)) == ceiling
