"""The worked cases, with every number a Decimal."""

from __future__ import annotations

import json
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "vectors" / "oracle.json"


@cache
def _cases() -> dict[str, Any]:
    cases = json.loads(FILE.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal)["cases"]
    return {case["id"]: case for case in cases}


def numbers(case: str) -> dict[str, Any]:
    """The exact numbers a case expects."""
    return dict(_cases()[case]["expected"]["numbers"])


def case(name: str) -> dict[str, Any]:
    """A whole case."""
    return dict(_cases()[name])


def cases() -> tuple[dict[str, Any], ...]:
    """Every case, as the file tells them: what is printed stays as printed."""
    return tuple(json.loads(FILE.read_text(encoding="utf-8"))["cases"])


def shown(value: Decimal, like: Decimal) -> Decimal:
    """The value rounded half up to as many places as the expected one has."""
    return value.quantize(Decimal(1).scaleb(int(like.as_tuple().exponent)), ROUND_HALF_UP)


def places(value: Decimal, digits: int) -> Decimal:
    """The value rounded half up to so many places."""
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
