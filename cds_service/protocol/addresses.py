"""Web addresses compared as what they are, never as strings that begin alike.

``https://ehr.example.org.evil.example/fhir`` begins with ``https://ehr.example.org`` and is another's.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

# Visible ASCII but the backslash, which some parsers read as a slash.
PLAIN = re.compile(r"[!-\[\]-~]+")
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")
DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST = 2048


class BadAddress(ValueError):
    """Not an address that one reader cannot read in two ways."""


@dataclass(frozen=True, slots=True)
class Base:
    """Where a server answers: scheme, host in lower case, port, and the path before its own paths."""

    scheme: str
    host: str
    port: int
    path: str

    def covers(self, other: Base) -> bool:
        """Whether ``other`` is this address or lies below it on the same server."""
        same_server = (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)
        return same_server and (other.path == self.path or other.path.startswith(f"{self.path}/"))


def parse_base(address: str) -> Base:
    """Read the address of a server. Raises :class:`BadAddress` for whatever could mislead a second reader:
    user information, query, fragment, dot segments, escapes, control and non-ASCII characters,
    and numbers in place of a host that are not plainly an IP address.
    """
    if len(address) > LONGEST or not PLAIN.fullmatch(address) or set(address) & set("@?#%"):
        raise BadAddress("must be an address without user, query, fragment, escapes or unusual characters")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadAddress("is not an address") from None
    if parts.scheme not in DEFAULT_PORTS or not parts.netloc or parts.netloc.endswith(":"):
        raise BadAddress("must begin with https://host")
    return Base(parts.scheme, _host(parts.hostname or ""), _port(port, parts.scheme), _path(parts.path))


def _host(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    last = host.rpartition(".")[2]
    # "127.1", "0x7f000001" and "2130706433" are addresses to a resolver, though not to a reader.
    if not HOST.fullmatch(host) or last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last):
        raise BadAddress("must have a plain host name or an IP address")
    return host


def _port(port: int | None, scheme: str) -> int:
    if port == 0:
        raise BadAddress("must have a port from 1 to 65535")
    return DEFAULT_PORTS[scheme] if port is None else port


def _path(path: str) -> str:
    trimmed = path.removesuffix("/")
    segments = trimmed.split("/")[1:]
    if any(segment in ("", ".", "..") for segment in segments):
        raise BadAddress("must have a path without dot segments and empty segments")
    return trimmed
