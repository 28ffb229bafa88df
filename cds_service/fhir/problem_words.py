"""What a problem's own words say of the patient: which conditions are, which were, which are called mild.

A word that takes something back ("without", "ruled out", "history of") takes back only what it is said of. Where
that is in doubt the finding stands: a finding too many is seen and dismissed, one too few is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from cds_service.clinical.terms import Terminology
from cds_service.clinical.words import plain
from cds_service.fhir import problem_cues as cues
from cds_service.fhir.problem_cues import Cue

_TOKEN = re.compile(r"[a-z]+|[0-9]+|[.;|\n]+(?=\s|$)|[,:()\[\]?]|(?<=\s)[-–—/+&](?=\s)")
_NOT = frozenset({
    Cue.NOT_AFTER, Cue.NOT_TOUCHING, Cue.NOT_BEFORE, Cue.NOT_TESTED, Cue.NOT_AS_ADDED,
})  # fmt: skip
_FAMILY = frozenset({Cue.FAMILY, Cue.FAMILY_TOUCHING})
_EITHER = frozenset({Cue.NOT_BEFORE, Cue.PAST_BEFORE})


class _Gap(IntEnum):
    """What stands before a word."""

    NONE = 0
    COMMA = 1
    BREAK = 2
    END = 3


@dataclass(frozen=True, slots=True)
class Said:
    """Conditions that the words say the patient has, had before, or has mildly."""

    now: frozenset[str]
    before: frozenset[str]
    mild: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Name:
    """A name of conditions in the text: its first word, the word after it."""

    start: int
    end: int
    concepts: frozenset[str]


def said_of_patient(text: str, terms: Terminology) -> Said:
    """Read the words of one problem."""
    return _Text(text, terms).said()


def mild_in(text: str, terms: Terminology) -> frozenset[str]:
    """The conditions that the words call mild; without a word for it they are not read any further."""
    called = not cues.MILD.isdisjoint(re.findall(r"[a-z]+", plain(text)))
    return said_of_patient(text, terms).mild if called else frozenset()


class _Text:
    """One problem's words with what stands between them, the names in it, and what is said of each."""

    def __init__(self, text: str, terms: Terminology) -> None:
        self._terms = terms
        self._words, self._gaps = _split(text)
        self._names = [
            _Name(start, end, frozenset(concepts))
            for start, end, concepts in terms.problem_places(tuple(self._words))
        ]
        self._told: dict[int, set[Cue]] = {each.start: set() for each in self._names}
        for start, end, meant in cues.CUES.places(self._words):
            if not any(each.start <= start < each.end for each in self._names):
                self._note(start, end, meant)

    def said(self) -> Said:
        """The conditions by what is told of their names."""
        now: set[str] = set()
        before: set[str] = set()
        mild: set[str] = set()
        for name in self._names:
            told = self._told[name.start]
            if told & _NOT:
                continue
            if told & _FAMILY:
                now |= self._called("family history of", name)
            elif self._is_past(name, told):
                lasting = name.concepts & cues.LASTING if told == {Cue.HISTORY} else frozenset[str]()
                called = self._called("history of", name) | lasting
                now |= called
                before |= set() if called else name.concepts
            else:
                now |= name.concepts
                mild |= name.concepts if self._is_mild(name) else set()
        return Said(frozenset(now), frozenset(before - now), frozenset(mild))

    def _is_past(self, name: _Name, told: set[Cue]) -> bool:
        if told == {Cue.REMISSION}:
            return bool(name.concepts & cues.REMITTING or self._called("history of", name))
        return bool(told)

    def _called(self, what: str, name: _Name) -> frozenset[str]:
        """What a condition of the past, or of the family, is itself called: "history of DVT"."""
        shown = [self._terms.display(each, "condition") for each in name.concepts]
        return frozenset().union(*(self._terms.named("condition", f"{what} {each}") for each in shown))

    def _note(self, start: int, end: int, meant: tuple[Cue, ...]) -> None:
        for cue in meant:
            for name in self._reached(cue, start, end, set(meant)):
                self._told[name.start].add(cue)

    def _reached(self, cue: Cue, start: int, end: int, meant: set[Cue]) -> Iterator[_Name]:
        """The names that a cue speaks of."""
        if cue in (Cue.NOT_AFTER, Cue.FAMILY, Cue.PAST_AFTER, Cue.HISTORY):
            if not (meant & {Cue.PAST_TOUCHING, Cue.FAMILY_TOUCHING} and self._touching(start)):
                yield from self._after(start, end, cue)
        elif cue is Cue.NOT_TOUCHING:
            yield from (each for each in self._names if each.start == end and self._gaps[end] != _Gap.END)
        elif cue in (Cue.NOT_AS_ADDED, Cue.PAST_TOUCHING, Cue.FAMILY_TOUCHING):
            if not (cue is Cue.NOT_AS_ADDED and self._is_positive(start)):
                yield from self._touching(start)
        elif cue is Cue.PAST_NEAR:
            yield from self._near(start, end)
        elif cue is Cue.NOT_TESTED:
            yield from self._tested(start, end)
        elif cue is Cue.REMISSION:
            yield from [
                each for each in self._names if each.end <= start and not self._ended(each.end, start)
            ][-1:]
        elif cue in _EITHER and start and not self._speaks_on(end):
            yield from self._before(start, cues.BETWEEN)
        elif cue in _EITHER and meant <= _EITHER:
            yield from self._after(start, end, cue)

    def _after(self, start: int, end: int, cue: Cue) -> Iterator[_Name]:
        """The names after a word; one may begin within it: "family history of DVT"."""
        last = self._limit(end, cue, wide=False)
        widest = self._limit(end, cue, wide=True) if cue is Cue.FAMILY else last
        for each in self._names:
            if start <= each.start < last or (
                last <= each.start < widest and self._called("family history of", each)
            ):
                yield each

    def _limit(self, end: int, cue: Cue, *, wide: bool) -> int:
        """The place where what the cue says ends; ``wide`` goes on after commas."""
        is_not = cue in _NOT
        stops = cues.NOT_STOPS if is_not else cues.PAST_STOPS
        joined = ("or", "nor", "oder") if is_not else ("or", "and", "oder", "und")
        for at in range(end, len(self._words)):
            gap, word = self._gaps[at], self._words[at]
            begins_again = word in stops or (gap and word in cues.BESIDE)
            if gap is _Gap.END or (begins_again and (at > end or (is_not and word in cues.BESIDE))):
                return at
            if wide or not gap or (at == end and gap is _Gap.BREAK):
                continue
            if gap is _Gap.BREAK or not self._lists_on(at, stops, joined):
                return at
        return len(self._words)

    def _lists_on(self, at: int, stops: frozenset[str], joined: tuple[str, ...]) -> bool:
        """Whether a list goes on after the comma: "no fever, cough or sepsis"."""
        for place in range(at, len(self._words)):
            if self._gaps[place] >= _Gap.BREAK or self._words[place] in stops:
                return False
            if self._words[place] in joined:
                return True
        return False

    def _before(self, start: int, between: frozenset[str]) -> Iterator[_Name]:
        """The name before a word, in its part of the text or, where it stands alone there, in the part before it."""
        crossed = False
        at = start
        while at > 0:
            name = next((each for each in self._names if each.end == at), None)
            gap = self._gaps[at] if at < len(self._gaps) else _Gap.NONE
            if gap is _Gap.END or (gap and crossed):
                return
            crossed = crossed or bool(gap)
            if name is not None:
                yield from self._with_coordinated(name)
                return
            if self._words[at - 1] not in between and not self._words[at - 1].isdigit():
                return
            at -= 1

    def _with_coordinated(self, name: _Name) -> Iterator[_Name]:
        """The name, and those that "and" or "or" joins to it."""
        yield name
        if name.start and self._words[name.start - 1] in ("and", "or", "und", "oder"):
            earlier = next((each for each in self._names if each.end == name.start - 1), None)
            if earlier is not None:
                yield from self._with_coordinated(earlier)

    def _touching(self, start: int) -> list[_Name]:
        return [each for each in self._names if each.end == start and not self._gaps[start]]

    def _near(self, start: int, end: int) -> Iterator[_Name]:
        """The next name and those joined to it; none where the word counts a time or an age."""
        after = self._words[end : end + 1]
        is_time = bool(after) and (after[0] in cues.TIMES or after[0].isdigit())
        if is_time or (start and self._words[start - 1] in cues.AGED):
            return
        last = -1
        for each in self._names:
            between = self._words[end : each.start]
            is_next = end <= each.start <= end + 2 and not cues.LINKS & set(between)
            is_joined = each.start == last + 1 and self._words[last] in ("and", "or", "und", "oder")
            if (is_next or is_joined) and not any(self._gaps[end : each.start + 1]):
                yield each
                last = each.end

    def _tested(self, start: int, end: int) -> Iterator[_Name]:
        """The name whose test was negative. A germ or an antibody that is not found takes no disease back."""
        for each in self._names:
            follows = self._words[each.end : each.end + 1]
            if each.start == end and not self._gaps[end] and follows and follows[0] in cues.TESTS:
                yield each
        if not self._speaks_on(end):
            yield from self._before(start, cues.TESTS)

    def _speaks_on(self, end: int) -> bool:
        """Whether the words after a cue belong to it: "ruled out ectopic", not "ruled out by ultrasound"."""
        if end >= len(self._words) or self._gaps[end]:
            return False
        return self._words[end] not in cues.AFTERWARDS and not self._words[end].isdigit()

    def _is_positive(self, start: int) -> bool:
        """Whether the part of the text around a test says that it was positive."""
        return (
            "positive" in self._words[start : start + 4]
            or "positive" in self._words[max(0, start - 3) : start]
        )

    def _ended(self, first: int, last: int) -> bool:
        return _Gap.END in self._gaps[first : last + 1]

    def _is_mild(self, name: _Name) -> bool:
        before = self._words[max(0, name.start - 2) : name.start]
        after = self._words[name.end : name.end + 2]
        if after[:1] and after[0] in cues.MILD:
            return not (after[1:] and after[1] in cues.GRADED)
        return bool(cues.MILD & set(before)) and not cues.GRADED & set(before)


def _split(text: str) -> tuple[list[str], list[_Gap]]:
    """The words, and what stands before each of them."""
    said = plain(text)
    for pattern, long in cues.SHORT:
        said = pattern.sub(long, said)
    found: list[str] = []
    gaps: list[_Gap] = []
    gap = _Gap.NONE
    for part in _TOKEN.findall(said):
        if part.isalnum():
            found.append(part)
            gaps.append(gap)
            gap = _Gap.NONE
        else:
            here = _Gap.COMMA if part == "," else _Gap.END if part[0] in ".;|\n" else _Gap.BREAK
            gap = max(gap, here)
    return found, gaps
