"""What tests of gathering share: a FHIR server, a session, a pool."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests import fhir_server


@pytest.fixture
def server() -> Iterator[fhir_server.FhirServer]:
    """A FHIR server that answers 404 until told otherwise."""
    with fhir_server.running() as running:
        yield running


@pytest.fixture
def http() -> Iterator[requests.Session]:
    """A session as the application makes it."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """A pool as the application owns it."""
    with ThreadPoolExecutor(8) as executor:
        yield executor
