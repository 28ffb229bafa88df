"""From the text of a prescription to its steps: "20 mg daily for 2 weeks, then 15 mg daily"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from cds_service.clinical.dosing.rhythm import NONE, Rhythm
from cds_service.clinical.dosing.sig.amounts import Said, amounts_in
from cds_service.clinical.dosing.sig.rhythms import moments_in, rhythm_in, weekdays_in
from cds_service.clinical.dosing.sig.tidy import tidy

LONGEST = 2_000
_AS_NEEDED = re.compile(
    r"(?<!not )\b(?:as needed|as required|when needed|when required|if needed|if required|prn|p r n|as necessary)\b"
)
_CHANGES = r"(?:then )?(?:reduce|decrease|increase|taper|go down|go up)(?:d|s)?(?: the dose)? to"
_THEN = re.compile(rf"\b(?:and then|then|thereafter|followed by|{_CHANGES})\b")
_CLAUSE = re.compile(r"[;\n]|\.(?=\s|$)|\.(?=[a-z])")
# A warning names the mistake it warns of: "daily use can be fatal".
_WARNING = re.compile(r"\b(?:fatal|death|die|lethal|toxic|danger|warning|caution|mistake|harm)\w*")
_COMPANION = re.compile(
    r"\b(?:folic|folate|folinic|leucovorin|vitamin|calcium|ppi|omeprazole|pantoprazole)\b"
)
_LENGTH = r"(\d+)(?: ?(?:-|to) ?(\d+))? ?(days?|d|weeks?|wks?|months?|mo)\b"
_FOR = re.compile(rf"\b(?:for|x|×|over|during) ?(?:the (?:first|next) |another |a total of )?{_LENGTH}")
_HALVES = re.compile(
    r"(?P<first>\d[^,;]*?\b(?:morning|breakfast|am|noon|lunch)\b)[ ,]*(?:and|\+|,|&) ?"
    r"(?P<second>\d[^,;]*?\b(?:evening|night|bedtime|dinner|supper|pm|noon|lunch)\b)"
)
_UNIT_DAYS = {"d": Decimal(1), "w": Decimal(7), "m": Decimal(30)}


@dataclass(frozen=True, slots=True)
class SigStep:
    """One stretch: what a dose is, how often, for how many days (``None``: no end is said)."""

    said: Said
    rhythm: Rhythm
    days: Decimal | None = None
    extra: Said | None = None


@dataclass(frozen=True, slots=True)
class Sig:
    """A sig read: its steps one after the other, and what holds for all of it.

    ``doubt`` says what is contradictory in the text itself, or is empty.
    """

    steps: tuple[SigStep, ...] = ()
    as_needed: bool = False
    names_day: bool = False
    moments: frozenset[str] = frozenset()
    doubt: str = ""

    @property
    def rhythm(self) -> Rhythm:
        """The rhythm of the first step that states one."""
        return next((step.rhythm for step in self.steps if step.rhythm.stated), NONE)


def read_sig(text: str) -> Sig:
    """Read a sig. Says nothing where the text says nothing clear; never raises."""
    plain = _own_clauses(tidy(text[:LONGEST]))
    doubts: list[str] = []
    steps = [step for part in _THEN.split(plain) if (step := _step(part, doubts)) is not None]
    _inherit(steps)
    return Sig(
        tuple(steps),
        bool(_AS_NEEDED.search(plain)),
        bool(weekdays_in(plain)[0]),
        frozenset(moments_in(plain)),
        doubts[0] if doubts else "",
    )


def _own_clauses(plain: str) -> str:
    """The sig without warnings and clauses about a companion drug, unless nothing else is left of it."""
    clauses = [clause for clause in _CLAUSE.split(plain) if clause.strip()]
    own = [clause for clause in clauses if not _COMPANION.search(clause) and not _WARNING.search(clause)]
    return " ; ".join(own or clauses)


def _step(part: str, doubts: list[str]) -> SigStep | None:
    lasting = _FOR.search(part)
    rest = _FOR.sub(" ", part)
    halves = _HALVES.search(rest)
    extra = amounts_in(halves["second"]) if halves else None
    said = amounts_in(halves["first"] if halves else rest)
    rhythm, doubt = rhythm_in(rest)
    if doubt:
        doubts.append(doubt)
    if not rhythm.stated and said == Said() and not doubt:
        return None
    return SigStep(said, rhythm, _days(lasting), extra if extra != Said() else None)


def _days(lasting: re.Match[str] | None) -> Decimal | None:
    if lasting is None:
        return None
    return int(lasting[2] or lasting[1]) * _UNIT_DAYS[lasting[3][0]]


def _inherit(steps: list[SigStep]) -> None:
    """ "20 mg daily for 7 days, then 10 mg": the rhythm stays until another is said."""
    for n in range(1, len(steps)):
        if not steps[n].rhythm.stated:
            steps[n] = SigStep(steps[n].said, steps[n - 1].rhythm, steps[n].days, steps[n].extra)
