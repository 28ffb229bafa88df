"""Take members out of a JSON object and collect every fault met on the way.

A caller mends a call in one round if all its faults are told at once, so nothing here raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cds_service.errors import Fault

# FHIR allows 64 characters; a large EHR's ids are longer, and a refused call is a check that is not made.
# Dots alone would lead an address elsewhere.
FHIR_ID = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9\-.]{1,256}")
MISSING = object()


class Reader:
    """One JSON object being read, at ``path``; faults go to ``faults``, shared with inner readers.

    A member that is absent or ``null`` is the same thing: real clients send ``null`` for optional members.
    """

    def __init__(self, members: Mapping[str, object], faults: list[Fault], path: str = "") -> None:
        self.members = members
        self.faults = faults
        self.path = path

    def at(self, name: str) -> str:
        """Where a member is, from the root of the body: ``context.patientId``."""
        return f"{self.path}.{name}" if self.path else name

    def fault(self, name: str, problem: str) -> None:
        """Note that a member is wrong: ``problem`` says what it must be."""
        where = self.at(name)
        self.faults.append(Fault(f"{where} {problem}", where))

    def text(self, name: str, *, required: bool = False) -> str | None:
        """A string that is not blank, or ``None``."""
        value = self._member(name, required)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            self.fault(name, "must be a string that is not blank")
            return None
        return value

    def fhir_id(self, name: str, *, required: bool = False) -> str | None:
        """A bare FHIR id (no ``Type/`` before it), or ``None``."""
        value = self.text(name, required=required)
        if value is None or FHIR_ID.fullmatch(value):
            return value
        self.fault(name, "must be a bare FHIR id: 1 to 256 letters, digits, '-' or '.'")
        return None

    def reference(self, name: str, types: tuple[str, ...], *, required: bool = False) -> str | None:
        """A relative reference ``Type/id`` to one of ``types``, or ``None``."""
        value = self.text(name, required=required)
        if value is None:
            return None
        kind, _, identity = value.partition("/")
        if kind in types and FHIR_ID.fullmatch(identity):
            return value
        self.fault(name, f"must be Type/id, where Type is one of {', '.join(types)}")
        return None

    def inner(self, name: str, *, required: bool = False) -> Reader | None:
        """A reader of the object in a member, or ``None``."""
        value = self._member(name, required)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.fault(name, "must be an object")
            return None
        return Reader(value, self.faults, self.at(name))

    def items(self, name: str, *, required: bool = False) -> list[object]:
        """The items of an array; empty when there is none."""
        value = self._member(name, required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(name, "must be an array")
            return []
        return value

    def _member(self, name: str, required: bool) -> object | None:
        value = self.members.get(name, MISSING)
        if value is MISSING or value is None:
            if required:
                self.fault(name, "is required" if value is MISSING else "is required and must not be null")
            return None
        return value
