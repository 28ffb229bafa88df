"""The closed catalogue of facts: what a page may compare, and how each is worked out.

Importing this package fills :data:`registry.FACTS`.
"""

from cds_service.clinical.facts import (
    allergy,
    dose,
    duplicates,
    glucocorticoid,
    kidney,
    labs,
    medications,
    methotrexate,
    patient,
    plan,
    pregnancy,
    problems,
    regimen,
    size,
)
from cds_service.clinical.facts.registry import FACTS, FactSpec, Scope

__all__ = [
    "FACTS",
    "FactSpec",
    "Scope",
    "allergy",
    "dose",
    "duplicates",
    "glucocorticoid",
    "kidney",
    "labs",
    "medications",
    "methotrexate",
    "patient",
    "plan",
    "pregnancy",
    "problems",
    "regimen",
    "size",
]
