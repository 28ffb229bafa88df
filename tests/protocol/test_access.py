"""Which FHIR servers may be called for whom."""

from __future__ import annotations

import pytest

from cds_service.protocol.access import may_call
from cds_service.protocol.clients import Client
from cds_service.protocol.trust import Caller

CLIENT = Client.model_validate(
    {
        "issuer": "https://ehr.example.org",
        "jwks_url": "https://ehr.example.org/jwks",
        "fhir_bases": ["https://ehr.example.org/fhir"],
        "tenants": {"north": {"fhir_bases": ["https://north.example.org/fhir"]}},
    }
)


@pytest.mark.parametrize(
    ("server", "tenant", "allowed"),
    [
        ("https://ehr.example.org/fhir", None, True),
        ("https://ehr.example.org/fhir/", None, True),
        ("https://ehr.example.org/fhir/r4", None, True),
        ("https://ehr.example.org/fhir2", None, False),
        ("http://ehr.example.org/fhir", None, False),
        ("https://ehr.example.org.evil.example/fhir", None, False),
        ("https://ehr.example.org@evil.example/fhir", None, False),
        ("https://north.example.org/fhir", "north", True),
        ("https://ehr.example.org/fhir", "north", False),
        ("https://north.example.org/fhir", None, False),
        ("http://127.0.0.1:8000/fhir", None, False),
        ("http://169.254.169.254/latest", None, False),
    ],
)
def test_an_identified_caller_has_its_own_servers(server: str, tenant: str | None, allowed: bool) -> None:
    """Those its organisation is configured with, and no other, whatever the settings for development say."""
    assert may_call(server, Caller(CLIENT, tenant), allow_local=True) is allowed


@pytest.mark.parametrize(
    ("server", "allowed"),
    [
        ("http://127.0.0.1:8000/fhir", True),
        ("http://localhost:8000/fhir", True),
        ("http://[::1]:8000/fhir", True),
        ("https://127.0.0.1/fhir", False),
        ("http://127.0.0.1.evil.example/fhir", False),
        ("http://10.0.0.1/fhir", False),
        ("http://169.254.169.254/fhir", False),
        ("https://ehr.example.org/fhir", False),
        ("http://2130706433/fhir", False),
        ("nonsense", False),
    ],
)
def test_without_authentication_only_this_machine_may_be_called(server: str, allowed: bool) -> None:
    """And only where the settings say so."""
    assert may_call(server, Caller(), allow_local=True) is allowed
    assert may_call(server, Caller(), allow_local=False) is False
