"""Kidney function from creatinine.

CKD-EPI 2021 without race: Inker, N Engl J Med 2021, doi:10.1056/NEJMoa2102953.
Bedside Schwartz: J Am Soc Nephrol 2009, doi:10.1681/ASN.2008030287 (enzymatic creatinine).
Wasted muscle lowers creatinine, so both read too high in myositis.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

# sex: kappa, alpha, factor
_CKD_EPI = {
    "female": (Decimal("0.7"), Decimal("-0.241"), Decimal("1.012")),
    "male": (Decimal("0.9"), Decimal("-0.302"), Decimal(1)),
}


def ckd_epi_2021(creatinine_mg_dl: Decimal, age_years: int, sex: Literal["female", "male"]) -> Decimal:
    """eGFR in mL/min/1.73 m2 of an adult.

    142 min(Scr/k,1)^a max(Scr/k,1)^-1.200 0.9938^age (1.012 if female), with completed years.
    """
    kappa, alpha, factor = _CKD_EPI[sex]
    ratio = creatinine_mg_dl / kappa
    low, high = min(ratio, Decimal(1)), max(ratio, Decimal(1))
    ageing = Decimal("0.9938") ** age_years
    return 142 * low**alpha * high ** Decimal("-1.200") * ageing * factor


def schwartz(creatinine_mg_dl: Decimal, height_cm: Decimal) -> Decimal:
    """eGFR in mL/min/1.73 m2 from 1 to 17 years: 0.413 height / creatinine."""
    return Decimal("0.413") * height_cm / creatinine_mg_dl


def fall_percent(earlier: Decimal, now: Decimal) -> Decimal:
    """How far a value has fallen below the earlier one, in per cent; negative where it rose."""
    return (earlier - now) / earlier * 100


def median(values: Sequence[Decimal]) -> Decimal:
    """The middle value, or the mean of the middle two. ``values`` must not be empty."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
