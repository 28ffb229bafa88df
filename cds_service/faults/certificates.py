"""Certificates that are sound, expired, for another name, or vouched for by nobody."""

from __future__ import annotations

import ssl
import tempfile
import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)
Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Authority:
    """Vouches for certificates; made anew each time, so that nobody can trust it by accident."""

    certificate: x509.Certificate
    key: Key

    def pem(self) -> bytes:
        """What a client must trust to see more than that the authority is unknown."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def authority(now: datetime) -> Authority:
    """An authority of its own. ``now`` is aware."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Faults, for tests only")
    made = _builder(name, name, key, now - _DAY, now + 30 * _DAY)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return Authority(made.sign(key, hashes.SHA256()), key)


def sound(by: Authority | None, now: datetime, host: str) -> ssl.SSLContext:
    """A server's certificate for ``host``; without an authority the server vouches for itself."""
    return _context(by, host, now - _DAY, now + 30 * _DAY)


def expired(by: Authority, now: datetime, host: str) -> ssl.SSLContext:
    """One that ended yesterday."""
    return _context(by, host, now - 30 * _DAY, now - _DAY)


def outdated(by: Authority, now: datetime, host: str) -> ssl.SSLContext:
    """A sound certificate behind TLS 1.1, which no client should speak any more."""
    context = sound(by, now, host)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        # That it is deprecated is the point.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def _context(by: Authority | None, host: str, begins: datetime, ends: datetime) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = by.certificate.subject if by else _name(host)
    made = _builder(_name(host), issuer, key, begins, ends)
    made = made.add_extension(x509.SubjectAlternativeName([_alternative(host)]), critical=False)
    return _loaded(made.sign(by.key if by else key, hashes.SHA256()), key)


def _loaded(certificate: x509.Certificate, key: Key) -> ssl.SSLContext:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The library reads keys from files alone.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(path)
    return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
