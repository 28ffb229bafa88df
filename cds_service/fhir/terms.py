"""What reading FHIR asks of the code lists; ``clinical.terms.Terminology`` answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol


class ProductStrength(Protocol):
    """How much drug one tablet, or one millilitre, of a product holds."""

    @property
    def amount(self) -> Decimal: ...

    @property
    def unit(self) -> str: ...


class Terms(Protocol):
    """The code lists, as far as FHIR is read with them."""

    def concepts(self, system: str, code: str, kind: str | None = None) -> frozenset[str]: ...

    def drugs_in_text(self, text: str) -> frozenset[str]: ...

    def topic(self, concept: str) -> str: ...

    def unit(self, concept: str) -> str: ...

    def lab_codes(self, topic: str) -> tuple[str, ...]:
        """The LOINC codes of all labs of a topic, in a fixed order."""
