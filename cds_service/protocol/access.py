"""Which FHIR servers may be called for whom: the address in a call is the caller's to choose, so it is
believed only as far as the configuration names it.

https://cds-hooks.hl7.org/2.0/#fhir-resource-access
"""

from __future__ import annotations

import ipaddress

from cds_service.protocol.addresses import BadAddress, Base, parse_base
from cds_service.protocol.trust import Caller


def may_call(server: str, caller: Caller, *, allow_local: bool) -> bool:
    """Whether the FHIR server at an address may be called.

    An identified caller's servers are those of its entry in the file of clients. With authentication off
    only a loopback http address may be called, and only where ``allow_local`` says so.
    """
    try:
        base = parse_base(server)
    except BadAddress:
        return False
    if caller.client is not None:
        return any(own.covers(base) for own in caller.client.bases(caller.tenant))
    return allow_local and base.scheme == "http" and _is_loopback(base)


def _is_loopback(base: Base) -> bool:
    try:
        return ipaddress.ip_address(base.host).is_loopback
    except ValueError:
        return base.host == "localhost"
