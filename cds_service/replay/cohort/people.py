"""Who a synthetic patient is, in the notation of the fixtures."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cds_service.replay.cohort.regimens import Regimen

Entry = dict[str, Any]
ADULT = 18
FERTILE = range(15, 50)


def choose(chance: random.Random, weights: Mapping[str, float]) -> str:
    """One name, by weight."""
    return chance.choices(list(weights), list(weights.values()))[0]


@dataclass(slots=True)
class Person:
    """A patient: who it is, where in the illness, and the chart in the notation of the fixtures."""

    number: int
    state: str
    age: int
    sex: str
    onset_days: int
    amyopathic: bool
    weight: int
    height: int
    regimen: Regimen
    juvenile: bool
    problems: list[Entry] = field(default_factory=list)
    labs: list[Entry] = field(default_factory=list)
    medications: list[Entry] = field(default_factory=list)
    services: list[Entry] = field(default_factory=list)
    done: list[Entry] = field(default_factory=list)
    vaccines: list[Entry] = field(default_factory=list)
    allergies: list[str] = field(default_factory=list)

    @property
    def is_child(self) -> bool:
        return self.age < ADULT

    @property
    def identity(self) -> str:
        """The id of the Patient resource."""
        return f"p{self.number}"

    @property
    def may_become_pregnant(self) -> bool:
        return self.sex == "female" and self.age in FERTILE

    @property
    def notation(self) -> Entry:
        """The whole chart."""
        measured = {"on": f"{min(self.onset_days, 30)} days ago"}
        who = {
            "id": self.identity,
            "age": self.age,
            "sex": self.sex,
            "onset": f"{self.onset_days} days ago",
            "height": {"value": f"{self.height} cm", **measured},
            "weight": {"value": f"{self.weight} kg", **measured},
        }
        chart: Entry = {"patient": who, "problems": self.problems, "labs": self.labs}
        return chart | {
            "medications": self.medications,
            "services": self.services,
            "done": self.done,
            "vaccines": self.vaccines,
            "allergies": self.allergies,
        }
