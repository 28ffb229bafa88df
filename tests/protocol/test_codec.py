"""Bytes in, JSON values out, and back without losing a digit."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.errors import BadRequest
from cds_service.protocol import codec


@pytest.mark.parametrize(
    "number", ["2.50", "0.1", "1E+2", "100", "-3.0", "0.000001", "123456789012345678.25"]
)
def test_numbers_come_back_as_they_were(number: str) -> None:
    """A dose of 2.50 stays 2.50: the zero says how exactly it was meant."""
    assert codec.encode(codec.decode(f'{{"value":{number}}}'.encode())) == f'{{"value":{number}}}'.encode()


def test_fractions_are_decimal() -> None:
    """A number with a fraction never passes through a binary float."""
    assert codec.decode(b"[0.1]") == [Decimal("0.1")]


def test_byte_order_mark_is_passed_over() -> None:
    """Some clients on Windows write one; RFC 8259 lets a reader ignore it."""
    assert codec.decode(b"\xef\xbb\xbf{}") == {}


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"{", b'{"a":1,}', b"[1,]", b"NaN", b"[Infinity]", b"{'a':1}", b"{} x",
        b'"\\ud800"', b'"\xff"', '{"a":1}'.encode("utf-16"), b'"\x00"', b"[" * 100_000, b'{"a":' * 100_000,
        b"[1e999999]", b"[1e99999999999999999999]", b"[" + b"0." + b"1" * 100 + b"]", b"[1e-400]",
        b'[1 /* why */]',
    ],
)  # fmt: skip
def test_what_is_not_strict_json_is_refused(body: bytes) -> None:
    """A body that another reader might read differently, or that could exhaust memory, is refused."""
    with pytest.raises(BadRequest):
        codec.decode(body)


def test_a_refusal_never_quotes_the_body() -> None:
    """The body may hold a patient's data, and the refusal ends in logs."""
    with pytest.raises(BadRequest) as refused:
        codec.decode(b'{"family": "Canaryfamilyname", }')
    assert "Canary" not in str(refused.value)
    assert refused.value.__cause__ is None


CALL = b'{"hook": "a", "context": {"patientId": "p:1", "orders": [{"x": {"a:b": "c:d"}}]}, "prefetch": {"k:1": null}}'


def test_a_call_names_each_member_once() -> None:
    """Colons within values and within names further down are no members; the value is the one of any decoder."""
    for body in (
        CALL,
        codec.BYTE_ORDER_MARK + CALL,
        b"[]",
        b"7",
        b"{}",
        b'{"context": 7}',
        b'{"context": {}}',
    ):
        assert codec.decode_call(body, "context") == codec.decode(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"hook": "a", "hook": "b"}', b'{"hook": 1, "a": 2, "hook": 1}', b'{"hook": 1, "\\u0068ook": 2}',
        b'{"context": {}, "context": {"patientId": 1}}', b'{"context": {"patientId": 1, "patientId": 2}}',
        b'{"context": {"patientId": {"a": ":"}, "userId": 1, "patientId": ":"}}', b'{"a": "::::", "a": 1}',
        b'{"a\\u003a": 1, "b": 2, "b": 3}', b'{"a:": 1}', b'{"context": {"a\\u003a": 1, "b": 1, "b": 1}}',
    ],
)  # fmt: skip
def test_a_call_that_names_a_member_twice_is_refused(body: bytes) -> None:
    """Escaped or not, whatever hides beside it: what was checked on the way may be the other one."""
    with pytest.raises(BadRequest, match="twice"):
        codec.decode_call(body, "context")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)


@given(JSON)
def test_every_json_value_makes_the_round_trip(value: object) -> None:
    """Nothing a client sends is changed by passing through."""
    assert codec.decode(codec.encode(value)) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """No bytes make the decoder fail in any other way; what it takes, Python's own reader takes too."""
    try:
        value = codec.decode(body)
    except BadRequest:
        return
    assert json.loads(body.removeprefix(codec.BYTE_ORDER_MARK), parse_float=Decimal) == value
