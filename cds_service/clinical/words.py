"""Words and phrases in short texts: a name is found as whole words, whatever stands between them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
Words = tuple[str, ...]

_WORD = re.compile(r"[a-z]+|[0-9]+")


def plain(text: str) -> str:
    """The text in small letters, without accents and apostrophes."""
    lower = text.lower()
    if not lower.isascii():
        parts = unicodedata.normalize("NFKD", lower.replace("’", "'").replace("ß", "ss"))
        lower = "".join(c for c in parts if not unicodedata.combining(c))
    return lower.replace("'", "")


def words(text: str) -> Words:
    """The text as words: lower case, without accents; letters and figures part ("MTX15mg" is three words)."""
    return tuple(_WORD.findall(plain(text)))


class Phrases(Generic[T]):
    """Phrases to find in a text, each with what it means; the longest at a place wins, and none overlap."""

    def __init__(self, meanings: Iterable[tuple[str, T]]) -> None:
        found: dict[str, dict[Words, list[T]]] = {}
        for phrase, meaning in meanings:
            spelt = words(phrase)
            if spelt:
                found.setdefault(spelt[0], {}).setdefault(spelt, []).append(meaning)
        self._by_first: dict[str, tuple[tuple[Words, tuple[T, ...]], ...]] = {
            first: tuple(
                (spelt, tuple(listed)) for spelt, listed in sorted(each.items(), key=lambda e: -len(e[0]))
            )
            for first, each in found.items()
        }

    def find(self, spelt: Sequence[str]) -> Iterator[T]:
        """What the phrases among the words mean, from left to right."""
        for _, _, meanings in self.places(spelt):
            yield from meanings

    def places(self, spelt: Sequence[str]) -> Iterator[tuple[int, int, tuple[T, ...]]]:
        """Where the phrases stand: the place of the first word, the place after the last, the meanings."""
        at = 0
        while at < len(spelt):
            end = at + 1
            for phrase, meanings in self._by_first.get(spelt[at], ()):
                if tuple(spelt[at : at + len(phrase)]) == phrase:
                    end = at + len(phrase)
                    yield at, end, meanings
                    break
            at = end
