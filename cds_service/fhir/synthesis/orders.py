"""Medications of a worked patient: running orders, statements of use, and drafts on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from cds_service.fhir.synthesis.maker import Maker, Notation, Resource, codeable, codings, item_of, sequence
from cds_service.fhir.synthesis.words import (
    UCUM,
    NotationFault,
    amount_range,
    in_days,
    printed_timing,
    quantity,
    repeat,
)

ORDERED = "http://terminology.hl7.org/CodeSystem/dose-rate-type"
RENEWED_DAYS = 360
_KEYS = frozenset({
    "code", "codes", "text", "dose", "timing", "route", "sig", "prn", "steps", "dosage", "since", "until",
    "status", "statement", "supply", "repeats", "reason", "reasons", "renewed", "intent", "category",
    "replaces", "selected", "medication", "note", "based_on", "days",
})  # fmt: skip
_STEP_KEYS = frozenset({"dose", "timing", "route", "sig", "prn", "days", "until", "from"})


def medication(entry: object, maker: Maker) -> Iterator[Resource]:
    """What the chart holds about one drug.

    ``{drug: methotrexate, dose: 15 mg, timing: weekly mon, route: subcutaneous, since: 26 months ago}`` is an
    active order. One older than a year was renewed: a completed order a year and the running one, as an EHR
    would hold. ``statement: true`` is a MedicationStatement; ``medication: contained`` points to a resource.
    """
    item = item_of(entry, "drug", _KEYS)
    if item.get("statement"):
        yield _statement(item, maker)
        return
    written = maker.day(item.get("since", "60 days ago"))
    status = str(item.get("status", "active"))
    for day in _earlier_orders(item, written, maker.today) if status == "active" else ():
        yield _order({**item, "id": None, "supply": "90 days", "repeats": 3}, maker, "completed", day)
        written = day + timedelta(days=RENEWED_DAYS)
    yield _order(item, maker, status, written)


def _earlier_orders(item: Notation, written: date, today: date) -> Iterator[date]:
    if item.get("renewed", True) is False or "until" in item or "supply" in item:
        return
    while (today - written).days > RENEWED_DAYS:
        yield written
        written += timedelta(days=RENEWED_DAYS)


def draft(entry: object, maker: Maker) -> Iterator[Resource]:
    """An order on the screen: status draft. A sibling Medication follows with ``medication: sibling``."""
    item = item_of(entry, "drug", _KEYS)
    order = _order(item, maker, str(item.get("status", "draft")), maker.day(item.get("since", "today")))
    yield order
    if item.get("medication") == "sibling":
        yield _as_resource(item, maker, f"med-{order['id']}")


def _order(item: Notation, maker: Maker, status: str, written: date) -> Resource:
    name = _name(item)
    order = maker.resource(
        "MedicationRequest",
        f"{'draft ' if status == 'draft' else ''}{name}",
        item,
        status=status,
        intent=str(item.get("intent", "order")),
        category=[{"text": str(item["category"])}] if "category" in item else None,
        authoredOn=f"{written.isoformat()}T09:00:00Z",
        requester={"reference": "Practitioner/dr-1"},
        reasonCode=_reasons(item, maker),
        basedOn=[{"reference": str(item["based_on"])}] if "based_on" in item else None,
        note=[{"text": str(item["note"])}] if "note" in item else None,
        priorPrescription={"reference": str(item["replaces"])} if "replaces" in item else None,
        dosageInstruction=_dosage(item, maker, written),
        dispenseRequest=_supply(item),
    )
    return order | _drug(item, maker, str(order["id"]))


def _statement(item: Notation, maker: Maker) -> Resource:
    since = maker.day(item.get("since", "60 days ago"))
    end = {"end": maker.day(item["until"]).isoformat()} if "until" in item else {}
    resource = maker.resource(
        "MedicationStatement",
        _name(item),
        item,
        status=str(item.get("status", "active")),
        effectivePeriod={"start": since.isoformat(), **end},
        dateAsserted=maker.day("20 days ago").isoformat(),
        reasonCode=_reasons(item, maker),
        dosage=_dosage({**item, "until": None}, maker, since),
    )
    return resource | _drug(item, maker, str(resource["id"]))


def _name(item: Notation) -> str:
    name = str(item.get("drug") or item.get("text") or "")
    if not name:
        raise NotationFault(f"{dict(item)!r} names no drug; write drug: or text:")
    return name


def _concept(item: Notation, maker: Maker) -> dict[str, object]:
    if "drug" in item:
        return maker.concept(str(item["drug"]), "drug", item)
    return codeable(codings(item), str(item["text"]))


def _drug(item: Notation, maker: Maker, order: str) -> dict[str, object]:
    """``medication`` says how the drug is named: as a concept (default), contained, sibling or display."""
    style, concept = item.get("medication", "concept"), _concept(item, maker)
    shown = str(concept.get("text", ""))
    if style == "concept":
        return {"medicationCodeableConcept": concept}
    if style == "contained":
        inner = {"resourceType": "Medication", "id": "med", "code": concept}
        return {"contained": [inner], "medicationReference": {"reference": "#med", "display": shown}}
    if style in ("sibling", "display"):
        return {"medicationReference": {"reference": f"Medication/med-{order}", "display": shown}}
    raise NotationFault(f"medication: {style!r} is not one of concept, contained, sibling, display")


def _as_resource(item: Notation, maker: Maker, identity: str) -> Resource:
    return {"resourceType": "Medication", "id": identity, "code": _concept(item, maker)}


def _reasons(item: Notation, maker: Maker) -> list[dict[str, object]]:
    listed = sequence(item.get("reasons", [item["reason"]] if "reason" in item else []), "reasons")
    return [
        codeable(codings(reason), str(reason.get("text", "")))
        if isinstance(reason, dict)
        else maker.concept(str(reason), "condition", {})
        for reason in listed
    ]


def _supply(item: Notation) -> dict[str, object] | None:
    if "supply" not in item:
        return None
    days = {"value": in_days(item["supply"]), "unit": "days", "system": UCUM, "code": "d"}
    return {"expectedSupplyDuration": days, "numberOfRepeatsAllowed": item.get("repeats", 0)}


def _dosage(item: Notation, maker: Maker, written: date) -> list[object] | None:
    """``dosage:`` as it stands, ``steps:`` one row each, else one row of dose, timing, route and sig."""
    if "dosage" in item:
        return sequence(item["dosage"], "dosage")
    if "steps" not in item:
        return [row] if (row := _row(item, maker, written)) else None
    steps = [item_of(step, "dose", _STEP_KEYS) for step in sequence(item["steps"], "steps")]
    common = {key: item[key] for key in ("route", "timing", "prn") if key in item}
    return [{"sequence": place, **_row(common | step, maker, written)} for place, step in enumerate(steps, 1)]


def _row(item: Notation, maker: Maker, written: date) -> dict[str, object]:
    timing, route = _timing(item, maker, written), item.get("route")
    row: dict[str, object] = {"text": str(item["sig"]) if "sig" in item else _printed(item)}
    row["timing"] = timing
    row["asNeededBoolean"] = True if item.get("prn") else None
    row["route"] = maker.concept(str(route), "route", {}) if route else None
    row["doseAndRate"] = [_dose(item["dose"])] if "dose" in item else None
    return {key: value for key, value in row.items() if value not in (None, "", {})}


def _dose(words: object) -> dict[str, object]:
    kind: dict[str, object] = {"type": codeable([(ORDERED, "ordered", "Ordered")], "")}
    ends = amount_range(words)
    if ends:
        return kind | {"doseRange": {"low": ends[0], "high": ends[1]}}
    return kind | {"doseQuantity": quantity(words)}


def _timing(item: Notation, maker: Maker, written: date) -> dict[str, object] | None:
    rhythm = repeat(item["timing"]) if item.get("timing") else {}
    if "days" in item:
        rhythm["boundsDuration"] = quantity(f"{in_days(item['days'])} days")
    elif item.get("until"):
        start = maker.day(item.get("from", written))
        rhythm["boundsPeriod"] = {"start": start.isoformat(), "end": maker.day(item["until"]).isoformat()}
    return {"repeat": rhythm} if rhythm else None


def _printed(item: Notation) -> str:
    """The sig an EHR would print from the structure."""
    parts = [str(item.get("dose", "")), printed_timing(item["timing"]) if item.get("timing") else ""]
    parts.append("as needed" if item.get("prn") else "")
    parts.append(f"for {in_days(item['days'])} days" if "days" in item else "")
    return " ".join(part for part in parts if part)
