"""Which IP addresses may be connected to."""

from __future__ import annotations

import pytest

from cds_service.outbound.routes import Barred, Routes

PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
NEVER = [
    "169.254.169.254",
    "fe80::1",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::",
    "::ffff:169.254.169.254",
    "224.0.0.1",
    "ff02::1",
    "0.0.0.0",  # noqa: S104
    "::",
    "255.255.255.255",
    "240.0.0.1",
    "168.63.129.16",
    "192.88.99.1",
    "100.100.100.200",
    "192.0.0.192",
    "192.0.0.8",
    "fd00:ec2::254",
    "fd20:ce::254",
    "::a9fe:a9fe",
    "::7f00:1",
    "64:ff9b:1::a9fe:a9fe",
    "::ffff:0:169.254.169.254",
    "fec0::1",
    "3fff::1",
    "5f00::1",
    "nonsense",
    "",
]
PRIVATE = ["10.0.0.1", "172.16.0.1", "192.168.1.1", "fd00::1", "::ffff:10.0.0.1", "2002:a00:1::"]
LOOPBACK = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"]


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_may_be_called(address: str) -> None:
    """However its addresses are written."""
    assert Routes().permits("ehr.example.org", address)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_called(address: str) -> None:
    """Clouds' own services, multicast and what is no machine: no setting lets them be called."""
    assert not Routes({"ehr.example.org"}, allow_local=True).permits("ehr.example.org", address)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_network_is_called_for_named_hosts(address: str) -> None:
    """Only for the hosts the configuration says lie in one."""
    routes = Routes({"ehr.example.org"})
    assert routes.permits("ehr.example.org", address)
    assert not routes.permits("other.example.org", address)


@pytest.mark.parametrize("address", LOOPBACK)
def test_this_machine_is_called_by_its_own_names_where_allowed(address: str) -> None:
    """A name on the internet that means loopback is not one of them."""
    assert Routes(allow_local=True).permits("localhost", address)
    assert Routes(allow_local=True).permits("127.0.0.1", address)
    assert not Routes(allow_local=True).permits("ehr.example.org", address)
    assert not Routes().permits("localhost", address)


def test_one_bad_address_bars_the_name() -> None:
    """A name that means a public and a private machine is not called at either."""
    with pytest.raises(Barred):
        Routes().addresses("ehr.example.org", 443, lambda *_: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(Barred):
        Routes().addresses("ehr.example.org", 443, lambda *_: [])
