"""The dose of an order is its own and what adds to it, by weight and surface where those are known."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import UNREAD, draft, drug, person, scope, size, taken

WEEKLY = taken("15", days_a_week="1")


def test_the_plain_numbers_of_an_order() -> None:
    """15 mg once daily is 105 mg a week, on seven days."""
    here = scope(draft("methotrexate", taken("15")))
    assert here.get("mg_per_dose").value == 15
    assert here.get("mg_per_week").value == 105
    assert here.get("dosing_days_per_week").value == 7
    assert here.get("doses_per_dosing_day").value == 1


def test_a_change_replaces_and_an_addition_adds() -> None:
    """40 mg in place of 60 is 40; 20 mg in addition to 60 is 80."""
    old = Known((drug("prednisone", taken("60")),))
    assert scope(draft("prednisone", taken("40")), drugs=old).get("mg_per_day").value == 40
    added = scope(draft("prednisone", taken("20"), adds=True), drugs=old)
    assert added.get("mg_per_day").value == 80
    assert len(added.get("mg_per_day").inputs) == 1


def test_two_drafts_of_one_drug_add() -> None:
    """Two strengths ordered together are one dose."""
    second = draft("prednisone", taken("5"), reference="draft/second")
    assert scope(draft("prednisone", taken("20")), drafts=(second,)).get("mg_per_day").value == 25


def test_another_route_is_not_summed() -> None:
    """Tablets beside injections are a duplicate, not a larger dose."""
    old = Known((drug("methotrexate", WEEKLY, route="subcutaneous"),))
    assert scope(draft("methotrexate", WEEKLY), drugs=old).get("mg_per_week").value == 15


def test_doubts_of_a_sum() -> None:
    """An unread record, or an addition of unknown dose, leaves a doubt; an own unknown dose is unknown."""
    assert scope(draft("methotrexate", WEEKLY), drugs=UNREAD).get("mg_per_week").doubt
    vague = Known((drug("prednisone", taken(None), adds=True),))
    assert scope(draft("prednisone", taken("20")), drugs=vague).get("mg_per_day").doubt
    assert isinstance(scope(draft("prednisone", taken(None))).get("mg_per_day"), Unknown)


def test_by_weight_and_surface() -> None:
    """45 mg a week at 185 cm and 110 kg is 18.9 mg/m2; without a height unknown."""
    here = scope(draft("methotrexate", taken("45", days_a_week="1")), who=person(17, "male"),
                 results=size("110", "185"))  # fmt: skip
    assert round(here.get("mg_per_m2_per_week").value, 1) == Decimal("18.9")
    aza = scope(draft("azathioprine", taken("150")), results=size("75", "178"))
    assert aza.get("mg_per_kg_per_day").value == 2
    assert round(aza.get("mg_per_m2_per_day").value, 1) == Decimal("77.9")
    assert isinstance(scope(draft("azathioprine", taken("150"))).get("mg_per_kg_per_day"), Unknown)
    assert round(aza.get("mg_per_kg_adjusted_per_day").value, 1) == Decimal("2.1")


def test_grams_of_immunoglobulin() -> None:
    """164 g over two days at 82 kg is 2 g/kg, 1 g/kg on each day."""
    here = scope(draft("ivig", taken("82000", course=2), route="intravenous"), results=size("82", "174"))
    assert here.get("grams_per_kg_per_course").value == 2
    assert here.get("grams_per_kg_per_day").value == 1


@pytest.mark.parametrize(
    ("order", "years", "by_body", "by_surface"),
    [
        ("methotrexate", 50, False, False),
        ("methotrexate", 8, True, True),
        ("prednisone", 50, True, False),
        ("azathioprine", 50, True, False),
        ("rituximab", 50, False, False),
        ("rituximab", 8, True, True),
        ("folic_acid", 8, False, False),
    ],
)
def test_what_is_dosed_by_body(order: str, years: int, by_body: bool, by_surface: bool) -> None:
    """Adult methotrexate and rituximab are fixed doses; in a child they go by surface."""
    here = scope(draft(order), who=person(years))
    assert here.get("dose_by_body").value is by_body
    assert here.get("dose_by_surface").value is by_surface


def test_a_cream_is_not_dosed_by_body() -> None:
    """Local use needs no weight."""
    assert scope(draft("prednisone", route="topical")).get("dose_by_body").value is False


def test_how_the_order_is_written() -> None:
    """As-needed, contradiction, text-only and missing timing are read off the order."""
    written = draft(
        "methotrexate", taken("15", days_a_week=None, as_needed=True, disagreement="daily, weekly")
    )
    here = scope(written)
    assert here.get("as_needed").value is True
    assert here.get("timing_disagrees").value is True
    assert here.get("timing_computable").value is False
    assert here.get("text_only_timing").value is False
    assert here.get("names_day").value is False
    assert here.get("dosage_stated").value is True
    assert scope(draft("methotrexate", has_dosage=False)).get("dosage_stated").value is False
    assert here.get("route").value == "oral"
    assert isinstance(here.get("course_days"), Unknown)


def test_tablet_strengths() -> None:
    """10 mg tablets are told by mouth only; two strengths beside each other are mixed."""
    small, large = (Decimal("2.5"),), (Decimal(10),)
    assert scope(draft("methotrexate", WEEKLY, product_strengths=large)).get("ten_mg_tablets").value is True
    injected = draft("methotrexate", WEEKLY, product_strengths=large, route="subcutaneous")
    assert scope(injected).get("ten_mg_tablets").value is False
    two = (Decimal("2.5"), Decimal(10))
    assert scope(draft("methotrexate", WEEKLY, product_strengths=two)).get("mixed_strengths").value is True
    second = draft("methotrexate", WEEKLY, product_strengths=large, reference="draft/2")
    both = scope(draft("methotrexate", WEEKLY, product_strengths=small), drafts=(second,))
    assert both.get("mixed_strengths").value is True
    assert scope(draft("methotrexate", WEEKLY, product_strengths=small)).get("mixed_strengths").value is False


def test_without_an_order_there_is_no_dose() -> None:
    """Facts of an order are unknown where there is none."""
    assert all(isinstance(scope().get(name), Unknown) for name in ("mg_per_week", "as_needed", "route"))
