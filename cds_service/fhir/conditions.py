"""Conditions: problems and diagnoses that are neither refuted nor entered in error.

https://hl7.org/fhir/R4/condition.html
"""

from __future__ import annotations

import re
from datetime import date

from cds_service.clinical.chart import Problem
from cds_service.clinical.terms import Terminology
from cds_service.fhir import references
from cds_service.fhir.concepts import by_code
from cds_service.fhir.notes import Notes
from cds_service.fhir.problem_words import mild_in, said_of_patient
from cds_service.fhir.values import Resource, codings, day, member, text, words

_DROPPED = frozenset({"refuted", "entered-in-error"})
_UNCERTAIN = frozenset({"provisional", "differential", "unconfirmed"})
_ACTIVE = frozenset({"active", "recurrence", "relapse"})
_MAYBE = re.compile(
    r"\b(possible|possibly|probable|suspected|suspicion|suspect|rule out|r/o|query|vs|versus|verdacht|fraglich)\b|\?|"
    r"\bv\. ?a\.|\b(not|cannot|can not|cant|to) (yet )?(be |been )?(ruled out|excluded)\b",
    re.IGNORECASE,
)


def read_condition(resource: Resource, terms: Terminology, today: date, notes: Notes) -> Problem | None:
    """The problem, or ``None`` where the record itself says it is none."""
    if _status(resource.get("verificationStatus")) in _DROPPED:
        return None
    code = resource.get("code")
    said = words(code)
    pairs = tuple((each.system, each.code) for each in codings(code))
    if not pairs and not said:
        notes.add(resource, "code", "names no problem")
        return None
    concepts = by_code(code, terms, "condition")
    by_text, past = not concepts, False
    if by_text:
        told = said_of_patient(said, terms)
        concepts, past, mild = told.now or told.before, bool(told.before) and not told.now, told.mild
    else:
        mild = mild_in(said, terms)
    ended = _end(resource)
    return Problem(
        concepts=concepts,
        codes=pairs,
        text=said,
        active=_is_active(resource, ended, today) and not past,
        certain=_is_certain(resource) and not (by_text and _MAYBE.search(said)),
        onset=_onset(resource),
        recorded=day(resource.get("recordedDate")),
        ended=ended,
        reference=references.name(resource),
        severe=_is_graded(resource, "severe", terms),
        told_as_past=past,
        mild=mild | (concepts if _is_graded(resource, "mild", terms) else frozenset()),
    )


def _status(value: object) -> str:
    """A status code; older systems send the bare code."""
    if isinstance(value, str):
        return value.strip().lower()
    return next((coding.code.lower() for coding in codings(value)), words(value).lower())


def _is_graded(resource: Resource, grade: str, terms: Terminology) -> bool:
    """Whether its severity, by code or in words, is this grade."""
    severity = resource.get("severity")
    return grade in by_code(severity, terms, "answer") | terms.named("answer", words(severity))


def _is_certain(resource: Resource) -> bool:
    return _status(resource.get("verificationStatus")) not in _UNCERTAIN


def _is_active(resource: Resource, ended: date | None, today: date) -> bool:
    """By its status; a problem without one is active until it has ended."""
    status = _status(resource.get("clinicalStatus"))
    if status:
        return status in _ACTIVE
    return ended is None or ended > today


def _onset(resource: Resource) -> date | None:
    return day(resource.get("onsetDateTime")) or day(member(resource, "onsetPeriod").get("start"))


def _end(resource: Resource) -> date | None:
    """The last day it may have lasted."""
    period = member(resource, "abatementPeriod")
    for written in (resource.get("abatementDateTime"), period.get("end"), period.get("start")):
        if text(written):
            return day(written, last=True)
    return None
