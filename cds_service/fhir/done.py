"""What was done: procedures, reports, completed orders, vaccinations.

https://hl7.org/fhir/R4/procedure.html, /diagnosticreport.html, /servicerequest.html, /immunization.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from cds_service.clinical.chart import Done
from cds_service.clinical.terms import Terminology
from cds_service.fhir import references
from cds_service.fhir.concepts import by_code, by_code_or_name
from cds_service.fhir.values import Resource, day, member, text, words

_EXAMINATIONS = ("order", "lab")
_FINAL = frozenset({"final", "amended", "corrected", "appended"})
_NOT_THIS = re.compile(r"\b(declined|refused|cancell?ed|not (done|performed|given))\b", re.IGNORECASE)


def read_procedure(resource: Resource, terms: Terminology, today: date) -> Done | None:
    """A completed procedure; ``None`` for any other."""
    if text(resource.get("status")) != "completed":
        return None
    when = _when(resource, "performedDateTime", "performedPeriod")
    return _done(resource, resource.get("code"), examinations, when, terms, today)


def read_report(resource: Resource, terms: Terminology, today: date) -> Done | None:
    """A final report of an examination, whatever it says; ``None`` for one that is not final."""
    if text(resource.get("status")) not in _FINAL:
        return None
    when = _when(resource, "effectiveDateTime", "effectivePeriod") or day(resource.get("issued"))
    return _done(resource, resource.get("code"), examinations, when, terms, today)


def read_completed_order(resource: Resource, terms: Terminology, today: date) -> Done | None:
    """An order that was carried out; dated by the day it was for, else by the day it was written."""
    if text(resource.get("status")) != "completed" or resource.get("doNotPerform") is True:
        return None
    when = _when(resource, "occurrenceDateTime", "occurrencePeriod") or day(resource.get("authoredOn"))
    return _done(resource, resource.get("code"), examinations, when, terms, today)


def read_immunization(resource: Resource, terms: Terminology, today: date) -> Done | None:
    """A vaccine that was given; ``None`` for one that was not."""
    if text(resource.get("status")) != "completed":
        return None
    when = day(resource.get("occurrenceDateTime"))
    return _done(resource, resource.get("vaccineCode"), vaccines, when, terms, today)


def _done(
    resource: Resource,
    code: object,
    meaning: Callable[[object, Terminology], frozenset[str]],
    when: date | None,
    terms: Terminology,
    today: date,
) -> Done | None:
    """What took place up to today and is in a code list."""
    concepts = meaning(code, terms)
    if not concepts or (when is not None and when > today):
        return None
    return Done(references.name(resource), concepts, when)


def examinations(code: object, terms: Terminology) -> frozenset[str]:
    """Order and lab concepts of a code; where it is in no list, those its words name."""
    said = words(code)
    if _NOT_THIS.search(said):
        return by_code(code, terms, *_EXAMINATIONS)
    return by_code_or_name(code, terms, *_EXAMINATIONS) or terms.examinations_in_text(said)


def vaccines(code: object, terms: Terminology) -> frozenset[str]:
    """Vaccine concepts of a code; where it is in no list, those its words name."""
    said = words(code)
    return by_code(code, terms, "vaccine") or (
        frozenset() if _NOT_THIS.search(said) else terms.vaccines_in_text(said)
    )


def _when(resource: Resource, moment: str, period: str) -> date | None:
    span = member(resource, period)
    return day(resource.get(moment)) or day(span.get("end")) or day(span.get("start"))
