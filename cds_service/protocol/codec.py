"""Bytes to JSON values and back, without losing a digit.

Numbers are decoded as :class:`~decimal.Decimal`, so that a draft the service changes goes back with
every other number as it came (``2.50`` stays ``2.50``).
https://cds-hooks.hl7.org/2.0/#use-of-json
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Context, DecimalException, Inexact, InvalidOperation, Overflow, Subnormal, Underflow

import msgspec

from cds_service.errors import BadRequest

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# A number that no FHIR decimal can be is refused: 1e999999999 is short to send and exhausts memory once
# printed. Nothing is ever rounded: a number that does not fit whole is out of range too.
_EXACT = Context(
    prec=64, Emin=-64, Emax=64, clamp=0, traps=[Inexact, InvalidOperation, Overflow, Subnormal, Underflow]
)

_decoder = msgspec.json.Decoder(float_hook=_EXACT.create_decimal)
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encoder = msgspec.json.Encoder(decimal_format="number")


def decode(body: bytes) -> object:
    """The JSON value of a UTF-8 body; a byte order mark is passed over.

    Raises :class:`BadRequest` for anything that is not strict JSON, is nested too deeply, or holds a
    number out of range. The fault never quotes the body: it may hold a patient's data.
    """
    try:
        return _decoder.decode(body.removeprefix(BYTE_ORDER_MARK))
    except UnicodeError:
        raise BadRequest("the body is not UTF-8; send JSON in UTF-8") from None
    except RecursionError:
        raise BadRequest("the body is nested too deeply") from None
    except DecimalException:
        raise BadRequest("the body holds a number out of range") from None
    except msgspec.DecodeError:
        raise BadRequest("the body is not JSON") from None


def decode_call(body: bytes, *within: str) -> object:
    """The JSON value of a caller's body, which names no member twice: neither the body itself nor its members
    ``within``. Of such a body a gateway may have checked one value, and the other be acted on.

    Raises :class:`BadRequest` for that too.
    """
    value = decode(body)
    if isinstance(value, dict) and _repeats(body.removeprefix(BYTE_ORDER_MARK), within):
        raise BadRequest("the body names a member twice; name each once, without a colon in its name")
    return value


def _repeats(members: bytes, within: Iterable[str]) -> bool:
    """Whether an object names a member twice, told by its colons, which are counted in C: each member has one,
    beside those in its value. A name that holds a colon cannot be told from a second member."""
    values = {name: bytes(value) for name, value in _members.decode(members).items()}
    colons = len(values) + sum(value.count(b":") for value in values.values())
    if members.count(b":") != colons or any(":" in name for name in values):
        return True
    return any(_repeats(values[name], ()) for name in within if values.get(name, b"").startswith(b"{"))


def encode(value: object) -> bytes:
    """A JSON value as UTF-8 bytes; a ``Decimal`` is written as the number it came as."""
    return _encoder.encode(value)
