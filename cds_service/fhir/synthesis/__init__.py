"""Charts from a line: real FHIR R4 resources and whole CDS Hooks calls from a short notation.

The cards' worked patients (``cards/*/cases.yaml``), the tests and the fixtures say who the patient is in a
few words; this package writes what an EHR would send. ``fixtures/README.md`` describes the notation.
"""

from cds_service.fhir.synthesis.call import Call, Mode, answer_prefetch, bare_call, equip, hook_call
from cds_service.fhir.synthesis.charts import chart, drafts
from cds_service.fhir.synthesis.maker import Codes, Notation, Resource
from cds_service.fhir.synthesis.store import Store, outcome, respond
from cds_service.fhir.synthesis.words import NotationFault

__all__ = [
    "Call",
    "Codes",
    "Mode",
    "Notation",
    "NotationFault",
    "Resource",
    "Store",
    "answer_prefetch",
    "bare_call",
    "chart",
    "drafts",
    "equip",
    "hook_call",
    "outcome",
    "respond",
]
