"""What a card offers does no harm itself: what the list of orders holds against a drug, beyond the safety pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask

STEROID = {"drug": "prednisone", "dose": "40 mg", "timing": "daily", "route": "oral", "supply": "60 days"}
WEEKLY = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "since": "100 days ago"}
WOMAN = {"age": 29, "sex": "female", "height": "165 cm", "weight": "60 kg", "onset": "5 weeks ago"}
NO_SUBSTITUTE = [{"to": name, "severe": True, "reaction": "rash"} for name in ("atovaquone", "pentamidine")]
RESULTS = {
    "creatinine": "0.9 mg/dL",
    "potassium": "4.2 mmol/L",
    "calcium": "9.4 mg/dL",
    "wbc": "6.8 10*9/L",
    "neutrophils": "4 10*9/L",
    "platelets": "230 10*9/L",
}


def labs(on: str = "6 days ago", **more: str | None) -> list[dict[str, str]]:
    """Results of last week, some of them other than usual; those that are ``None`` are not on record."""
    return [{name: value, "on": on} for name, value in (RESULTS | more).items() if value is not None]


def problems(*names: str) -> list[Any]:
    """A problem list in words."""
    return ["dermatomyositis", *({"text": name} for name in names)]


def buttons(word: str, *, orders: list[dict[str, Any]] | None = None, **more: Any) -> list[str]:
    """The offers with the word, beside 40 mg of prednisone."""
    body = ask(MAN | {"orders": orders or [STEROID], "labs": labs(), **more})
    labels = [each["label"] for card in body["cards"] for each in card.get("suggestions", [])]
    return [label for label in labels if word in label]


def taking(*names: str) -> list[dict[str, Any]]:
    """Drugs that are taken, as a list in words has them."""
    return [{"text": name} for name in names]


@pytest.mark.parametrize(
    "more",
    [
        {"labs": labs(potassium="5.2 mmol/L")},
        {"labs": labs(on="200 days ago", potassium="5.6 mmol/L")},
        {"labs": labs(creatinine="3.6 mg/dL")},
        {"labs": labs(platelets="80 10*9/L")},
        {"medications": taking("spironolactone 50 mg")},
        {"medications": taking("ramipril 10 mg")},
        {"medications": taking("losartan 50 mg")},
        {"medications": taking("aliskiren 150 mg")},
        {"medications": taking("potassium chloride 600 mg")},
        {"medications": taking("warfarin 3 mg")},
        {"medications": taking("phenprocoumon 3 mg")},
        {"medications": taking("fluindione 20 mg")},
        {"medications": taking("dofetilide 500 mcg")},
        {"problems": problems("G6PD deficiency")},
        {"problems": problems("Megaloblastic anemia")},
        {"problems": problems("Liver failure")},
    ],
    ids=[
        "potassium raised", "raised long ago", "kidney failure", "platelets low", "spironolactone", "ACE inhibitor",
        "ARB", "aliskiren", "potassium", "warfarin", "phenprocoumon", "fluindione", "dofetilide", "G6PD deficiency",
        "no folate", "liver failure",
    ],
)  # fmt: skip
def test_where_co_trimoxazole_would_harm_another_drug_is_offered(more: dict[str, Any]) -> None:
    """Not it, and no word of it."""
    (offer,) = buttons("Pneumocystis", **more)
    assert "atovaquone" in offer or "pentamidine" in offer
    assert "co-trimoxazole" not in offer


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"medications": taking("spironolactone 50 mg")}, "potassium rises with spironolactone"),
        ({"medications": taking("warfarin 3 mg")}, "INR rises with warfarin"),
        ({"labs": labs(potassium="5.2 mmol/L")}, "potassium 5.2 mmol/L"),
        ({"labs": labs(creatinine="2.8 mg/dL")}, "half the dose"),
    ],
    ids=["spironolactone", "warfarin", "potassium", "kidney"],
)
def test_where_nothing_else_is_left_the_offer_says_what_is_against_it(
    more: dict[str, Any], words: str
) -> None:
    """Allergic to what could stand for it."""
    (offer,) = buttons("Pneumocystis", allergies=NO_SUBSTITUTE, **more)
    assert "co-trimoxazole" in offer
    assert words in offer.partition("(warning: ")[2]


@pytest.mark.parametrize(
    "more",
    [
        {"labs": labs(potassium="5.5 mmol/L")},
        {"labs": labs(potassium="5.2 mmol/L"), "medications": taking("spironolactone 50 mg")},
        {"labs": labs(creatinine="6 mg/dL")},
        {"medications": taking("dofetilide 500 mcg")},
        {"problems": problems("Hyperkalemia")},
    ],
    ids=["potassium", "potassium and what raises it", "kidney failure", "dofetilide", "hyperkalaemia"],
)
def test_co_trimoxazole_that_could_kill_is_not_offered_at_all(more: dict[str, Any]) -> None:
    """Not even where nothing else is left."""
    assert buttons("Pneumocystis", allergies=NO_SUBSTITUTE, **more) == []


def test_in_pregnancy_each_offer_says_what_is_against_it() -> None:
    """None is without a warning, and co-trimoxazole is not the only one."""
    pregnant: dict[str, Any] = {
        "patient": WOMAN,
        "problems": ["dermatomyositis", {"is": "pregnancy", "since": "60 days ago"}],
    }
    offers = buttons("Pneumocystis", **pregnant)
    assert len(offers) == 3
    assert all("warning" in offer for offer in offers)


@pytest.mark.parametrize("on", [None, "60 days ago"], ids=["never measured", "old"])
def test_a_potassium_that_is_not_known_is_to_be_checked_first(on: str | None) -> None:
    """Co-trimoxazole stays on offer; it says so, and the test is offered with it."""
    without = labs(potassium=None)
    chart = without if on is None else [*without, {"potassium": "4.2 mmol/L", "on": on}]
    (offer,) = buttons("Pneumocystis", labs=chart)
    assert "co-trimoxazole" in offer
    assert offer.endswith("(check first: potassium)")
    assert any("potassium" in label for label in buttons("Order", labs=chart))


def test_a_fresh_potassium_needs_no_check() -> None:
    """Measured last week, and not raised."""
    (offer,) = buttons("Pneumocystis")
    assert "check first" not in offer
    assert not any("potassium" in label for label in buttons("Order"))


@pytest.mark.parametrize(
    ("more", "offered"),
    [
        ({"medications": [WEEKLY, *taking("rifampicin 600 mg")]}, "pentamidine"),
        ({"medications": [WEEKLY, *taking("rifampicin 600 mg")], "problems": problems("Asthma")}, "warning"),
        ({"medications": [WEEKLY, *taking("rifampicin 600 mg")], "problems": problems("COPD")}, "warning"),
    ],
    ids=["rifampicin", "asthma", "COPD"],
)
def test_the_substitutes_have_their_own_reserve(more: dict[str, Any], offered: str) -> None:
    """Rifampicin takes atovaquone away; pentamidine narrows the airways of asthma."""
    offers = buttons("Pneumocystis", **more)
    assert offers
    assert all(offered in offer for offer in offers)


def test_dapsone_is_not_named_as_a_choice_of_a_patient_without_g6pd() -> None:
    """Nobody offers dapsone: it is named where it must not be given, and there alone."""
    texts = [
        " ".join(card["detail"] for card in ask(MAN | {"orders": [STEROID], "problems": found})["cards"])
        for found in (problems(), problems("G6PD deficiency"))
    ]
    assert ["G6PD before dapsone" in text for text in texts] == [False, False]
    assert ["No dapsone" in text for text in texts] == [False, True]


def test_alendronate_is_offered_where_nothing_speaks_against_it() -> None:
    """A man of 52 with a healthy oesophagus, healthy kidneys and a normal calcium."""
    assert buttons("alendronate") == ["Add alendronate 70 mg once a week"]


@pytest.mark.parametrize(
    "name",
    [
        "Esophageal stricture", "Achalasia", "Barrett's esophagus", "Reflux oesophagitis", "Dysphagia",
        "Aspiration pneumonia", "Unable to sit upright for 30 minutes", "Bedbound", "Hypocalcemia",
        "Osteonecrosis of the jaw", "Atypical femoral fracture",
    ],
)  # fmt: skip
def test_alendronate_is_not_offered_where_it_would_harm(name: str) -> None:
    """Tablets that stay in the oesophagus burn it; low calcium falls further."""
    assert buttons("alendronate", problems=problems(name)) == []


@pytest.mark.parametrize(
    ("calcium", "offers"),
    [("8.4 mg/dL", ["Add alendronate 70 mg once a week"]), ("8.3 mg/dL", []), ("1.7 mmol/L", [])],
)
def test_alendronate_waits_for_calcium(calcium: str, offers: list[str]) -> None:
    """Not below 8.4 mg/dL, in either unit."""
    assert buttons("alendronate", labs=labs(calcium=calcium)) == offers


def test_a_calcium_that_was_never_measured_is_to_be_checked_first() -> None:
    """Alendronate stays on offer, with the test."""
    chart = labs(calcium=None)
    assert buttons("alendronate", labs=chart) == ["Add alendronate 70 mg once a week (check first: calcium)"]
    assert any("calcium" in label for label in buttons("Order", labs=chart))


@pytest.mark.parametrize(
    "more",
    [{"labs": labs(calcium="11 mg/dL")}, {"problems": problems("Hypercalcemia")}],
    ids=["result", "problem"],
)
def test_no_calcium_is_offered_where_it_is_high(more: dict[str, Any]) -> None:
    """Neither with vitamin D."""
    assert buttons("calcium with vitamin D", **more) == []


@pytest.mark.parametrize(
    ("drug", "offers"),
    [
        ("rilpivirine 25 mg", []),
        ("clopidogrel 75 mg", ["weakens clopidogrel"]),
        ("amlodipine 5 mg", ["Add omeprazole 20 mg a day"]),
    ],
)
def test_omeprazole_does_not_take_another_drugs_effect(drug: str, offers: list[str]) -> None:
    """An antiviral that needs stomach acid fails; clopidogrel is weakened."""
    found = buttons("omeprazole", medications=taking("naproxen 500 mg", drug))
    assert len(found) == len(offers)
    assert all(words in label for words, label in zip(offers, found, strict=True))


@pytest.mark.parametrize(
    ("name", "offer", "more"),
    [
        ("trimethoprim", "co-trimoxazole", {}),
        ("risedronate", "alendronate", {}),
        ("bisphosphonates", "alendronate", {}),
        ("pantoprazole", "omeprazole", {"medications": taking("naproxen 500 mg")}),
        ("proton pump inhibitors", "omeprazole", {"medications": taking("naproxen 500 mg")}),
        ("vitamin D", "calcium with vitamin D", {}),
    ],
)
def test_an_allergy_to_a_part_or_to_the_like_speaks_against_an_offer(
    name: str, offer: str, more: dict[str, Any]
) -> None:
    """By substance and by class."""
    assert buttons(offer, **more)
    assert buttons(offer, allergies=[{"text": name, "severe": True}], **more) == []


def test_what_could_not_be_judged_is_said_with_the_offer() -> None:
    """A woman whose pregnancy status could not be read: no silence, and nothing is offered without a word."""
    offers = buttons("Pneumocystis", patient=WOMAN, unreadable=["pregnancyStatus"])
    assert offers
    assert all("not checked" in offer for offer in offers)


@pytest.mark.parametrize(
    ("drug", "named"), [("amlodipine", "omeprazole 20 mg a day"), ("rilpivirine", "no listed alternative")]
)
def test_the_words_name_the_stomach_protection_that_is_offered(drug: str, named: str) -> None:
    """None beside an antiviral that needs stomach acid."""
    body = ask(
        MAN | {"orders": [STEROID], "labs": labs(), "medications": taking("naproxen 500 mg", f"{drug} 25 mg")}
    )
    assert f"stomach protection: {named}" in " ".join(
        card["detail"] for card in body["cards"] if "stomach" in card["summary"]
    )
