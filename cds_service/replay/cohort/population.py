"""The synthetic population: each patient made by a number, whatever the others are."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cds_service.replay.cohort.people import ADULT, Person, choose
from cds_service.replay.cohort.records import write
from cds_service.replay.cohort.regimens import regimen


@cache
def assumptions() -> Mapping[str, Any]:
    """The shares and weights of ``assumptions.yaml``."""
    loaded: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "assumptions.yaml").read_text("utf-8"))
    return loaded


# Days since onset in each state, from and to.
_SPANS = {
    "new": (3, 60), "induction": (61, 240), "tapering": (241, 540), "maintenance": (541, 3600),
    "remission": (1100, 5400), "refractory": (365, 2400),
}  # fmt: skip


def person(seed: int, number: int) -> Person:
    """The patient of that number: the same for the same seed, whatever the others are."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311  # no secret hangs on it
    told = assumptions()
    state = choose(chance, told["states"])
    child = chance.random() < told["juvenile"]
    sex = "female" if chance.random() < told["female"] else "male"
    onset_days = chance.randint(*_SPANS[state])
    age = _age(chance, child=child, onset_days=onset_days)
    height, weight = _size(chance, age, sex)
    amyopathic = not child and chance.random() < told["amyopathic"]
    kind = "amyopathic" if amyopathic else "child" if age < ADULT else "adult"
    taken = regimen(chance, state, kind, onset_days, weight, told)
    found = Person(number, state, age, sex, onset_days, amyopathic, weight, height, taken, juvenile=child)
    write(found, chance, told)
    return found


def _age(chance: random.Random, *, child: bool, onset_days: int) -> int:
    years = onset_days // 365
    if child:
        return chance.randint(4, 15) + years
    return min(max(round(chance.gauss(52, 14)), ADULT + years + 1), 88)


def _size(chance: random.Random, age: int, sex: str) -> tuple[int, int]:
    """Centimetres and kilograms; a child's by a straight line that is near enough."""
    if age < ADULT:
        height = 80 + 6 * age + chance.randint(-6, 6)
        return height, max(round(chance.uniform(14.5, 19.5) * height * height / 10_000), 12)
    height = round(chance.gauss(164 if sex == "female" else 177, 6))
    return height, round(chance.uniform(20, 32) * height * height / 10_000)
