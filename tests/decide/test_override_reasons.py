"""A reason to keep an order is offered only where it could be one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask

Json = dict[str, Any]
MTX: Json = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "route": "oral"}
AZA: Json = {"drug": "azathioprine", "dose": "150 mg", "timing": "daily", "route": "oral"}
NEVER_A_DOSE = ("Dose is intentional",)
NOT_ON_A_PAIR = ("Dose is intentional", "Result available elsewhere", "Patient declined")
RUNNING: Json = {**MTX, "since": "400 days ago"}


def reasons(notation: Json, topic: str, hook: str = "order-sign") -> list[str]:
    """The override reasons of the card with that topic."""
    cards = ask({**MAN, "orders": [], **notation}, hook)["cards"]
    (card,) = (each for each in cards if each["source"]["topic"]["code"] == topic)
    return [each["display"] for each in card.get("overrideReasons", [])]


def test_daily_methotrexate_has_no_generic_excuse() -> None:
    """An oncology protocol, a wrong record, and nothing that lets a daily order pass."""
    assert reasons({"orders": [{**MTX, "timing": "daily"}]}, "SAFMTX01") == [
        "Oncology protocol",
        "Taken once a week; the recorded timing is wrong and will be corrected",
        "Data in the record are wrong",
    ]


@pytest.mark.parametrize(
    ("notation", "topic", "hook", "not_there"),
    [
        pytest.param(
            {"orders": [AZA], "medications": [{"drug": "allopurinol", "dose": "300 mg", "timing": "daily"}]},
            "SAFAZA01",
            "order-sign",
            NOT_ON_A_PAIR,
            id="a pair",
        ),
        pytest.param(
            {
                "patient": {"age": 29, "sex": "female", "height": "165 cm", "weight": "65 kg"},
                "problems": ["dermatomyositis", {"is": "pregnancy", "since": "60 days ago"}],
                "orders": [MTX],
            },
            "SAFMTX03",
            "order-sign",
            NOT_ON_A_PAIR,
            id="a pregnancy",
        ),
        pytest.param(
            {"medications": [RUNNING], "labs": [{"wbc": "6.2 10*9/L", "on": "290 days ago"}]},
            "MONOVERDUE01",
            "encounter-discharge",
            (*NEVER_A_DOSE, "Benefit outweighs the risk", "Risk already mitigated"),
            id="overdue tests",
        ),
        pytest.param(
            {"orders": [{**MTX, "dose": "35 mg"}]}, "SAFDOSEMTX", "order-sign", NOT_ON_A_PAIR, id="35 mg"
        ),
    ],
)
def test_a_reason_that_makes_no_sense_is_not_offered(
    notation: Json, topic: str, hook: str, not_there: tuple[str, ...]
) -> None:
    """Least of all the one that takes one click."""
    assert not set(not_there) & set(reasons(notation, topic, hook))


def test_reasons_stay_where_they_make_sense() -> None:
    """A dose above the usual range may be meant, and an overdue test may have been done elsewhere or declined."""
    high = {"orders": [{**MTX, "dose": "27.5 mg"}], "medications": [{**RUNNING, "dose": "25 mg"}]}
    assert "Dose is intentional" in reasons(high, "SAFDOSEMTX")
    late = {"medications": [RUNNING], "labs": [{"wbc": "6.2 10*9/L", "on": "290 days ago"}]}
    assert {"Done elsewhere", "Patient declined"} <= set(reasons(late, "MONOVERDUE01", "encounter-discharge"))
