"""Bodies that are too large, too long, or about somebody else."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from cds_service.fhir.synthesis import Resource
from cds_service.fhir.synthesis.maker import about_patient
from cds_service.fhir.synthesis.store import searchset
from cds_service.protocol.codec import encode

MEGABYTE = 1_000_000
STRANGER = "somebody-else"
_PIECE = b" " * 100_000
# What stands before the packed bytes of a gzip body: deflate, no name, no time.
_GZIP = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


def huge(size: int = 100 * MEGABYTE) -> Iterator[bytes]:
    """JSON of so many bytes, nearly all of them blank."""
    yield b"{"
    for _ in range(size // len(_PIECE)):
        yield _PIECE
    yield b"}"


@cache
def bomb(size: int = 200 * MEGABYTE) -> bytes:
    """The same, compressed: it is small until it is unpacked."""
    pieces, check = size // len(_PIECE), 0
    for piece in huge(size):
        check = zlib.crc32(piece, check)
    # One blank piece is packed once and repeated: packing them all takes longer than a call may.
    packed = _packed(b"{", zlib.Z_FULL_FLUSH) + _packed(_PIECE, zlib.Z_FULL_FLUSH) * pieces + _packed(b"}")
    return _GZIP + packed + struct.pack("<II", check, pieces * len(_PIECE) + 2)


@cache
def double_bomb(size: int = 200 * MEGABYTE) -> bytes:
    """Compressed twice: smaller still."""
    return gzip.compress(bomb(size), mtime=0)


def _packed(piece: bytes, flush: int = zlib.Z_FINISH) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(piece) + packer.flush(flush)


def person(kind: str, identity: str, patient: str) -> Resource:
    """As little as a resource of a type about a patient can hold."""
    if kind == "Patient":
        return {"resourceType": "Patient", "id": patient}
    return {"resourceType": kind, "id": identity, **about_patient(kind, patient)}


def page(kind: str, patient: str, name: str, following: str) -> Resource:
    """One page of a search, with one resource and an address of the next page."""
    found = searchset([person(kind, f"page-{name}", patient)])
    return {**found, "total": 1_000_000, "link": [{"relation": "next", "url": following}]}


@lru_cache(64)
def many(kind: str, patient: str, count: int) -> bytes:
    """A search that finds so many, as JSON."""
    return encode(searchset(person(kind, f"entry-{number}", patient) for number in range(count)))


def turning(kind: str, patient: str) -> Resource:
    """A resource whose contained resources refer to each other in a circle."""
    circle = [
        {
            "resourceType": "Medication",
            "id": here,
            "ingredient": [{"itemReference": {"reference": f"#{there}"}}],
        }
        for here, there in (("a", "b"), ("b", "a"))
    ]
    turned = {"status": "active", "intent": "order", "medicationReference": {"reference": "#a"}}
    return {**person(kind, "turning", patient), **turned, "contained": circle}


def about_another(found: Any) -> Any:
    """The same resource or Bundle, about another patient."""
    if isinstance(found, list):
        return [about_another(each) for each in found]
    if not isinstance(found, Mapping):
        return found
    changed = {name: about_another(member) for name, member in found.items()}
    if changed.get("resourceType") == "Patient":
        changed["id"] = STRANGER
    if str(changed.get("reference", "")).startswith("Patient/"):
        changed["reference"] = f"Patient/{STRANGER}"
    return changed
