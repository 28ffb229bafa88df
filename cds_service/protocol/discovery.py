"""What services there are and what they want to know beforehand.

https://cds-hooks.hl7.org/2.0/#discovery
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cds_service.protocol.contexts import HOOKS

# The version of CDS Hooks that is spoken here; readers of version 3 look for it.
SPECIFICATION = "2.0.1"


@dataclass(frozen=True, slots=True)
class Service:
    """One service on offer: ``id`` is the last segment of its address.

    ``prefetch`` maps each key to its query template; ``usage`` tells an integrator what the service
    needs in order to judge well.
    """

    id: str
    hook: str
    title: str
    description: str
    prefetch: Mapping[str, str] = field(default_factory=dict)
    usage: str = ""


def discovery_json(services: Iterable[Service]) -> dict[str, object]:
    """The body of ``GET /cds-services``."""
    return {"services": [_service(service) for service in services]}


def _service(service: Service) -> dict[str, object]:
    entry: dict[str, object] = {
        "hook": service.hook,
        "id": service.id,
        "title": service.title,
        "description": service.description,
        "version": SPECIFICATION,
        "hookVersion": HOOKS[service.hook].version,
    }
    if service.prefetch:
        entry["prefetch"] = dict(service.prefetch)
    if service.usage:
        entry["usageRequirements"] = service.usage
    return entry
