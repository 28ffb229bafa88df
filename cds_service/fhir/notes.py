"""What could not be read, noted while reading: a bad row never loses the good, and never goes unnamed."""

from __future__ import annotations

from cds_service.clinical.chart import ReadingProblem
from cds_service.fhir import references
from cds_service.fhir.values import Resource


class Notes:
    """Reading problems in the order they were met, each once."""

    def __init__(self) -> None:
        self._found: dict[ReadingProblem, None] = {}

    def add(self, resource: Resource, path: str, reason: str, concept: str = "") -> None:
        """Note that ``path`` of a resource could not be used, and why; never with the value itself."""
        self._found.setdefault(ReadingProblem(references.name(resource), path, reason, concept))

    def all(self) -> tuple[ReadingProblem, ...]:
        """Everything noted so far."""
        return tuple(self._found)
