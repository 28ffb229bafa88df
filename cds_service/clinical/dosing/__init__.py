"""From dosage instructions to exposure: the amounts a patient would really take."""

from cds_service.clinical.dosing.exposure import exposure
from cds_service.clinical.dosing.types import (
    NOT_STATED,
    Amount,
    Exposure,
    Instruction,
    ProductStrength,
    Step,
    Timing,
)

__all__ = [
    "NOT_STATED",
    "Amount",
    "Exposure",
    "Instruction",
    "ProductStrength",
    "Step",
    "Timing",
    "exposure",
]
