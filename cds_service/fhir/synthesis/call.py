"""A whole CDS Hooks call: the context of each hook, and the chart as prefetch, by server, or half each."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cds_service.fhir.synthesis.charts import chart, drafts, maker_of, section
from cds_service.fhir.synthesis.maker import Codes, Maker, Notation, Resource
from cds_service.fhir.synthesis.people import problem
from cds_service.fhir.synthesis.store import Store, outcome, resolve

Mode = Literal["prefetch", "fetch", "partial"]
USER = "Practitioner/dr-1"
ENCOUNTER = "visit-1"
SERVER = "http://127.0.0.1:8081/fhir"
_ORDER_BUNDLES = {
    "order-select": "draftOrders",
    "order-sign": "draftOrders",
    "medication-refill": "medications",
}


@dataclass(frozen=True, slots=True)
class Call:
    """A hook call and the resources the EHR's FHIR server would hold."""

    request: dict[str, object]
    resources: tuple[Resource, ...]


def hook_call(
    notation: Notation,
    hook: str,
    as_of: date,
    *,
    terms: Codes,
    templates: Mapping[str, str],
    mode: Mode = "prefetch",
    server: str = SERVER,
) -> Call:
    """The call an EHR would make for this patient, as of a day.

    ``templates`` are the service's prefetch templates. ``mode``: ``prefetch`` answers them all and gives no
    server; ``fetch`` gives the server only; ``partial`` gives the server and every second key.
    In the notation ``unreadable: [key]`` makes a key's value an OperationOutcome and ``not_given: [key]``
    leaves it out.
    """
    resources = chart(notation, as_of, terms)
    request = bare_call(notation, hook, as_of, terms)
    damage = {name: frozenset(map(str, section(notation, name))) for name in ("unreadable", "not_given")}
    return Call(equip(request, Store(resources), templates, mode, server, **damage), resources)


def bare_call(notation: Notation, hook: str, as_of: date, terms: Codes) -> dict[str, object]:
    """The call without prefetch and without a server."""
    maker = maker_of(notation, as_of, terms)
    instance = uuid.uuid5(uuid.NAMESPACE_URL, f"{hook}/{maker.patient_id}")
    context = _context(notation, hook, drafts(notation, as_of, terms), maker)
    return {"hook": hook, "hookInstance": str(instance), "context": context}


def equip(
    request: Mapping[str, object],
    store: Store,
    templates: Mapping[str, str],
    mode: Mode,
    server: str,
    *,
    unreadable: frozenset[str] = frozenset(),
    not_given: frozenset[str] = frozenset(),
) -> dict[str, object]:
    """A bare call with the chart: as prefetch, as an address of a server, or half and half."""
    equipped = dict(request)
    context = request["context"]
    person = str(context["patientId"]) if isinstance(context, dict) else ""
    if mode != "prefetch":
        equipped |= {"fhirServer": server, "fhirAuthorization": _authorization(person)}
    if mode != "fetch":
        asked = list(templates)[::2] if mode == "partial" else list(templates)
        kept = {key: templates[key] for key in asked if key not in not_given}
        given = answer_prefetch(store, kept, person)
        equipped["prefetch"] = given | {
            key: outcome("exception", "the search failed") for key in kept if key in unreadable
        }
    return equipped


def answer_prefetch(store: Store, templates: Mapping[str, str], person: str) -> dict[str, object]:
    """Each prefetch key with what its template finds; ``None`` where a read finds nothing."""
    context = {"patientId": person, "userId": USER, "encounterId": ENCOUNTER}
    return {key: resolve(store, template, context) for key, template in templates.items()}


def _context(notation: Notation, hook: str, orders: tuple[Resource, ...], maker: Maker) -> dict[str, object]:
    context: dict[str, object] = {"userId": USER, "patientId": maker.patient_id, "encounterId": ENCOUNTER}
    if hook in _ORDER_BUNDLES:
        context[_ORDER_BUNDLES[hook]] = _collection(orders)
    if hook == "order-select":
        context["selections"] = list(_selected(notation, orders))
    if hook == "problem-list-item-create":
        new = (problem(each, maker) for each in section(notation, "new_problems"))
        context["conditions"] = _collection(new)
    if hook == "appointment-book":
        context["appointments"] = _collection([_appointment(notation, maker)])
    return context


def _selected(notation: Notation, orders: tuple[Resource, ...]) -> Iterator[str]:
    asked = [each for each in orders if each["resourceType"] != "Medication"]
    for entry, order in zip(section(notation, "orders"), asked, strict=True):
        if not (isinstance(entry, dict) and entry.get("selected") is False):
            yield f"{order['resourceType']}/{order['id']}"


def _appointment(notation: Notation, maker: Maker) -> Resource:
    who = {"actor": {"reference": f"Patient/{maker.patient_id}"}, "status": "needs-action"}
    start = maker.day(notation.get("appointment", "in 14 days")).isoformat()
    times = {"start": f"{start}T09:00:00Z", "end": f"{start}T09:30:00Z"}
    return {
        "resourceType": "Appointment",
        "id": "next-visit",
        "status": "proposed",
        **times,
        "participant": [who],
    }


def _collection(resources: Iterable[Resource]) -> Resource:
    entries = [{"resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def _authorization(person: str) -> dict[str, object]:
    token = {"access_token": "synthetic-token", "token_type": "Bearer", "expires_in": 300}
    return token | {"scope": "patient/*.read", "subject": "dermatomyositis-cds", "patient": person}
