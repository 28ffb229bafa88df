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
