"""The calls that come about a patient: which hooks, and what is on the screen."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cds_service.replay.cohort.people import Entry, Person, choose
from cds_service.replay.cohort.regimens import Course, sparing

_ORDERING = ("order-select", "order-sign", "medication-refill")
RENEWED = "84 days"
YEAR = 365


@dataclass(frozen=True, slots=True)
class Occasion:
    """One hook call: the notation with what is on the screen, and ``about``, what the order is for.

    ``day`` is the day of the year on which it comes.
    """

    hook: str
    about: str
    notation: Entry
    day: int = 0


def occasions(found: Person, seed: int, told: Mapping[str, Any]) -> Iterator[Occasion]:
    """A sample of a year's calls: as many of each hook as the assumptions say, fractions by chance."""
    chance = random.Random(f"{seed}/{found.number}/year")  # noqa: S311  # no secret hangs on it
    days = random.Random(f"{seed}/{found.number}/days")  # noqa: S311  # its own, so that the calls stay the same
    for hook, often in told["calls"][found.state].items():
        whole, rest = divmod(often, 1)
        for _ in range(int(whole) + (chance.random() < rest)):
            yield replace(_occasion(found, hook, chance, told), day=days.randrange(YEAR))


def _occasion(found: Person, hook: str, chance: random.Random, told: Mapping[str, Any]) -> Occasion:
    chart = found.notation
    if hook == "problem-list-item-create":
        name = "jdm" if found.juvenile else "amyopathic_dm" if found.amyopathic else "dermatomyositis"
        entered = {"is": name, "since": f"{found.onset_days} days ago"}
        others = [each for each in found.problems if each.get("is") != name]
        return Occasion(hook, "problem", chart | {"problems": others, "new_problems": [entered]})
    if hook not in _ORDERING:
        return Occasion(hook, "visit", chart)
    kind = "renewal" if hook == "medication-refill" else choose(chance, told["orders"])
    about, order = _order(found, kind, chance, told)
    return Occasion(hook, about, chart | {"orders": [order]})


def _order(found: Person, kind: str, chance: random.Random, told: Mapping[str, Any]) -> tuple[str, Entry]:
    renewable = [course for course in found.regimen.courses if course.drug not in ("rituximab", "ivig")]
    if kind in ("renewal", "change") and renewable:
        course = chance.choice(renewable)
        slip = chance.random() < told["slips"]
        return ("slip", _slip(course, chance)) if slip else (kind, _again(course, kind, chance))
    if kind == "start" and found.state != "remission":
        weights = told["sparing"]["child" if found.is_child else "adult"]
        new = [name for name in weights if name not in found.regimen.drugs]
        return kind, _draft(sparing(chance, chance.choice(new), found.weight, 0, child=found.is_child))
    drug = choose(chance, told["other_drugs"])
    return "other", {
        "text": f"{drug.replace('_', ' ')} tablet",
        "dose": "1 tablet",
        "timing": "daily",
        "days": 7,
    }


def _draft(course: Course) -> Entry:
    return {
        "drug": course.drug,
        "dose": course.dose,
        "timing": course.timing,
        "route": course.route,
        "reason": "dm",
        "supply": RENEWED,
    }


def _again(course: Course, kind: str, chance: random.Random) -> Entry:
    """The same order; or, for a change, a step down of prednisone or a step up of another drug."""
    order = _draft(course)
    if kind == "change":
        amount, unit = course.dose.split()
        factor = chance.choice((0.75, 0.8)) if course.drug == "prednisone" else chance.choice((1.2, 0.8))
        step = 2.5 if float(amount) < 100 else 25
        order["dose"] = f"{max(round(float(amount) * factor / step) * step, step):g} {unit}"
    return order


def _slip(course: Course, chance: random.Random) -> Entry:
    order = _draft(course)
    if course.drug == "methotrexate" and chance.random() < 0.7:
        return order | {"timing": "daily"}
    amount, unit = course.dose.split()
    return order | {"dose": f"{float(amount) * 10:g} {unit}"}
