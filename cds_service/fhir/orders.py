"""New draft orders: what ``cards/orders.yaml`` names, written as FHIR for one patient.

They are drafts for a clinician to finish and sign: without id, requester or signature.
https://hl7.org/fhir/R4/medicationrequest.html https://hl7.org/fhir/R4/servicerequest.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from cds_service.clinical.taper import Course
from cds_service.fhir.rewriting import DAYS
from cds_service.fhir.values import UCUM, plain_number

Triple = tuple[str, str, str]
"""System, code and display of a coding."""

_DOSE_TYPE = "http://terminology.hl7.org/CodeSystem/dose-rate-type"
_CATEGORIES = {
    "laboratory": ("http://snomed.info/sct", "108252007", "Laboratory procedure"),
    "imaging": ("http://snomed.info/sct", "363679005", "Imaging"),
    "referral": ("http://snomed.info/sct", "306206005", "Referral to service"),
}
_PERIODS = {"d": "day", "wk": "week", "mo": "month"}
_TIMES = {1: "once", 2: "twice", 3: "three times", 4: "four times"}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """``frequency`` doses in each ``period`` of ``unit`` (d, wk, mo), on ``day`` (mon ... sun) if it is named."""

    frequency: int = 1
    period: int = 1
    unit: str = "d"
    day: str = ""

    def words(self) -> str:
        """The rhythm as a sig says it."""
        each = _PERIODS[self.unit]
        every = f"a {each}" if self.period == 1 else f"every {self.period} {each}s"
        named = f", on {DAYS[self.day]}" if self.day else ""
        return f"{_TIMES.get(self.frequency, f'{self.frequency} times')} {every}{named}"


@dataclass(frozen=True, slots=True)
class NewMedication:
    """A drug to be drafted. ``dose`` is low and high in ``unit``, ``None`` where the prescriber states it.

    ``coding`` is that of the drug; ``days`` bounds the course; ``note`` is added for the prescriber. A
    ``course`` of steps takes the place of dose and days; ``replaces`` is the running order it follows.
    """

    name: str
    coding: Triple | None = None
    dose: tuple[Decimal, Decimal] | None = None
    unit: str = "mg"
    rhythm: Rhythm | None = None
    route: Triple | None = None
    days: int | None = None
    note: str = ""
    course: Course | None = None
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class NewTest:
    """A test, examination or referral to be drafted; ``category`` is laboratory, imaging, referral or ""."""

    name: str
    coding: Triple | None = None
    category: str = ""
    note: str = ""
    day: date | None = None


def new_medication(order: NewMedication, patient_id: str, reason: str = "") -> dict[str, object]:
    """A draft MedicationRequest for the patient; ``reason`` is said in words."""
    written = {
        **_draft("MedicationRequest", patient_id),
        "medicationCodeableConcept": _codeable(order.coding, order.name),
        "reasonCode": [{"text": reason}] if reason else None,
        "note": [{"text": order.note}] if order.note else None,
        "dosageInstruction": _course(order, order.course) if order.course else _once(order),
        "priorPrescription": {"reference": order.replaces} if order.replaces else None,
    }
    return _filled(written)


def new_test(order: NewTest, patient_id: str, reason: str = "") -> dict[str, object]:
    """A draft ServiceRequest for the patient; ``reason`` is said in words."""
    category = _CATEGORIES.get(order.category)
    written = {
        **_draft("ServiceRequest", patient_id),
        "category": [_codeable(category, "")] if category else None,
        "code": _codeable(order.coding, order.name),
        "occurrenceDateTime": order.day.isoformat() if order.day else None,
        "reasonCode": [{"text": reason}] if reason else None,
        "note": [{"text": order.note}] if order.note else None,
    }
    return _filled(written)


def _draft(kind: str, patient_id: str) -> dict[str, object]:
    subject = {"reference": f"Patient/{patient_id}"}
    return {"resourceType": kind, "status": "draft", "intent": "order", "subject": subject}


def _course(order: NewMedication, course: Course) -> list[dict[str, object]]:
    """One row a step, numbered; the last has no end, for a glucocorticoid must not end by itself."""
    steps: list[tuple[Decimal, int | None]] = [(step.mg, step.days) for step in course.steps]
    rows = []
    for place, (mg, days) in enumerate([*steps, (course.then_mg, None)], 1):
        row = _dosage(replace(order, dose=(mg, mg), days=days, rhythm=Rhythm()))
        length = f"for {days} days" if days else "until reviewed"
        rows.append({"sequence": place, **row, "text": f"{row['text']} {length}"})
    return rows


def _once(order: NewMedication) -> list[dict[str, object]]:
    return [dosage] if (dosage := _dosage(order)) else []


def _dosage(order: NewMedication) -> dict[str, object]:
    said = (_dose_words(order), order.rhythm.words() if order.rhythm else "")
    return _filled({
        "text": " ".join(part for part in said if part),
        "timing": _timing(order),
        "route": _codeable(order.route, "") if order.route else None,
        "doseAndRate": [_dose(*order.dose, order.unit)] if order.dose else None,
    })  # fmt: skip


def _timing(order: NewMedication) -> dict[str, object] | None:
    rhythm = order.rhythm
    if rhythm is None:
        return None
    course = {"value": order.days, "unit": "days", "system": UCUM, "code": "d"} if order.days else None
    repeat = {
        "boundsDuration": course,
        "frequency": rhythm.frequency,
        "period": rhythm.period,
        "periodUnit": rhythm.unit,
        "dayOfWeek": [rhythm.day] if rhythm.day else None,
    }
    return {"repeat": _filled(repeat)}


def _dose(low: Decimal, high: Decimal, unit: str) -> dict[str, object]:
    kind = {"coding": [{"system": _DOSE_TYPE, "code": "ordered", "display": "Ordered"}]}
    if low == high:
        return {"type": kind, "doseQuantity": _quantity(low, unit)}
    ends = {"low": _quantity(low, unit), "high": _quantity(high, unit)}
    return {"type": kind, "doseRange": ends}


def _dose_words(order: NewMedication) -> str:
    if order.dose is None:
        return ""
    low, high = order.dose
    said = plain_number(low) if low == high else f"{plain_number(low)} to {plain_number(high)}"
    return f"{said} {order.unit}"


def _quantity(value: Decimal, unit: str) -> dict[str, object]:
    return {"value": Decimal(plain_number(value)), "unit": unit, "system": UCUM, "code": unit}


def _codeable(coding: Triple | None, said: str) -> dict[str, object]:
    written = dict(zip(("system", "code", "display"), coding, strict=True)) if coding else None
    return _filled({"coding": [_filled(written)] if written else None, "text": said})


def _filled(members: Mapping[str, object]) -> dict[str, object]:
    """The members that have a value: FHIR forbids empty ones."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}
