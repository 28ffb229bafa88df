"""What the cards of the action limits say first: the act, then the value that asks for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import ask

TAKEN: dict[str, Any] = {
    "patient": {"age": 47, "sex": "male", "height": "175 cm", "weight": "80 kg", "onset": "4 years ago"},
    "problems": [{"is": "dermatomyositis", "since": "4 years ago"}],
    "medications": [
        {
            "drug": "methotrexate",
            "dose": "15 mg",
            "timing": "weekly fri",
            "route": "subcutaneous",
            "since": "2 years ago",
        },
        {"drug": "folic_acid", "dose": "5 mg", "timing": "weekly mon", "since": "2 years ago"},
    ],
}
FEVER = {"is": "fever", "since": "2 days ago"}
OLD_FEVER = {"is": "fever", "since": "15 days ago"}


def card(topic: str, *labs: dict[str, str], problems: tuple[dict[str, str], ...] = ()) -> dict[str, Any]:
    """The card of a topic when the chart is opened."""
    chart = {**TAKEN, "labs": list(labs), "problems": [*TAKEN["problems"], *problems]}
    (found,) = [c for c in ask(chart, "patient-view")["cards"] if c["source"]["topic"]["code"] == topic]
    return dict(found)


@pytest.mark.parametrize(
    ("lab", "value", "problems", "urgent"),
    [
        ("neutrophils", "0.49 10*9/L", (), True),
        ("neutrophils", "0.5 10*9/L", (), False),
        ("platelets", "49 10*9/L", (), True),
        ("platelets", "50 10*9/L", (), False),
        ("wbc", "2.9 10*9/L", (FEVER,), True),
        ("wbc", "2.9 10*9/L", (OLD_FEVER,), False),
    ],
)
def test_a_very_low_count_or_fever_is_urgent(
    lab: str, value: str, problems: tuple[dict[str, str], ...], urgent: bool
) -> None:
    """Neutrophils below 0.5, platelets below 50, or any low count with a fever of the last two weeks."""
    summary = card("MONCBC02", {lab: value, "on": "1 day ago"}, problems=problems)["summary"]
    assert summary.startswith("URGENT. Hold" if urgent else "Hold")


def test_what_was_found_is_named_and_nothing_else() -> None:
    """A low albumin is told as such, without a list of counts that nobody measured."""
    found = card("MONCBC01", {"albumin": "28 g/L", "on": "6 days ago"})
    assert "albumin 28 g/L" in found["summary"]
    assert "not known" not in found["detail"]


@pytest.mark.parametrize(
    ("more", "words"),
    [({"range": "5-40"}, "ALT or AST 3.75 times the upper limit"), ({}, "ALT or AST above 100 U/L")],
)
def test_raised_enzymes_ask_for_what_tells_liver_from_muscle(more: dict[str, str], words: str) -> None:
    """With an upper limit the multiple is told, without one the value that was passed; never "not known times"."""
    found = card("MONMTX01", {"alt": "150 U/L", "on": "6 days ago", **more})
    assert words in found["summary"]
    assert "not known" not in found["detail"].split("Could not check")[0]
    (suggestion,) = found["suggestions"]
    names = {action["resource"]["code"]["text"] for action in suggestion["actions"]}
    assert names == {"CK", "GGT", "bilirubin, total"}


@pytest.mark.parametrize(
    ("neutrophils", "platelets", "told"),
    [
        ("0.9", "240", {"MONCBC02"}),
        ("1.2", "240", {"MONMMF01"}),
        ("1.2", "130", {"MONMMF01", "MONCBC01"}),
        ("1.3", "240", {"MONCBC01"}),
    ],
)
def test_one_count_on_mycophenolate_is_one_card(neutrophils: str, platelets: str, told: set[str]) -> None:
    """The gravest row about the same count speaks; low platelets beside it are told as well."""
    labs = [{"neutrophils": f"{neutrophils} 10*9/L", "on": "3 days ago"}]
    labs.append({"platelets": f"{platelets} 10*9/L", "on": "3 days ago"})
    labs.append({"wbc": "4.1 10*9/L", "on": "3 days ago"})
    drug = {"drug": "mycophenolate", "dose": "1000 mg", "timing": "twice daily", "since": "2 years ago"}
    cards = ask({**TAKEN, "medications": [drug], "labs": labs}, "patient-view")["cards"]
    topics = {each["source"]["topic"]["code"] for each in cards}
    assert topics & {"MONCBC01", "MONCBC02", "MONMMF01"} == told
