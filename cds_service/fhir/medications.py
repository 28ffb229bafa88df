"""Medication orders and statements of use: drafts, running, and past.

https://hl7.org/fhir/R4/medicationrequest.html https://hl7.org/fhir/R4/medicationstatement.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical.chart import Medication, MedicationState
from cds_service.clinical.dosing import Exposure, Instruction, exposure
from cds_service.clinical.known import Known
from cds_service.clinical.terms import Terminology
from cds_service.fhir import references
from cds_service.fhir.conditions import coded
from cds_service.fhir.dosage import read_instructions
from cds_service.fhir.drugs import Drug, read_drug
from cds_service.fhir.notes import Notes
from cds_service.fhir.references import Index
from cds_service.fhir.values import (
    Resource,
    codings,
    day,
    has_code,
    member,
    number,
    quantity,
    rows,
    text,
    words,
)

STATEMENT = "MedicationStatement"
# Never taken, or never meant: not part of the history.
_DROPPED = frozenset({"entered-in-error", "cancelled", "draft", "not-taken", "intended"})
_RUNNING = frozenset({"active", "unknown", ""})
_INTENDED_ONLY = frozenset({"proposal", "plan", "option"})
_ADDS = re.compile(r"\b(in addition|on top of|plus|with the .{1,20}(tab|cap|dose))", re.IGNORECASE)
_CHEMOTHERAPY = re.compile(r"chemo|oncolog|cytotoxic", re.IGNORECASE)
_COUNTED = re.compile(r"tab|tbl|cap|pill|each|unit", re.IGNORECASE)
# Supplies run out late: some doses are missed. A clinician's rule, C0-2.
_LATE = Decimal("1.25")
LONGEST_WITHOUT_END = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the medications of one call."""

    index: Index
    terms: Terminology
    today: date
    notes: Notes

    def draft(self, resource: Resource, *, selected: bool = True) -> Medication:
        """An order on the screen, whatever its status says."""
        found = self._medication(resource, "draft", selected=selected)
        if not found.name and not found.ingredients:
            self.notes.add(resource, "medication[x]", "names no drug that could be read")
        return found

    def recorded(self, resource: Resource) -> Medication | None:
        """A recorded order or statement; ``None`` for what was never taken or only thought of."""
        status = text(resource.get("status")).lower()
        if status in _DROPPED or text(resource.get("intent")) in _INTENDED_ONLY:
            return None
        if resource.get("doNotPerform") is True:
            return None
        state: MedicationState = "past"
        if status in _RUNNING:
            state = "active"
        elif status == "on-hold":
            state = "on-hold"
        found = self._medication(resource, state)
        if not found.name and not found.ingredients:
            self.notes.add(resource, "medication[x]", "names no drug that could be read")
        return found

    def _medication(self, resource: Resource, state: MedicationState, *, selected: bool = True) -> Medication:
        drug = read_drug(resource, self.index, self.terms)
        rows_ = read_instructions(resource)
        taken = exposure(rows_, strength=drug.strength)
        starts, ends = self._interval(resource, rows_, taken, state)
        return Medication(
            reference=references.name(resource),
            ingredients=drug.ingredients,
            name=drug.name,
            recognised=drug.recognised,
            state=state,
            exposure=taken,
            route=self._route(resource, drug),
            starts=starts,
            ends=ends,
            written=day(resource.get("authoredOn")) or day(resource.get("dateAsserted")),
            replaces=str(references.of(resource.get("priorPrescription"))),
            reasons=self._reasons(resource),
            reason_codes=tuple(self._reason_codes(resource)),
            reason_text=" ".join(filter(None, map(words, rows(resource.get("reasonCode"))))),
            protocol_link=_is_linked(resource),
            product_strengths=drug.tablet_mg,
            times_of_day=frozenset(_moments(rows_)),
            adds=bool(_ADDS.search(taken.text)),
            selected=selected,
            has_dosage=any(_says_something(row) for row in rows_),
            statement=resource.get("resourceType") == STATEMENT,
            supplied_units=_units(resource),
            supplied_days=_supply(resource),
            refills=_refills(resource),
        )

    def _route(self, resource: Resource, drug: Drug) -> str:
        """By code or words of the dosage; failing that, by the form in the product's name."""
        sent = rows(resource.get("dosageInstruction") or resource.get("dosage"))
        for row in sent:
            for coding in codings(row.get("route")):
                found = self.terms.concepts(coding.system, coding.code, "route")
                if found:
                    return min(found)
            named = self.terms.named("route", words(row.get("route")))
            if named:
                return min(named)
        return _route_in_words(" ".join([drug.name, *(text(row.get("text")) for row in sent)]))

    def _interval(
        self, resource: Resource, rows_: tuple[Instruction, ...], taken: Exposure, state: MedicationState
    ) -> tuple[date | None, date | None]:
        """First and last day. A running order is open unless its own dosage, or a stated period, ends it."""
        begun = [row.timing.bounds_start for row in rows_ if row.timing and row.timing.bounds_start]
        period = member(resource, "effectivePeriod")
        starts = (
            min(begun, default=None)
            or day(period.get("start"))
            or day(resource.get("effectiveDateTime"))
            or day(resource.get("authoredOn"))
            or day(member(resource, "dispenseRequest", "validityPeriod").get("start"))
        )
        return starts, self._end(resource, taken, starts, state)

    def _end(
        self, resource: Resource, taken: Exposure, starts: date | None, state: MedicationState
    ) -> date | None:
        stated = day(member(resource, "effectivePeriod").get("end"), last=True)
        if stated is not None:
            return stated
        begun = starts or (self.today if state == "draft" else None)
        if begun is None:
            return None
        if isinstance(taken.course_days, Known):
            return _later(begun, taken.course_days.value - 1)
        supplied = _supply(resource)
        if supplied is not None:
            supplied *= 1 + _refills(resource)
        if supplied is None:
            # A statement holds from when somebody last asserted it.
            told = day(resource.get("dateAsserted")) or begun
            return _later(max(told, begun), LONGEST_WITHOUT_END.days) if state == "active" else None
        return None if state == "draft" else _later(begun, int(supplied * _LATE))

    def _reasons(self, resource: Resource) -> frozenset[str]:
        found = coded(tuple(self._reason_codes(resource)), self.terms)
        for concept in rows(resource.get("reasonCode")):
            if not coded(tuple((c.system, c.code) for c in codings(concept)), self.terms):
                found |= self.terms.conditions_in_text(words(concept))
        return found

    def _reason_codes(self, resource: Resource) -> Iterator[tuple[str, str]]:
        concepts: list[object] = [*rows(resource.get("reasonCode"))]
        for holder in rows(resource.get("reasonReference")):
            condition = self.index.find(holder, within=resource)
            if condition is not None:
                concepts.append(condition.get("code"))
        for concept in concepts:
            for coding in codings(concept):
                yield coding.system, coding.code


def _is_linked(resource: Resource) -> bool:
    """Whether the order belongs to a protocol: based on a plan, one of a group, or marked as chemotherapy."""
    marked = any(
        has_code(each, "chemotherapy") or _CHEMOTHERAPY.search(words(each))
        for each in rows(resource.get("category"))
    )
    grouped = bool(member(resource, "groupIdentifier"))
    return marked or grouped or bool(rows(resource.get("basedOn")))


def _moments(rows_: tuple[Instruction, ...]) -> Iterator[str]:
    for row in rows_:
        if row.timing is not None:
            yield from row.timing.times_of_day
            yield from row.timing.when


def _says_something(row: Instruction) -> bool:
    return bool(row.text or row.amount or row.timing or row.as_needed)


def _supply(resource: Resource) -> Decimal | None:
    """Days of one supply."""
    days = quantity(member(resource, "dispenseRequest").get("expectedSupplyDuration"))
    return days.value if days is not None and days.unit in ("d", "day", "days") else None


def _units(resource: Resource) -> Decimal | None:
    """Tablets or capsules of one supply; another measure is not counted."""
    sent = quantity(member(resource, "dispenseRequest").get("quantity"))
    return sent.value if sent is not None and _COUNTED.search(sent.unit) else None


def _refills(resource: Resource) -> int:
    repeats = number(member(resource, "dispenseRequest").get("numberOfRepeatsAllowed"))
    return int(repeats) if repeats is not None and repeats > 0 else 0


def _later(start: date, days: int) -> date | None:
    try:
        return start + timedelta(days=days)
    except OverflowError:
        return None


_ROUTES = (
    ("subcutaneous", r"\bsubcut\w*|\bs\.?c\.?\b|\bsq\b|auto-?injector|\bpen\b"),
    ("intravenous", r"\bintravenous\w*|\bi\.?v\.?\b|\binfusion\b"),
    ("intramuscular", r"\bintramuscular\w*|\bi\.?m\.?\b"),
    ("oral", r"\bby mouth\b|\bp\.?o\.?\b|\boral\w*|\btab(let)?s?\b|\bcap(sule)?s?\b"),
)
_ROUTE_WORDS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _ROUTES)


def _route_in_words(said: str) -> str:
    return next((name for name, pattern in _ROUTE_WORDS if pattern.search(said)), "")
