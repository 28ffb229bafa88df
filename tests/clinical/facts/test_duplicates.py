"""Two drugs of one kind are told once, to the order that is one of them."""

from __future__ import annotations

import pytest

from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import UNREAD, ago, draft, drug, scope, taken

WEEKLY = taken("15", days_a_week="1")


@pytest.mark.parametrize(
    ("new", "old", "fact"),
    [
        ("azathioprine", "mycophenolate", "duplicate_antimetabolite"),
        ("azathioprine", "mercaptopurine", "duplicate_antimetabolite"),
        ("mycophenolate", "mycophenolic_acid", "duplicate_antimetabolite"),
        ("tacrolimus", "ciclosporin", "duplicate_calcineurin"),
    ],
)
def test_pairs_of_one_kind(new: str, old: str, fact: str) -> None:
    """The pair fires in either direction, and not for an order that is no part of it."""
    assert scope(draft(new), drugs=Known((drug(old),))).get(fact).value is True
    assert scope(draft(old), drugs=Known((drug(new),))).get(fact).value is True
    bystander = scope(draft("prednisone"), drugs=Known((drug(old), drug(new))))
    assert bystander.get(fact).value is False


def test_a_change_of_dose_is_no_duplicate() -> None:
    """The same drug by the same route is a change."""
    here = scope(draft("azathioprine", taken("150")), drugs=Known((drug("azathioprine", taken("100")),)))
    assert here.get("duplicate_antimetabolite").value is False
    assert isinstance(scope(draft("azathioprine"), drugs=UNREAD).get("duplicate_antimetabolite"), Unknown)


def test_methotrexate_by_mouth_and_injection() -> None:
    """Both at once fire; a switch that names the old order does not."""
    old = drug("methotrexate", WEEKLY)
    new = draft("methotrexate", WEEKLY, route="subcutaneous")
    assert scope(new, drugs=Known((old,))).get("methotrexate_two_routes").value is True
    named = draft("methotrexate", WEEKLY, route="subcutaneous", replaces=old.reference)
    assert scope(named, drugs=Known((old,))).get("methotrexate_two_routes").value is False
    assert (
        scope(draft("methotrexate", WEEKLY), drugs=Known((old,))).get("methotrexate_two_routes").value
        is False
    )


def test_glucocorticoids_are_counted_without_pulses_and_creams() -> None:
    """Prednisone beside a single injection, a pulse and a cream is one glucocorticoid."""
    chart = (
        drug("methylprednisolone", taken("1000", course=3), route="intravenous"),
        drug("dexamethasone", taken("8", course=1), route="intravenous"),
        drug("prednisolone", taken("5"), route="topical"),
    )
    here = scope(draft("prednisone", taken("40")), drugs=Known(chart))
    assert here.get("systemic_glucocorticoid_count").value == 1
    two = scope(draft("prednisone", taken("40")), drugs=Known((drug("dexamethasone", taken("4")),)))
    assert two.get("systemic_glucocorticoid_count").value == 2
    assert scope(draft("azathioprine")).get("systemic_glucocorticoid_count").value == 0


def test_immunosuppressants_by_kind() -> None:
    """Kinds count once; rituximab counts for 183 days; others do not make a steroid order count."""
    rituximab = drug("rituximab", taken("1000"), state="past", starts=ago(183), ends=ago(183))
    chart = Known((drug("methotrexate", WEEKLY), rituximab))
    assert scope(draft("tofacitinib"), drugs=chart).get("immunosuppressant_count").value == 3
    late = drug("rituximab", taken("1000"), state="past", starts=ago(184), ends=ago(184))
    older = Known((drug("methotrexate", WEEKLY), late))
    assert scope(draft("tofacitinib"), drugs=older).get("immunosuppressant_count").value == 2
    assert scope(draft("prednisone"), drugs=chart).get("immunosuppressant_count").value == 0
    assert scope(drugs=chart).get("immunosuppressant_count").value == 2
