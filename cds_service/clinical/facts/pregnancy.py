"""Pregnancy, breastfeeding, and whether a pregnancy is possible and guarded against.

Evidence is a problem, a pregnancy status, a pregnancy test or an expected day of delivery; a later loss,
delivery, negative test or "not pregnant" cancels it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cds_service.clinical.chart import Measurement, Problem
from cds_service.clinical.courses import runs
from cds_service.clinical.facts.reading import (
    doubts,
    listed,
    names,
    of_measurement,
    of_medication,
    of_problem,
    results,
    unknown_of,
    within,
)
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.known import Fact, Input, Known, Unknown

TESTS = ("pregnancy_test", "hcg_quant")
STATUS = ("pregnancy_status",)
DUE_DATE = "pregnancy_due_date"
ENDS = frozenset({"pregnancy_end"})
INFERTILE = frozenset({"hysterectomy", "oophorectomy", "menopause", "sterilisation", "tubal_ligation"})
CONTRACEPTION = INFERTILE | {"intrauterine_device"}
NEEDS = ("patient", "conditions", "pregnancyStatus")


@dataclass(frozen=True, slots=True)
class _Sign:
    """One entry that speaks for or against a pregnancy; undated ones count as of today."""

    on: date
    positive: bool
    shown: Input


@fact(
    "possibly_fertile_age",
    "flag",
    uses=("age_years", "sex"),
    limits=("pregnancy.frp_from", "pregnancy.frp_to"),
)
def possibly_fertile_age(scope: Scope) -> Fact[bool]:
    """A recorded woman of an age at which pregnancy is possible."""
    sex, age = scope.get("sex"), scope.get("age_years")
    if isinstance(sex, Known) and sex.value == "male":
        return Known(False, sex.inputs)
    if isinstance(age, Known) and not (
        scope.limit("pregnancy.frp_from") <= age.value <= scope.limit("pregnancy.frp_to")
    ):
        return Known(False, age.inputs)
    if isinstance(sex, Unknown) or isinstance(age, Unknown):
        return unknown_of(sex, age)
    if sex.value != "female":
        return Unknown("the recorded sex does not say whether a pregnancy is possible", ("sex",))
    return Known(True, (*sex.inputs, *age.inputs))


@fact("frp", "flag", needs=("conditions",), uses=("possibly_fertile_age",))
def frp(scope: Scope) -> Fact[bool]:
    """May become pregnant: female, 12 to 55 years, no hysterectomy, menopause or sterilisation on record."""
    fertile: Fact[bool] = scope.get("possibly_fertile_age")
    if isinstance(fertile, Unknown) or not fertile.value:
        return fertile
    problems = listed(scope.chart.problems())
    ended = [p for p in problems.items if p.concepts & INFERTILE]
    if ended:
        return Known(False, tuple(map(of_problem, ended[:1])))
    if problems.doubt:
        return Unknown(problems.doubt, ("conditions",))
    return Known(True, fertile.inputs)


@fact(
    "pregnant",
    "flag",
    needs=NEEDS,
    uses=("possibly_fertile_age",),
    limits=("pregnancy.pregnant_days", "pregnancy.hcg_positive"),
)
def pregnant(scope: Scope) -> Fact[bool]:
    """The record shows a pregnancy not later cancelled. Where the record cannot be read: unknown."""
    signs, doubt = _signs(scope)
    newest = max((sign.on for sign in signs), default=None)
    last = [sign for sign in signs if sign.on == newest]
    if any(sign.positive for sign in last):
        return Known(True, tuple(sign.shown for sign in last if sign.positive))
    fertile: Fact[bool] = scope.get("possibly_fertile_age")
    if isinstance(fertile, Known) and not fertile.value:
        return Known(False, fertile.inputs)
    return flag(False, *(sign.shown for sign in last), doubt=doubt)


@fact(
    "breastfeeding",
    "flag",
    needs=NEEDS,
    uses=("possibly_fertile_age",),
    limits=("pregnancy.breastfeeding_days",),
)
def breastfeeding(scope: Scope) -> Fact[bool]:
    """The record shows breastfeeding that began at most two years ago and has not ended."""
    days = int(scope.limit("pregnancy.breastfeeding_days"))
    today = scope.chart.today
    problems = listed(scope.chart.problems())
    statuses = results(scope, ("lactation_status",))
    begun = [p for p in problems.items if p.active and "lactation" in p.concepts]
    recent = [p for p in begun if within(p.onset or p.recorded, today, days) is not False]
    if statuses.items and within(statuses.items[0].on, today, days):
        status = statuses.items[0]
        if status.finding in ("positive", "negative"):
            return Known(status.finding == "positive", (of_measurement(scope, status),))
    if recent:
        return Known(True, tuple(map(of_problem, recent[:1])))
    fertile: Fact[bool] = scope.get("possibly_fertile_age")
    if isinstance(fertile, Known) and not fertile.value:
        return Known(False, fertile.inputs)
    return flag(False, doubt=doubts(problems, statuses))


@fact("hcg_within", "flag", args=("within_days",), needs=("pregnancyStatus",))
def hcg_within(scope: Scope, within_days: int) -> Fact[bool]:
    """A pregnancy test has a result of the last so many days, whatever it says."""
    found = results(scope, TESTS)
    young = [m for m in found.items if within(m.on, scope.chart.today, within_days)]
    return flag(bool(young), *(of_measurement(scope, m) for m in young[:1]), doubt=found.doubt)


@fact(
    "contraception_recorded",
    "flag",
    needs=("conditions", "medicationRequests", "medicationStatements", "pregnancyStatus"),
)
def contraception_recorded(scope: Scope) -> Fact[bool]:
    """A contraceptive drug or device, a sterilisation or a stated method is on record."""
    problems, drugs = listed(scope.chart.problems()), listed(scope.chart.medications())
    stated = results(scope, ("contraception",))
    wanted = names(scope, ("contraceptive",))
    shown = [of_problem(p) for p in problems.items if _protects(p)]
    shown += [of_measurement(scope, m) for m in stated.items[:1] if m.finding != "negative"]
    taken = (*scope.drafts, *(m for m in drugs.items if runs(m, scope.chart.today)))
    shown += [of_medication(m) for m in taken if m.ingredients & wanted]
    doubt = doubts(problems, drugs, stated)
    return flag(bool(shown), *shown[:2], doubt=doubt)


@fact(
    "only_oral_contraceptive",
    "flag",
    needs=("conditions", "pregnancyStatus", "medicationRequests", "medicationStatements"),
    uses=("contraception_recorded",),
)
def only_oral_contraceptive(scope: Scope) -> Fact[bool]:
    """A contraceptive by mouth is all that is on record: no device, sterilisation or other method beside it."""
    problems, drugs = listed(scope.chart.problems()), listed(scope.chart.medications())
    stated, wanted = results(scope, ("contraception",)), names(scope, ("contraceptive",))
    taken = (*scope.drafts, *(m for m in drugs.items if runs(m, scope.chart.today)))
    pills = [m for m in taken if m.ingredients & wanted]
    others = any(map(_protects, problems.items)) or bool(stated.items)
    is_only = bool(pills) and not others and all(m.route == "oral" for m in pills)
    return flag(is_only, *map(of_medication, pills[:2]), doubt=doubts(problems, drugs, stated))


def _protects(problem: Problem) -> bool:
    """Whether it guards against a pregnancy: a sterilisation for good, a device while it is there."""
    return bool(problem.concepts & INFERTILE or (problem.active and problem.concepts & CONTRACEPTION))


def _signs(scope: Scope) -> tuple[list[_Sign], str | None]:
    """Everything young enough that speaks for or against, and the doubt of what could not be read."""
    days = int(scope.limit("pregnancy.pregnant_days"))
    problems = listed(scope.chart.problems())
    tests, due = results(scope, (*TESTS, *STATUS)), results(scope, (DUE_DATE,))
    signs = [*_of_problems(scope), *_of_tests(scope, tests.items), *_of_due(scope, due.items)]
    young = [sign for sign in signs if within(sign.on, scope.chart.today, days)]
    return young, doubts(problems, tests, due)


def _of_problems(scope: Scope) -> list[_Sign]:
    signs = []
    for problem in listed(scope.chart.problems()).items:
        begun = problem.onset or problem.recorded or scope.chart.today
        # Words that name both, and no code that is both, may speak of an end to come: the pregnancy stands.
        is_both = "pregnancy" in problem.concepts and problem.active and not problem.codes
        if problem.concepts & ENDS and not is_both:
            signs.append(_Sign(begun, False, of_problem(problem)))
        elif "pregnancy" in problem.concepts and problem.active:
            signs.append(_Sign(begun, True, of_problem(problem)))
        elif "pregnancy" in problem.concepts and problem.ended:
            signs.append(_Sign(problem.ended, False, of_problem(problem)))
    return signs


def _of_tests(scope: Scope, tests: tuple[Measurement, ...]) -> list[_Sign]:
    signs = []
    for test in tests:
        answer = _answer(test, scope)
        if answer is not None:
            signs.append(_Sign(test.on, answer, of_measurement(scope, test)))
    return signs


def _answer(test: Measurement, scope: Scope) -> bool | None:
    """What one test or status says: pregnant, not pregnant, or nothing."""
    if test.finding in ("positive", "pregnant"):
        return True
    if test.finding in ("negative", "not_pregnant"):
        return False
    if test.value is None or test.finding:
        return None
    limit = test.high if test.high is not None else scope.limit("pregnancy.hcg_positive")
    return test.value > limit


def _of_due(scope: Scope, due: tuple[Measurement, ...]) -> list[_Sign]:
    """An expected day of delivery (an ISO date as the answer) from today on speaks for a pregnancy."""
    signs = []
    for entry in due:
        try:
            day = date.fromisoformat(entry.finding)
        except ValueError:
            continue
        if day >= scope.chart.today:
            signs.append(_Sign(entry.on, True, of_measurement(scope, entry)))
    return signs
