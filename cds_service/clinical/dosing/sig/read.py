"""From the text of a prescription to its steps: "20 mg daily for 2 weeks, then 15 mg daily".

What was read is taken out of the text; if what is left still tells an amount or a rhythm, the reading is doubtful.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from cds_service.clinical.dosing.rhythm import NONE, SEVEN, Rhythm, every, in_a_row
from cds_service.clinical.dosing.sig import german, languages
from cds_service.clinical.dosing.sig.amounts import Said
from cds_service.clinical.dosing.sig.doses import UNREAD, SigDose, doses_in
from cds_service.clinical.dosing.sig.rhythms import CYCLE, moments_in
from cds_service.clinical.dosing.sig.tidy import at_most, tidy
from cds_service.clinical.dosing.sig.weekdays import days_left_out, weekdays_in, weekdays_told

LONGEST = 2_000
TOO_LONG = "the text is too long to be read to its end"
_AS_NEEDED = re.compile(
    r"(?<!not )\b(?:as needed|as required|when needed|when required|if needed|if required|prn|p r n|as necessary)\b"
)
_CHANGES = r"(?:then )?(?:may )?(?:reduce|decrease|increase|taper|go down|go up)(?:d|s)?(?: the dose)? to"
_THEN = re.compile(rf"\b(?:and then|then|thereafter|followed by|{_CHANGES})\b")
_LOWERS = re.compile(r"\b(?:taper|wean|reduc|decreas|stop)\w*")
_CLAUSE = re.compile(r"[;\n]|\.(?=\s|$)|\.(?=[a-z])")
_AMOUNT = re.compile(r"\d ?(?:mg|g|mcg|ml|tab\w*|cap\w*)\b")
# A warning names the mistake it warns of: "daily use can be fatal".
_WARNING = re.compile(
    r"\b(?:fatal|deaths?|dies?|lethal|toxic\w*|danger\w*|warning|caution|mistake|harm\w*|errors?)\b"
)
# Other things are done daily or weekly too.
_ELSEWHERE = re.compile(
    r"\b(?:labs?|bloods?|cbc|lfts?|monitor\w*|check\w*|follow[ -]?up|appointment|return|visits?|clinic|review|refills?|"
    r"dispense|drink|temperature|weight|glucose|sugars?|blood pressure|missed|previously|formerly)\b"
)
# "Take one each day until the next appointment" is no visit.
_INTAKE = re.compile(r"\b(?:take|inject|give|swallow|use)s? (?:up to )?\d")
_COMPANION_WORD = r"(?:folic|folate|folinic|leucovorin|vitamin|calcium|ppi|omeprazole|pantoprazole)"
_COMPANION = re.compile(rf"\b{_COMPANION_WORD}\b")
_BESIDE = re.compile(rf"(?:,|\band\b|\bwith\b|\bplus\b|\+|&)? *(?:take )?\b{_COMPANION_WORD}\b[^,;.()]*")
# "With folic acid and 6 tablets on Thursday": the drug's own dose goes on behind its companion.
_OWN_AGAIN = re.compile(
    r"(?:\b(?:and|plus)|[&+]) ?(?:take |again |also )?(?:(?:on|every|each) )*"
    r"(?:\d+(?:\.\d+)? ?(?P<unit>tab|cap|pill|m?c?g\b|ml\b)"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?\b)"
)
_DATED = re.compile(r"\b(?:daily|weekly|day|week|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)\b")
_LENGTH = r"(?P<least>\d+)(?: ?(?:-|to) ?(?P<most>\d+))? ?(?P<unit>days?|d|weeks?|wks?|months?|mo)\b"
# "For 2 days every 4 weeks" is a rhythm; "over 2 days every 4 weeks" says that the dose is all that they hold.
_FOR = re.compile(
    rf"\b(?:(?:for|x|×)(?! ?\d+ ?days?{CYCLE})|(?:divided )?over|during) ?"
    rf"(?:the (?:first|next) |another |a total of )?{_LENGTH}"
    r"(?! ?(?:each|every|per|of each|of the|a) ?(?:week|wk)\b)"
)
_UNIT_DAYS = {"d": Decimal(1), "w": Decimal(7), "m": Decimal(30)}


@dataclass(frozen=True, slots=True)
class SigStep:
    """One stretch: the doses taken in it, and for how many days (``None``: no end is said)."""

    doses: tuple[SigDose, ...]
    days: Decimal | None = None

    @property
    def rhythm(self) -> Rhythm:
        """The rhythm of a stretch with one dose; of several, nothing that could be compared."""
        return self.doses[0].rhythm if len(self.doses) == 1 else NONE


@dataclass(frozen=True, slots=True)
class Sig:
    """A sig read: its steps one after the other, and what holds for all of it.

    ``doubt`` says why the text may mean something else than what was read, or is empty; ``of_days`` why it may mean
    other days, whatever else tells them; ``unread`` why nothing in it was. ``told`` are all weekdays it names.
    """

    steps: tuple[SigStep, ...] = ()
    as_needed: bool = False
    weekdays: frozenset[str] = frozenset()
    moments: frozenset[str] = frozenset()
    doubt: str = ""
    of_days: str = ""
    unread: str = ""
    told: frozenset[str] = frozenset()

    @property
    def rhythm(self) -> Rhythm:
        """The rhythm of the first step that states one."""
        return next(iter(self.rhythms), NONE)

    @property
    def rhythms(self) -> tuple[Rhythm, ...]:
        """The rhythm of each step that states one: "weekly for 4 weeks, then daily" states two."""
        return tuple(step.rhythm for step in self.steps if step.rhythm.stated)


def read_sig(text: str) -> Sig:
    """Read a sig. Says nothing where the text says nothing clear; never raises."""
    english, by_moments = german.in_english(text[:LONGEST])
    plain = _own_clauses(tidy(languages.in_english(english)))
    rare = at_most(languages.in_english(english))
    doubts = [TOO_LONG] if len(text) > LONGEST else []
    steps: list[SigStep] = []
    for part in _THEN.split(plain):
        step = _step(part, doubts)
        if step is not None:
            steps.append(step)
        elif steps and _LOWERS.search(part):
            # A taper whose steps nobody wrote down: what came before is the most, and its end is not the end.
            steps[-1] = replace(steps[-1], days=None)
    _inherit(steps)
    if by_moments:
        steps = list(map(_on_every_day, steps))
    if rare and not any(step.rhythm.stated for step in steps):
        doubts.append("the text tells how often it is taken at most, not how often")
    return Sig(
        tuple(steps),
        bool(_AS_NEEDED.search(plain)),
        weekdays_in(plain)[0] - days_left_out(plain),
        frozenset(moments_in(plain)),
        doubts[0] if doubts else "",
        next((doubt for doubt in doubts if doubt not in (UNREAD, TOO_LONG)), ""),
        "the text is in letters that are not read here" if languages.is_in_another_script(text) else "",
        weekdays_told(_without_companions(plain)),
    )


def _on_every_day(step: SigStep) -> SigStep:
    """ "1-0-1" is for every day where no days are told."""
    if any(dose.rhythm.days is not None for dose in step.doses):
        return step
    return replace(step, doses=tuple(replace(dose, rhythm=_daily(dose.rhythm)) for dose in step.doses))


def _daily(rhythm: Rhythm) -> Rhythm:
    per_day = rhythm.per_day or Decimal(1)
    return replace(rhythm, per_day=per_day, days=SEVEN, per_week=per_day * SEVEN)


def _own_clauses(plain: str) -> str:
    """The sig without warnings, visits, and what is said of a companion drug, unless nothing else is left of it."""
    clauses = [clause for clause in _CLAUSE.split(plain) if clause.strip()]
    own = [clause for clause in clauses if not _is_aside(clause)]
    left = " ; ".join(own or clauses)
    alone = _without_companions(left)
    if alone == left:
        return left
    # Beside a structured dose the drug's own part tells days alone, and stands first.
    beside = _DATED.search(left[len(alone.rstrip()) :]) and left.startswith(alone.rstrip())
    return alone if _tells_all(alone) or (beside and _tells_days(alone)) else left


def _without_companions(plain: str) -> str:
    return _BESIDE.sub(_left_of_companion, plain)


def _left_of_companion(found: re.Match[str]) -> str:
    """What stands behind a companion drug and is not of it: its own dose and days are told before the "and"."""
    again = _OWN_AGAIN.search(found[0])
    if again is None:
        return " "
    of_companion, unit = found[0][: again.start()], again["unit"]
    is_dosed = bool(re.search(r"\d ?(?:tab|cap|pill|m?c?g\b|ml\b)", of_companion))
    is_told = bool(re.search(rf"\d ?{unit}", of_companion) if unit else is_dosed)
    if is_told or (not unit and _DATED.search(of_companion)):
        return " "
    return f" {found[0][again.start() :]}"


def _is_aside(clause: str) -> bool:
    if _COMPANION.search(clause) and not _tells_all(_without_companions(clause)):
        return True
    if _AMOUNT.search(clause):
        return False
    return bool(_WARNING.search(clause)) or bool(_ELSEWHERE.search(clause) and not _INTAKE.search(clause))


def _tells_all(plain: str) -> bool:
    """Whether a dose and a rhythm are told."""
    return bool(_AMOUNT.search(plain)) and _tells_days(plain)


def _tells_days(plain: str) -> bool:
    return any(dose.rhythm.days is not None for dose in doses_in(plain)[0])


def _step(part: str, doubts: list[str]) -> SigStep | None:
    lasting = _FOR.search(part)
    rest = _without(part, lasting)
    doses, doubt = doses_in(rest)
    told = any(dose.rhythm.stated or dose.said.is_dose or dose.said.each_mg for dose in doses)
    if doubt and (told or not _LOWERS.search(part)):
        doubts.append(doubt)
    if not told and not doubt:
        return None
    days = _days(lasting)
    if lasting is not None and days is not None and "over" in lasting[0]:
        doses = tuple(_spread(dose, days) for dose in doses)
    return SigStep(doses, days) if told else None


def _spread(dose: SigDose, days: Decimal) -> SigDose:
    """ "2 g/kg over 2 days" is all of it, in equal parts on each day; what does not divide evenly stays as it is."""
    amount, cycle = dose.said.amount, dose.rhythm.cycle
    if amount is None or not 1 < days <= SEVEN or dose.said != Said(amount=amount):
        return dose
    again = cycle is not None and cycle.days == 1 and days <= cycle.length
    if dose.rhythm.stated and not again:
        return dose
    low, high = amount.low / days, amount.high / days
    if (low * days, high * days) != (amount.low, amount.high):
        return dose
    rhythm = in_a_row(int(days), cycle.length) if cycle is not None else every(1, 1)
    return SigDose(Said(amount=replace(amount, low=low, high=high)), rhythm)


def _without(part: str, found: re.Match[str] | None) -> str:
    return part if found is None else f"{part[: found.start()]} {part[found.end() :]}"


def _days(lasting: re.Match[str] | None) -> Decimal | None:
    if lasting is None:
        return None
    return int(lasting["most"] or lasting["least"]) * _UNIT_DAYS[lasting["unit"][0]]


def _inherit(steps: list[SigStep]) -> None:
    """ "20 mg daily for 7 days, then 10 mg": the rhythm stays until another is said."""
    for n in range(1, len(steps)):
        one, before = steps[n], steps[n - 1]
        if len(one.doses) == 1 and not one.rhythm.stated and before.rhythm.stated:
            steps[n] = replace(one, doses=(replace(one.doses[0], rhythm=before.rhythm),))
