"""A whole chart, section by section, and the orders on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cds_service.fhir.synthesis.done import examination, vaccination
from cds_service.fhir.synthesis.maker import Codes, Maker, Notation, Resource, mapping, sequence
from cds_service.fhir.synthesis.orders import draft, medication
from cds_service.fhir.synthesis.people import allergy, patient, problem, service
from cds_service.fhir.synthesis.results import body, result
from cds_service.fhir.synthesis.words import NotationFault

PATIENT = "patient-1"
_SECTIONS = frozenset({
    "patient", "problems", "labs", "medications", "allergies", "services", "done", "vaccines", "orders",
    "new_problems", "appointment", "raw", "unreadable", "not_given",
})  # fmt: skip


def chart(notation: Notation, as_of: date, terms: Codes) -> tuple[Resource, ...]:
    """The resources of the patient as of a day, drafts not among them.

    Raises :class:`NotationFault` for a section, key, name or word that cannot be read.
    """
    strange = sorted(set(notation) - _SECTIONS)
    if strange:
        raise NotationFault(f"unknown section {', '.join(strange)}; there are {', '.join(sorted(_SECTIONS))}")
    return tuple(_chart(notation, maker_of(notation, as_of, terms)))


def drafts(notation: Notation, as_of: date, terms: Codes) -> tuple[Resource, ...]:
    """The orders on the screen; a drug's own Medication resource follows its order.

    An entry with ``drug:`` or ``text:`` is a medication, one with ``order:`` a test or referral, one with
    ``resourceType`` stands as it is.
    """
    maker = maker_of(notation, as_of, terms)
    return tuple(each for entry in section(notation, "orders") for each in _draft(entry, maker))


def section(notation: Notation, name: str) -> list[object]:
    """A section's entries; an absent section has none."""
    return sequence(notation.get(name) or [], name)


def maker_of(notation: Notation, as_of: date, terms: Codes) -> Maker:
    """A writer for the patient of the notation."""
    given = mapping(notation.get("patient") or {}, "patient")
    return Maker(terms, as_of, str(given.get("id", PATIENT)))


def _chart(notation: Notation, maker: Maker) -> Iterator[Resource]:
    person = mapping(notation.get("patient") or {}, "patient")
    yield patient(person, maker)
    yield from body(person, maker)
    yield from (problem(each, maker, person.get("onset")) for each in section(notation, "problems"))
    yield from (result(each, maker) for each in section(notation, "labs"))
    for each in section(notation, "medications"):
        yield from medication(each, maker)
    yield from (allergy(each, maker) for each in section(notation, "allergies"))
    yield from (service(each, maker) for each in section(notation, "services"))
    yield from (examination(each, maker) for each in section(notation, "done"))
    yield from (vaccination(each, maker) for each in section(notation, "vaccines"))
    yield from (mapping(each, "raw") for each in section(notation, "raw"))


def _draft(entry: object, maker: Maker) -> Iterator[Resource]:
    if isinstance(entry, dict) and "resourceType" in entry:
        yield entry
    elif isinstance(entry, dict) and "order" in entry:
        yield service(entry, maker, "draft")
    else:
        yield from draft(entry, maker)
