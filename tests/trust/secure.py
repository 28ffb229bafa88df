"""A server over TLS whose certificate it has signed itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from cds_service.faults.certificates import sound
from tests.fhir_server import FhirServer, Reply, running


@contextmanager
def secure_server(told: Reply) -> Iterator[FhirServer]:
    """A server over TLS that answers everything with one reply, and remembers what it was asked."""
    with running(sound(None, datetime.now(UTC), "127.0.0.1")) as server:
        server.otherwise = told
        yield server
