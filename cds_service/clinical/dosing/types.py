"""What goes into the arithmetic of doses, and what comes out of it.

:class:`Instruction` is one ``dosageInstruction`` row freed of FHIR (``fhir.dosage`` reads it);
:class:`Exposure` is what the rows of an order amount to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from math import ceil

from cds_service.clinical.known import Fact, Unknown


@dataclass(frozen=True, slots=True)
class Amount:
    """A dose as written: ``low`` to ``high`` (equal where it is one number) of ``unit``.

    ``doubt`` says why the dose may be another one ("its rows state different doses"), or is empty.
    """

    low: Decimal
    high: Decimal
    unit: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """``timing.repeat``, ``timing.event`` and ``timing.code`` as written; absent members are ``None`` or empty.

    ``unread`` names a member that is there and could not be read; what it changes nobody knows.
    """

    frequency: int | None = None
    frequency_max: int | None = None
    period: Decimal | None = None
    period_max: Decimal | None = None
    period_unit: str = ""
    days_of_week: tuple[str, ...] = ()
    times_of_day: tuple[str, ...] = ()
    when: tuple[str, ...] = ()
    code: str = ""
    count: int | None = None
    bounds_start: date | None = None
    bounds_end: date | None = None
    bounds_days: Decimal | None = None
    events: tuple[date, ...] = ()
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One row of ``dosageInstruction``: sequence, text, dose, timing, as-needed, route.

    ``given`` is what is handed over, where that is stated beside the dose ("6 tablets"). ``also`` is what else
    the row says in words: to the patient, in addition, beside the timing's code.
    """

    text: str = ""
    sequence: int | None = None
    amount: Amount | None = None
    timing: Timing | None = None
    as_needed: bool = False
    route: str = ""
    given: Amount | None = None
    also: tuple[str, ...] = ()


PIECE, SINGLE_PIECE = "piece", "single piece"
"""Per one tablet or capsule by a name without a form; of a single piece nothing about several is known."""


@dataclass(frozen=True, slots=True)
class ProductStrength:
    """How much drug a product holds: ``amount`` of ``unit`` per ``per``.

    ``unit`` is "mg" or "[IU]"; ``per`` is "tablet", "capsule", "mL", "vial", "dose" or a piece. ``whole`` is what one
    whole vial, pen or syringe of a product measured per mL delivers, in ``unit``, where that is known.
    ``of`` names the component a combination is measured by ("trimethoprim"), or is empty.
    """

    amount: Decimal
    unit: str
    per: str
    whole: Decimal | None = None
    of: str = ""

    @property
    def is_by_name(self) -> bool:
        """Whether it was read of a name that says no form, so that what the dosage says of milligrams is surer."""
        return self.per in (PIECE, SINGLE_PIECE)


@dataclass(frozen=True, slots=True)
class Cycle:
    """Days with a dose in each ``length`` days, where that is longer than a week: 2 in 28."""

    days: Decimal
    length: Fraction

    def days_within(self, stretch: Decimal) -> Decimal:
        """The most days with a dose that ``stretch`` days hold: of a cycle that is cut, its days come first."""
        whole, rest = divmod(Fraction(stretch), self.length)
        begun = min(self.days, Decimal(ceil(rest)))
        return (whole * self.days + begun).to_integral_value(ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of a course: days 0-based from its start, and what is taken in it.

    ``days`` is ``None`` where the step has no end; ``mg_per_day`` is the highest single day.
    """

    starts_on_day: int
    days: int | None
    mg_per_dose: Fact[Decimal]
    mg_per_day: Fact[Decimal]
    mg_per_week: Fact[Decimal]
    dosing_days_per_week: Fact[Decimal]


@dataclass(frozen=True, slots=True)
class Exposure:
    """What an order amounts to. Every number is Known with its derivation, or Unknown because ...

    mg_per_dose           the largest single dose, mg
    mg_per_day            the highest single-day sum over all steps, mg
    mg_per_week           the highest sum over 7 days, mg
    dosing_days_per_week  days with a dose in 7 days (0.5 = every second week)
    doses_per_dosing_day  doses on a day with a dose
    course_days           planned length in days; Unknown where open-ended
    total_mg              sum over a course with an end
    as_needed             any row is PRN
    text_only_timing      timing was found in free text only
    weekdays              the weekdays that are named, in the structure or in the text
    disagreement          how structure and text contradict each other, or ""
    cycle                 days with a dose in each so many days, of an order with one dose and a cycle
    stated                false where no row carries any dose or timing at all
    derivation            the steps of the arithmetic, one sentence each
    """

    mg_per_dose: Fact[Decimal]
    mg_per_day: Fact[Decimal]
    mg_per_week: Fact[Decimal]
    dosing_days_per_week: Fact[Decimal]
    doses_per_dosing_day: Fact[Decimal]
    course_days: Fact[int]
    total_mg: Fact[Decimal]
    as_needed: bool = False
    text_only_timing: bool = False
    weekdays: frozenset[str] = frozenset()
    disagreement: str = ""
    cycle: Cycle | None = None
    stated: bool = True
    steps: tuple[Step, ...] = ()
    derivation: tuple[str, ...] = ()
    text: str = ""

    @property
    def names_day(self) -> bool:
        """Whether a weekday is named."""
        return bool(self.weekdays)


NOT_STATED = Unknown("the order states no dose and no timing", ("dosage",))
