"""Which IP addresses may be connected to.

A name is resolved once, each address it has is checked, and the connection goes to a checked address: a name
that means another machine a moment later gains nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Host and port to the addresses a name has.
Resolve = Callable[[str, int], list[str]]

# Where clouds keep their credentials and are not link-local; the last two look like a hospital's own network.
CLOUDS = frozenset(
    map(
        ipaddress.ip_address,
        ("168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"),
    )
)
# What the standard library takes for public, and is not: relays, and addresses of protocols.
NOT_PUBLIC = tuple(map(ipaddress.ip_network, ("192.88.99.0/24", "192.0.0.0/24", "3fff::/20")))
# The only part of IPv6 that is given out. What lies outside may stand for any address of IPv4.
GIVEN_OUT = ipaddress.ip_network("2000::/3")
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Barred(OSError):
    """A name has an address that may not be connected to."""


@dataclass(frozen=True, slots=True)
class Routes:
    """What may be connected to.

    ``private_hosts`` are names whose addresses may be in a private network; ``allow_local`` lets loopback
    be called by its own names. Nothing lets an address be called where clouds keep their credentials,
    link-local or not.
    """

    private_hosts: Collection[str] = field(default_factory=frozenset)
    allow_local: bool = False

    def permits(self, host: str, address: str) -> bool:
        """Whether ``host`` may be connected to at ``address``."""
        try:
            real = unwrapped(ipaddress.ip_address(address))
        except ValueError:
            return False
        # Versions of Python differ in which of the latter they call private.
        if real in CLOUDS or _is_of_protocols(real):
            return False
        if is_public(real):
            return True
        if real.is_loopback:
            return host in self.private_hosts or (self.allow_local and _is_loopback_name(host))
        if real.is_link_local or real.is_multicast or real.is_unspecified or real.is_reserved:
            return False
        return host in self.private_hosts and real.is_private

    def addresses(self, host: str, port: int, resolve: Resolve) -> list[str]:
        """The addresses of a host. Raises :class:`Barred` if one of them may not be connected to: a name
        that has a private address beside a public one is not to be trusted with either."""
        found = resolve(host, port)
        if not found or not all(self.permits(host, address) for address in found):
            raise Barred("the address may not be called")
        return found


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet."""
    if address.is_multicast or _is_of_protocols(address):
        return False
    return address.is_global and (address.version == 4 or address in GIVEN_OUT)


def _is_of_protocols(address: Address) -> bool:
    return any(address in network for network in NOT_PUBLIC)


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, where it stands for one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_loopback_name(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
