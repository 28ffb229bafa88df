"""The shipped code lists: what a code, a product's text and a class mean."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
import yaml

from cds_service.clinical.concepts import KINDS
from cds_service.clinical.dosing import ProductStrength
from cds_service.clinical.terms import Terminology
from cds_service.clinical.units import convert
from cds_service.content import cards_dir
from cds_service.knowledge.codes import load_codes, strength_of
from cds_service.replay.knowledge import terminology

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
ATC = "http://www.whocc.no/atc"
LOINC = "http://loinc.org"


@pytest.fixture(scope="module")
def terms() -> Terminology:
    """The shipped lists."""
    return terminology()


def per(amount: str, holder: str, whole: str | None = None, of: str = "") -> ProductStrength:
    """A strength in milligrams."""
    return ProductStrength(Decimal(amount), "mg", holder, Decimal(whole) if whole else None, of)


def test_the_shipped_lists_have_no_fault() -> None:
    """What is in the repository loads, and holds something of every kind."""
    terms, faults = load_codes(cards_dir() / "codes")
    assert faults == ()
    assert all(terms.of_kind(kind) for kind in KINDS)


@pytest.mark.parametrize(
    ("system", "code", "kind", "meant"),
    [
        (RXNORM, "6851", "drug", {"methotrexate"}),
        (RXNORM, "105585", "drug", {"methotrexate"}),
        ("urn:oid:2.16.840.1.113883.6.88", "8640", "drug", {"prednisone"}),
        (RXNORM, "10831", "drug", {"tmp_smx"}),
        (LOINC, "2160-0", "lab", {"creatinine"}),
        ("http://loinc.org/", "2160-0", "obs", {"creatinine"}),
        ("http://hl7.org/fhir/sid/cvx", "3", "vaccine", {"mmr"}),
        (LOINC, "2160-0", "drug", set()),
        (RXNORM, "2160-0", None, set()),
        ("http://example.org/codes", "6851", None, set()),
        (RXNORM, "", None, set()),
    ],
)
def test_a_code_means_its_concept(
    terms: Terminology, system: str, code: str, kind: str | None, meant: set[str]
) -> None:
    """A code counts in its own system, under any of the system's addresses, and for its own kind only."""
    assert terms.concepts(system, code, kind) == meant


@pytest.mark.parametrize(
    ("code", "has", "has_not"),
    [
        ("M33.10", {"dm"}, {"amyopathic_dm"}),
        ("M3310", {"dm"}, {"amyopathic_dm"}),
        ("m33.12", {"dm"}, {"amyopathic_dm"}),
        ("M33.13", {"amyopathic_dm"}, {"dm"}),
        ("C00.1", {"malignancy"}, set()),
        ("C50.911", {"malignancy"}, set()),
        ("C96.9", {"malignancy"}, set()),
        ("C97", {"malignancy"}, set()),
        ("C4A.0", {"malignancy"}, set()),
        ("C7A.010", {"malignancy"}, set()),
        ("C7B.1", {"malignancy"}, set()),
        ("C44.1", {"malignancy_range"}, {"malignancy"}),
        ("O00.90", {"pregnancy", "trophoblastic_or_ectopic"}, set()),
        ("O10.011", {"pregnancy"}, {"pregnancy_end"}),
        ("O26.891", {"pregnancy"}, set()),
        ("O9A.212", {"pregnancy"}, set()),
        ("O03.9", {"pregnancy_end"}, set()),
        ("O80", {"pregnancy_end"}, {"pregnancy"}),
        ("K74.3", {"cirrhosis"}, set()),
        ("K74.60", {"cirrhosis"}, set()),
        ("K74.01", {"liver_risk"}, {"cirrhosis"}),
        ("K70.2", {"liver_risk"}, {"alcohol_liver_disease"}),
        ("K70.30", {"alcohol_liver_disease"}, {"liver_risk"}),
        ("E66.01", {"obesity"}, set()),
        ("E66.3", set(), {"obesity"}),
        ("K92.0", {"gi_bleed"}, set()),
        ("E27.40", {"adrenal_insufficiency"}, set()),
        ("R29.1", {"migraine"}, set()),
        ("Z45.2", {"central_line"}, set()),
        ("E27.5", set(), {"adrenal_insufficiency"}),
        ("D00.0", set(), {"malignancy", "malignancy_range", "dm"}),
    ],
)
def test_a_diagnosis_is_known_by_its_beginning(
    terms: Terminology, code: str, has: set[str], has_not: set[str]
) -> None:
    """With and without the dot, in any case, ranges to both ends, exceptions taken out."""
    found = terms.concepts(ICD, code, "condition")
    assert has <= found
    assert not has_not & found


def test_every_beginning_is_one_that_codes_have(terms: Terminology) -> None:
    """What is written as a range is opened: a beginning with a hyphen in it would match no code at all."""
    content = yaml.safe_load((cards_dir() / "codes/conditions.yaml").read_text(encoding="utf-8"))
    ranges = [
        (name, start)
        for name, entry in content.items()
        for start in entry.get("begins", {}).get("icd10cm", ())
        if "-" in start
    ]
    assert ranges
    for name, start in ranges:
        stem, last = start.split("-")
        end = last if last[0].isalpha() else stem[: -len(last)] + last
        assert all(name in terms.concepts(ICD, code) for code in (stem, end)), (name, start)


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("L04AX03", {"methotrexate"}),
        ("L01BA01", {"methotrexate"}),
        ("l04ax01", {"azathioprine"}),
        ("M01AE01", {"ibuprofen"}),
        ("M01AX99", {"other_nsaid"}),
    ],
)
def test_an_atc_code_means_one_drug(terms: Terminology, code: str, meant: set[str]) -> None:
    """A drug's own code wins over the class it begins with; an unlisted one counts for the class."""
    assert terms.concepts(ATC, code, "drug") == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("predniSONE 5 mg tab", {"prednisone"}),
        ("prednisoLONE 5 mg tab", {"prednisolone"}),
        ("METHYLPREDNISOLONE 1 g vial", {"methylprednisolone"}),
        ("MTX 2.5 mg tablet", {"methotrexate"}),
        ("co-trimoxazole 960 mg", {"tmp_smx"}),
        ("Bactrim DS", {"tmp_smx"}),
        ("sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet", {"tmp_smx"}),
        ("CellCept 500 mg", {"mycophenolate"}),
        ("Myfortic 360 mg", {"mycophenolic_acid"}),
        ("prednisonelike 5 mg", set()),
        ("", set()),
    ],
)
def test_a_text_names_its_drugs(terms: Terminology, text: str, meant: set[str]) -> None:
    """Generic, brand and short names as whole words in any case; a combination is not its parts."""
    assert terms.drugs_in_text(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tacrolimus 0.1 % ointment", "tacrolimus_topical"),
        ("tacrolimus 1 mg capsule", "tacrolimus"),
        ("tacrolimus", "tacrolimus"),
        ("dexamethasone eye drops", "glucocorticoid_local"),
        ("dexamethasone 4 mg tablet", "dexamethasone"),
        ("budesonide inhaler", "glucocorticoid_local"),
    ],
)
def test_a_drug_of_local_use_is_not_the_systemic_drug(terms: Terminology, text: str, meant: str) -> None:
    """Ointment, drops and inhaler are local; a form that is not told counts as systemic."""
    assert terms.drugs_in_text(text) == {meant}


def test_a_class_is_its_plain_members(terms: Terminology) -> None:
    """Classes in a class are opened, to concepts that exist; a plain concept is its own only member."""
    assert terms.members("systemic_glucocorticoid") >= {"prednisone", "methylprednisolone"}
    assert terms.members("lipid_lowering") > terms.members("statin")
    assert "statin" not in terms.members("lipid_lowering")
    assert terms.members("methotrexate") == {"methotrexate"}
    assert "glucocorticoid_local" not in terms.members("systemic_glucocorticoid")


def test_a_class_speaks_of_its_own_kind(terms: Terminology) -> None:
    """A class of drugs is no condition; what is in no list does not exist."""
    assert terms.exists("drug", "nsaid")
    assert not terms.exists("condition", "nsaid")
    assert not terms.exists("drug", "nsaids")
    assert "nsaid" in terms.classes("ibuprofen")


@pytest.mark.parametrize(
    ("code", "strength"),
    [
        ("105585", per("2.5", "tablet")),
        ("105586", per("10", "tablet")),
        ("1544385", per("50", "mL", whole="12.5")),
        ("198335", per("160", "tablet", of="trimethoprim")),
        ("6851", None),
        ("no-such-code", None),
    ],
)
def test_a_product_code_tells_its_strength(
    terms: Terminology, code: str, strength: ProductStrength | None
) -> None:
    """Per tablet or millilitre, what one pen holds, of which part of a combination; an ingredient tells none."""
    assert terms.strength(RXNORM, code) == strength


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("methotrexate 2.5 MG Oral Tablet", per("2.5", "tablet")),
        ("methotrexate 25 mg/mL injection", per("25", "mL")),
        ("Bactrim DS 800-160 MG tablet", per("160", "tablet", of="trimethoprim")),
        ("Bactrim 100 mg tablet", None),
        ("Atozet 10/40", per("40", "tablet")),
        ("Caduet 10 mg/20 mg tablet", per("20", "tablet")),
        ("Lipitor 40 mg tablet", per("40", "tablet")),
        ("Caduet tablet", None),
        ("methotrexate", None),
    ],
)
def test_a_text_tells_its_strength(terms: Terminology, text: str, strength: ProductStrength | None) -> None:
    """As written; of a combination the part that its dose is counted in; none where none is told."""
    assert terms.strength_in_text(text) == strength


def test_the_strength_of_a_code_is_the_one_its_own_name_tells() -> None:
    """A slip of a digit in a list would make every dose wrong: the code's name is read and compared."""
    compared = 0
    lists = load_codes(cards_dir() / "codes")[0]
    for name, entry in yaml.safe_load((cards_dir() / "codes/drugs.yaml").read_text(encoding="utf-8")).items():
        for code in entry.get("codes", ()):
            strength = strength_of(code["strength"]) if "strength" in code else None
            told = lists.strength_in_text(code["display"])
            # Of vitamin D the name may tell milligrams where the dose is counted in units.
            if strength and told and strength.unit == told.unit:
                compared += 1
                assert strength == replace(told, whole=strength.whole), (name, code)
    assert compared > 200


def test_how_well_a_code_was_checked_is_kept(terms: Terminology) -> None:
    """Every listed code says so; a name without a confirmed code is known as such."""
    assert terms.status(RXNORM, "6851") == "verified"
    assert terms.status(RXNORM, "no-such-code") == ""
    assert terms.name_only("corn")
    assert not terms.name_only("methotrexate")


def test_every_number_is_in_a_unit_the_service_computes_in(terms: Terminology) -> None:
    """A result in the list's own unit can be read: 3.2 L of forced vital capacity is 3.2 L."""
    units = {each.name: terms.unit(each.name) for each in terms.of_kind("lab") if terms.unit(each.name)}
    assert {"creatinine", "fvc"} <= set(units)
    assert [name for name, unit in units.items() if convert(Decimal("3.2"), unit, name, unit) is None] == []
    assert convert(Decimal(3200), "mL", "fvc", units["fvc"]) == Decimal("3.2")


def test_a_lab_has_a_topic_and_a_unit(terms: Terminology) -> None:
    """Its codes are fetched with its topic."""
    assert (terms.topic("creatinine"), terms.unit("creatinine")) == ("kidneyTests", "mg/dL")
    assert "2160-0" in terms.lab_codes("kidneyTests")
    assert all(terms.topic(each.name) for each in terms.of_kind("lab"))
