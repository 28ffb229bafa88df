"""A graver form of a disease is found wherever the plain one is: the words for it hide the plain words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from cds_service.clinical.concepts import Concept
from cds_service.clinical.words import words
from cds_service.replay.knowledge import terminology

# Longer words on the left that are not meant to be what the shorter words in them say, with the reason.
NOT_MEANT = {
    "another disease": {
        ("aspiration", "pneumonia"), ("ild", "pneumonia"), ("pjp", "pneumonia"), ("cirrhosis", "hypertension"),
        ("glaucoma", "hypertension"), ("ibm", "myositis_other"), ("masld", "liver_risk"),
        ("overlap_myositis", "overlap_ctd"), ("aki", "ckd"), ("ate", "vte"), ("respiratory_failure", "dyspnoea"),
        ("rapidly_progressive_ild", "pneumonia"), ("other_transfusion_reaction", "transfusion_reaction"),
        ("other_transfusion_reaction", "fever"), ("dm", "ate"), ("mi2_antibody", "ate"),
    },
    "past or only possible": {
        ("latent_tb", "tb"), ("tb_exposure", "tb"), ("malignancy_history", "malignancy"), ("thrombosis_history", "vte"),
        ("family_history_of_cancer", "malignancy"), ("family_history_of_cancer", "malignancy_history"),
        ("hepatitis_b_past", "hepatitis_b"), ("liver_risk", "alcohol_use_disorder"),
    },
    "a pregnancy that is over": {
        ("pregnancy_end", "pregnancy"), ("pregnancy_before", "pregnancy"), ("pregnancy_before", "pregnancy_end"),
    },
    "a pregnancy that goes on": {("pregnancy", "pregnancy_end")},
    "a pregnancy that is not to be protected": {("trophoblastic_or_ectopic", "pregnancy")},
    "asked for beside the plain one": {
        ("amyopathic_dm", "dm"), ("jdm", "dm"), ("dm_respiratory", "dm"), ("dm_paraneoplastic", "dm"),
        ("dermatopolymyositis", "dm"), ("dermatopolymyositis", "polymyositis"), ("dm_paraneoplastic", "malignancy"),
        ("amyopathic_dm", "myositis_other"), ("iim", "myositis_other"), ("overlap_myositis", "myositis_other"),
        ("febrile_neutropenia", "fever"), ("febrile_neutropenia", "neutropenia"), ("febrile_neutropenia", "sepsis"),
        ("liver_risk", "masld"), ("aspiration", "dysphagia"), ("ild", "dm"),
    },
}  # fmt: skip


def conditions() -> list[Concept]:
    """All conditions of the shipped lists."""
    return list(terminology().of_kind("condition"))


def hidden() -> Iterator[tuple[str, str]]:
    """Concepts whose words stand inside longer words of another, and are not found there."""
    for longer, plain in permutations(conditions(), 2):
        inner = [words(name) for name in plain.names]
        for name in longer.names:
            spelt = words(name)
            stands = any(spelt[at : at + len(each)] == each for each in inner for at in range(len(spelt)))
            if stands and plain.name not in terminology().conditions_in_text(name):
                yield longer.name, plain.name


def test_a_graver_form_is_found_as_the_plain_one() -> None:
    """By each of its names, codes and beginnings."""
    terms = terminology()
    graver = [each for each in conditions() if each.is_a]
    assert {each.name for each in graver} >= {"rapidly_progressive_ild", "liver_failure"}
    for concept in graver:
        both = {concept.name, concept.is_a}
        assert all(both <= terms.conditions_in_text(name) for name in concept.names), concept.name
        coded = [(code.system, code.code) for code in concept.codes] + [*concept.begins]
        assert all(both <= terms.concepts(system, code, "condition") for system, code in coded), concept.name


def test_no_disease_hides_in_longer_words() -> None:
    """What longer words say without the plain disease in them is decided here, one by one."""
    meant = set().union(*NOT_MEANT.values())
    assert set(hidden()) == meant
