"""The closed catalogue of facts: what a page may compare, and how each is worked out.

Importing this package fills :data:`registry.FACTS`.
"""

from cds_service.clinical.facts import (
    allergy,
    baseline,
    dose,
    duplicates,
    glucocorticoid,
    kidney,
    labs,
    medications,
    methotrexate,
    monitoring,
    patient,
    plan,
    pregnancy,
    problems,
    regimen,
    size,
    steroid_course,
    transaminases,
    trends,
)
from cds_service.clinical.facts.registry import FACTS, FactSpec, Scope

__all__ = [
    "FACTS",
    "FactSpec",
    "Scope",
    "allergy",
    "baseline",
    "dose",
    "duplicates",
    "glucocorticoid",
    "kidney",
    "labs",
    "medications",
    "methotrexate",
    "monitoring",
    "patient",
    "plan",
    "pregnancy",
    "problems",
    "regimen",
    "size",
    "steroid_course",
    "transaminases",
    "trends",
]
