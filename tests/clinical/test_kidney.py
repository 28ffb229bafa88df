"""Kidney function follows the published formulas to the last printed digit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical import kidney
from cds_service.clinical.units import convert
from tests.clinical.oracle import case, numbers, shown

CREATININE = st.decimals("0.1", "12", places=2)
AGES = st.integers(18, 110)


@pytest.mark.parametrize("vector", numbers("G32")["vectors"])
def test_ckd_epi_vectors(vector: dict[str, object]) -> None:
    """CKD-EPI 2021 gives the worked numbers for both sexes and all ages."""
    got = kidney.ckd_epi_2021(vector["scr_mg_dL"], int(vector["age"]), vector["sex"])  # type: ignore[arg-type,call-overload]
    assert shown(got, vector["egfr"]) == vector["egfr"]  # type: ignore[arg-type]


def test_ckd_epi_from_micromoles() -> None:
    """A creatinine in umol/L is converted first, then the same formula."""
    vector = numbers("G32")["umol"]
    creatinine = convert(vector["scr_umol_L"], "umol/L", "creatinine", "mg/dL")
    assert creatinine is not None
    assert shown(creatinine, vector["scr_mg_dL"]) == vector["scr_mg_dL"]
    got = kidney.ckd_epi_2021(creatinine, int(vector["age"]), vector["sex"])
    assert shown(got, vector["egfr"]) == vector["egfr"]


@pytest.mark.parametrize("vector", numbers("G33")["vectors"])
def test_schwartz_vectors(vector: dict[str, Decimal]) -> None:
    """Bedside Schwartz gives the worked numbers."""
    got = kidney.schwartz(vector["scr"], vector["height_cm"])
    assert shown(got, vector["egfr"]) == vector["egfr"]


@pytest.mark.parametrize("name", ["G01", "G03a", "G04", "G20"])
def test_patients_of_the_worked_cases(name: str) -> None:
    """The eGFR of each worked patient comes out as printed there."""
    patient, lab = case(name)["patient"], case(name)["labs"][0]
    got = kidney.ckd_epi_2021(lab["value"], int(patient["age_years"]), patient["sex"])
    expected = numbers(name)["egfr_ckdepi2021"]
    assert shown(got, expected) == expected


@given(CREATININE, AGES, st.sampled_from(["female", "male"]))
def test_more_creatinine_is_less_kidney(creatinine: Decimal, age: int, sex: str) -> None:
    """A higher creatinine, or a higher age, never gives a better kidney."""
    here = kidney.ckd_epi_2021(creatinine, age, sex)  # type: ignore[arg-type]
    assert kidney.ckd_epi_2021(creatinine + Decimal("0.1"), age, sex) < here  # type: ignore[arg-type]
    assert kidney.ckd_epi_2021(creatinine, age + 1, sex) < here  # type: ignore[arg-type]


def test_a_fall_is_positive_and_a_rise_negative() -> None:
    """From 80 to 60 is a fall of a quarter; from 60 to 80 is no fall."""
    assert kidney.fall_percent(Decimal(80), Decimal(60)) == 25
    assert kidney.fall_percent(Decimal(60), Decimal(80)) < 0


def test_median() -> None:
    """The middle of three, and the mean of the middle two of four."""
    assert kidney.median([Decimal(3), Decimal(1), Decimal(2)]) == 2
    assert kidney.median([Decimal(4), Decimal(1), Decimal(2), Decimal(3)]) == Decimal("2.5")
