"""Problems in words: what a problem list really writes is read, and only what it says of this patient."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.fhir.problem_words import Said, said_of_patient
from cds_service.replay.knowledge import terminology

VECTORS = Path(__file__).parents[1] / "vectors"


@cache
def table(name: str) -> dict[str, Any]:
    """A file of vectors."""
    found: dict[str, Any] = yaml.safe_load((VECTORS / name).read_text(encoding="utf-8"))
    return found


def said(text: object) -> Said:
    """What the words say, by the shipped lists."""
    return said_of_patient(str(text), terminology())


@pytest.mark.parametrize("concept", table("problem-names.yaml"))
def test_a_condition_is_found_by_what_people_write(concept: str) -> None:
    """Abbreviations, plain words, plurals, both spellings of English, and German."""
    missed = [text for text in table("problem-names.yaml")[concept] if concept not in said(text).now]
    assert missed == []


@pytest.mark.parametrize("text", table("problem-words.yaml")["takes_back"])
def test_what_is_denied_past_or_another_persons_is_not_present(text: str) -> None:
    """A wish, a negative test, "ruled out", "former", "in remission", the mother's disease."""
    expected = table("problem-words.yaml")["takes_back"][text]
    found = said(text)
    assert (sorted(found.now), sorted(found.before)) == (
        sorted(expected.get("is", [])),
        sorted(expected.get("was", [])),
    )


@pytest.mark.parametrize("text", table("problem-words.yaml")["does_not_hide"])
def test_a_denial_hides_nothing_but_what_it_denies(text: str) -> None:
    """ "Without ILD, with sepsis" is sepsis; "not controlled hypertension" is hypertension."""
    expected = table("problem-words.yaml")["does_not_hide"][text]
    found = said(text)
    assert (sorted(found.now), sorted(found.before)) == (
        sorted(expected.get("is", [])),
        sorted(expected.get("was", [])),
    )


@pytest.mark.parametrize("text", table("problem-words.yaml")["mild"])
def test_only_what_is_called_mild_is_mild(text: str) -> None:
    """ "Mild to moderate" is not mild, and mild lung disease makes no dysphagia mild."""
    assert sorted(said(text).mild) == table("problem-words.yaml")["mild"][text]
