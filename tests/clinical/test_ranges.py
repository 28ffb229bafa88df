"""Ranges are capped, then rounded inwards; where nothing is left, that is said."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical.body import mosteller
from cds_service.clinical.ranges import by_tablet, raw
from tests.clinical.oracle import case, numbers, shown

PREDNISONE = ((Decimal(20), Decimal(5)), (Decimal(0), Decimal("2.5")))
METHOTREXATE = ((Decimal(0), Decimal("2.5")),)
AZATHIOPRINE = ((Decimal(0), Decimal(25)),)
DOSES = st.decimals("0.1", "500", places=2)


def test_prednisone_of_the_new_adult() -> None:
    """68 kg: 34 to 68 raw, 35 to 60 after the cap of 60 and 5 mg steps."""
    weight, expected = case("G01")["patient"]["weight_kg"], numbers("G01")
    uncut = raw(weight * Decimal("0.5"), weight, "mg/d")
    assert [uncut.low, uncut.high] == expected["prednisone_mg_day_raw"]
    got = by_tablet(weight * Decimal("0.5"), weight, "mg/d", PREDNISONE, cap=Decimal(60))
    assert [got.low, got.high] == expected["prednisone_mg_day_rounded_5mg_cap60"]


def test_azathioprine_of_the_new_adult() -> None:
    """68 to 136 mg become 75 to 125 mg in steps of 25."""
    got = by_tablet(Decimal(68), Decimal(136), "mg/d", AZATHIOPRINE)
    assert [got.low, got.high] == numbers("G01")["aza_rounded_25mg"]


def test_the_child_of_the_worked_case() -> None:
    """8 years, 26 kg, 128 cm: methotrexate 15 to 17.5 mg, prednisolone 30 to 50 mg."""
    patient, expected = case("G06")["patient"], numbers("G06")
    surface = mosteller(patient["height_cm"], patient["weight_kg"])
    low, high = 15 * surface, 20 * surface
    assert [shown(low, expected["mtx_raw"][0]), shown(high, expected["mtx_raw"][1])] == expected["mtx_raw"]
    tablets = by_tablet(low, high, "mg/wk", METHOTREXATE, cap=Decimal(40))
    assert [tablets.low, tablets.high] == expected["mtx_rounded_2p5"]
    steroid = by_tablet(Decimal(26), Decimal(52), "mg/d", PREDNISONE, cap=Decimal(60))
    assert [steroid.low, steroid.high] == expected["prednisone_rounded_5"]


def test_the_absolute_cap_bites() -> None:
    """185 cm, 110 kg at 17 years: 35.66 to 47.55 mg raw, capped at 40."""
    patient, expected = case("G08")["patient"], numbers("G08")
    surface = mosteller(patient["height_cm"], patient["weight_kg"])
    got = raw(15 * surface, 20 * surface, "mg/wk", cap=Decimal(40))
    assert [shown(got.low, expected["mtx_capped"][0]), got.high] == expected["mtx_capped"]


@pytest.mark.parametrize(("weight", "low", "high"), [("130", "60", "60"), ("20", "10", "20")])
def test_the_cap_holds_for_both_ends(weight: str, low: str, high: str) -> None:
    """At 130 kg half a milligram per kilogram is over the cap: both ends are 60."""
    kilograms = Decimal(weight)
    got = by_tablet(kilograms / 2, kilograms, "mg/d", PREDNISONE, cap=Decimal(60))
    assert (got.low, got.high) == (Decimal(low), Decimal(high))


def test_no_tablet_fits_a_very_small_child() -> None:
    """Surface 0.35 m2: 5.25 to 7 mg holds no multiple of 2.5; the raw ends come back, marked."""
    got = by_tablet(Decimal("5.25"), Decimal(7), "mg/wk", METHOTREXATE)
    assert (got.low, got.high, got.fits) == (Decimal("5.25"), Decimal(7), False)
    assert "no tablet fits" in got.note


@given(DOSES, DOSES, st.none() | DOSES)
def test_a_rounded_range_lies_inside_the_raw_one(one: Decimal, other: Decimal, cap: Decimal | None) -> None:
    """Rounding never widens a range, and a range that fits is never inverted."""
    low, high = min(one, other), max(one, other)
    got, uncut = by_tablet(low, high, "mg/d", PREDNISONE, cap), raw(low, high, "mg/d", cap)
    assert uncut.low <= got.low <= got.high <= uncut.high
    assert got.fits or (got.low, got.high) == (uncut.low, uncut.high)
