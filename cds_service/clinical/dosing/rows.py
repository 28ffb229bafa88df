"""One dosage row read: structure first, its text for what the structure leaves out, both compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from cds_service.clinical.dosing.amounts import milligrams, said_milligrams
from cds_service.clinical.dosing.rhythm import Rhythm, agree, of_code, of_timing
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
    """One stretch of one row: ``mg`` a dose (``extra`` a second, different one on the same day).

    ``days`` is its length (``None``: open), ``begins`` its first day if that is written.
    """

    mg: Fact[Decimal]
    rhythm: Rhythm
    days: Decimal | None = None
    extra: Decimal | None = None
    begins: date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A dosage row: its parts one after the other, and what is to be said about it."""

    parts: tuple[Part, ...]
    sequence: int | None
    stated: bool
    as_needed: bool
    names_day: bool
    text_only: bool
    disagreement: str


def read_row(row: Instruction, body: Body) -> Row:
    """Read one row; what neither structure nor text tells stays unknown."""
    sig = read_sig(_text(row))
    structured = _structured(row.timing)
    alone = not structured.stated and row.amount is None
    parts = _from_text(sig, body) if alone else _from_structure(row, structured, sig, body)
    days_in_text_only = structured.days is None and sig.rhythm.days is not None
    return Row(
        parts=parts,
        sequence=row.sequence,
        stated=row.amount is not None or structured.stated or bool(sig.steps) or bool(sig.doubt),
        as_needed=row.as_needed or sig.as_needed,
        names_day=bool(structured.weekdays) or sig.names_day,
        text_only=days_in_text_only,
        disagreement=_disagreement(row.timing, structured, sig),
    )


def _text(row: Instruction) -> str:
    """The row's text; a timing code that is no code but words belongs to it."""
    code = row.timing.code if row.timing else ""
    return row.text if not code or of_code(code).stated else f"{row.text}; {code}"


def _structured(timing: Timing | None) -> Rhythm:
    """What ``repeat`` says, else what the code says."""
    if timing is None:
        return of_timing(None)
    repeat = of_timing(timing)
    return repeat if repeat.days is not None else _merged(repeat, of_code(timing.code))


def _merged(first: Rhythm, second: Rhythm) -> Rhythm:
    """The first, completed by the second where it does not know the days."""
    if first.days is not None or second.days is None:
        return first if first.stated else second
    if first.per_day is None:
        return replace(second, count=first.count or second.count)
    return replace(
        second, per_day=first.per_day, per_week=first.per_day * second.days, count=first.count or second.count
    )


def _disagreement(timing: Timing | None, structured: Rhythm, sig: Sig) -> str:
    """How structure, code and text contradict each other, or ""."""
    if timing is not None and not agree(of_timing(timing), of_code(timing.code)):
        return "the timing's code and its repeat tell different rhythms"
    if not agree(structured, sig.rhythm):
        return f"the structure says {_plainly(structured)} in seven days, the text {_plainly(sig.rhythm)}"
    return ""


def _plainly(rhythm: Rhythm) -> str:
    days = rhythm.days or Decimal(0)
    return f"{days:f} day{'' if days == 1 else 's'} with {rhythm.per_day or Decimal(1):f} dose"


def _from_structure(row: Instruction, structured: Rhythm, sig: Sig, body: Body) -> tuple[Part, ...]:
    rhythm = _merged(structured, sig.rhythm)
    if not agree(structured, sig.rhythm):
        rhythm = max(structured, sig.rhythm, key=lambda r: (r.per_week or Decimal(0), r.days or Decimal(0)))
    step = sig.steps[0] if sig.steps else None
    mg = _dose(row, step, body)
    days, begins = _bounds(row.timing)
    if days is None and step is not None and len(sig.steps) == 1:
        days = step.days
    return (Part(mg, rhythm, days, None, begins),)


def _dose(row: Instruction, step: SigStep | None, body: Body) -> Fact[Decimal]:
    """The structured dose; the text's only where there is none, or as a doubt where it differs."""
    said = said_milligrams(step.said, body.strength) if step else None
    if row.amount is None:
        return said or Unknown("the order states no dose", ("dose",))
    mg = milligrams(row.amount, body.strength, body.weight_kg, body.bsa_m2)
    if isinstance(mg, Unknown):
        return said if isinstance(said, Known) else mg
    if isinstance(said, Known) and said.value != mg.value and not said.doubt:
        return Known(max(mg.value, said.value), mg.inputs, "the text states another dose than the structure")
    return mg


def _from_text(sig: Sig, body: Body) -> tuple[Part, ...]:
    return tuple(_part(step, body) for step in sig.steps)


def _part(step: SigStep, body: Body) -> Part:
    mg = said_milligrams(step.said, body.strength)
    extra = said_milligrams(step.extra, body.strength) if step.extra else None
    return Part(mg, step.rhythm, step.days, extra.value if isinstance(extra, Known) else None)


def _bounds(timing: Timing | None) -> tuple[Decimal | None, date | None]:
    if timing is None:
        return None, None
    start, end = timing.bounds_start, timing.bounds_end
    if timing.bounds_days is not None:
        return timing.bounds_days, start
    if start is not None and end is not None and end >= start:
        return Decimal((end - start).days + 1), start
    return None, start
