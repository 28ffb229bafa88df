"""Free-text sigs read as a careful pharmacist reads them."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical.dosing import Exposure, Instruction, ProductStrength, exposure
from cds_service.clinical.known import Fact, Known

VECTORS = yaml.safe_load((Path(__file__).parents[2] / "vectors" / "sigs.yaml").read_text(encoding="utf-8"))
TABLET = ProductStrength(Decimal("2.5"), "mg", "tablet")


def read(text: str, strength: ProductStrength | None = None) -> Exposure:
    """What an order of that text alone amounts to."""
    return exposure([Instruction(text=text)], strength=strength)


def value(found: Fact[Decimal]) -> Decimal | str:
    """The number, or "?"."""
    return found.value if isinstance(found, Known) else "?"


def wanted(written: object) -> Decimal | str:
    """A number of the vectors."""
    return "?" if written == "?" else Decimal(str(written))


def check(row: list[Any], strength: ProductStrength | None) -> None:
    """One vector."""
    text, days, doses, mg, *flags = row
    found = read(text, strength)
    assert value(found.dosing_days_per_week) == wanted(days)
    assert value(found.doses_per_dosing_day) == wanted(doses)
    assert value(found.mg_per_dose) == wanted(mg)
    assert found.as_needed is ("prn" in flags)
    assert found.names_day is ("day" in flags)


@pytest.mark.parametrize("row", VECTORS["plain"], ids=lambda row: row[0] or "empty")
def test_a_sig_alone(row: list[Any]) -> None:
    """Days, doses, milligrams and flags are those of the vector."""
    check(row, None)


@pytest.mark.parametrize("row", VECTORS["product"], ids=lambda row: row[0])
def test_a_sig_with_its_product(row: list[Any]) -> None:
    """Tablets count as what they hold."""
    check(row, TABLET)


@pytest.mark.parametrize(("text", "steps"), VECTORS["tapers"], ids=lambda each: str(each)[:40])
def test_a_taper_in_words(text: str, steps: list[list[Any]]) -> None:
    """Each step with its dose and length, one after the other."""
    found = read(text).steps
    told = [
        [value(s.mg_per_dose), value(s.mg_per_day), "?" if s.days is None else Decimal(s.days)] for s in found
    ]
    assert told == [[wanted(mg), wanted(mg * doses), wanted(days)] for mg, doses, days in steps]


@given(st.text(max_size=300))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    """Whatever somebody typed."""
    read(text)


@given(
    st.sampled_from(["", "Take ", "TAKE "]),
    st.integers(1, 30),
    st.sampled_from(["", " by mouth", " with food"]),
)
def test_filler_changes_nothing(before: str, mg: int, filler: str) -> None:
    """Words that tell no rhythm tell none."""
    found = read(f"{before}{mg} mg{filler} once a week")
    assert value(found.dosing_days_per_week) == Decimal(1)
    assert value(found.mg_per_dose) == Decimal(mg)


@pytest.mark.parametrize(
    "piece", ["1 tablet daily ", "mon ", "1-2-3 ", "every 2 ", "not to be ", "((((", "12 hours x "]
)
def test_a_hostile_text_takes_no_time(piece: str) -> None:
    """Two thousand characters of a repeated piece are read at once: no pattern backtracks."""
    started = time.process_time()
    read(piece * (2000 // len(piece)))
    assert time.process_time() - started < 1


OF_EVERY_KIND = yaml.safe_load(
    (Path(__file__).parents[2] / "vectors" / "sigs-of-every-kind.yaml").read_text(encoding="utf-8")
)
PRODUCTS = {
    "tablet 2.5 mg": TABLET,
    "no product": None,
    "mL 25 mg": ProductStrength(Decimal(25), "mg", "mL"),
    "pen 20 mg in 0.4 mL": ProductStrength(Decimal(50), "mg", "mL", Decimal(20)),
}
# How many of them are read in full; the rest are unknown in part, or doubted. More is better.
READ_IN_FULL = 552


def amounts(row: list[Any]) -> list[Decimal | str]:
    """The five numbers of a vector; the last two follow from the first three where they are left out."""
    days, doses, mg, *more = map(wanted, row[1:])
    if not more:
        day = mg * doses if isinstance(mg, Decimal) and isinstance(doses, Decimal) else "?"
        more = [day, day * days if isinstance(day, Decimal) and isinstance(days, Decimal) else "?"]
    return [days, doses, mg, *more]


def verdict(row: list[Any], strength: ProductStrength | None) -> str:
    """``full``, ``partly`` where something is unknown or doubted, ``wrong`` where a number is another one."""
    found = read(row[0], strength)
    facts = (
        found.dosing_days_per_week, found.doses_per_dosing_day, found.mg_per_dose, found.mg_per_day, found.mg_per_week,
    )  # fmt: skip
    said = {_verdict(fact, each, found.disagreement) for fact, each in zip(facts, amounts(row), strict=True)}
    return "wrong" if "wrong" in said else "partly" if "partly" in said else "full"


def _verdict(fact: Fact[Decimal], wanted: Decimal | str, disagreement: str) -> str:
    if not isinstance(fact, Known):
        return "full" if wanted == "?" else "partly"
    if isinstance(wanted, Decimal) and abs(fact.value - wanted) < Decimal("0.05"):
        return "full"
    return "partly" if fact.doubt or disagreement else "wrong"


def test_no_sig_is_read_as_another_number() -> None:
    """Each of six hundred sigs is read as a pharmacist reads it, or is unknown, or doubted: never quietly another."""
    verdicts = {
        (product, row[0]): verdict(row, PRODUCTS[product])
        for product, rows in OF_EVERY_KIND.items()
        for row in rows
    }
    assert [sig for sig, said in verdicts.items() if said == "wrong"] == []
    assert list(verdicts.values()).count("full") >= READ_IN_FULL
