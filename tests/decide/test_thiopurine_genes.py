"""What a card says of the genes of a thiopurine: which one, since when, and the dose in milligrams that follows."""

from __future__ import annotations

from typing import Any

from tests.decide.service import MAN, ask

ORDER = {"drug": "azathioprine", "dose": "150 mg", "timing": "daily", "route": "oral"}
ALLOPURINOL = {"drug": "allopurinol", "dose": "300 mg", "timing": "daily", "since": "200 days ago"}

# All that belongs before a first dose, so that the genes lead their card.
BASELINE = [
    {name: value, "on": "5 days ago"}
    for name, value in {
        "wbc": "6.8 10*9/L", "neutrophils": "4.1 10*9/L", "platelets": "230 10*9/L", "hemoglobin": "13 g/dL",
        "alt": "20 U/L", "ast": "20 U/L", "creatinine": "0.8 mg/dL", "hbsag": "negative", "anti_hbc": "negative",
        "anti_hcv": "negative",
    }.items()
]  # fmt: skip


def card(tpmt: str, nudt15: str = "", **more: Any) -> dict[str, Any]:
    """The card about the genes for 150 mg of azathioprine at 80 kg."""
    genes = {"tpmt_phenotype": tpmt, "nudt15": nudt15}
    labs = [{gene: f"{word} metabolizer", "on": "5 days ago"} for gene, word in genes.items() if word]
    cards = ask({**MAN, "labs": BASELINE + labs, "orders": [ORDER], **more})["cards"]
    (found,) = (each for each in cards if each["source"]["topic"]["code"] == "SAFAZA03")
    return dict(found)


def test_a_poor_metaboliser_is_told_the_gene_the_day_and_what_to_give_instead() -> None:
    """No drug of the same kind is named, and nothing that presumes that it is given."""
    found = card("poor", "normal")
    assert found["summary"].startswith("TPMT poor metaboliser (2026-11-19): do not give azathioprine")
    assert "In its place:" in found["detail"]
    assert "mycophenolate" in found["detail"]
    assert "does not replace blood counts" not in found["detail"]
    assert card("normal", "poor")["summary"].startswith("NUDT15 poor metaboliser (2026-11-19)")


def test_outside_myositis_no_drug_for_myositis_is_named() -> None:
    """The rule is for any patient; what is given instead of a thiopurine in another disease it does not know."""
    assert "In its place" not in card("poor", problems=[])["detail"]


def test_an_intermediate_metaboliser_gets_a_dose_in_milligrams() -> None:
    """30 to 80 per cent of 2 mg/kg are 48 to 128 mg at 80 kg; in half tablets 50 to 125 mg, and that is a button."""
    found = card("intermediate", "normal")
    assert "50–125 mg a day instead of 150 mg a day" in found["summary"]
    assert "may not be advised" not in found["detail"]
    assert any("125 mg" in each["label"] for each in found.get("suggestions", ()))


def test_with_both_genes_intermediate_the_dose_is_lower() -> None:
    """20 to 50 per cent of 2 mg/kg are 32 to 80 mg."""
    found = card("intermediate", "intermediate")
    assert "50–75 mg a day instead of 150 mg a day" in found["summary"]
    assert any("75 mg" in each["label"] for each in found.get("suggestions", ()))


def test_a_normal_gene_is_told_with_its_day_where_the_other_is_missing() -> None:
    """One gene normal and the other never tested is not "none on record"."""
    found = card("normal")
    assert "NUDT15 not on record, TPMT normal (2026-11-19)" in found["summary"]
    assert "TPMT: normal (2026-11-19). NUDT15: not on record." in found["detail"]


def test_beside_allopurinol_the_genes_give_no_dose_of_their_own() -> None:
    """The dose with allopurinol is a quarter to a third; 80 per cent beside it would be deadly."""
    found = card("intermediate", "normal", medications=[ALLOPURINOL])
    assert "%" not in found["summary"] + found["detail"].partition("Sources")[0]
    assert "mg a day instead" not in found["summary"]
    assert not any("Change the dose" in each["label"] for each in found.get("suggestions", ()))


def test_the_plan_of_an_intermediate_metaboliser_names_the_lower_dose() -> None:
    """Azathioprine is still an alternative, but not at 100 to 150 mg."""
    genes = [{name: f"{word} metabolizer", "on": "5 days ago"} for name, word in
             (("tpmt_phenotype", "intermediate"), ("nudt15", "normal"))]  # fmt: skip
    details = [each["detail"] for each in ask({**MAN, "labs": BASELINE + genes}, "patient-view")["cards"]]
    (told,) = (detail for detail in details if "Azathioprine" in detail)
    assert "Azathioprine 50–125 mg a day (intermediate metaboliser)" in told
    assert "100–150 mg" not in told
