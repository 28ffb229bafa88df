"""An EHR with its servers, for every test of trust."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fhir_server import FhirServer, running
from tests.trust.house import EC, RSA, Ehr, public


@pytest.fixture
def server() -> Iterator[FhirServer]:
    """A server on loopback: the EHR's keys and its FHIR resources."""
    with running() as started:
        yield started


@pytest.fixture
def ehr(server: FhirServer) -> Ehr:
    """An EHR that has published an EC and an RSA key."""
    ehr = Ehr(server)
    ehr.publish(public(EC, "ec"), public(RSA, "rsa"))
    return ehr


@pytest.fixture
def listener() -> Iterator[FhirServer]:
    """Somebody else's server, that must hear nothing."""
    with running() as started:
        yield started
