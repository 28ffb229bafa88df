"""What a synthetic patient takes against the disease: drugs, doses, since when."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Course:
    """One drug with its dose and rhythm in the notation's words, since so many days."""

    drug: str
    dose: str
    timing: str
    route: str
    since: int

    def entry(self) -> dict[str, Any]:
        """As the notation writes it."""
        written = {"drug": self.drug, "dose": self.dose, "timing": self.timing, "route": self.route}
        return {**written, "since": f"{self.since} days ago", "reason": "dm"}


@dataclass(frozen=True, slots=True)
class Regimen:
    """The courses that run, the day prednisone began, and its dose in mg a day (0 for none)."""

    courses: tuple[Course, ...]
    prednisone_mg: float

    @property
    def drugs(self) -> frozenset[str]:
        return frozenset(course.drug for course in self.courses)


def regimen(
    chance: random.Random, state: str, kind: str, onset_days: int, kilograms: int, told: Mapping[str, Any]
) -> Regimen:
    """``kind`` is adult, amyopathic or child."""
    if state == "remission" or (state == "new" and chance.random() < 0.5):
        return Regimen((), 0)
    weights = told["sparing"]["refractory" if state == "refractory" and kind == "adult" else kind]
    drug = chance.choices(list(weights), list(weights.values()))[0]
    begun = _since(chance, state, onset_days)
    courses = [sparing(chance, drug, kilograms, begun, child=kind == "child")]
    milligrams = 0.0 if kind == "amyopathic" else _prednisone(chance, state, kilograms, child=kind == "child")
    if milligrams:
        since = _since_change(chance, state, onset_days)
        courses.append(Course("prednisone", f"{milligrams:g} mg", "daily", "oral", since))
    return Regimen(tuple(courses), milligrams)


def _since(chance: random.Random, state: str, onset_days: int) -> int:
    if state == "refractory":
        return chance.randint(30, 300)
    return max(onset_days - chance.randint(3, 40), 2)


def _since_change(chance: random.Random, state: str, onset_days: int) -> int:
    """Days since the running prednisone order was written."""
    longest = {"new": 14, "induction": 25, "tapering": 25, "maintenance": 300, "refractory": 120}[state]
    return min(chance.randint(1, longest), onset_days)


def _prednisone(chance: random.Random, state: str, kilograms: int, *, child: bool) -> float:
    if state in ("new", "induction"):
        per_kg = chance.uniform(1.0, 1.8) if child else chance.uniform(0.5, 0.9)
        return float(min(round(per_kg * kilograms / 5) * 5, 60))
    if state == "tapering":
        return float(chance.choice((5, 5, 5, 5, 7.5, 7.5, 7.5, 10, 10, 15)))
    if state == "refractory":
        return float(chance.choice((5, 10, 15, 20)))
    return float(chance.choice((0, 0, 0, 2.5, 5, 5)))


def sparing(chance: random.Random, drug: str, kilograms: int, since: int, *, child: bool) -> Course:
    """The usual dose of a steroid-sparing drug; an infusion's ``since`` is the day of the last one."""
    if drug == "methotrexate":
        dose = (
            min(round(0.5 * kilograms / 2.5) * 2.5, 20)
            if child
            else chance.choice((10, 12.5, 15, 15, 20, 20, 25))
        )
        route = "subcutaneous" if child or dose >= 20 or chance.random() < 0.3 else "oral"
        return Course(drug, f"{dose:g} mg", f"weekly {chance.choice(('mon', 'fri', 'sun'))}", route, since)
    if drug == "azathioprine":
        return Course(
            drug,
            f"{max(round(chance.uniform(1.5, 2.4) * kilograms / 25) * 25, 50)} mg",
            "daily",
            "oral",
            since,
        )
    if drug == "mycophenolate":
        dose = 500 * max(round(kilograms / 40), 1) if child else chance.choice((1000, 1000, 1500))
        return Course(drug, f"{dose} mg", "twice daily", "oral", since)
    if drug == "hydroxychloroquine":
        return Course(drug, f"{400 if kilograms >= 80 else 200} mg", "daily", "oral", since)
    if drug == "tacrolimus":
        return Course(drug, f"{max(round(0.03 * kilograms * 2) / 2, 0.5):g} mg", "twice daily", "oral", since)
    if drug == "tofacitinib":
        return Course(drug, "5 mg", "twice daily", "oral", since)
    if drug == "rituximab":
        return Course(drug, "1000 mg", "once", "intravenous", chance.randint(20, 170))
    return Course("ivig", f"{round(kilograms / 5) * 5} g", "every 4 weeks", "intravenous", since)
