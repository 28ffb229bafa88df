"""One dosage row read: structure first, its text for what the structure leaves out, both compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from cds_service.clinical.dosing.amounts import by_time, milligrams, said_milligrams
from cds_service.clinical.dosing.masses import is_mass
from cds_service.clinical.dosing.rhythm import NONE, Rhythm, agree, every, of_code, of_timing
from cds_service.clinical.dosing.sig import Sig, SigStep, read_sig
from cds_service.clinical.dosing.types import Instruction, ProductStrength, Timing
from cds_service.clinical.known import Fact, Known, Unknown


@dataclass(frozen=True, slots=True)
class Body:
    """What doses by body size are multiplied with, and what the product holds."""

    strength: ProductStrength | None = None
    weight_kg: Decimal | None = None
    bsa_m2: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One dose in one stretch of a row: ``mg`` a dose, ``days`` its length (``None``: open).

    ``begins`` is its first day if that is written; ``doubt`` says why rhythm and amounts may be others.
    """

    mg: Fact[Decimal]
    rhythm: Rhythm
    days: Decimal | None = None
    begins: date | None = None
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A dosage row: its stretches one after the other, each with the parts that are taken in it together."""

    stretches: tuple[tuple[Part, ...], ...]
    sequence: int | None
    stated: bool
    as_needed: bool
    weekdays: frozenset[str]
    text_only: bool
    disagreement: str

    @property
    def begins(self) -> date | None:
        """The first day, if that is written."""
        return self.stretches[0][0].begins if self.stretches else None


def read_row(row: Instruction, body: Body) -> Row:
    """Read one row; what neither structure nor text tells stays unknown."""
    repeat = of_timing(row.timing)
    code = of_code(row.timing.code) if row.timing else NONE
    structured = repeat if repeat.days is not None else _merged(repeat, code)
    sigs = [read_sig(said) for said in (_text(row), *row.also)]
    sig = _main(sigs)
    alone = not structured.stated and row.amount is None
    disagreement = _disagreement(repeat, code, structured, sigs)
    stretches = _from_text(sig, body) if alone else _from_structure(row, code, structured, sigs, body)
    unread = f"the {row.timing.unread} could not be read" if row.timing and row.timing.unread else ""
    doubt = disagreement or unread or next((each.unread for each in sigs if each.unread), "")
    return Row(
        stretches=_doubted(stretches, doubt),
        sequence=row.sequence,
        stated=row.amount is not None or structured.stated or any(each.steps or each.doubt for each in sigs),
        as_needed=row.as_needed or any(each.as_needed for each in sigs),
        weekdays=structured.weekdays.union(*(each.weekdays for each in sigs)),
        text_only=structured.days is None and sig.rhythm.days is not None,
        disagreement=disagreement,
    )


def _main(sigs: list[Sig]) -> Sig:
    """The text that tells the dosage: the first that tells days, else the first that tells anything."""
    with_days = (each for each in sigs if any(d.rhythm.days is not None for s in each.steps for d in s.doses))
    return next(with_days, None) or next((each for each in sigs if each.steps or each.doubt), sigs[0])


def _text(row: Instruction) -> str:
    """The row's text; a timing code that is no code but words belongs to it."""
    code = row.timing.code if row.timing else ""
    return row.text if not code or of_code(code).stated else f"{row.text}; {code}"


def _merged(first: Rhythm, second: Rhythm) -> Rhythm:
    """The first, completed by the second where it does not know the days."""
    if first.days is not None or second.days is None:
        return first if first.stated else second
    if first.per_day is None:
        return replace(second, count=first.count or second.count)
    return replace(
        second, per_day=first.per_day, per_week=first.per_day * second.days, count=first.count or second.count
    )


def _on_every_day(timing: Timing | None, rhythm: Rhythm) -> Rhythm:
    """Times of the day are for every day where nothing else is said (https://hl7.org/fhir/R4/datatypes.html#Timing)."""
    if rhythm.days is not None or rhythm.per_day is None or timing is None:
        return rhythm
    if not (timing.times_of_day or timing.when):
        return rhythm
    return replace(every(rhythm.per_day, 1), count=rhythm.count, moments=rhythm.moments)


def _disagreement(repeat: Rhythm, code: Rhythm, structured: Rhythm, sigs: list[Sig]) -> str:
    """How structure, code and texts contradict each other, or ""."""
    if not agree(repeat, code):
        return "the timing's code and its repeat tell different rhythms"
    told = [said for sig in sigs for said in sig.rhythms[:1] if said.days is not None]
    later = [said for sig in sigs for said in sig.rhythms[1:] if said.days is not None]
    several = next((sig.told for sig in sigs if len(sig.told) > 1), frozenset[str]())
    if several and _is_weekly(structured):
        return (
            f"the structure says {_plainly(structured)} in seven days, the text names {len(several)} weekdays"
        )
    for said in later:
        if not agree(structured, said):
            return f"the structure says {_plainly(structured)} in seven days, the text later {_plainly(said)}"
    for said in told:
        if not agree(structured, said):
            return f"the structure says {_plainly(structured)} in seven days, the text {_plainly(said)}"
        if not agree(told[0], said):
            return f"one text says {_plainly(told[0])} in seven days, another {_plainly(said)}"
    return ""


def _is_weekly(structured: Rhythm) -> bool:
    return structured.days is not None and structured.days <= 1


def _plainly(rhythm: Rhythm) -> str:
    days = rhythm.days or Decimal(0)
    return f"{days:f} day{'' if days == 1 else 's'} with {rhythm.per_day or Decimal(1):f} dose"


def _most(rhythms: Iterable[Rhythm]) -> Rhythm:
    return max(rhythms, key=lambda r: (r.per_week or Decimal(0), r.days or Decimal(0)))


def _from_structure(
    row: Instruction, code: Rhythm, structured: Rhythm, sigs: list[Sig], body: Body
) -> tuple[tuple[Part, ...], ...]:
    """One part; of rhythms that contradict each other the one with most doses."""
    sig = _main(sigs)
    rhythm = _on_every_day(row.timing, _merged(structured, sig.rhythm))
    told = [rhythm, *(said for each in sigs for said in each.rhythms if not agree(rhythm, said))]
    if not agree(structured, code):
        told.append(code)
    if len(told) > 1:
        most = _most(told)
        rhythm = replace(most, count=most.count if structured.days is None else structured.count)
    mg = _by_time(row, rhythm, _dose(row, sig, body))
    days, begins = _bounds(row.timing)
    if days is None and len(sig.steps) == 1:
        days = sig.steps[0].days
    if row.amount is None:
        mg = _unsure(mg, sig.doubt)
    doubt: str | None = sig.doubt
    if structured.days is not None:
        doubt = (
            next((each.of_days for each in sigs if each.of_days), None) if _is_weekly(structured) else None
        )
    return ((Part(mg, rhythm, days, begins, doubt or None),),)


def _dose(row: Instruction, sig: Sig, body: Body) -> Fact[Decimal]:
    """The structured dose; the text's only where there is none, or as a doubt where it differs."""
    # Beside a mass a name that says no form tells nothing of the tablets that are counted.
    strength = None if _is_by_name_beside_a_mass(row, body) else body.strength
    said = [
        said_milligrams(dose.said, strength, body.weight_kg, body.bsa_m2)
        for step in sig.steps
        for dose in step.doses
    ]
    known = [each for each in said if isinstance(each, Known)]
    most = max(known, key=lambda each: each.value, default=None)
    several = "the text tells several doses" if len({each.value for each in known}) > 1 else ""
    if row.amount is None:
        if most is None:
            return said[0] if said else Unknown("the order states no dose", ("dose",))
        return Known(most.value, (), several or most.doubt or None)
    mg = milligrams(row.amount, body.strength, body.weight_kg, body.bsa_m2)
    if isinstance(mg, Unknown):
        return mg if most is None else Known(most.value, (), several or most.doubt or None)
    mg = _handed_over(row, body, mg)
    # A text that is unclear itself ("6 tablets (2.5 mg)") counts only where it may tell more.
    if most is not None and most.value != mg.value and (several or not most.doubt or most.value > mg.value):
        differs = "the text states another dose than the structure"
        return Known(max(mg.value, most.value), mg.inputs, several or differs)
    return mg


def _is_by_name_beside_a_mass(row: Instruction, body: Body) -> bool:
    by_name = body.strength is not None and body.strength.is_by_name
    return by_name and row.amount is not None and is_mass(row.amount.unit.partition("/")[0])


def _handed_over(row: Instruction, body: Body, mg: Known[Decimal]) -> Known[Decimal]:
    """The dose beside what the row says is handed over; that may be rounded to the nearest piece, but no further."""
    if row.given is None or body.strength is None or body.strength.is_by_name:
        return mg
    given = milligrams(row.given, body.strength, None, None)
    if isinstance(given, Unknown) or abs(given.value - mg.value) * 2 < body.strength.amount:
        return mg
    return Known(max(given.value, mg.value), mg.inputs, "what is handed over is not the dose that is ordered")


def _by_time(row: Instruction, rhythm: Rhythm, mg: Fact[Decimal]) -> Fact[Decimal]:
    """A dose written per day or week is one dose only where there is one in that time."""
    per = by_time(row.amount.unit) if row.amount else ""
    once = {"": True, "d": rhythm.per_day == 1, "wk": rhythm.per_week == 1}[per]
    if once or isinstance(mg, Unknown):
        return mg
    return Known(mg.value, mg.inputs, "the dose is written per day or week, and taken at another rhythm")


def _from_text(sig: Sig, body: Body) -> tuple[tuple[Part, ...], ...]:
    return tuple(_stretch(step, sig.doubt, body) for step in sig.steps)


def _stretch(step: SigStep, doubt: str, body: Body) -> tuple[Part, ...]:
    return tuple(
        Part(
            _unsure(said_milligrams(dose.said, body.strength, body.weight_kg, body.bsa_m2), doubt),
            dose.rhythm,
            step.days,
            None,
            doubt or None,
        )
        for dose in step.doses
    )


def _doubted(stretches: tuple[tuple[Part, ...], ...], doubt: str) -> tuple[tuple[Part, ...], ...]:
    """Every rhythm with the doubt there is about it."""
    if not doubt:
        return stretches
    return tuple(
        tuple(replace(part, doubt=part.doubt or doubt or None) for part in each) for each in stretches
    )


def _unsure(mg: Fact[Decimal], doubt: str) -> Fact[Decimal]:
    return mg if isinstance(mg, Unknown) or not doubt else Known(mg.value, mg.inputs, mg.doubt or doubt)


def _bounds(timing: Timing | None) -> tuple[Decimal | None, date | None]:
    if timing is None:
        return None, None
    start, end = timing.bounds_start, timing.bounds_end
    if timing.bounds_days is not None:
        return timing.bounds_days, start
    if start is not None and end is not None and end >= start:
        return Decimal((end - start).days + 1), start
    return None, start
