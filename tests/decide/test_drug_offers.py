"""Which drugs a card offers: none this patient must not have, and of those that do the same the first that passes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask
from tests.decide.test_choices import TESTED

STEROID = {"drug": "prednisone", "dose": "40 mg", "timing": "daily", "route": "oral", "supply": "60 days"}
WEEKLY = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "since": "100 days ago"}
COUNTS = [
    {name: value, "on": "6 days ago"}
    for name, value in {"creatinine": "0.9 mg/dL", "wbc": "6.8 10*9/L", "platelets": "230 10*9/L"}.items()
]
SULFA = {"to": "sulfonamide", "severe": True, "reaction": "rash"}
ATOVAQUONE = {"to": "atovaquone", "severe": True, "reaction": "rash"}
PENTAMIDINE = {"to": "pentamidine", "severe": True, "reaction": "rash"}


def protection(**more: Any) -> list[str]:
    """What is offered against Pneumocystis beside 40 mg of prednisone."""
    body = ask(MAN | {"orders": [STEROID], "labs": COUNTS, **more})
    labels = [each["label"] for card in body["cards"] for each in card.get("suggestions", [])]
    return [label for label in labels if "Pneumocystis" in label]


@pytest.mark.parametrize(
    ("more", "drug"),
    [
        ({}, "co-trimoxazole"),
        ({"medications": [WEEKLY]}, "atovaquone"),
        ({"allergies": [SULFA]}, "atovaquone"),
    ],
    ids=["nothing against it", "methotrexate", "sulfonamide allergy"],
)
def test_the_first_that_passes_is_offered_alone(more: dict[str, Any], drug: str) -> None:
    """Co-trimoxazole, unless methotrexate or an allergy speaks against it; then atovaquone, and not both."""
    (offer,) = protection(**more)
    assert drug in offer
    assert "warning" not in offer


def test_where_all_that_is_left_warns_the_offer_names_the_warning() -> None:
    """Atovaquone and pentamidine are out by allergy, drugs of no rule but on offer; methotrexate warns of the other."""
    (offer,) = protection(medications=[WEEKLY], allergies=[ATOVAQUONE, PENTAMIDINE])
    assert "(warning: Methotrexate with low-dose trimethoprim prophylaxis)" in offer


def test_where_none_passes_none_is_offered() -> None:
    """Allergic to each."""
    assert protection(allergies=[SULFA, ATOVAQUONE, PENTAMIDINE]) == []


def test_pentamidine_is_offered_where_neither_of_the_others_passes() -> None:
    """Methotrexate warns of co-trimoxazole, and the patient is allergic to atovaquone."""
    (offer,) = protection(medications=[WEEKLY], allergies=[ATOVAQUONE])
    assert "pentamidine" in offer
    assert "warning" not in offer


def test_where_allergies_could_not_be_read_none_is_offered() -> None:
    """Nobody can tell that the patient may have it."""
    assert protection(unreadable=["allergies"]) == []


@pytest.mark.parametrize(
    ("neutrophils", "wanted"),
    [("4.1 10*9/L", (False, True)), ("0.9 10*9/L", (True, True))],
    ids=["a vaccine is due", "neutrophils low"],
)
def test_rituximab_that_must_wait_offers_what_it_waits_for(
    neutrophils: str, wanted: tuple[bool, bool]
) -> None:
    """A blood count for low neutrophils and not for a vaccine that is due."""
    infusion = {"drug": "rituximab", "dose": "1000 mg", "timing": "once", "route": "intravenous"}
    tested = {"hbsag": "negative", "anti_hbc": "negative", "igg": "9 g/L", "neutrophils": neutrophils}
    labs = [{name: value, "on": "6 days ago"} for name, value in tested.items()]
    body = ask(
        MAN | {"orders": [infusion], "labs": [*COUNTS, {"hemoglobin": "13 g/dL", "on": "6 days ago"}, *labs]}
    )
    labels = " ".join(each["label"] for card in body["cards"] for each in card.get("suggestions", []))
    assert ("blood count" in labels, "pneumococcal" in labels) == wanted


@pytest.mark.parametrize(
    ("medications", "named"), [([], "co-trimoxazole 480 mg"), ([WEEKLY], "atovaquone 1,500 mg")]
)
def test_the_words_name_what_is_offered(medications: list[dict[str, Any]], named: str) -> None:
    """Beside methotrexate no word of a card speaks for co-trimoxazole."""
    body = ask(MAN | {"orders": [STEROID], "labs": COUNTS, "medications": medications})
    (text,) = [c["detail"] for c in body["cards"] if "For this patient:" in c["detail"]]
    said = text.partition("For this patient: ")[2].partition(".\n")[0]
    assert named in said
    assert ("co-trimoxazole" in said, "atovaquone" in said) == (not medications, bool(medications))


def plan_offers(**more: Any) -> str:
    """What the plan of a new patient offers."""
    body = ask(MAN | more, "patient-view")
    (card,) = [c for c in body["cards"] if c["source"]["topic"]["code"] == "REGSEQ01"]
    return " ".join(each["label"] for each in card.get("suggestions", []))


@pytest.mark.parametrize(("labs", "both"), [(TESTED, True), ([], False)], ids=["tested", "not tested"])
def test_folic_acid_is_offered_where_methotrexate_is(labs: list[dict[str, Any]], both: bool) -> None:
    """Without blood tests methotrexate is not offered, and folic acid alone would have no purpose."""
    offers = plan_offers(labs=labs)
    assert ("Draft methotrexate" in offers, "Add folic acid" in offers) == (both, both)
