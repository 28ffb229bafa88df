"""Products that are known by their words alone: names of several countries, brands, combinations.

A trigger without a code must match by its name (INN, USAN, brand); one that does not is silent.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.clinical.terms import Terminology
from cds_service.clinical.words import words
from cds_service.replay.knowledge import terminology

VECTORS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent.parent / "vectors/drug-names.yaml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def terms() -> Terminology:
    """The shipped code lists."""
    return terminology()


def pairs(part: str) -> list[tuple[str, str]]:
    """(concept, text) of a part of the vectors."""
    return [(concept, text) for concept, texts in VECTORS[part].items() for text in texts]


@pytest.mark.parametrize(("concept", "text"), pairs("drugs"))
def test_a_product_is_its_drug(terms: Terminology, concept: str, text: str) -> None:
    """By the spellings of several languages and by its brands, and it is no other drug."""
    assert terms.drugs_in_text(text) == {concept}


@pytest.mark.parametrize(("text", "meant"), [(c["text"], c["means"]) for c in VECTORS["combinations"]])
def test_a_combination_is_each_of_its_drugs(terms: Terminology, text: str, meant: list[str]) -> None:
    """Whichever of them a rule asks about."""
    assert terms.drugs_in_text(text) == set(meant)


@pytest.mark.parametrize(("concept", "text"), pairs("vaccines"))
def test_a_vaccine_is_known_by_its_words(terms: Terminology, concept: str, text: str) -> None:
    """By brand, by the words of its CVX code, and with a dose or route behind them; each of these is live."""
    assert terms.vaccines_in_text(text) == {concept}
    assert concept in terms.members("live_vaccine")


@pytest.mark.parametrize("text", VECTORS["not_live"])
def test_what_is_not_live_is_not_taken_for_a_live_vaccine(terms: Terminology, text: str) -> None:
    """An inactivated vaccine, or an immunoglobulin, whose name holds words of a live one."""
    is_drug = terms.drugs_in_text(text)
    assert is_drug or not terms.vaccines_in_text(text) & terms.members("live_vaccine")


@pytest.mark.parametrize("text", VECTORS["nothing"])
def test_a_name_is_not_cut_out_of_another(terms: Terminology, text: str) -> None:
    """A drug of no list stays unknown, however alike it sounds."""
    assert not terms.drugs_in_text(text)
    assert not terms.vaccines_in_text(text)


def test_each_name_of_a_drug_finds_it(terms: Terminology) -> None:
    """No name is hidden by a longer one of another drug that begins with it, and none is empty words."""
    for drug in terms.of_kind("drug"):
        for name in drug.names:
            assert words(name), (drug.name, name)
            assert terms.drugs_in_text(name) & {drug.name, drug.local}, (drug.name, name)


def test_the_words_of_a_live_vaccines_code_are_its_name(terms: Terminology) -> None:
    """The display of each CVX code of a live vaccine, sent without the code, means the vaccine."""
    live = terms.members("live_vaccine")
    for vaccine in terms.of_kind("vaccine"):
        for code in vaccine.codes if vaccine.name in live else ():
            assert vaccine.name in terms.vaccines_in_text(code.display), (vaccine.name, code.display)
