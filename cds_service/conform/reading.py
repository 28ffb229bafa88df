"""Read an answer as strictly as the specification has it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NoReturn

Members = dict[str, Any]


class NotStrict(Exception):
    """Bytes are no strict JSON; the text says why and quotes nothing."""


def read(body: bytes) -> object:
    """The value of strict JSON in UTF-8. Raises :class:`NotStrict`."""
    try:
        text = body.decode("utf-8")
        value: object = json.loads(
            text, parse_constant=_no_number, parse_float=Decimal, object_pairs_hook=_once
        )
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
        return value
    except UnicodeDecodeError:
        raise NotStrict("is not UTF-8") from None
    except UnicodeEncodeError:
        raise NotStrict("holds half of a character") from None
    except RecursionError:
        raise NotStrict("is nested too deeply") from None
    except ValueError as error:
        raise NotStrict(getattr(error, "msg", None) or str(error)) from None


def _no_number(name: str) -> NoReturn:
    raise NotStrict(f"holds {name}")


def _once(pairs: list[tuple[str, object]]) -> Members:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise NotStrict("has a member twice")
    return dict(pairs)


def walk(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value within a value, with the path to it."""
    yield path, value
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from walk(member, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk(item, f"{path}[{index}]")


def text(value: object) -> bool:
    """Whether a value is a text that says something."""
    return isinstance(value, str) and bool(value.strip())
