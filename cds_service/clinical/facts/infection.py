"""Severe infection, on the problem list or as it is treated, and what to screen for before immunosuppression."""

from __future__ import annotations

import re
from datetime import timedelta

from cds_service.clinical.chart import Medication, Problem
from cds_service.clinical.courses import window
from cds_service.clinical.facts.reading import listed, of_medication, of_problem, within
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, everything, of_class, recorded
from cds_service.clinical.known import Fact, Known, Unknown

CLASS = "anti_infective"
PROPHYLAXIS = re.compile(
    r"prophyla|prevent(?:ion|ive)?\b|pre-?op|peri-?op|pre-?surgical|surgical incision|on call to",
    re.IGNORECASE,
)
# "Surgical site infection" is treated, and so is a sepsis that shall not progress.
TREATED = re.compile(
    r"prevent\w* .{0,20}(?:progress|worsen|spread)|post-?(?:op\w*|surgical) .{0,20}(?:infect|sepsis)",
    re.IGNORECASE,
)


@fact(
    "severe_infection",
    "flag",
    needs=("conditions", *NEEDS),
    uses=("has_condition",),
    limits=("safety.infection_days", "safety.pneumonia_days"),
)
def severe_infection(scope: Scope) -> Fact[bool]:
    """A severe infection is an active problem, or is treated: an antibacterial or antifungal by vein this week.

    Neutropenia with a fever of this week is febrile neutropenia, which ICD-10-CM has no code of its own for.
    A single dose, and what is said to be prophylaxis, are no treatment. A pneumonia of these days counts where
    it is graded severe; where nobody graded it, whether it needed admission is unknown.
    """
    problem: Fact[bool] = scope.get("has_condition", "severe_infection")
    if isinstance(problem, Known) and problem.value:
        return problem
    if (both := _febrile_neutropenia(scope)) is not None:
        return both
    pneumonia = _pneumonia(scope)
    if any(each.severe for each in pneumonia):
        return Known(True, tuple(map(of_problem, pneumonia[:1])))
    drugs = of_class(scope, CLASS)
    found = [m for m in everything(scope) if m.ingredients & drugs and _treats(scope, m)]
    if found:
        return Known(True, tuple(map(of_medication, found[:3])))
    if isinstance(problem, Unknown):
        return problem
    if pneumonia:
        return Unknown("whether the pneumonia on record needed admission is not recorded", ("conditions",))
    return flag(False, doubt=problem.doubt or recorded(scope).doubt)


@fact("exposure_orders", "words", needs=("screeningTests",), uses=("has_condition",))
def exposure_orders(scope: Scope) -> Fact[tuple[str, ...]]:
    """What to order after an exposure on record, by name of the list of orders: strongyloides serology."""
    exposed: Fact[bool] = scope.get("has_condition", "strongyloides_exposure")
    done = scope.chart.measurements("strongyloides")
    is_wanted = isinstance(exposed, Known) and exposed.value and not (isinstance(done, Known) and done.value)
    return Known(("strongyloides",) if is_wanted else ())


def _febrile_neutropenia(scope: Scope) -> Known[bool] | None:
    """Active neutropenia and a fever of this week on the problem list (D70.9 with R50.81); ``None`` otherwise."""
    days = int(scope.limit("safety.infection_days"))
    low: Fact[bool] = scope.get("has_condition", "neutropenia")
    fever: Fact[bool] = scope.get("has_condition", "fever", within_days=days)
    if isinstance(low, Unknown) or isinstance(fever, Unknown) or not (low.value and fever.value):
        return None
    return Known(True, (*low.inputs, *fever.inputs))


def _pneumonia(scope: Scope) -> list[Problem]:
    """Active pneumonias that began or were recorded within the days an infection of the lung is fresh."""
    days = int(scope.limit("safety.pneumonia_days"))
    active = (p for p in listed(scope.chart.problems()).items if p.active and "pneumonia" in p.concepts)
    return [p for p in active if within(p.onset or p.recorded, scope.chart.today, days) is not False]


def _treats(scope: Scope, order: Medication) -> bool:
    """Whether it runs by vein today, or did within the week, as a treatment."""
    today, days = scope.chart.today, timedelta(days=int(scope.limit("safety.infection_days")))
    span = window(order, today)
    is_recent = span.start <= today and (span.end is None or span.end >= today - days)
    length = order.exposure.course_days
    is_single = isinstance(length, Known) and length.value <= 1
    said = f"{order.reason_text} {order.exposure.text}"
    prevents = bool(PROPHYLAXIS.search(said)) and not TREATED.search(said)
    return order.route == "intravenous" and is_recent and not is_single and not prevents
