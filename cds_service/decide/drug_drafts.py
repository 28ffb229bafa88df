"""A drug of the list of orders drafted for one patient: with a dose for an adult, tried before it is offered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical.chart import Chart, Medication
from cds_service.clinical.facts import Scope
from cds_service.clinical.facts.steroid_taper import running_order
from cds_service.clinical.known import Fact, Known, Unknown
from cds_service.clinical.ranges import Range
from cds_service.clinical.taper import Course
from cds_service.decide.lower_doses import within_limits
from cds_service.decide.trial import Outcome, Trial, read_draft, tests_first, try_order
from cds_service.fhir import orders as written
from cds_service.knowledge.load import Knowledge
from cds_service.knowledge.orders import OrderEntry
from cds_service.knowledge.rhythm import rhythm
from cds_service.knowledge.words import number

_NAMED_WITH = {Outcome.WARNED: "with_warning", Outcome.UNCHECKED: "not_yet_checked"}


@dataclass(frozen=True, slots=True)
class Drafted:
    """A drug that may be offered. ``warning`` is what would be warned of; "" where nothing would.

    ``first`` are the tests that are wanted before it is begun.
    """

    entry: OrderEntry
    drug: written.NewMedication
    for_adult: bool
    warning: str = ""
    first: tuple[OrderEntry, ...] = ()

    @property
    def passes(self) -> bool:
        """Whether no page would warn of it."""
        return not self.warning


def draft_drug(entry: OrderEntry, knowledge: Knowledge, patient: Scope) -> Drafted | None:
    """The draft, or ``None`` where age or dose cannot be told, or something critical speaks against it.

    ``patient`` is the scope of the call, seen from no order.
    """
    adult: Fact[bool] = patient.get("is_adult")
    if isinstance(adult, Unknown):
        return None
    written_as = _in_steps if entry.course else _drug
    drug = written_as(entry, knowledge, patient, for_adult=adult.value)
    if drug is None:
        return None
    drug, trial = _tried(entry, drug, knowledge, patient)
    if trial.outcome in (Outcome.REFUSED, Outcome.UNCHECKED):
        return None
    first = tuple(tests_first(entry, knowledge, patient))
    return Drafted(entry, drug, adult.value, trial.title, first)


def taken(chart: Chart) -> Iterator[Medication]:
    """What is on the screen or running: a drug among it needs no offer."""
    yield from chart.drafts
    courses = chart.medications()
    if isinstance(courses, Known):
        yield from (course for course in courses.value if course.state in ("active", "on-hold"))


def name_drug(
    entry: OrderEntry, knowledge: Knowledge, patient: Scope, instead_of: Medication | None
) -> tuple[Outcome, str]:
    """Whether words may name the drug, and how: with its dose to an adult, with what warns of it or is to be checked.

    ``patient`` is as for :func:`draft_drug`, ``instead_of`` the order whose place the drug would take.
    """
    adult: Fact[bool] = patient.get("is_adult")
    for_adult = not isinstance(adult, Unknown) and adult.value
    # A drug without an age is tried without a dose, as a child's would be.
    drug = _drug(entry, knowledge, patient, for_adult=for_adult)
    if drug is None:
        return Outcome.UNCHECKED, knowledge.terms.display(entry.concept, entry.code_list)
    tried, trial = _tried(entry, drug, knowledge, patient, instead_of=instead_of, is_named_only=True)
    name = entry.named if for_adult and entry.named else drug.name
    if tried.dose != drug.dose:
        name = _at_most(tried, knowledge, patient)
    if trial.title and trial.outcome in _NAMED_WITH:
        name = knowledge.lists.lexicon.phrase(_NAMED_WITH[trial.outcome], label=name, warning=trial.title)
    return trial.outcome, with_tests_first(name, tuple(tests_first(entry, knowledge, patient)), knowledge)


def refusal(knowledge: Knowledge, patient: Scope, name: str) -> str | None:
    """What the safety pages hold against the drug as it would be drafted, in words; ``None`` where it may be named."""
    entry, adult = knowledge.lists.orders[name], patient.get("is_adult")
    drug = _drug(entry, knowledge, patient, for_adult=isinstance(adult, Known) and adult.value)
    if drug is None:
        return None
    _, trial = _tried(entry, drug, knowledge, patient, is_named_only=True)
    return trial.title if trial.outcome is Outcome.REFUSED else None


def _tried(
    entry: OrderEntry,
    drug: written.NewMedication,
    knowledge: Knowledge,
    patient: Scope,
    *,
    instead_of: Medication | None = None,
    is_named_only: bool = False,
) -> tuple[written.NewMedication, Trial]:
    """The drug with its trial; where a page calls its dose too high for this patient, at the dose it proposes."""
    trial = try_order(entry, drug, knowledge, patient, instead_of=instead_of, is_named_only=is_named_only)
    if trial.outcome not in (Outcome.WARNED, Outcome.REFUSED):
        return drug, trial
    lower = within_limits(drug, knowledge, patient, instead_of)
    if lower is None:
        return drug, trial
    again = try_order(entry, lower, knowledge, patient, instead_of=instead_of, is_named_only=is_named_only)
    return lower, again


def _at_most(drug: written.NewMedication, knowledge: Knowledge, patient: Scope) -> str:
    """The drug by name with the most that its dose may be for this patient, and how often it is taken."""
    lexicon, most = knowledge.lists.lexicon, drug.dose[1] if drug.dose else Decimal(0)
    often = rhythm(read_draft(drug, knowledge, patient).exposure, lexicon)
    return lexicon.phrase("at_most", drug=drug.name, dose=f"{number(most)} {drug.unit}", rhythm=often)


def with_tests_first(label: str, first: Sequence[OrderEntry], knowledge: Knowledge) -> str:
    """The name of a drug, or a button, with the tests that are wanted before it is begun."""
    if not first:
        return label
    names = ", ".join(knowledge.terms.display(each.concept, each.code_list) for each in first)
    return knowledge.lists.lexicon.phrase("check_first", label=label, tests=names)


def _drug(
    entry: OrderEntry, knowledge: Knowledge, patient: Scope, *, for_adult: bool
) -> written.NewMedication | None:
    """With the dose of the list for an adult; without one for a child."""
    terms, phrases = knowledge.terms, knowledge.lists.lexicon.phrases
    dose = _dose(entry, patient) if for_adult else None
    if for_adult and dose is None and entry.dose is not None:
        return None
    return written.NewMedication(
        terms.display(entry.concept, entry.code_list),
        terms.coding(entry.concept, entry.code_list),
        dose,
        entry.dose.unit if entry.dose else "mg",
        _rhythm(entry) if dose else None,
        terms.coding(entry.route, "route") if entry.route else None,
        entry.days,
        _note(entry, phrases, dose is not None) if for_adult else phrases["paediatric"],
    )


def _in_steps(
    entry: OrderEntry, knowledge: Knowledge, patient: Scope, *, for_adult: bool
) -> written.NewMedication | None:
    """A course of steps in place of the running order; ``None`` where the steps cannot be told."""
    found, order = patient.get(entry.course, entry.concept), running_order(patient)
    if isinstance(found, Unknown) or isinstance(order, Unknown):
        return None
    phrases, today, course = knowledge.lists.lexicon.phrases, patient.chart.today, found.value
    whose = phrases["for_adults" if for_adult else "child_course"]
    return written.NewMedication(
        knowledge.terms.display(entry.concept, entry.code_list),
        knowledge.terms.coding(entry.concept, entry.code_list),
        route=knowledge.terms.coding(entry.route, "route") if entry.route else None,
        note=f"{_told(course, phrases['course'], today)} {entry.note} {whose}",
        course=course,
        replaces="" if order.value.statement else order.value.reference,
    )


def _told(course: Course, phrase: str, today: date) -> str:
    """How long the course takes, what it sums to and when it is at its last dose, if it begins today."""
    return phrase.format(
        days=course.days,
        total=f"{course.total_mg.normalize():f}",
        then=f"{course.then_mg.normalize():f}",
        ends=today + timedelta(days=course.days),
    )


def _note(entry: OrderEntry, phrases: Mapping[str, str], with_dose: bool) -> str:
    """What is left to decide, and for whom a dose is meant."""
    return " ".join(filter(None, (entry.note, phrases["for_adults"] if with_dose else "")))


def _dose(entry: OrderEntry, patient: Scope) -> tuple[Decimal, Decimal] | None:
    dose = entry.dose
    if dose is None:
        return None
    if dose.fact:
        found = patient.get(dose.fact)
        span = found.value if not isinstance(found, Unknown) else None
        return (span.low, span.high) if isinstance(span, Range) else None
    return (dose.low, dose.high) if dose.low is not None and dose.high is not None else None


def _rhythm(entry: OrderEntry) -> written.Rhythm | None:
    said = entry.rhythm
    return written.Rhythm(said.frequency, said.period, said.unit, said.day) if said else None
