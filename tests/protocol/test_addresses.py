"""Addresses are compared as scheme, host, port and path."""

from __future__ import annotations

import pytest

from cds_service.protocol.addresses import BadAddress, Base, parse_base

ALLOWED = parse_base("https://ehr.example.com/fhir")


@pytest.mark.parametrize(
    "address",
    [
        "https://ehr.example.com/fhir",
        "https://ehr.example.com/fhir/",
        "HTTPS://EHR.Example.COM/fhir",
        "https://ehr.example.com:443/fhir",
        "https://ehr.example.com/fhir/tenant-a",
    ],
)
def test_the_same_server_is_recognised_however_it_is_written(address: str) -> None:
    """Case of scheme and host, default port, a slash at the end and a path below make no difference."""
    assert ALLOWED.covers(parse_base(address))


@pytest.mark.parametrize(
    "address",
    [
        "http://ehr.example.com/fhir",
        "https://ehr.example.com:8443/fhir",
        "https://ehr.example.com.evil.tld/fhir",
        "https://ehr.example.com/fhirevil",
        "https://ehr.example.com/FHIR",
        "https://ehr.example.com",
    ],
)
def test_another_server_or_path_is_not_covered(address: str) -> None:
    """An address that begins alike, or differs in scheme, port or path, is another's."""
    assert not ALLOWED.covers(parse_base(address))


@pytest.mark.parametrize(
    "address",
    [
        "https://ehr.example.com@evil.tld/fhir",
        "https://ehr.example.com\\@evil.tld/fhir",
        "https://ehr.example.com%2f@evil.tld/fhir",
        "https://ehr.example.com#@evil.tld/fhir",
        "https://ehr.example.com/fhir?x=1",
        "https://ehr.example.com/fhir/../admin",
        "https://ehr.example.com/fhir/./x",
        "https://ehr.example.com//fhir",
        "https://ehr.example.com/fhir/%2e%2e",
        "https://ehr\t.example.com/fhir",
        "https://ehr.\u0435xample.com/fhir",
        "https://ehr.example.com./fhir",
        "https://ehr.example.com:/fhir",
        "https://ehr.example.com:0/fhir",
        "https://ehr.example.com:99999/fhir",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https:///fhir",
        "ftp://ehr.example.com",
        "file:///etc/passwd",
        "ehr.example.com/fhir",
        "",
        " https://ehr.example.com/fhir",
        "https://" + "a" * 3000,
    ],
)
def test_what_two_readers_could_read_in_two_ways_is_no_address(address: str) -> None:
    """User information, queries, dot segments, odd hosts and characters are refused before any comparison."""
    with pytest.raises(BadAddress):
        parse_base(address)


def test_ip_addresses_are_normalised() -> None:
    """One IPv6 address has many spellings and is one host."""
    assert parse_base("https://[0:0::1]/") == Base("https", "::1", 443, "")
