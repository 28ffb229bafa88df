"""Measurements of a worked patient: laboratory results, weight, height, blood pressure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds_service.fhir.synthesis.maker import Maker, Notation, Resource, codeable, codings, mapping
from cds_service.fhir.synthesis.words import NotationFault, amount_range, is_amount, quantity

SNOMED = "http://snomed.info/sct"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
ANSWERS = {
    "positive": (SNOMED, "10828004", "Positive"),
    "negative": (SNOMED, "260385009", "Negative"),
    "detected": (SNOMED, "260373001", "Detected"),
    "not detected": (SNOMED, "260415000", "Not detected"),
    "weakly positive": (SNOMED, "260408008", "Weakly positive"),
}
BODY = {"weight": "body_weight", "height": "body_height"}
_VITAL = frozenset({"body_weight", "body_height", "bp", "heart_rate", "temperature", "spo2", "bmi"})
_KEYS = frozenset({
    "on", "range", "status", "interpretation", "note", "code", "codes", "text", "id", "fhir", "words",
    "absent",
})  # fmt: skip


def body(item: Notation, maker: Maker) -> Iterator[Resource]:
    """Weight and height of ``patient:``: ``68 kg``, ``{value: 68 kg, on: 3 days ago}`` or a list of these."""
    for key, concept in BODY.items():
        listed = item.get(key, [])
        for entry in listed if isinstance(listed, list) else [listed]:
            written = mapping(entry, key) if isinstance(entry, dict) else {"value": entry}
            value = written.pop("value", None)
            yield result({concept: value, **written}, maker)


def result(entry: object, maker: Maker) -> Resource:
    """One Observation: ``{creatinine: 0.8 mg/dL, on: 6 days ago, range: 0.5-1.1}``, ``{hbsag: negative}``."""
    item = mapping(entry, "labs")
    names = [key for key in item if key not in _KEYS]
    if len(names) > 1:
        raise NotationFault(f"one result has one name, not {', '.join(names)}")
    name = names[0] if names else ""
    code = maker.concept(name, "lab", item) if name else codeable(codings(item), str(item.get("text", "")))
    day = maker.day(item.get("on", "6 days ago")).isoformat()
    return maker.resource(
        "Observation",
        name or str(item.get("text", "result")),
        item,
        status=str(item.get("status", "final")),
        category=[codeable([(CATEGORY, "vital-signs" if name in _VITAL else "laboratory", "")], "")],
        code=code,
        effectiveDateTime=f"{day}T08:00:00Z",
        issued=f"{day}T11:30:00Z",
        **_value(item.get(name), item, maker),
        interpretation=_interpretation(item),
        referenceRange=_range(item, item.get(name)),
        note=[{"text": str(item["note"])}] if "note" in item else None,
    )


def _value(value: object, item: Notation, maker: Maker) -> dict[str, object]:
    if "absent" in item:
        absent = ("http://terminology.hl7.org/CodeSystem/data-absent-reason", str(item["absent"]), "")
        return {"dataAbsentReason": codeable([absent], "")}
    if value is None:
        return {}
    text = str(value).strip()
    pressure = re.fullmatch(r"(\d+)/(\d+)(?: mmHg)?", text)
    if pressure:
        return {"component": _pressures(pressure[1], pressure[2], maker)}
    if is_amount(text) and amount_range(text) is None:
        return {"valueQuantity": quantity(text)}
    if item.get("words") or text.lower() not in ANSWERS:
        return {"valueString": text} if item.get("words") else {"valueCodeableConcept": {"text": text}}
    return {"valueCodeableConcept": codeable([ANSWERS[text.lower()]], text)}


def _pressures(systolic: str, diastolic: str, maker: Maker) -> list[dict[str, object]]:
    return [
        {"code": maker.concept(name, "lab", {}), "valueQuantity": quantity(f"{value} mmHg")}
        for name, value in (("bp_systolic", systolic), ("bp_diastolic", diastolic))
    ]


def _interpretation(item: Notation) -> list[dict[str, object]] | None:
    code = item.get("interpretation")
    return [codeable([(INTERPRETATION, str(code), "")], "")] if code else None


def _range(item: Notation, value: object) -> list[dict[str, object]] | None:
    """``range: 0.5-1.1``, ``range: <34`` or ``range: {text: see report}``, in the unit of the result."""
    given = item.get("range")
    if given is None:
        return None
    if isinstance(given, dict):
        return [given]
    unit = re.sub(r"^[<>=]* ?[\d.]+ ?", "", str(value))
    ends = amount_range(f"{given} {unit}".strip())
    if ends:
        return [{"low": ends[0], "high": ends[1]}]
    one = quantity(f"{given} {unit}".strip())
    end = "low" if str(one.pop("comparator", "<")).startswith(">") else "high"
    return [{end: one}]
