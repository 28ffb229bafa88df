"""The calendar of a patient: what is overdue, due soon, missing before a drug; nothing that is ordered already."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from cds_service.clinical.chart import Done, Medication, ServiceOrder
from cds_service.clinical.facts import Scope
from cds_service.clinical.known import Known, Unknown
from cds_service.content import cards_dir
from cds_service.knowledge.load import Knowledge, load
from tests.clinical.charts import UNREAD, PlainChart, ago, draft, drug, limits, person, result, results, taken

WEEKLY = taken("15", days_a_week="1")


@cache
def knowledge() -> Knowledge:
    """The shipped knowledge."""
    return load(cards_dir())


def scope(order: Medication | None = None, **chart: Any) -> Scope:
    """A scope with the shipped schedules; an order that is a draft is on the screen."""
    if order is not None and order.state == "draft":
        chart["drafts"] = (order, *chart.get("drafts", ()))
    return Scope(
        PlainChart(**chart),
        knowledge().terms,
        limits(),
        order,
        schedules=knowledge().schedules,
    )


def methotrexate(days: int | None = 790, **more: object) -> Medication:
    """Methotrexate once a week, begun so many days ago."""
    return drug("methotrexate", WEEKLY, starts=None if days is None else ago(days), **more)


def bloods(days: int, *but: str) -> dict[str, Any]:
    """The monthly bloods, so many days old, without some of them."""
    names = [name for name in ("wbc", "platelets", "alt", "ast", "creatinine") if name not in but]
    return results(*(result(name, "1", days) for name in names))


def ordered(*concepts: str, days: int | None = 10, is_draft: bool = False) -> ServiceOrder:
    """An ordered test."""
    return ServiceOrder(
        "ServiceRequest/1", frozenset(concepts), is_draft, None if days is None else ago(days)
    )


@pytest.mark.parametrize(
    ("days", "percent", "late"),
    [(60, 0, 0), (84, 0, 0), (105, 25, 0), (106, 26, 22), (115, 36, 31), (130, 54, 46)],
)
def test_how_late_the_bloods_are(days: int, percent: int, late: int) -> None:
    """On an 84-day interval a test is overdue from the 106th day, more than a quarter past."""
    here = scope(results=bloods(days), drugs=Known((methotrexate(),)))
    assert int(here.get("overdue_percent").value) == percent
    assert here.get("overdue_days").value == late
    assert bool(here.get("overdue_tests").value) == bool(late)


def test_what_is_overdue_and_what_to_order() -> None:
    """All four tests in words and as orders, with the day each was last done."""
    here = scope(results=bloods(115), drugs=Known((methotrexate(),)))
    assert set(here.get("overdue_tests").value) == {"blood count", "ALT", "AST", "creatinine"}
    assert set(here.get("overdue_orders").value) == {"cbc", "alt", "ast", "creatinine"}
    assert here.get("overdue_drugs").value == ("methotrexate",)
    assert here.get("overdue_last_days").value == 115
    assert {i.on for i in here.get("overdue_percent").inputs} == {ago(115)}
    assert here.get("monitoring_profiles").value == ("ACR for methotrexate",)


def test_a_test_that_was_never_done_is_named() -> None:
    """Without any result the test is overdue since the drug was begun."""
    here = scope(results=bloods(20, "creatinine"), drugs=Known((methotrexate(60),)))
    assert here.get("overdue_orders").value == ("creatinine",)
    assert here.get("overdue_percent").inputs[0].value == "not on record"
    assert isinstance(here.get("overdue_last_days"), Unknown)


@pytest.mark.parametrize(
    ("chart", "left"),
    [
        ({"orders": Known((ordered("cbc_panel"),))}, {"alt", "ast", "creatinine"}),
        ({"orders": Known((ordered("cbc_panel", days=91),))}, {"cbc", "alt", "ast", "creatinine"}),
        ({"orders": Known((ordered("cmp", days=None),))}, {"cbc"}),
        ({"draft_services": (ordered("hepatic_panel", is_draft=True),)}, {"cbc", "creatinine"}),
        ({"orders": UNREAD}, {"cbc", "alt", "ast", "creatinine"}),
    ],
)
def test_what_is_ordered_is_not_asked_for_again(chart: dict[str, Any], left: set[str]) -> None:
    """A draft counts, and an active order that is not older than three months; a panel covers its parts."""
    here = scope(results=bloods(115), drugs=Known((methotrexate(),)), **chart)
    assert set(here.get("overdue_orders").value) == left


def test_nothing_is_asked_without_a_monitored_drug() -> None:
    """No drug, a stopped drug or another drug: no calendar."""
    for found in ((), (drug("folic_acid"),), (methotrexate(ends=ago(20), state="past"),)):
        here = scope(drugs=Known(found))
        assert here.get("overdue_percent") == Known(Decimal(0))
        assert here.get("due_count") == Known(Decimal(0))


def test_several_drugs_share_a_test_at_the_shortest_interval() -> None:
    """Azathioprine in its third month asks for the count every two weeks, whatever methotrexate allows."""
    azathioprine = drug("azathioprine", taken("100"), starts=ago(60))
    here = scope(results=bloods(20), drugs=Known((methotrexate(), azathioprine)))
    assert set(here.get("overdue_orders").value) == {"cbc", "alt", "ast"}
    assert here.get("overdue_drugs").value == ("azathioprine",)


def test_an_increase_starts_the_strict_intervals_again() -> None:
    """Ten days after an increase by a third the monthly interval holds; the last bloods were 90 days before."""
    before = methotrexate(400, reference="MedicationRequest/a", ends=ago(40))
    after = drug("methotrexate", taken("20", days_a_week="1"), starts=ago(40))
    same = drug("methotrexate", WEEKLY, starts=ago(40))
    assert scope(results=bloods(75), drugs=Known((before, after))).get("overdue_days").value == 40
    assert scope(results=bloods(75), drugs=Known((before, same))).get("overdue_days").value == 0


def test_a_child_is_followed_by_the_childrens_profile() -> None:
    """At 100 days of 120 allowed nothing is overdue in a child; in an adult it is not either before 105."""
    for years, percent, profile in ((8, 0, "jia"), (50, Decimal(1600) / 84, "acr")):
        here = scope(who=person(years), results=bloods(100), drugs=Known((methotrexate(),)))
        assert here.get("overdue_percent").value == percent
        assert here.get("monitoring_profiles").value == (
            f"{'ACR' if profile == 'acr' else profile} for methotrexate",
        )


@pytest.mark.parametrize(("days", "expected"), [(20, 0), (40, None), (115, 31)])
def test_an_unknown_start_is_told(days: int, expected: int | None) -> None:
    """Late by the longest interval is late; not late by the shortest is fine; between the two nobody knows."""
    found = scope(results=bloods(days), drugs=Known((methotrexate(None),))).get("overdue_percent")
    if expected is None:
        assert found.doubt.startswith("it is not recorded when methotrexate was begun; in its first months")
    elif expected == 0:
        assert found == Known(Decimal(0))
    else:
        assert found.value == Decimal(expected * 100) / 84


def test_what_could_not_be_read_is_a_doubt() -> None:
    """An incomplete list of results may hide a newer one: not overdue, but not fine either."""
    hidden: dict[str, Any] = {**bloods(115), "wbc": UNREAD, "platelets": UNREAD}
    found = scope(results=hidden, drugs=Known((methotrexate(),))).get("overdue_percent")
    assert found.doubt
    assert (
        "blood count" not in scope(results=hidden, drugs=Known((methotrexate(),))).get("overdue_tests").value
    )
    assert scope(drugs=UNREAD).get("overdue_percent") == Known(Decimal(0), (), UNREAD.reason)


def test_orders_on_the_screen_narrow_the_calendar() -> None:
    """While methotrexate is renewed its tests count; while folic acid is ordered none do."""
    chart: dict[str, Any] = {"results": bloods(115), "drugs": Known((methotrexate(),))}
    assert scope(draft("methotrexate", WEEKLY), **chart).get("overdue_tests").value
    assert not scope(draft("folic_acid"), **chart).get("overdue_tests").value


def test_steroids_from_a_certain_dose() -> None:
    """Blood pressure and glucose are asked for from 7.5 mg a day, not below."""
    for dose, expected in (("7.5", {"blood-pressure", "glucose"}), ("5", set())):
        here = scope(drugs=Known((drug("prednisone", taken(dose), starts=ago(60)),)))
        assert set(here.get("overdue_orders").value) == expected


def test_hbv_dna_after_rituximab_only_with_anti_hbc() -> None:
    """Months after the last infusion HBV DNA is asked for, where anti-HBc is positive."""
    infusion = drug("rituximab", taken("1000"), starts=ago(200), ends=ago(186), state="past")
    for answer, expected in (("positive", True), ("negative", False)):
        found = results(
            result("anti_hbc", None, 300, finding=answer), result("igg", "9", 30), result("wbc", "6", 30)
        )
        here = scope(results=found, drugs=Known((infusion,)))
        assert ("hbv-dna" in here.get("overdue_orders").value) is expected


def test_what_is_due_soon() -> None:
    """70 days after the last bloods they fall due in 14 days: named ahead, not overdue."""
    here = scope(results=bloods(70), drugs=Known((methotrexate(),)))
    assert here.get("due_count").value == 4
    assert here.get("next_due").value == ago(-14)
    assert set(here.get("due_tests").value) == {"blood count", "ALT", "AST", "creatinine"}
    assert set(here.get("due_orders").value) == {"cbc", "alt", "ast", "creatinine"}
    assert here.get("overdue_tests").value == ()
    assert scope(results=bloods(50), drugs=Known((methotrexate(),))).get("due_count").value == 0


def test_the_baseline_before_a_first_dose() -> None:
    """What is not on record within its days; a pregnancy test only where pregnancy is possible."""
    first = draft("methotrexate", WEEKLY)
    everything = [
        "wbc",
        "alt",
        "ast",
        "albumin",
        "bilirubin_total",
        "creatinine",
        "body_weight",
        "body_height",
    ]
    done = results(
        *(result(name, "1", 6) for name in everything),
        *(result(name, None, 900, finding="negative") for name in ("hbsag", "anti_hbc")),
        result("hrct_report", None, 366),
    )
    man, woman = person(50, "male"), person(30, "female")
    assert scope(first, who=man, results=done).get("baseline_tests").value == ("anti-HCV", "chest X-ray")
    assert scope(first, who=woman, results=done).get("baseline_orders").value == (
        "anti-hcv",
        "hcg",
        "chest-xray",
    )
    assert scope(first, who=man, results=done).get("baseline_count").value == 2


def test_a_renewal_asks_for_no_baseline() -> None:
    """Only what every order asks for: creatinine before each immunoglobulin cycle."""
    again = scope(draft("methotrexate", WEEKLY), drugs=Known((methotrexate(),)))
    assert again.get("baseline_count").value == 0
    cycle = scope(draft("ivig", taken("70000")), drugs=Known((drug("ivig", taken("70000"), starts=ago(28)),)))
    assert cycle.get("baseline_orders").value == ("creatinine", "urea", "hemoglobin")


def test_a_baseline_that_could_not_be_read_is_a_doubt() -> None:
    """What may be on record is not called missing."""
    found = scope(draft("methotrexate", WEEKLY), results={"hbsag": UNREAD}).get("baseline_tests")
    assert "HBsAg" not in found.value
    assert found.doubt == UNREAD.reason


@pytest.mark.parametrize(
    ("dose", "days", "lacks"), [("60", None, 4), ("60", 5, 0), ("60", 28, 4), ("5", None, 0)]
)
def test_the_baseline_of_a_steroid_course(dose: str, days: int | None, lacks: int) -> None:
    """Asked for before a course of some size and length, not before a short one."""
    order = draft("prednisone", taken(dose, course=days))
    assert scope(order).get("baseline_count").value == lacks


def test_the_workup_of_a_new_patient() -> None:
    """Before any drug is ordered: the bloods and serology that every plan needs."""
    here = scope(who=person(60, "male"), results=bloods(6))
    assert "HBsAg" in here.get("workup_tests").value
    assert "creatinine" not in here.get("workup_tests").value
    assert here.get("workup_count").value == len(here.get("workup_orders").value)


def test_a_chest_x_ray_reported_within_the_year_meets_the_baseline() -> None:
    """A report of the examination counts as a result would; an older one does not."""
    first = draft("methotrexate", taken("15", days_a_week="1"))
    looked = {
        days: Known((Done("DiagnosticReport/x", frozenset({"xr_chest"}), ago(days)),)) for days in (365, 366)
    }
    asked = {
        days: scope(first, who=person(50, "male"), exams=exams).get("baseline_tests").value
        for days, exams in looked.items()
    }
    assert "chest X-ray" not in asked[365]
    assert "chest X-ray" in asked[366]
