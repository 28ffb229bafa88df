"""Allergies and intolerances that are active and not refuted.

https://hl7.org/fhir/R4/allergyintolerance.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds_service.clinical.chart import Allergy
from cds_service.clinical.terms import Terminology
from cds_service.fhir import references
from cds_service.fhir.concepts import by_code
from cds_service.fhir.notes import Notes
from cds_service.fhir.values import Resource, codings, day, has_code, rows, text, words

# "No known allergy", and "no known drug allergy": a statement about the patient, not an allergy.
_NONE_KNOWN_CODES = frozenset(
    {"716186003", "409137002", "428607008", "716184000", "nka", "nkda", "no-known-allergies"}
)
_NONE_KNOWN = re.compile(r"\b(no known|nkd?a|none known|no (drug |medication )?allerg)", re.IGNORECASE)
_EXCEPTED = re.compile(
    r"\b(except|apart from|other than|besides|aside from|but (for|not|has)|excluding|save for)\b|\ballerg\w+ test",
    re.IGNORECASE,
)
_LONGEST_REACTION = 40
_MILD = re.compile(
    r"nausea|vomit|diarrh|stomach|dyspepsia|abdominal (pain|discomfort)|gi upset|headache", re.IGNORECASE
)
_GRAVE = re.compile(
    r"ana(?:phyla|fil)\w*|angio-?(?:neurotic )?(?:o?edema|ödem)|quincke|stevens|lyell|necrolysis|bronchospasm|shock"
    r"|eosinophilia and systemic|hypersensitivity syndrome|laryn\w+ o?edema|\bSJS\b|\bDRESS\b(?!ing)",
    re.IGNORECASE,
)
# "Ten" is a number, too.
_GRAVE_LETTERS = re.compile(r"\bTEN\b(?! (?:days?|hours?|min\w*|years?|mg)\b)|^\W*ten\W*$")
_GRAVE_CONCEPT = "severe_reaction"


def read_allergy(resource: Resource, terms: Terminology, notes: Notes) -> Allergy | None:
    """The allergy, or ``None`` where the record itself says there is none."""
    if has_code(resource.get("verificationStatus"), "refuted", "entered-in-error"):
        return None
    if has_code(resource.get("clinicalStatus"), "inactive", "resolved") or _is_none_known(resource):
        return None
    named = tuple(_substances(resource))
    if not named:
        notes.add(resource, "code", "names no substance")
        return None
    said = tuple(_manifestations(resource))
    severe = _is_severe(resource, said) or any(
        _is_coded_grave(each, terms) for each in rows(resource.get("reaction"))
    )
    return Allergy(
        concepts=frozenset().union(*(_concepts(each, terms) for each in named)),
        text=words(named[0]),
        severe=severe,
        intolerance_only=not severe and _is_intolerance(resource, said),
        recorded=day(resource.get("recordedDate")) or day(resource.get("onsetDateTime")),
        reference=references.name(resource),
        reaction=_reaction(said),
    )


def _reaction(said: tuple[str, ...]) -> str:
    """What happened, in the words of the record: the gravest, if that is a few words."""
    short = [each for each in map(str.strip, said) if 0 < len(each) <= _LONGEST_REACTION]
    return next(filter(_is_grave, short), short[0] if short else "")


def _is_grave(said: str) -> bool:
    return bool(_GRAVE.search(said) or _GRAVE_LETTERS.search(said))


def _is_coded_grave(reaction: Resource, terms: Terminology) -> bool:
    listed = rows(reaction.get("manifestation"))
    return any(_GRAVE_CONCEPT in by_code(each, terms, "answer") for each in listed)


def _is_none_known(resource: Resource) -> bool:
    """Whether the entry says that there is no allergy; one that names an exception or a reaction tells of one."""
    code, said = resource.get("code"), words(resource.get("code"))
    if _EXCEPTED.search(said) or rows(resource.get("reaction")):
        return False
    return has_code(code, *_NONE_KNOWN_CODES) or bool(_NONE_KNOWN.search(said))


def _substances(resource: Resource) -> Iterator[object]:
    """What the patient reacts to: the allergy's own code, and the substance of each reaction."""
    listed = (resource.get("code"), *(each.get("substance") for each in rows(resource.get("reaction"))))
    for concept in listed:
        if codings(concept) or words(concept):
            yield concept


def _concepts(concept: object, terms: Terminology) -> frozenset[str]:
    """Drugs and allergy classes, by code and by name: an allergy missed is worse than one too many."""
    found = by_code(concept, terms, "drug", "allergy")
    for said in {text(each) for each in (words(concept), *(coding.display for coding in codings(concept)))}:
        found |= terms.drugs_in_text(said) | terms.named("allergy", said)
    return found


def _manifestations(resource: Resource) -> Iterator[str]:
    for reaction in rows(resource.get("reaction")):
        listed = [words(each) for each in rows(reaction.get("manifestation"))]
        yield " ".join([*listed, text(reaction.get("description"))])


def _is_severe(resource: Resource, said: tuple[str, ...]) -> bool:
    grades = {text(reaction.get("severity")) for reaction in rows(resource.get("reaction"))}
    return resource.get("criticality") == "high" or "severe" in grades or any(map(_is_grave, said))


def _is_intolerance(resource: Resource, said: tuple[str, ...]) -> bool:
    if resource.get("type") == "intolerance":
        return True
    return bool(said) and all(map(_MILD.search, said))
