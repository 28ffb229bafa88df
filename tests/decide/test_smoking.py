"""Smoking is read from the answer to the question for it as well as from the problem list."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import ask, unjudged
from tests.decide.test_screening import NEW

SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"
JAK = {"drug": "tofacitinib", "dose": "5 mg", "timing": "twice daily", "route": "oral"}


def answered(system: str, code: str) -> dict[str, Any]:
    """The answer to LOINC 72166-2."""
    coded = {"coding": [{"system": system, "code": code}]}
    return {"smoking": None, "on": "40 days ago", "fhir": {"valueCodeableConcept": coded}}


def said(words: str) -> dict[str, Any]:
    """The answer in words alone."""
    return {"smoking": words, "on": "40 days ago", "words": True}


def red_flag(*labs: dict[str, Any], **more: Any) -> bool:
    """Whether the visit tells smoking as a red flag for cancer."""
    body = ask(NEW | {"labs": list(labs)} | more, "patient-view")
    assert "SCR-CA-06" not in unjudged(body)
    return "smokes" in str([(c["summary"], c["detail"]) for c in body["cards"]])


@pytest.mark.parametrize(
    ("answer", "smokes"),
    [
        (answered(SNOMED, "449868002"), True),
        (answered(SNOMED, "428041000124106"), True),
        (answered(SNOMED, "77176002"), True),
        (answered(LOINC, "LA18976-3"), True),
        (said("Current some day smoker"), True),
        (answered(SNOMED, "8517006"), False),
        (answered(SNOMED, "266919005"), False),
        (answered(SNOMED, "266927001"), False),
        (answered(LOINC, "LA18978-9"), False),
        (said("Never smoker"), False),
    ],
)
def test_who_smokes_by_the_answer_has_a_red_flag(answer: dict[str, Any], smokes: bool) -> None:
    """By SNOMED CT, LOINC or words; a former smoker, one who never did and an open question have none."""
    assert red_flag(answer) is smokes


def test_the_newest_answer_counts_and_a_problem_counts_beside_it() -> None:
    """Who stopped has no flag any more, unless the problem list still says that the patient smokes."""
    stopped = [said("Former smoker"), said("Current every day smoker") | {"on": "400 days ago"}]
    assert not red_flag(*stopped)
    problems = [*NEW["problems"], {"is": "smoker", "since": "9 years ago"}]
    assert red_flag(*stopped, problems=problems)


def test_an_answer_that_cannot_be_read_is_not_silence() -> None:
    """The row is named as not judged."""
    labs = [said("see the questionnaire of last spring")]
    assert "SCR-CA-06" in unjudged(ask(NEW | {"labs": labs}, "patient-view"))


@pytest.mark.parametrize(("words", "told"), [("Former smoker", True), ("Never smoker", False)])
def test_a_jak_inhibitor_is_weighed_for_who_smokes_or_did(words: str, told: bool) -> None:
    """The boxed warning speaks of smoking, now or in the past."""
    body = ask(NEW | {"labs": [said(words)], "orders": [JAK]}, "order-sign")
    assert ("smoking, now or in the past" in str(body["cards"])) is told
