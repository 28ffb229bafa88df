"""Words name no drug that would itself do harm: what the list of orders holds against a choice, beyond the pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask
from tests.decide.test_choices import TESTED

WOMAN = {"age": 29, "sex": "female", "height": "165 cm", "weight": "60 kg", "onset": "2 years ago"}
PREGNANT = ["dermatomyositis", {"is": "pregnancy", "since": "60 days ago"}]
UPADACITINIB = {"drug": "upadacitinib", "dose": "15 mg", "timing": "daily", "route": "oral"}
SINGLE = {
    "drug": "tmp_smx",
    "dose": "1 tablet",
    "text": "sulfamethoxazole 400 MG / trimethoprim 80 MG Oral Tablet",
}
METHOTREXATE = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "since": "100 days ago"}
TACROLIMUS = {"drug": "tacrolimus", "dose": "2 mg", "timing": "twice daily", "since": "100 days ago"}
CICLOSPORIN = {"drug": "ciclosporin", "dose": "100 mg", "timing": "twice daily", "since": "100 days ago"}
CLARITHROMYCIN = {"drug": "clarithromycin", "dose": "500 mg", "timing": "twice daily", "route": "oral"}
SIMVASTATIN = {"drug": "simvastatin", "dose": "20 mg", "timing": "daily", "route": "oral"}


def to(name: str, **more: Any) -> dict[str, Any]:
    """A severe allergy, as a list in words has it."""
    return {"text": name, "severe": True, **more}


def told(order: dict[str, Any], **more: Any) -> str:
    """All that the cards on an order say."""
    body = ask(MAN | {"orders": [order], "labs": TESTED, **more})
    return " ".join(f"{card['summary']} {card['detail'].partition('Checked:')[0]}" for card in body["cards"])


def in_pregnancy(*problems: str, **more: Any) -> str:
    """What a pregnant woman may have in place of a JAK inhibitor."""
    listed = [*PREGNANT, *({"text": name} for name in problems)]
    return told(UPADACITINIB, **({"patient": WOMAN, "problems": listed} | more))


@pytest.mark.parametrize(
    ("more", "drug"),
    [
        ({"problems": [*PREGNANT, {"text": "Maculopathy"}]}, "hydroxychloroquine"),
        ({"problems": [*PREGNANT, {"text": "Long QT syndrome"}]}, "hydroxychloroquine"),
        ({"allergies": [to("chloroquine")]}, "hydroxychloroquine"),
        ({"problems": [*PREGNANT, {"text": "TPMT deficiency"}]}, "azathioprine"),
    ],
    ids=["maculopathy", "long QT", "allergy to chloroquine", "TPMT deficiency"],
)
def test_a_drug_that_would_harm_is_not_named(more: dict[str, Any], drug: str) -> None:
    """It is, for the same woman without that."""
    assert drug in in_pregnancy()
    assert drug not in in_pregnancy(**more)


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        ("Myasthenia gravis", "hydroxychloroquine (warning: Myasthenia gravis)"),
        ("Lung cancer", "tacrolimus (warning: Lung cancer)"),
        ("Selective IgA deficiency", "IgA deficiency"),
    ],
)
def test_a_drug_to_be_used_with_care_is_named_with_what_asks_for_it(problem: str, words: str) -> None:
    """In brackets."""
    assert words in in_pregnancy(problem)


def test_tacrolimus_with_low_kidney_function_says_so() -> None:
    """The tables tell of a rise, not of a level."""
    low = [
        *(each for each in TESTED if "creatinine" not in each),
        {"creatinine": "2 mg/dL", "on": "3 days ago"},
    ]
    assert "tacrolimus (warning: kidney function is low)" in in_pregnancy(labs=low)


@pytest.mark.parametrize(
    ("allergies", "named"),
    [
        ([], "instead: atovaquone or pentamidine"),
        ([to("atovaquone")], "instead: pentamidine"),
        ([to("Malarone")], "instead: pentamidine"),
        ([to("atovaquone"), to("pentamidine")], "instead: no listed alternative passes"),
    ],
)
def test_what_stands_for_co_trimoxazole_beside_methotrexate_is_what_the_patient_can_have(
    allergies: list[dict[str, Any]], named: str
) -> None:
    """Though it is itself protection against the same."""
    order = SINGLE | {"timing": "daily", "route": "oral"}
    assert named in told(order, medications=[METHOTREXATE], allergies=allergies)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({}, "(for the macrolide: azithromycin)"),
        (
            {"problems": ["dermatomyositis", {"text": "Long QT syndrome"}]},
            "for the macrolide: no listed alternative",
        ),
        (
            {"labs": [*TESTED, {"qtc": "510 ms", "on": "3 days ago"}]},
            "for the macrolide: no listed alternative",
        ),
        ({"allergies": [to("erythromycin")]}, "for the macrolide: no listed alternative"),
    ],
    ids=["nothing against it", "long QT", "QTc 510 ms", "allergy to a macrolide"],
)
def test_azithromycin_is_named_where_it_can_be_had(more: dict[str, Any], named: str) -> None:
    """In place of clarithromycin beside tacrolimus."""
    assert named in told(CLARITHROMYCIN, **({"medications": [TACROLIMUS]} | more))


def test_an_inducer_has_no_macrolide_for_a_substitute() -> None:
    """Azithromycin does not stand for rifampicin."""
    rifampicin = {"drug": "rifampin", "dose": "600 mg", "timing": "daily", "route": "oral"}
    assert "azithromycin" not in told(rifampicin, medications=[TACROLIMUS])


@pytest.mark.parametrize(
    ("result", "named"),
    [(None, "in its place: pravastatin"), ("positive", "in its place: no listed alternative passes")],
)
def test_no_statin_is_named_in_place_of_one_where_none_may_be_given(result: str | None, named: str) -> None:
    """Anti-HMGCR: no statin again."""
    labs = TESTED + ([{"anti_hmgcr": result, "on": "9 days ago"}] if result else [])
    assert named in told(SIMVASTATIN, medications=[CICLOSPORIN], labs=labs)


@pytest.mark.parametrize("name", ["trimethoprim", "sulfamethoxazole"])
def test_an_allergy_to_one_part_speaks_against_the_whole(name: str) -> None:
    """Co-trimoxazole is both."""
    order = SINGLE | {"timing": "daily", "route": "oral"}
    assert "severe allergy on record" in told(order, allergies=[to(name)])


LOW_COUNT = [*(each for each in TESTED if "wbc" not in each), {"wbc": "2.5 10*9/L", "on": "3 days ago"}]


def plan(**more: Any) -> str:
    """What the plan of a new patient says."""
    body = ask(MAN | {"labs": TESTED, **more}, "patient-view")
    (card,) = [each for each in body["cards"] if each["source"]["topic"]["code"] == "REGSEQ01"]
    return f"{card['summary']} {card['detail'].partition('Checked:')[0]}"


@pytest.mark.parametrize(
    "more",
    [
        {"problems": ["dermatomyositis", {"text": "Sepsis", "since": "2 days ago"}]},
        {"problems": ["dermatomyositis", {"text": "Active tuberculosis", "since": "20 days ago"}]},
        {"labs": LOW_COUNT},
    ],
    ids=["sepsis", "tuberculosis", "white cells 2.5"],
)
def test_the_plan_begins_no_drug_that_would_be_stopped(more: dict[str, Any]) -> None:
    """An order of it would be critical; without that, methotrexate and azathioprine are named."""
    assert "methotrexate 7.5" in plan()
    assert "zathioprine 1" in plan()
    said = plan(**more)
    assert "methotrexate 7.5" not in said
    assert "zathioprine 1" not in said
    assert ("infection first" in said) == ("problems" in more)


def test_the_plan_says_that_an_allergy_to_its_glucocorticoid_is_to_be_clarified() -> None:
    """The draft is not offered, but the words name the drug."""
    assert "allergy to prednisone" in plan(allergies=[to("prednisone")])
    assert "allergy to prednisone" not in plan()
