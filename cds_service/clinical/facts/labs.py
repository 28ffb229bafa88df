"""Results: the newest number or answer, how old it is, how it has moved.

A value past the asked age is as if it were not there. What is not on record is unknown as a number and
a plain *no* as ``lab_recorded``.
"""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.chart import Measurement
from cds_service.clinical.facts.reading import (
    Listed,
    names,
    newest,
    numeric,
    of_measurement,
    results,
    unknown_of,
    within,
)
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.known import Fact, Known, Unknown, turned

ANSWERS = ("positive", "weak", "indeterminate", "negative", "none")
PHENOTYPES = ("poor", "intermediate", "indeterminate", "normal", "none")
_VIRAL_LOADS = frozenset({"hbv_dna", "hcv_rna"})


@fact("lab", "number", unit="of the lab", of="lab", args=("at_most_days_old",))
def lab(scope: Scope, of: tuple[str, ...], at_most_days_old: int | None = None) -> Fact[Decimal]:
    """The newest result of the lab, in its own unit; unknown if none is young enough.

    A result printed with a comparator ("<0.2") keeps it: it lies below its number.
    """
    found = _recent(scope, of[0], at_most_days_old)
    if isinstance(found, Unknown):
        return found
    if found.value.value is None:
        return Unknown(f"the newest {_label(scope, of[0])} is not a number", of)
    return Known(found.value.value, found.inputs, found.doubt, found.value.comparator)


@fact("lab_recorded", "flag", of="lab", args=("within_days",))
def lab_recorded(scope: Scope, of: tuple[str, ...], within_days: int | None = None) -> Fact[bool]:
    """Any of the labs has a result (within so many days)."""
    found = results(scope, names(scope, of))
    young = _young(scope, found, within_days)
    return flag(bool(young), *(of_measurement(scope, m) for m in young[:1]), doubt=found.doubt)


@fact("lab_days_old", "number", unit="d", of="lab")
def lab_days_old(scope: Scope, of: tuple[str, ...]) -> Fact[Decimal]:
    """Days since the newest result of any of the labs; unknown if there is none."""
    found = results(scope, names(scope, of))
    if not found.items:
        return Unknown(found.doubt or f"{_label(scope, of[0])} is not on record", of)
    days = (scope.chart.today - found.items[0].on).days
    return Known(Decimal(days), (of_measurement(scope, found.items[0]),), found.doubt)


@fact("lab_count", "number", unit="1", of="lab", args=("within_days",))
def lab_count(scope: Scope, of: tuple[str, ...], within_days: int | None = None) -> Fact[Decimal]:
    """How many results any of the labs have (within so many days)."""
    found = results(scope, names(scope, of))
    young = _young(scope, found, within_days)
    return Known(Decimal(len(young)), tuple(of_measurement(scope, m) for m in young[:2]), found.doubt)


@fact("times_uln", "number", unit="1", of="lab", args=("at_most_days_old",))
def times_uln(scope: Scope, of: tuple[str, ...], at_most_days_old: int | None = None) -> Fact[Decimal]:
    """The newest result over the upper end of its own reference range."""
    found = _recent(scope, of[0], at_most_days_old)
    if isinstance(found, Unknown):
        return found
    value, high = found.value.value, found.value.high
    if value is None or not high:
        return Unknown(f"the newest {_label(scope, of[0])} has no upper reference limit", of)
    return Known(value / high, found.inputs, found.doubt, found.value.comparator)


@fact("lab_before", "number", unit="of the lab", of="lab", args=("within_days",))
def lab_before(scope: Scope, of: tuple[str, ...], within_days: int | None = None) -> Fact[Decimal]:
    """The number before the newest, of an earlier day (within so many days)."""
    pair = _last_two(scope, of[0], within_days, None)
    return pair if isinstance(pair, Unknown) else Known(pair.value[1], pair.inputs[-1:], pair.doubt)


@fact("lab_fall", "number", unit="of the lab", of="lab", args=("within_days", "at_most_days_old"))
def lab_fall(
    scope: Scope, of: tuple[str, ...], within_days: int | None = None, at_most_days_old: int | None = None
) -> Fact[Decimal]:
    """How far the newest result lies below the one before it (within so many days); below 0 if above."""
    pair = _last_two(scope, of[0], within_days, at_most_days_old)
    if isinstance(pair, Unknown):
        return pair
    now, before = pair.value
    return Known(before - now, pair.inputs, pair.doubt, turned(pair.comparator))


@fact("lab_drop", "number", unit="of the lab", of="lab", args=("within_days", "at_most_days_old"))
def lab_drop(
    scope: Scope, of: tuple[str, ...], within_days: int | None = None, at_most_days_old: int | None = None
) -> Fact[Decimal]:
    """How far the newest result lies below the highest one (within so many days); 0 with no other."""
    latest = _recent(scope, of[0], at_most_days_old)
    if isinstance(latest, Unknown):
        return latest
    pairs = numeric(_young(scope, results(scope, of[:1]), within_days))
    if latest.value.value is None or not pairs:
        return Unknown(f"the newest {_label(scope, of[0])} is not a number", of)
    highest, value = max(pairs, key=lambda pair: pair[1])
    inputs = (of_measurement(scope, highest), *latest.inputs)
    side = "" if highest.comparator else turned(latest.value.comparator)
    return Known(value - latest.value.value, tuple(dict.fromkeys(inputs)), latest.doubt, side)


@fact("lab_fall_percent", "number", unit="%", of="lab", args=("within_days", "at_most_days_old"))
def lab_fall_percent(
    scope: Scope, of: tuple[str, ...], within_days: int | None = None, at_most_days_old: int | None = None
) -> Fact[Decimal]:
    """How far the newest result lies below the one before it, in per cent of that one."""
    pair = _last_two(scope, of[0], within_days, at_most_days_old)
    if isinstance(pair, Unknown):
        return pair
    now, before = pair.value
    if before == 0:
        return Unknown(f"the earlier {_label(scope, of[0])} is zero", of)
    return Known((before - now) / before * 100, pair.inputs, pair.doubt, turned(pair.comparator))


@fact("lab_rise_percent", "number", unit="%", of="lab", args=("within_days", "at_most_days_old"))
def lab_rise_percent(
    scope: Scope, of: tuple[str, ...], within_days: int | None = None, at_most_days_old: int | None = None
) -> Fact[Decimal]:
    """How far the newest result lies above the one before it, in per cent of that one."""
    fall: Fact[Decimal] = lab_fall_percent(scope, of, within_days, at_most_days_old)
    return (
        fall
        if isinstance(fall, Unknown)
        else Known(-fall.value, fall.inputs, fall.doubt, turned(fall.comparator))
    )


@fact("finding", "word", of="lab", words=ANSWERS, args=("at_most_days_old",))
def finding(scope: Scope, of: tuple[str, ...], at_most_days_old: int | None = None) -> Fact[str]:
    """The answer of the newest result: positive, weak, indeterminate, negative, or none on record.

    Of several labs the most positive answer. A number above the laboratory's limit is positive, as is a
    measurable viral load.
    """
    answers = [_answer(scope, name, at_most_days_old) for name in sorted(names(scope, of))]
    known = [a for a in answers if isinstance(a, Known)]
    best = min(known, key=lambda a: ANSWERS.index(a.value), default=Known("none"))
    doubt = next((a.reason for a in answers if isinstance(a, Unknown)), best.doubt)
    if best.value != "positive" and len(known) < len(answers):
        return unknown_of(*answers) if best.value == "none" else Known(best.value, best.inputs, doubt)
    return best


@fact("finding_days", "number", unit="d", of="lab")
def finding_days(scope: Scope, of: tuple[str, ...]) -> Fact[Decimal]:
    """Days since any of the labs was first positive (not weak); unknown if it never was."""
    found = results(scope, names(scope, of))
    positive = [m for m in found.items if _word(m) == "positive"]
    if not positive:
        return Unknown(found.doubt or f"{_label(scope, of[0])} was never positive", of)
    days = (scope.chart.today - positive[-1].on).days
    return Known(Decimal(days), (of_measurement(scope, positive[-1]),), found.doubt)


@fact("phenotype", "word", of="lab", words=PHENOTYPES)
def phenotype(scope: Scope, of: tuple[str, ...]) -> Fact[str]:
    """The gravest metaboliser status of the genes: poor, intermediate, indeterminate, normal or none."""
    found = results(scope, names(scope, of))
    newest_of = {m.concept: m for m in reversed(found.items)}
    words = [(_status(m), m) for m in newest_of.values()]
    word, result = min(words, key=lambda pair: PHENOTYPES.index(pair[0]), default=("none", None))
    if word != "poor" and found.doubt:
        return Unknown(found.doubt, of)
    return Known(word, (of_measurement(scope, result),) if result else ())


def _status(result: Measurement) -> str:
    """The metaboliser status a result names ("poor_metabolizer": poor)."""
    return next((word for word in PHENOTYPES if word in result.finding), "indeterminate")


def _answer(scope: Scope, concept: str, at_most_days_old: int | None) -> Fact[str]:
    found = scope.chart.measurements(concept)
    if isinstance(found, Unknown):
        return found
    young = _young(scope, Listed(found.value, found.doubt), at_most_days_old)
    if not young:
        return Unknown(found.doubt, (concept,)) if found.doubt else Known("none")
    bare = f"{_label(scope, concept)} has no limit of normal" if _is_bare(young[0]) else None
    return Known(_word(young[0]), (of_measurement(scope, young[0]),), found.doubt or bare)


def _is_bare(result: Measurement) -> bool:
    """Whether it is a number that nothing says the meaning of: no answer, no limit of normal beside it."""
    counted = result.concept not in _VIRAL_LOADS
    return result.value is not None and result.high is None and not result.finding and counted


def _word(result: Measurement) -> str:
    """What one result says; a coded answer of another kind (a phenotype) is no answer here."""
    if result.finding:
        return result.finding if result.finding in ANSWERS else "indeterminate"
    if result.value is None:
        return "indeterminate"
    if result.concept in _VIRAL_LOADS:
        measurable = result.value > 0 and not result.comparator.startswith("<")
        return "positive" if measurable else "indeterminate" if result.value > 0 else "negative"
    if result.high is None:
        return "indeterminate"
    return "positive" if result.value > result.high else "negative"


def _recent(scope: Scope, concept: str, at_most_days_old: int | None) -> Fact[Measurement]:
    found = newest(scope, concept)
    if isinstance(found, Unknown) or at_most_days_old is None:
        return found
    if within(found.value.on, scope.chart.today, at_most_days_old):
        return found
    label = _label(scope, concept)
    return Unknown(f"the newest {label} is more than {at_most_days_old} days old", (concept,))


def _young(scope: Scope, found: Listed[Measurement], days: int | None) -> tuple[Measurement, ...]:
    if days is None:
        return found.items
    return tuple(m for m in found.items if within(m.on, scope.chart.today, days))


def _last_two(
    scope: Scope, concept: str, within_days: int | None, at_most_days_old: int | None
) -> Fact[tuple[Decimal, Decimal]]:
    """The newest number and the one of an earlier day before it; the newest with its comparator, if only it has one."""
    latest = _recent(scope, concept, at_most_days_old)
    if isinstance(latest, Unknown):
        return latest
    found = results(scope, (concept,))
    pairs = numeric(_young(scope, found, within_days))
    earlier = [(m, v) for m, v in pairs if m.on < latest.value.on]
    if latest.value.value is None or not earlier:
        return Unknown(found.doubt or f"no earlier {_label(scope, concept)} to compare with", (concept,))
    inputs = (*latest.inputs, of_measurement(scope, earlier[0][0]))
    side = "" if earlier[0][0].comparator else latest.value.comparator
    return Known((latest.value.value, earlier[0][1]), inputs, latest.doubt, side)


def _label(scope: Scope, concept: str) -> str:
    return scope.terms.display(concept) or concept
