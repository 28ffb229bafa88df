"""Charts from a line: real FHIR R4 resources and whole CDS Hooks calls from a short notation.

The cards' worked patients (``cards/*/cases.yaml``), the tests and the fixtures say who the patient is in a
few words; this package writes what an EHR would send. ``fixtures/README.md`` describes the notation.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from cds_service.fhir.synthesis.maker import Codes, Maker, Notation, Resource, mapping, sequence
from cds_service.fhir.synthesis.orders import draft, medication
from cds_service.fhir.synthesis.people import allergy, patient, problem, service
from cds_service.fhir.synthesis.results import body, result
from cds_service.fhir.synthesis.store import Store, resolve
from cds_service.fhir.synthesis.words import NotationFault

__all__ = ["Call", "Codes", "NotationFault", "Store", "chart", "drafts", "hook_call", "resolve"]

USER = "Practitioner/dr-1"
ENCOUNTER = "visit-1"
PATIENT = "patient-1"
_ORDER_BUNDLES = {
    "order-select": "draftOrders",
    "order-sign": "draftOrders",
    "medication-refill": "medications",
}
_SECTIONS = frozenset({
    "patient", "problems", "labs", "medications", "allergies", "services", "orders", "new_problems", "raw",
    "unreadable", "not_given",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """A hook call and the resources the EHR's FHIR server would hold."""

    request: dict[str, object]
    resources: tuple[Resource, ...]


def chart(notation: Notation, as_of: date, terms: Codes) -> tuple[Resource, ...]:
    """The resources of the patient as of a day, drafts not among them.

    Raises :class:`NotationFault` for a section, key, name or word that cannot be read.
    """
    strange = sorted(set(notation) - _SECTIONS)
    if strange:
        raise NotationFault(f"unknown section {', '.join(strange)}; there are {', '.join(sorted(_SECTIONS))}")
    return tuple(_chart(notation, _maker(notation, as_of, terms)))


def _maker(notation: Notation, as_of: date, terms: Codes) -> Maker:
    given = mapping(notation.get("patient") or {}, "patient")
    return Maker(terms, as_of, str(given.get("id", PATIENT)))


def _chart(notation: Notation, maker: Maker) -> Iterator[Resource]:
    person = mapping(notation.get("patient") or {}, "patient")
    yield patient(person, maker)
    yield from body(person, maker)
    yield from (problem(each, maker, person.get("onset")) for each in _section(notation, "problems"))
    yield from (result(each, maker) for each in _section(notation, "labs"))
    for each in _section(notation, "medications"):
        yield from medication(each, maker)
    yield from (allergy(each, maker) for each in _section(notation, "allergies"))
    yield from (service(each, maker) for each in _section(notation, "services"))
    yield from (mapping(each, "raw") for each in _section(notation, "raw"))


def drafts(notation: Notation, as_of: date, terms: Codes) -> tuple[Resource, ...]:
    """The orders on the screen; a drug's own Medication resource follows its order."""
    maker = _maker(notation, as_of, terms)
    written: list[Resource] = []
    for each in _section(notation, "orders"):
        if isinstance(each, dict) and "resourceType" in each:
            written.append(each)
        elif isinstance(each, dict) and "order" in each:
            written.append(service(each, maker, "draft"))
        else:
            written.extend(draft(each, maker))
    return tuple(written)


def hook_call(
    notation: Notation,
    hook: str,
    as_of: date,
    *,
    terms: Codes,
    templates: Mapping[str, str],
    mode: str = "prefetch",
    server: str = "http://127.0.0.1:8081/fhir",
) -> Call:
    """The call an EHR would make for this patient.

    ``templates`` are the service's prefetch templates. ``mode``: ``prefetch`` answers them all and gives no
    server; ``fetch`` gives the server only; ``partial`` gives the server and every second key.
    In the notation ``unreadable: [key]`` makes a key's value an OperationOutcome and ``not_given: [key]``
    leaves it out.
    """
    resources = chart(notation, as_of, terms)
    orders = drafts(notation, as_of, terms)
    person = str(resources[0]["id"])
    request: dict[str, object] = {
        "hook": hook,
        "hookInstance": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{hook}/{person}")),
    }
    request["context"] = _context(notation, hook, person, orders, _maker(notation, as_of, terms))
    if mode != "prefetch":
        request["fhirServer"] = server
        request["fhirAuthorization"] = _authorization(person)
    if mode != "fetch":
        request["prefetch"] = _prefetch(notation, Store(resources), templates, person, mode)
    return Call(request, resources)


def _section(notation: Notation, name: str) -> list[object]:
    return sequence(notation.get(name) or [], name)


def _context(
    notation: Notation, hook: str, person: str, orders: tuple[Resource, ...], maker: Maker
) -> dict[str, object]:
    context: dict[str, object] = {"userId": USER, "patientId": person, "encounterId": ENCOUNTER}
    if hook in _ORDER_BUNDLES:
        context[_ORDER_BUNDLES[hook]] = _collection(orders)
    if hook == "order-select":
        context["selections"] = list(_selected(notation, orders))
    if hook == "problem-list-item-create":
        context["conditions"] = _collection(
            problem(each, maker) for each in _section(notation, "new_problems")
        )
    if hook == "appointment-book":
        context["appointments"] = _collection([_appointment(person, maker)])
    return context


def _selected(notation: Notation, orders: tuple[Resource, ...]) -> Iterator[str]:
    asked = [each for each in orders if each["resourceType"] != "Medication"]
    for entry, order in zip(_section(notation, "orders"), asked, strict=False):
        if not (isinstance(entry, dict) and entry.get("selected") is False):
            yield f"{order['resourceType']}/{order['id']}"


def _appointment(person: str, maker: Maker) -> Resource:
    who = {"actor": {"reference": f"Patient/{person}"}, "status": "needs-action"}
    start = maker.day("in 14 days").isoformat()
    times = {"start": f"{start}T09:00:00Z", "end": f"{start}T09:30:00Z"}
    return {
        "resourceType": "Appointment",
        "id": "next-visit",
        "status": "proposed",
        **times,
        "participant": [who],
    }


def _collection(resources: Iterable[Resource]) -> Resource:
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in resources],
    }


def _authorization(person: str) -> dict[str, object]:
    scope = "patient/*.read"
    token = {"access_token": "synthetic-token", "token_type": "Bearer", "expires_in": 300}
    return token | {"scope": scope, "subject": "dermatomyositis-cds", "patient": person}


def _prefetch(
    notation: Notation, store: Store, templates: Mapping[str, str], person: str, mode: str
) -> dict[str, object]:
    given = list(templates)[::2] if mode == "partial" else list(templates)
    left_out = {str(key) for key in _section(notation, "not_given")}
    unreadable = {str(key) for key in _section(notation, "unreadable")}
    context = {"patientId": person, "userId": USER, "encounterId": ENCOUNTER}
    return {
        key: _failed() if key in unreadable else resolve(store, templates[key], context)
        for key in given
        if key not in left_out
    }


def _failed() -> Resource:
    issue = {"severity": "error", "code": "exception", "diagnostics": "the search failed"}
    return {"resourceType": "OperationOutcome", "issue": [issue]}
