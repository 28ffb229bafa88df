"""Medication orders and statements of use: drafts, running, and past.

https://hl7.org/fhir/R4/medicationrequest.html https://hl7.org/fhir/R4/medicationstatement.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical.chart import Medication, MedicationState
from cds_service.clinical.dosing import Exposure, Instruction, Timing, exposure
from cds_service.clinical.known import Known
from cds_service.clinical.terms import Terminology
from cds_service.fhir import references
from cds_service.fhir.concepts import by_code
from cds_service.fhir.dosage import read_instructions
from cds_service.fhir.drafts import is_forbidden
from cds_service.fhir.drugs import Drug, read_drug
from cds_service.fhir.notes import Notes
from cds_service.fhir.problem_words import said_of_patient
from cds_service.fhir.rates import infusion_rates
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
# Never taken, or never meant: not part of the history. A cancelled order was withdrawn before anything was given.
_DROPPED = frozenset({"entered-in-error", "cancelled", "draft", "not-taken", "intended"})
# Whatever else a status says, nobody has said that it is over.
_OVER = frozenset({"completed", "stopped", "ended"})
_INTENDED_ONLY = frozenset({"proposal", "plan", "option"})
_BESIDE = r"(?!.{0,20}\b(fol|leucov|vit|calc|omepr|pantopr|ppi))"
_ADDS = re.compile(
    rf"\b((in addition|on top of|plus)\b{_BESIDE}|with the .{{1,20}}(tab|cap|dose))", re.IGNORECASE
)
_CAPPED = re.compile(r"\b(max\w*|exceed\w*|up to|cap(ped)?\b(?!s)|(no|not) more than|at most)", re.IGNORECASE)
_CHEMOTHERAPY = re.compile(r"chemo-?therap|^\s*chemo\s*$", re.IGNORECASE)
_DAYS = {"d": 1, "day": 1, "wk": 7, "week": 7, "mo": 30, "month": 30}
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
        """An order on the screen: one that is signed again may not have the status of a draft."""
        found = self._medication(resource, "draft", selected=selected)
        if not found.name and not found.ingredients:
            self.notes.add(resource, "medication[x]", "names no drug that could be read")
        return found

    def recorded(self, resource: Resource) -> Medication | None:
        """A recorded order or statement; ``None`` for what was never taken or only thought of."""
        status = text(resource.get("status")).lower()
        if status in _DROPPED or is_forbidden(resource) or _is_intended_only(resource):
            return None
        state: MedicationState = "past" if status in _OVER else "active"
        found = self._medication(resource, "on-hold" if status == "on-hold" else state)
        if not found.name and not found.ingredients:
            self.notes.add(resource, "medication[x]", "names no drug that could be read")
        return found

    def _medication(self, resource: Resource, state: MedicationState, *, selected: bool = True) -> Medication:
        drug = read_drug(resource, self.index, self.terms)
        rows_ = read_instructions(resource)
        taken = exposure(rows_, strength=drug.strength)
        starts, ends = self._interval(resource, rows_, taken, state)
        route = self._route(resource, drug)
        return Medication(
            reference=references.name(resource),
            ingredients=self._as_given(drug.ingredients, route),
            name=drug.name,
            recognised=drug.recognised,
            state=state,
            exposure=taken,
            route=route,
            starts=starts,
            ends=ends,
            written=day(resource.get("authoredOn")) or day(resource.get("dateAsserted")),
            replaces=self._named(resource.get("priorPrescription")),
            reasons=self._reasons(resource),
            reason_codes=tuple(self._reason_codes(resource)),
            reason_text=" ".join(dict.fromkeys(filter(None, map(words, self._reason_concepts(resource))))),
            protocol_link=_is_linked(resource),
            product_strengths=drug.tablet_mg,
            times_of_day=frozenset(_moments(rows_)),
            adds=bool(_ADDS.search(taken.text)),
            selected=selected,
            has_dosage=any(_says_something(row) for row in rows_),
            statement=resource.get("resourceType") == STATEMENT or _is_told(resource),
            supplied_units=_units(resource),
            supplied_days=_supply(resource),
            refills=_refills(resource),
            infusion_rates=infusion_rates(resource),
            by_body=_by_body(rows_, taken, drug),
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
        return _route_in_words(" ".join([drug.name, drug.form, *(text(row.get("text")) for row in sent)]))

    def _as_given(self, ingredients: frozenset[str], route: str) -> frozenset[str]:
        """The drugs an order amounts to: put on the skin or into the eye, each is its local form."""
        if route not in self.terms.members("local_route"):
            return ingredients
        return frozenset(self.terms.local(each) or each for each in ingredients)

    def _named(self, holder: object) -> str:
        """The resource a Reference object means, as ``Type/id`` where that is known."""
        found = self.index.find(holder)
        return references.name(found) if found is not None else str(references.of(holder))

    def _interval(
        self, resource: Resource, rows_: tuple[Instruction, ...], taken: Exposure, state: MedicationState
    ) -> tuple[date | None, date | None]:
        """First and last day. A running order is open unless its own dosage, or a stated period, ends it.

        A draft begins when it says so, otherwise today: when it was first written means nothing for what the
        patient will take. One whose days are all over was copied from an old order, and begins today too.
        """
        begun = [row.timing.bounds_start for row in rows_ if row.timing and row.timing.bounds_start]
        period = member(resource, "effectivePeriod")
        starts = (
            min(begun, default=None)
            or day(period.get("start"))
            or day(resource.get("effectiveDateTime"))
            or day(resource.get("authoredOn"))
            or day(member(resource, "dispenseRequest", "validityPeriod").get("start"))
        )
        if state == "draft" and not begun and starts is not None:
            starts = max(starts, self.today)
        ends = self._end(resource, taken, starts, state)
        if state == "draft" and ends is not None and ends < self.today:
            self.notes.add(resource, "dosageInstruction.timing", "lies in the past; read as from today")
            return self.today, self._end(resource, taken, self.today, state)
        return starts, ends

    def _end(
        self, resource: Resource, taken: Exposure, starts: date | None, state: MedicationState
    ) -> date | None:
        stated = day(member(resource, "effectivePeriod").get("end"), last=True)
        if stated is not None:
            return stated
        begun = starts or (self.today if state == "draft" else day(resource.get("dateAsserted")))
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
            runs = state in ("active", "on-hold")
            return _later(max(told, begun), LONGEST_WITHOUT_END.days) if runs else None
        return None if state == "draft" else _later(begun, int(supplied * _LATE))

    def _reasons(self, resource: Resource) -> frozenset[str]:
        """By code; where no code of a reason is known, by its words."""
        found: frozenset[str] = frozenset()
        for concept in self._reason_concepts(resource):
            told = said_of_patient(words(concept), self.terms)
            found |= by_code(concept, self.terms, "condition") or told.now | told.before
        return found

    def _reason_codes(self, resource: Resource) -> Iterator[tuple[str, str]]:
        for concept in self._reason_concepts(resource):
            for coding in codings(concept):
                yield coding.system, coding.code

    def _reason_concepts(self, resource: Resource) -> Iterator[Resource]:
        """The reasons as concepts: those of the order, and the Conditions it refers to, or what it shows of them."""
        yield from rows(resource.get("reasonCode"))
        for holder in rows(resource.get("reasonReference")):
            found = self.index.find(holder, within=resource)
            if found is None and references.of(holder).type != "Observation":
                yield {"text": text(holder.get("display"))}
            elif found is not None and found.get("resourceType") == "Condition":
                yield member(found, "code")


def _by_body(
    rows_: tuple[Instruction, ...], taken: Exposure, drug: Drug
) -> Callable[[Decimal | None, Decimal | None], Exposure] | None:
    """What the order amounts to by body size, where that is all its dose lacks and no cap is written beside it."""
    if isinstance(taken.mg_per_dose, Known) or not taken.stated:
        return None
    if any(_CAPPED.search(said) for row in rows_ for said in (row.text, *row.also)):
        return None

    def sized(weight_kg: Decimal | None, bsa_m2: Decimal | None) -> Exposure:
        return exposure(rows_, strength=drug.strength, weight_kg=weight_kg, bsa_m2=bsa_m2)

    return sized if isinstance(sized(Decimal(1), Decimal(1)).mg_per_dose, Known) else None


def _is_intended_only(resource: Resource) -> bool:
    return text(resource.get("intent")) in _INTENDED_ONLY and not _is_told(resource)


def _is_told(resource: Resource) -> bool:
    """Whether an order records what the patient takes on somebody's word.

    Systems without MedicationStatement write self-medication and drugs from elsewhere as a *plan* that is
    *reported*. https://hl7.org/fhir/us/core/medication-list.html
    """
    is_reported = resource.get("reportedBoolean") is True or bool(member(resource, "reportedReference"))
    return text(resource.get("intent")) == "plan" and is_reported


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
    return bool(row.text or row.amount or row.as_needed) or row.timing not in (None, Timing())


def _supply(resource: Resource) -> Decimal | None:
    """Days of one supply."""
    days = quantity(member(resource, "dispenseRequest").get("expectedSupplyDuration"))
    size = _DAYS.get(days.unit.lower().removesuffix("s")) if days is not None else None
    return days.value * size if days is not None and size is not None else None


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
