"""What the catalogue of services says."""

from __future__ import annotations

from cds_service.protocol.discovery import Service, discovery_json

PREFETCH = {"patient": "Patient/{{context.patientId}}"}


def test_a_service_is_listed_with_all_it_says() -> None:
    """Every member has the name of the specification."""
    service = Service("dm-sign", "order-sign", "DM", "Checks orders", PREFETCH, "Needs the patient")
    assert discovery_json([service]) == {
        "services": [
            {
                "hook": "order-sign",
                "id": "dm-sign",
                "title": "DM",
                "description": "Checks orders",
                "version": "2.0.1",
                "hookVersion": "1.0",
                "prefetch": PREFETCH,
                "usageRequirements": "Needs the patient",
            }
        ]
    }


def test_what_a_service_does_not_say_is_left_out() -> None:
    """No empty prefetch, no empty usage."""
    assert discovery_json([Service("a", "patient-view", "t", "d")]) == {
        "services": [
            {
                "hook": "patient-view",
                "id": "a",
                "title": "t",
                "description": "d",
                "version": "2.0.1",
                "hookVersion": "1.1",
            }
        ]
    }


def test_no_services_is_an_empty_list() -> None:
    """A service without content is still a service."""
    assert discovery_json([]) == {"services": []}
