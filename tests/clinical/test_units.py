"""Units are converted exactly, or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical.units import canonical, convert
from tests.clinical.oracle import numbers, places, shown

VECTORS = numbers("G56")


@pytest.mark.parametrize(
    ("value", "unit", "concept", "to", "expected"),
    [
        (VECTORS["ck_ukat_L"], "ukat/L", "ck", "U/L", VECTORS["ck_U_L"]),
        (VECTORS["creatinine_umol"], "umol/L", "creatinine", "mg/dL", VECTORS["creatinine_mg_dL"]),
        (VECTORS["igg_mg_dL"], "mg/dL", "igg", "g/L", VECTORS["igg_g_L"]),
        (VECTORS["height_in"], "[in_i]", "body_height", "cm", VECTORS["height_cm"]),
        (VECTORS["weight_lb"], "[lb_av]", "body_weight", "kg", VECTORS["weight_kg"]),
        (Decimal("6.2"), "10*3/uL", "wbc", "10*9/L", Decimal("6.2")),
        (Decimal(6200), "/uL", "wbc", "10*9/L", Decimal("6.2")),
    ],
)
def test_the_worked_conversions_are_exact(
    value: Decimal, unit: str, concept: str, to: str, expected: Decimal
) -> None:
    """Every worked conversion gives the expected number, rounded half up to its own places."""
    got = convert(value, unit, concept, to)
    assert got is not None
    assert shown(got, expected) == expected


@pytest.mark.parametrize(
    ("value", "unit", "concept", "to", "expected"),
    [
        ("90", "g/L", "hemoglobin", "g/dL", "9.0000"),
        ("7", "mg/dL", "iga", "g/L", "0.0700"),
        ("17.1", "umol/L", "bilirubin_total", "mg/dL", "1.0000"),
        ("200", "mg/dL", "glucose", "mmol/L", "11.1111"),
        ("11", "mmol/L", "glucose", "mg/dL", "198.0000"),
        ("3", "g/dL", "albumin", "g/L", "30.0000"),
        ("2.43", "mg/dL", "magnesium", "mmol/L", "1.0000"),
        ("8", "ug/L", "tacrolimus_level", "ng/mL", "8.0000"),
        ("1000", "ug/L", "ferritin", "ng/mL", "1000.0000"),
        ("4.4", "mEq/L", "potassium", "mmol/L", "4.4000"),
        ("1.65", "m", "body_height", "cm", "165.0000"),
        ("26000", "g", "body_weight", "kg", "26.0000"),
        ("98.6", "°F", "temperature", "Cel", "37.0000"),
        ("32", "[degF]", "temperature", "Cel", "0.0000"),
        ("230", "x10^3/uL", "platelets", "10*9/L", "230.0000"),
        ("4.5", "G/L", "wbc", "10*9/L", "4.5000"),
        ("40", "IU/L", "alt", "U/L", "40.0000"),
        ("61", "mL/min/1.73 m2", "egfr", "mL/min/{1.73_m2}", "61.0000"),
        ("90", "10*6/mL", "platelets", "10*9/L", "90.0000"),
        ("90", "10^6/mL", "platelets", "10*9/L", "90.0000"),
        ("90", "Tsd/µl", "platelets", "10*9/L", "90.0000"),
        ("110", "µmol/L", "creatinine", "mg/dL", "1.2443"),
        ("48", "mmol/mol", "hba1c", "%", "6.5430"),
        ("47", "mmol/mol", "hba1c", "%", "6.4516"),
    ],
)
def test_usual_spellings_and_factors(value: str, unit: str, concept: str, to: str, expected: str) -> None:
    """What laboratories print is understood, with the factor of the substance."""
    got = convert(Decimal(value), unit, concept, to)
    assert got is not None
    assert places(got, 4) == Decimal(expected)


@pytest.mark.parametrize(
    ("unit", "concept", "to"),
    [
        ("umol/L", "albumin", "g/L"),  # nobody vouches for a molar mass of albumin
        ("K/uL", "creatinine", "mg/dL"),
        ("K/uL", "potassium", "mmol/L"),  # kelvin, or a count, but no potassium
        ("furlong", "body_height", "cm"),
        ("", "wbc", "10*9/L"),
        ("mL/min", "egfr", "mL/min/{1.73_m2}"),  # not related to body surface
        ("IU/L", "hcg_quant", "U/L"),  # international units of a hormone are no enzyme units
        ("kg", "body_height", "cm"),
        ("meq/L", "calcium", "mmol/L"),
    ],
)
def test_what_nobody_vouches_for_is_not_converted(unit: str, concept: str, to: str) -> None:
    """An unknown unit or a bridge that is not listed gives no number."""
    assert convert(Decimal(5), unit, concept, to) is None


def test_kelvin_is_thousand_only_for_cells() -> None:
    """``K/uL`` is thousand per microlitre for a cell count and nothing for anything else."""
    assert canonical("K/uL", "platelets") == "10*3/uL"
    assert canonical("K/uL", "ferritin") is None


@given(st.decimals("0.001", "100000", places=3), st.sampled_from(["g", "[lb_av]", "kg"]))
def test_weights_grow_with_the_reading(value: Decimal, unit: str) -> None:
    """A larger reading in the same unit is never a smaller weight."""
    low, high = convert(value, unit, "body_weight", "kg"), convert(value + 1, unit, "body_weight", "kg")
    assert low is not None
    assert high is not None
    assert low < high


@given(st.decimals("0.01", "5000", places=2))
def test_creatinine_there_and_back(value: Decimal) -> None:
    """Converting to the other unit and back returns the value within the last digits of Decimal."""
    there = convert(value, "umol/L", "creatinine", "mg/dL")
    assert there is not None
    back = convert(there, "mg/dL", "creatinine", "umol/L")
    assert back is not None
    assert abs(back - value) < Decimal("1E-20")


@given(st.text(max_size=12), st.sampled_from(["creatinine", "wbc", "ck", "body_weight"]))
def test_any_text_as_a_unit_is_safe(unit: str, concept: str) -> None:
    """No text given as a unit raises; it converts or gives nothing."""
    result = convert(Decimal(1), unit, concept, "mg/dL")
    assert result is None or result >= 0
