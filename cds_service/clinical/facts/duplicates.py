"""Drugs of one kind at once, as far as the subject order is one of them (without an order: all).

A new order of the same drug by the same route is a change, not a second drug.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import replaces, same_route
from cds_service.clinical.facts.glucocorticoid_kind import counts_as_course
from cds_service.clinical.facts.reading import of_medication, printed
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, coactive, of_class, recorded
from cds_service.clinical.known import Fact, Input, Known, Unknown

ANTIMETABOLITES = ("antimetabolite",)
CALCINEURIN = ("calcineurin_inhibitor",)
KINDS = (
    ("methotrexate",),
    ("thiopurine",),
    ("mycophenolates",),
    CALCINEURIN,
    ("rituximab",),
    ("jak_inhibitor",),
)
"""Each counts once towards the number of immunosuppressants."""
_WEEK = Decimal(7)
# "See sick day rules" and "omeprazole for stress ulcer" say nothing of what the order is for.
_STRESS = re.compile(
    r"stress(?![ -](?:ulcer|fracture|gastr|test|prophyl))|peri-?operative|adrenal (crisis|cover)"
    r"|sick.day(?!.{0,3}rule)",
    re.IGNORECASE,
)


@fact("duplicate_antimetabolite", "flag", about="order", needs=NEEDS)
def duplicate_antimetabolite(scope: Scope) -> Fact[bool]:
    """Two antimetabolites at once: two thiopurines, two salts of mycophenolate, or one of each."""
    return _two_of(scope, ANTIMETABOLITES)


@fact("duplicate_calcineurin", "flag", about="order", needs=NEEDS)
def duplicate_calcineurin(scope: Scope) -> Fact[bool]:
    """Two calcineurin inhibitors at once, such as tacrolimus and ciclosporin."""
    return _two_of(scope, CALCINEURIN)


@fact("methotrexate_two_routes", "flag", about="order", needs=NEEDS)
def methotrexate_two_routes(scope: Scope) -> Fact[bool]:
    """Methotrexate by two routes at once, neither order replacing the other."""
    wanted = of_class(scope, "methotrexate")
    if not _concerns(scope, wanted):
        return Known(False)
    found = coactive(scope, wanted)
    pair = [(a, b) for a in found for b in found if _other_route(a, b)]
    shown = [_with_dose(scope, m) for m in pair[0]] if pair else []
    return flag(bool(pair), *shown, doubt=recorded(scope).doubt)


@fact("methotrexate_routes_mg_per_week", "number", unit="mg/wk", about="order", needs=NEEDS)
def methotrexate_routes_mg_per_week(scope: Scope) -> Fact[Decimal]:
    """What the orders of methotrexate by different routes come to over seven days; unknown where one does not tell."""
    found = coactive(scope, of_class(scope, "methotrexate"))
    weekly = [m.exposure.mg_per_week for m in found if any(_other_route(m, other) for other in found)]
    known = [each.value for each in weekly if isinstance(each, Known)]
    if not known or len(known) < len(weekly):
        return Unknown("no weekly dose can be told", ("dosage",))
    return Known(sum(known, Decimal(0)), tuple(_with_dose(scope, m) for m in found))


@fact("systemic_glucocorticoid_count", "number", unit="1", about="order", needs=NEEDS)
def systemic_glucocorticoid_count(scope: Scope) -> Fact[Decimal]:
    """Different systemic glucocorticoids at once; pulses, single injections and stress doses are not counted."""
    wanted = of_class(scope, "systemic_glucocorticoid")
    if not _concerns(scope, wanted):
        return Known(Decimal(0))
    found = [m for m in coactive(scope, wanted) if counts_as_course(scope, m) and not _covers_stress(m)]
    different = {name for m in found for name in m.ingredients & wanted}
    return Known(Decimal(len(different)), tuple(_with_dose(scope, m) for m in found), recorded(scope).doubt)


@fact(
    "immunosuppressant_count",
    "number",
    unit="1",
    about="order",
    needs=NEEDS,
    limits=("regimen.rituximab_counts_days",),
)
def immunosuppressant_count(scope: Scope) -> Fact[Decimal]:
    """Kinds at once of methotrexate, thiopurine, mycophenolate, calcineurin and JAK inhibitor, rituximab.

    Rituximab counts for half a year after its last infusion.
    """
    kinds = [of_class(scope, *kind) for kind in KINDS]
    if not _concerns(scope, frozenset().union(*kinds)):
        return Known(Decimal(0))
    shown: list[Medication] = []
    for kind, members in zip(KINDS, kinds, strict=True):
        days = int(scope.limit("regimen.rituximab_counts_days")) if kind == ("rituximab",) else 0
        shown += coactive(scope, members, days)[:1]
    return Known(Decimal(len(shown)), tuple(map(of_medication, shown)), recorded(scope).doubt)


def _covers_stress(order: Medication) -> bool:
    """Whether the order says that it covers stress: an illness or an operation, beside the usual dose."""
    return bool(_STRESS.search(f"{order.reason_text} {order.exposure.text}"))


def _concerns(scope: Scope, drugs: frozenset[str]) -> bool:
    """Whether the subject order is one of the drugs; always where there is no order."""
    return scope.order is None or bool(scope.order.ingredients & drugs)


def _two_of(scope: Scope, drugs: tuple[str, ...]) -> Fact[bool]:
    wanted = of_class(scope, *drugs)
    if not _concerns(scope, wanted):
        return Known(False)
    found: dict[str, Medication] = {}
    for order in coactive(scope, wanted):
        for name in order.ingredients & wanted:
            found.setdefault(name, order)
    return flag(len(found) > 1, *map(of_medication, found.values()), doubt=recorded(scope).doubt)


def _other_route(one: Medication, other: Medication) -> bool:
    named = replaces(one, other) or replaces(other, one)
    return one is not other and not same_route(one, other) and not named


def _with_dose(scope: Scope, order: Medication) -> Input:
    """The drug of the order with what is taken of it in a day, or in a week where it is no daily drug, and how."""
    days, daily = order.exposure.dosing_days_per_week, order.exposure.mg_per_day
    weekly = order.exposure.mg_per_week
    parts = [", ".join(map(scope.terms.display, sorted(order.ingredients)))]
    if isinstance(days, Known) and days.value == _WEEK and isinstance(daily, Known):
        parts.append(f"{printed(daily.value, 'mg')} a day")
    elif isinstance(weekly, Known):
        parts.append(f"{printed(weekly.value, 'mg')} a week")
    if order.route not in ("", "oral"):
        parts.append(order.route)
    shown = of_medication(order)
    return replace(shown, value=" ".join(parts) + shown.value.removeprefix(order.name))
