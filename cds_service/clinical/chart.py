"""The chart: what the rules may read about one patient, free of FHIR.

``cds_service.fhir`` implements :class:`Chart` lazily over FHIR resources; nothing here knows how.
Concepts (``"creatinine"``, ``"methotrexate"``, ``"dermatomyositis"``) are the names of the code
lists in ``cards/codes``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, Protocol

from cds_service.clinical.dosing import Amount, Exposure
from cds_service.clinical.known import Fact

Sex = Literal["female", "male", "other", "unknown"]
MedicationState = Literal["draft", "active", "on-hold", "past"]
Recognised = Literal["rxnorm", "atc", "text", "none"]


@dataclass(frozen=True, slots=True)
class Patient:
    """Who the patient is, without a name: id, day of birth, administrative sex, day of death.

    Where only a month or a year of birth is on record ``born`` is its middle and ``born_span`` its two ends.
    """

    id: str
    born: date | None
    sex: Sex
    died: bool = False
    born_span: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """One usable Observation result of one concept, in the concept's own unit.

    ``value`` is in ``unit`` (the unit the code list declares), or ``None`` where the result is only
    qualitative; ``comparator`` is ``"<"``, ``"<="``, ``">"``, ``">="`` or ``""``. ``finding`` is the
    qualitative answer: ``positive``, ``negative``, ``weak``, ``indeterminate``, a concept of a
    coded answer, or ``""``. ``low`` and ``high`` are the result's own reference range, converted alike.
    """

    concept: str
    value: Decimal | None
    unit: str
    on: date
    comparator: str = ""
    finding: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    reference: str = ""
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One Condition that is not entered in error and not refuted.

    ``concepts`` are the code lists it belongs to; ``codes`` its (system, code) pairs for prefix
    rules. ``active`` is false for resolved, inactive and remitted ones. ``certain`` is false for
    provisional and differential ones. ``severe`` is true where the record grades it so; ``mild``
    are the concepts that it or its words call mild. ``told_as_past``: its words say that it is of long ago ("old
    stroke"), whatever its date.
    """

    concepts: frozenset[str]
    codes: tuple[tuple[str, str], ...]
    text: str
    active: bool
    certain: bool
    onset: date | None
    recorded: date | None
    ended: date | None = None
    reference: str = ""
    severe: bool = False
    mild: frozenset[str] = frozenset()
    told_as_past: bool = False


@dataclass(frozen=True, slots=True)
class Allergy:
    """One active, non-refuted AllergyIntolerance, by ingredient and class concepts; ``reaction`` as it was written."""

    concepts: frozenset[str]
    text: str
    severe: bool
    intolerance_only: bool
    recorded: date | None = None
    reference: str = ""
    reaction: str = ""


@dataclass(frozen=True, slots=True)
class Medication:
    """One order, draft or recorded use of a drug.

    ``ingredients`` are drug concepts ("methotrexate"; a combination has several); ``recognised``
    says how they were found. ``starts`` and ``ends`` bound the time it is taken (``ends`` is
    ``None`` while open). ``exposure`` is what the patient would take. ``reasons`` are the problem
    concepts of reasonCode/reasonReference, ``reason_codes`` their codings. ``protocol_link`` is
    true with basedOn, groupIdentifier or a chemotherapy category. ``product_strengths`` are mg per
    tablet of what is supplied; ``route`` is a concept ("oral", "subcutaneous", "intravenous", ...).
    ``supplied_units`` and ``supplied_days`` are of one supply, ``refills`` how often it is repeated.
    ``infusion_rates`` are the rates the order names, each in a unit such as "mL/kg/min". ``by_body`` is what an
    order amounts to whose doses are written by weight or surface, for a patient of so many kg and m2.
    """

    reference: str
    ingredients: frozenset[str]
    name: str
    recognised: Recognised
    state: MedicationState
    exposure: Exposure
    route: str = ""
    starts: date | None = None
    ends: date | None = None
    written: date | None = None
    replaces: str = ""
    reasons: frozenset[str] = frozenset()
    reason_codes: tuple[tuple[str, str], ...] = ()
    reason_text: str = ""
    protocol_link: bool = False
    product_strengths: tuple[Decimal, ...] = ()
    times_of_day: frozenset[str] = frozenset()
    adds: bool = False
    selected: bool = True
    has_dosage: bool = True
    statement: bool = False
    supplied_units: Decimal | None = None
    supplied_days: Decimal | None = None
    refills: int = 0
    infusion_rates: tuple[Amount, ...] = ()
    by_body: Callable[[Decimal | None, Decimal | None], Exposure] | None = field(
        default=None, repr=False, compare=False
    )


@dataclass(frozen=True, slots=True)
class ServiceOrder:
    """One ServiceRequest, drafted or active: the order and lab concepts it asks for."""

    reference: str
    concepts: frozenset[str]
    draft: bool
    written: date | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """One examination, procedure or vaccination that took place, on that day if anybody recorded it.

    ``concepts`` are the order, lab and vaccine concepts that it is.
    """

    reference: str
    concepts: frozenset[str]
    on: date | None


@dataclass(frozen=True, slots=True)
class ReadingProblem:
    """Something in the data that could not be used: where it is, and why, without its value."""

    reference: str
    path: str
    reason: str
    concept: str = ""


class Chart(Protocol):
    """One patient as of one day. Each list is Known (perhaps with a doubt) or Unknown."""

    @property
    def today(self) -> date: ...

    @property
    def problems_with_data(self) -> tuple[ReadingProblem, ...]: ...

    @property
    def drafts(self) -> tuple[Medication, ...]:
        """The medication orders on the screen: always known."""

    @property
    def draft_services(self) -> tuple[ServiceOrder, ...]: ...

    @property
    def next_visit(self) -> date | None:
        """The day of the visit that is being booked, if one is."""

    def patient(self) -> Fact[Patient]: ...

    def measurements(self, concept: str) -> Fact[tuple[Measurement, ...]]:
        """All usable results of the concept up to today, newest first; empty = known to be absent.

        A result that was set aside because it could not be read makes this Unknown when it is
        newer than every usable one.
        """

    def problems(self) -> Fact[tuple[Problem, ...]]: ...

    def allergies(self) -> Fact[tuple[Allergy, ...]]: ...

    def medications(self) -> Fact[tuple[Medication, ...]]:
        """Recorded orders and statements, active and past, drafts not among them."""

    def services(self) -> Fact[tuple[ServiceOrder, ...]]:
        """Active ServiceRequests, drafts not among them."""

    def done(self) -> Fact[tuple[Done, ...]]:
        """Procedures, final reports and completed orders: examinations that took place."""

    def vaccinations(self) -> Fact[tuple[Done, ...]]:
        """Vaccines that were given."""
