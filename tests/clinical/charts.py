"""A plain chart in memory, and short ways to write what stands in it.

The day is fixed: 1 June 2026. ``scope(...)`` gives the scope every fact test asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

from cds_service.clinical.chart import (
    Allergy,
    Done,
    Measurement,
    Medication,
    Patient,
    Problem,
    ReadingProblem,
    ServiceOrder,
    Sex,
)
from cds_service.clinical.dosing import Exposure, Step
from cds_service.clinical.facts import Scope
from cds_service.clinical.facts.registry import Terms
from cds_service.clinical.known import Fact, Known, Unknown

TODAY = date(2026, 6, 1)
CARDS = Path(__file__).parents[2] / "cards"
UNREAD = Unknown("the list could not be read", ("list",))
NO = Unknown("not stated", ("dosage",))


@cache
def limits() -> dict[str, Decimal]:
    """Every limit of ``cards``, by full name."""
    found: dict[str, Decimal] = {}
    for path in sorted(CARDS.glob("*/drug.yaml")):
        for name, limit in yaml.safe_load(path.read_text(encoding="utf-8"))["limits"].items():
            found[f"{path.parent.name}.{name}"] = Decimal(str(limit["value"]))
    return found


@dataclass(frozen=True)
class PlainTerms:
    """A few code lists, enough for facts; names print as they are."""

    classes: dict[str, frozenset[str]] = field(
        default_factory=lambda: {
            name: frozenset(members.split())
            for name, members in {
                "systemic_glucocorticoid": "prednisone prednisolone methylprednisolone dexamethasone",
                "trimethoprim_containing": "trimethoprim tmp_smx",
                "anti_synthetase": "anti_jo1 anti_pl7",
                "thiopurine": "azathioprine mercaptopurine",
                "mycophenolates": "mycophenolate mycophenolic_acid",
                "antimetabolite": "azathioprine mercaptopurine mycophenolate mycophenolic_acid",
                "calcineurin_inhibitor": "tacrolimus ciclosporin",
                "sulfonamide_antibiotic": "tmp_smx sulfamethoxazole",
                "jak_inhibitor": "tofacitinib baricitinib",
                "contraceptive": "ethinylestradiol",
                "methotrexate": "methotrexate",
            }.items()
        }
    )

    def members(self, name: str) -> frozenset[str]:
        return self.classes.get(name, frozenset({name}))

    def topic(self, concept: str) -> str:
        return f"{concept}Topic"

    def unit(self, concept: str) -> str:
        return f"unit of {concept}"

    def display(self, name: str) -> str:
        return name.replace("_", " ")

    def exists(self, kind: str, name: str) -> bool:
        return bool(kind and name)


@dataclass(frozen=True)
class PlainChart:
    """A chart whose lists are what the test says; everything left out is known to be empty."""

    who: Fact[Patient] = field(default_factory=lambda: Known(Patient("p", born(50), "female")))
    results: dict[str, Fact[tuple[Measurement, ...]]] = field(default_factory=dict)
    problem_list: Fact[tuple[Problem, ...]] = field(default_factory=lambda: Known(()))
    allergy_list: Fact[tuple[Allergy, ...]] = field(default_factory=lambda: Known(()))
    drugs: Fact[tuple[Medication, ...]] = field(default_factory=lambda: Known(()))
    orders: Fact[tuple[ServiceOrder, ...]] = field(default_factory=lambda: Known(()))
    exams: Fact[tuple[Done, ...]] = field(default_factory=lambda: Known(()))
    vaccines: Fact[tuple[Done, ...]] = field(default_factory=lambda: Known(()))
    drafts: tuple[Medication, ...] = ()
    draft_services: tuple[ServiceOrder, ...] = ()
    today: date = TODAY
    next_visit: date | None = None
    problems_with_data: tuple[ReadingProblem, ...] = ()

    def patient(self) -> Fact[Patient]:
        return self.who

    def measurements(self, concept: str) -> Fact[tuple[Measurement, ...]]:
        return self.results.get(concept, Known(()))

    def problems(self) -> Fact[tuple[Problem, ...]]:
        return self.problem_list

    def allergies(self) -> Fact[tuple[Allergy, ...]]:
        return self.allergy_list

    def medications(self) -> Fact[tuple[Medication, ...]]:
        return self.drugs

    def services(self) -> Fact[tuple[ServiceOrder, ...]]:
        return self.orders

    def done(self) -> Fact[tuple[Done, ...]]:
        return self.exams

    def vaccinations(self) -> Fact[tuple[Done, ...]]:
        return self.vaccines


def ago(days: int) -> date:
    """The day so many days before today."""
    return TODAY - timedelta(days=days)


def born(years: int) -> date:
    """A day of birth that makes the patient so many years old, with half a year to spare."""
    return date(TODAY.year - years, 1, 1)


def person(years: int = 50, sex: Sex = "female") -> Fact[Patient]:
    """A patient of that age and sex."""
    return Known(Patient("p", born(years), sex))


def result(concept: str, value: str | None, days: int = 10, **more: object) -> Measurement:
    """One result, so many days old. ``high`` may be given as text."""
    high = more.pop("high", None)
    number = None if value is None else Decimal(value)
    reading = Measurement(concept, number, str(more.pop("unit", "")), ago(days), **more)  # type: ignore[arg-type]
    return reading if high is None else replace(reading, high=Decimal(str(high)))


def results(*found: Measurement) -> dict[str, Fact[tuple[Measurement, ...]]]:
    """Results by concept, newest first."""
    by_concept: dict[str, list[Measurement]] = {}
    for each in sorted(found, key=lambda m: m.on, reverse=True):
        by_concept.setdefault(each.concept, []).append(each)
    return {name: Known(tuple(each)) for name, each in by_concept.items()}


def size(weight: str = "70", height: str = "165", days: int = 10) -> dict[str, Fact[tuple[Measurement, ...]]]:
    """A weight and a height of the same day."""
    return results(
        result("body_weight", weight, days, unit="kg"), result("body_height", height, days, unit="cm")
    )


def problem(*concepts: str, days: int | None = 30, active: bool = True, certain: bool = True) -> Problem:
    """One problem that began so many days ago (``None``: nobody wrote when)."""
    onset = None if days is None else ago(days)
    return Problem(frozenset(concepts), (), " ".join(concepts), active, certain, onset, None)


def taken(
    per_dose: str | None = None,
    *,
    days_a_week: str | None = "7",
    doses_a_day: str = "1",
    course: int | None = None,
    **more: object,
) -> Exposure:
    """An exposure of so much a dose; ``None`` where nothing can be worked out."""
    if per_dose is None or days_a_week is None:
        dose: Fact[Decimal] = NO if per_dose is None else Known(Decimal(per_dose))
        return Exposure(dose, NO, NO, NO, NO, NO, NO, **more)  # type: ignore[arg-type]
    each, rhythm, times = Decimal(per_dose), Decimal(days_a_week), Decimal(doses_a_day)
    daily, length = each * times, NO if course is None else Known(course)
    total: Fact[Decimal] = NO if course is None else Known(daily * min(rhythm, Decimal(7)) * course / 7)
    step = Step(0, course, Known(each), Known(daily), Known(daily * rhythm), Known(rhythm))
    return Exposure(
        Known(each), Known(daily), Known(daily * rhythm), Known(rhythm), Known(times), length, total,
        steps=(step,), **more,  # type: ignore[arg-type]
    )  # fmt: skip


def drug(name: str, exposure: Exposure | None = None, **more: object) -> Medication:
    """An active order of the drug, begun 30 days ago, by mouth."""
    base = Medication(
        f"MedicationRequest/{name}", frozenset({name}), name, "text", "active", exposure or taken(),
        route="oral", starts=ago(30),
    )  # fmt: skip
    return replace(base, **more)  # type: ignore[arg-type]


def draft(name: str, exposure: Exposure | None = None, **more: object) -> Medication:
    """The order on the screen, beginning today."""
    changes = {"reference": f"draft/{name}", "state": "draft", "starts": TODAY, **more}
    return drug(name, exposure, **changes)


def scope(order: Medication | None = None, terms: Terms | None = None, **chart: object) -> Scope:
    """The scope of an order (which is drafted, if it is a draft) in a chart."""
    if order is not None and order.state == "draft":
        chart["drafts"] = (order, *tuple(chart.get("drafts", ())))  # type: ignore[arg-type]
    return Scope(PlainChart(**chart), terms or PlainTerms(), limits(), order)  # type: ignore[arg-type]
