"""Ways to spoil a JSON value, a body of bytes and a call: each takes a random source and nothing else."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

Json = Any
# Doubling what was doubled makes calls that take longer to write than to answer.
MOST_PLACES = 20_000
NAMES = ("id", "status", "code", "value", "extension", "", "_x", "resourceType")
Place = tuple[Any, ...]

# Values and bytes that have broken readers of clinical data: each stands where anything of a call may stand.
# The bytes are written one character a byte.
_STRANGE = json.loads((Path(__file__).parents[1] / "vectors" / "strange.json").read_text("utf-8"))
VALUES: list[Json] = _STRANGE["values"]
TOKENS = [each.encode("latin-1") for each in _STRANGE["bytes"]]


def places(value: Json, at: Place = ()) -> Iterator[Place]:
    """Every place in a JSON value, the whole value first."""
    yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*at, index))


def get(value: Json, at: Place) -> Json:
    """What stands at a place."""
    for step in at:
        value = value[step]
    return value


def put(value: Json, at: Place, new: Json) -> Json:
    """The value with something else at a place; changed in place, unless it is the whole value."""
    if not at:
        return new
    get(value, at[:-1])[at[-1]] = new
    return value


def _replace(value: Json, at: Place, chance: random.Random) -> Json:
    return put(value, at, copy.deepcopy(chance.choice(VALUES)))


def _remove(value: Json, at: Place, _: random.Random) -> Json:
    if at:
        del get(value, at[:-1])[at[-1]]
    return value


def _repeat(value: Json, at: Place, chance: random.Random) -> Json:
    holder = get(value, at[:-1]) if at else None
    if isinstance(holder, list):
        holder.extend(copy.deepcopy(get(value, at)) for _ in range(chance.choice((1, 2, 60))))
        return value
    return put(value, at, [copy.deepcopy(get(value, at))])


def _swap(value: Json, at: Place, chance: random.Random) -> Json:
    """Another part of the same call: the right shape in the wrong place."""
    others = [other for other in places(value) if len(other) > 1]
    return put(value, at, copy.deepcopy(get(value, chance.choice(others)))) if others else value


def _nest(value: Json, at: Place, chance: random.Random) -> Json:
    inner = copy.deepcopy(get(value, at))
    for _ in range(chance.choice((1, 5, 25))):
        inner = [inner] if chance.random() < 0.5 else {"extension": inner}
    return put(value, at, inner)


def _rename(value: Json, at: Place, chance: random.Random) -> Json:
    holder = get(value, at[:-1]) if at else None
    if isinstance(holder, dict):
        holder[chance.choice(("id", "status", "code", "value", "extension", "", "_x", "resourceType"))] = (
            holder.pop(at[-1])
        )
    return value


def _number(value: Json, at: Place, chance: random.Random) -> Json:
    """A nearby or absurd number where a number stands; else its text."""
    found = get(value, at)
    if isinstance(found, bool) or not isinstance(found, int | Decimal):
        return put(value, at, str(found)[:200])
    return put(
        value, at, Decimal(found) * Decimal(chance.choice(("0", "-1", "2", "10", "1000", "0.001", "1e30")))
    )


MUTATIONS: tuple[Callable[[Json, Place, random.Random], Json], ...] = (
    _replace, _replace, _replace, _remove, _remove, _repeat, _swap, _nest, _rename, _number,
)  # fmt: skip


def spoil(value: Json, chance: random.Random, times: int) -> Json:
    """The value, with so many changes made to it one after the other."""
    for _ in range(times):
        where = list(places(value))
        if len(where) > MOST_PLACES:
            break
        value = chance.choice(MUTATIONS)(value, chance.choice(where), chance)
    return value


def spoil_bytes(body: bytes, chance: random.Random) -> bytes:
    """The body with a few bytes flipped, cut, doubled or put in."""
    spoilt = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(spoilt) + 1)
        kind = chance.randrange(6)
        if kind == 0 and at < len(spoilt):
            spoilt[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del spoilt[at:]
        elif kind == 2:
            spoilt[at:at] = spoilt[at : at + chance.randrange(400)]
        elif kind == 3:
            spoilt[at:at] = chance.choice(TOKENS)
        elif kind == 4:
            del spoilt[at : at + chance.randrange(30)]
        else:
            spoilt[at:at] = chance.randbytes(chance.randrange(1, 5))
    return bytes(spoilt)
