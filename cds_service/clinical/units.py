"""Units: what laboratories print, made one unit a concept. Only conversions somebody vouches for.

An unknown unit, or a bridge between mass and amount for a substance not listed, gives ``None``:
a unit is never assumed.
"""

from __future__ import annotations

from decimal import Decimal

CELL_COUNTS = frozenset({"wbc", "neutrophils", "lymphocytes", "platelets", "eosinophils", "cd19"})
"""Concepts for which ``K/uL`` means thousand per microlitre; in UCUM it is kelvin per microlitre."""

ENZYMES = frozenset({"ck", "aldolase", "alt", "ast", "ldh", "ggt", "alp"})
"""Concepts for which an international unit is the enzyme unit U."""

# unit -> (dimension, size in the dimension's base unit)
_UNITS: dict[str, tuple[str, Decimal]] = {
    unit: (dimension, Decimal(size))
    for dimension, sizes in {
        "mass": {"kg": "1", "g": "0.001", "mg": "0.000001", "ug": "1E-9", "ng": "1E-12",
                 "[oz_av]": "0.028349523125"},
        "length": {"cm": "1", "m": "100", "mm": "0.1", "[in_i]": "2.54", "[ft_i]": "30.48"},
        "mass/volume": {"g/L": "1", "g/dL": "10", "mg/mL": "1", "mg/dL": "0.01", "mg/L": "0.001",
                        "ug/mL": "0.001", "ug/dL": "0.00001", "ug/L": "0.000001", "ng/mL": "0.000001",
                        "ng/dL": "1E-8", "ng/L": "1E-9", "pg/mL": "1E-9"},
        "amount/volume": {"mol/L": "1000", "mmol/L": "1", "umol/L": "0.001", "nmol/L": "0.000001"},
        "activity/volume": {"U/L": "1", "U/mL": "1000", "ukat/L": "60", "nkat/L": "0.06"},
        "international/volume": {"[IU]/L": "1", "[IU]/mL": "1000", "m[IU]/mL": "1"},
        "count/volume": {"10*9/L": "1", "10*3/uL": "1", "/nL": "1", "10*6/uL": "1000", "10*12/L": "1000",
                         "/uL": "0.001", "10*6/L": "0.001", "/L": "1E-9", "10*6/mL": "1", "10*3/mL": "0.001"},
        "volume": {"L": "1", "mL": "0.001"},
        "time": {"s": "1", "ms": "0.001", "min": "60", "h": "3600", "d": "86400"},
    }.items()
    for unit, size in sizes.items()
}  # fmt: skip
_POUNDS_PER_KILOGRAM = Decimal("2.2046226")

# mg/dL in 1 mmol/L: creatinine 88.4 umol, bilirubin 17.1 umol, glucose 18 mg, magnesium 2.43 mg
_MG_DL_PER_MMOL_L: dict[str, Decimal] = {
    "creatinine": 1000 / Decimal("88.4"),
    "bilirubin_total": 1000 / Decimal("17.1"),
    "bilirubin_direct": 1000 / Decimal("17.1"),
    "glucose": Decimal(18),
    "glucose_fasting": Decimal(18),
    "magnesium": Decimal("2.43"),
}
# HbA1c: NGSP % = 0.09148 × IFCC mmol/mol + 2.152, the master equation (http://www.ngsp.org/ifcc.asp).
_NGSP_SLOPE, _NGSP_OFFSET = Decimal("0.09148"), Decimal("2.152")
_MONOVALENT = frozenset({"potassium", "sodium"})

_OTHER_UNITS = (
    "%", "1", "fL", "pg", "mm[Hg]", "mL/min", "mL/min/{1.73_m2}", "kg/m2", "m2", "Cel", "[degF]", "mm/h",
    "/min", "{score}", "{vas}", "{titer}", "{index}", "{T-score}", "[lb_av]", "meq/L", "mmol/mol", "1/wk",
    "U/g{Hb}", "U/mL{RBC}", "pmol/{8E8_RBC}", "nmol/h/mL", "mL/min/mm[Hg]", "a", "wk", "mo",
)  # fmt: skip

_SPELLINGS: dict[str, str] = {
    "mcg": "ug", "kgs": "kg", "kilogram": "kg", "kilograms": "kg", "gram": "g", "grams": "g",
    "lb": "[lb_av]", "lbs": "[lb_av]", "pound": "[lb_av]", "pounds": "[lb_av]", "oz": "[oz_av]",
    "in": "[in_i]", "inch": "[in_i]", "inches": "[in_i]", "ft": "[ft_i]", "centimeter": "cm",
    "centimeters": "cm", "mcg/l": "ug/L", "mcg/ml": "ug/mL", "mcg/dl": "ug/dL", "mmhg": "mm[Hg]",
    "iu/l": "[IU]/L", "iu/ml": "[IU]/mL", "miu/ml": "m[IU]/mL", "miu/l": "m[IU]/L", "mu/ml": "m[IU]/mL",
    "mval/l": "meq/L", "degc": "Cel", "c": "Cel", "°c": "Cel", "degf": "[degF]", "f": "[degF]",
    "°f": "[degF]",
    "ml/min/1.73m2": "mL/min/{1.73_m2}", "ml/min/1.73.m2": "mL/min/{1.73_m2}",
    "ml/min/{1.73m2}": "mL/min/{1.73_m2}", "ml/min/1.73_m2": "mL/min/{1.73_m2}",
    "ml/min/1.73sqm": "mL/min/{1.73_m2}", "ml/min/1.73": "mL/min/{1.73_m2}",
    "ml/min/bsa": "mL/min/{1.73_m2}", "msec": "ms", "percent": "%", "femtoliter": "fL", "kg/m^2": "kg/m2",
}  # fmt: skip

_COUNT_SPELLINGS: dict[str, str] = {
    **dict.fromkeys(("k/ul", "k/mm3", "k/mcl", "k/cumm", "thou/ul", "thous/ul", "th/ul", "10^3/ul",
                     "x10^3/ul", "10e3/ul", "x10e3/ul", "x103/ul", "103/ul", "10*3/mm3", "10^3/mm3",
                     "x10*3/ul", "thousand/ul", "1000/ul", "10*3/mcl", "10^3/mcl", "tsd/ul", "tsd./ul"), "10*3/uL"),
    **dict.fromkeys(("10^9/l", "x10^9/l", "10e9/l", "x10e9/l", "x109/l", "109/l", "g/l", "gpt/l",
                     "x10*9/l", "gi/l"), "10*9/L"),
    **dict.fromkeys(("cells/ul", "cells/mcl", "cells/mm3", "/mm3", "/mcl", "#/ul", "/cumm", "cells/cumm",
                     "{cells}/ul"), "/uL"),
    **dict.fromkeys(("10^6/ml", "x10^6/ml", "10e6/ml", "x10e6/ml"), "10*6/mL"),
}  # fmt: skip

_LOWER = {unit.lower(): unit for unit in (*_UNITS, *_OTHER_UNITS)}


def canonical(unit: str, concept: str = "") -> str | None:
    """The UCUM code meant by a printed unit of the concept, or ``None`` if it is not known.

    Knows the usual spellings (``mcg``, ``IU/L``, ``x10^3/uL``, ``lb``, ``mL/min/1.73 m2``); ``K/uL``,
    ``G/L`` and bare counts are read as counts for cell counts only.
    """
    tidy = _tidy(unit)
    lower = tidy.lower()
    if concept in CELL_COUNTS and lower in _COUNT_SPELLINGS:
        return _COUNT_SPELLINGS[lower]
    if tidy in _UNITS or tidy in _OTHER_UNITS:
        found: str | None = tidy
    else:
        found = _SPELLINGS.get(lower) or _LOWER.get(lower)
    if concept in ENZYMES and found in ("[IU]/L", "[IU]/mL"):
        return found.replace("[IU]", "U")
    return found


def convert(value: Decimal, unit_code: str, concept: str, to_unit: str) -> Decimal | None:
    """``value`` of ``concept`` in ``to_unit``, or ``None`` where nobody vouches for the conversion.

    ``unit_code`` may be UCUM or a usual spelling. Factors: creatinine 88.4 umol/L, bilirubin
    17.1 umol/L and glucose 1/18 mmol/L to 1 mg/dL, magnesium 2.43 mg/dL to 1 mmol/L, 1 ukat/L =
    60 U/L, 1 in = 2.54 cm, 1 kg = 2.2046226 lb; HbA1c from mmol/mol to per cent by the NGSP master equation.
    """
    source, target = canonical(unit_code, concept), canonical(to_unit, concept)
    if source is None or target is None:
        return None
    if concept in _MONOVALENT:
        source, target = (("mmol/L" if unit == "meq/L" else unit) for unit in (source, target))
    if source == target:
        return value
    special = _special(value, source, target)
    return special if special is not None else _scaled(value, source, target, concept)


def _tidy(unit: str) -> str:
    """The unit without blanks, micro signs, superscripts and the multiplication sign."""
    tidy = "".join(unit.split())
    for printed, plain in (("µ", "u"), ("μ", "u"), ("²", "2"), ("³", "3"), ("⁹", "9"), ("×", "x")):
        tidy = tidy.replace(printed, plain)
    return tidy


def _special(value: Decimal, source: str, target: str) -> Decimal | None:
    """Pounds (by the factor as published, not its inverse), Fahrenheit, and HbA1c from IFCC to NGSP units."""
    if source == "[lb_av]" and target in ("kg", "g"):
        kilograms = value / _POUNDS_PER_KILOGRAM
        return kilograms if target == "kg" else kilograms * 1000
    if (source, target) == ("[degF]", "Cel"):
        return (value - 32) * 5 / 9
    if (source, target) == ("mmol/mol", "%"):
        return value * _NGSP_SLOPE + _NGSP_OFFSET
    return None


def _scaled(value: Decimal, source: str, target: str, concept: str) -> Decimal | None:
    """Within one dimension by size, or between mass and amount by the substance's own factor."""
    if source not in _UNITS or target not in _UNITS:
        return None
    (from_dimension, from_size), (to_dimension, to_size) = _UNITS[source], _UNITS[target]
    if from_dimension == to_dimension:
        return value * from_size / to_size
    factor = _MG_DL_PER_MMOL_L.get(concept)
    if factor is None or {from_dimension, to_dimension} != {"mass/volume", "amount/volume"}:
        return None
    if from_dimension == "amount/volume":
        return value * from_size * factor * _UNITS["mg/dL"][1] / to_size
    return value * from_size / _UNITS["mg/dL"][1] / factor / to_size
