"""Problems of the list: which there are, since when, and whether one of them is myositis."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from cds_service.clinical.chart import Problem
from cds_service.clinical.courses import window
from cds_service.clinical.facts.glucocorticoid_kind import SYSTEMIC_ROUTES
from cds_service.clinical.facts.reading import listed, names, of_problem, within
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS as DRUGS
from cds_service.clinical.facts.taking import recorded
from cds_service.clinical.known import Fact, Known, Unknown

NEEDS = ("conditions",)
TREATMENT = ("systemic_glucocorticoid", "immunosuppressant", "immunoglobulin", "hydroxychloroquine")
_YEAR = 365
MYOSITIS = frozenset({"myositis"})


@fact("has_condition", "flag", of="condition", args=("within_days",), needs=NEEDS)
def has_condition(scope: Scope, of: tuple[str, ...], within_days: int | None = None) -> Fact[bool]:
    """Any of the problems is active (begun or recorded within so many days)."""
    found = [p for p in _of(scope, of) if p.active]
    return _present(scope, found, within_days)


@fact("had_condition", "flag", of="condition", args=("within_days",), needs=NEEDS)
def had_condition(scope: Scope, of: tuple[str, ...], within_days: int | None = None) -> Fact[bool]:
    """Any of the problems is or was on record (begun or recorded within so many days)."""
    return _present(scope, list(_of(scope, of)), within_days)


@fact("recent_event", "flag", of="condition", args=("within_days",), needs=NEEDS)
def recent_event(scope: Scope, of: tuple[str, ...], within_days: int) -> Fact[bool]:
    """Any of the events began or was recorded within so many days, whether resolved since or not.

    An acute event is set to resolved when the patient goes home. What is not active and has no date is past.
    """
    found = [p for p in _of(scope, of) if p.active or (_day(p) is not None and not p.told_as_past)]
    return _present(scope, found, within_days)


@fact("has_myositis", "flag", about="order", needs=NEEDS)
def has_myositis(scope: Scope) -> Fact[bool]:
    """Inflammatory myositis is an active problem, or the reason of the order. Provisional counts."""
    if scope.order is not None and scope.order.reasons & names(scope, MYOSITIS):
        return Known(True, ())
    return has_condition(scope, tuple(MYOSITIS))


@fact("myositis_certain", "flag", needs=NEEDS)
def myositis_certain(scope: Scope) -> Fact[bool]:
    """Inflammatory myositis is an active problem, neither provisional nor differential."""
    return _present(scope, [p for p in _of(scope, MYOSITIS) if p.active and p.certain], None)


@fact("myositis_recorded", "flag", needs=NEEDS)
def myositis_recorded(scope: Scope) -> Fact[bool]:
    """Inflammatory myositis is an active problem; provisional or differential counts."""
    return has_condition(scope, tuple(MYOSITIS))


@fact(
    "diagnosis_days",
    "number",
    unit="d",
    needs=(*NEEDS, *DRUGS),
    limits=("regimen.longest_delay_days", "regimen.new_days"),
)
def diagnosis_days(scope: Scope) -> Fact[Decimal]:
    """Days since myositis was diagnosed: the day its first problem was recorded, or began.

    A record of much later than the onset tells when it was copied where the disease was treated before; where it
    was not, it was found late, as amyopathic disease often is.
    """
    found = [(_diagnosed(scope, p), p) for p in _of(scope, MYOSITIS)]
    dated = sorted(((day, p) for day, p in found if day is not None), key=lambda pair: pair[0])
    doubt = listed(scope.chart.problems()).doubt
    if any(_found_late(scope, p) for p in _of(scope, MYOSITIS)):
        doubt = doubt or recorded(scope).doubt
    if not dated:
        return Unknown(doubt or "no dated diagnosis of myositis is on record", ("conditions",))
    day, problem = dated[0]
    return Known(Decimal((scope.chart.today - day).days), (of_problem(problem),), doubt)


@fact("anniversary_days", "number", unit="d", uses=("diagnosis_days",))
def anniversary_days(scope: Scope) -> Fact[Decimal]:
    """Days since the last anniversary of the diagnosis, a year being 365 days."""
    days: Fact[Decimal] = scope.get("diagnosis_days")
    return days if isinstance(days, Unknown) else Known(days.value % _YEAR, days.inputs, days.doubt)


@fact("condition_days", "number", unit="d", of="condition", needs=NEEDS)
def condition_days(scope: Scope, of: tuple[str, ...]) -> Fact[Decimal]:
    """Days since the newest of the active problems began or was recorded."""
    dated = [(day, p) for p in _of(scope, of) if p.active and (day := _day(p)) is not None]
    doubt = listed(scope.chart.problems()).doubt
    if not dated:
        return Unknown(doubt or "no dated problem of this kind is on record", ("conditions",))
    day, problem = max(dated, key=lambda pair: pair[0])
    return Known(Decimal((scope.chart.today - day).days), (of_problem(problem),), doubt)


@fact("order_reason", "flag", about="order", of="condition")
def order_reason(scope: Scope, of: tuple[str, ...]) -> Fact[bool]:
    """The order itself names any of the problems as its reason."""
    if scope.order is None:
        return Unknown("there is no order to judge", ("order",))
    return Known(bool(scope.order.reasons & names(scope, of)))


def _of(scope: Scope, of: tuple[str, ...] | frozenset[str]) -> list[Problem]:
    wanted = names(scope, of)
    return [p for p in listed(scope.chart.problems()).items if p.concepts & wanted]


def _present(scope: Scope, found: list[Problem], within_days: int | None) -> Fact[bool]:
    """Whether any is there; unknown if the list is doubtful, or the only ones have no date to judge."""
    doubt = listed(scope.chart.problems()).doubt
    if within_days is None:
        return flag(bool(found), *map(of_problem, found[:3]), doubt=doubt)
    recent = [p for p in found if within(_day(p), scope.chart.today, within_days)]
    if not recent and any(_day(p) is None for p in found):
        return Unknown(f"it is not recorded since when: {found[0].text}", ("conditions",))
    return flag(bool(recent), *map(of_problem, recent[:3]), doubt=doubt)


def _diagnosed(scope: Scope, problem: Problem) -> date | None:
    onset, entered = problem.onset, problem.recorded
    if onset is None or entered is None:
        return onset or entered
    if entered < onset or (_found_late(scope, problem) and _treated_before(scope, entered)):
        return onset
    return entered


def _found_late(scope: Scope, problem: Problem) -> bool:
    """Whether it was recorded so long after its onset that it may have been copied."""
    onset, entered = problem.onset, problem.recorded
    longest = scope.limit("regimen.longest_delay_days")
    return onset is not None and entered is not None and (entered - onset).days > longest


def _treated_before(scope: Scope, day: date) -> bool:
    """Whether a drug that treats myositis was begun some time before the day."""
    wanted, some_time = names(scope, TREATMENT), timedelta(days=int(scope.limit("regimen.new_days")))
    return any(
        m.ingredients & wanted and m.route in SYSTEMIC_ROUTES and window(m, day).start < day - some_time
        for m in recorded(scope).items
    )


def _day(problem: Problem) -> date | None:
    return problem.onset or problem.recorded
