"""What a result says in words or codes: positive, negative, weak, indeterminate, or a coded answer.

A text that says two things at once, or too much, says nothing here: it is left to a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds_service.clinical.terms import Terminology
from cds_service.fhir.values import Resource, codings, rows, words

LONGEST_ANSWER = 60
_SAME = {
    "present": "positive",
    "detected": "positive",
    "reactive": "positive",
    "absent": "negative",
    "not_detected": "negative",
    "non_reactive": "negative",
    "not_pregnant": "negative",
    "weakly_positive": "weak",
    "equivocal": "weak",
}
_BY_INTERPRETATION = {
    "POS": "positive", "DET": "positive", "RR": "positive", "NEG": "negative", "ND": "negative",
    "NR": "negative", "WR": "weak", "E": "weak", "IND": "indeterminate",
}  # fmt: skip
_HIGH = frozenset({"H", "HH", "HU"})
_NOT_HIGH = frozenset({"N", "L", "LL", "LU", *_BY_INTERPRETATION})
_WEAK = re.compile(r"\b(weak\w*|borderline|equivocal|low[- ]positive|grey ?zone|gray ?zone)\b|\+/-|±")
_INDETERMINATE = re.compile(r"\b(indeterminate|inconclusive|invalid)\b")
_NEGATIVE = re.compile(
    r"\b(non[- ]?reactive|(not|none|no(?: \w+)?|never)[ -](detected|found|seen|present|reactive|pregnant)"
    r"|undetect\w*|negative|neg|absent|not pregnant)\b"
)
# "Not positive" may be weak, "reactive: no" negative: nobody vouches for what is left of a negation.
_NEGATED = re.compile(r"\b(not|no|non|none|nor|never|without|isn't|wasn't)\b")
_CLAUSE = re.compile(r"[,.;(]\s*")
_POSITIVE = re.compile(r"\b(positive|pos|reactive|detected|present|pregnant)\b|^\+{1,4}$")


def in_words(said: str) -> str:
    """The finding a short text states, or "" where it states none or more than one."""
    plain = " ".join(said.lower().split())
    if not plain or len(plain) > LONGEST_ANSWER:
        return ""
    if _WEAK.search(plain):
        return "weak"
    if _INDETERMINATE.search(plain):
        return "indeterminate"
    # What follows a comma or a full stop is said about the answer: "positive, not previously tested".
    first = _CLAUSE.split(plain)[0]
    if _POSITIVE.fullmatch(first.strip()) and not _NEGATIVE.search(plain):
        return "positive"
    rest = _NEGATIVE.sub(" ", plain)
    if _NEGATED.search(rest) and _POSITIVE.search(rest):
        return ""
    found = {
        name
        for name, is_said in (("negative", rest != plain), ("positive", _POSITIVE.search(rest)))
        if is_said
    }
    return found.pop() if len(found) == 1 else ""


def in_codes(concept: object, terms: Terminology) -> str:
    """The finding of a coded answer: by its code, else by its words."""
    for coding in codings(concept):
        names = terms.concepts(coding.system, coding.code, "answer")
        if names:
            name = min(names)
            return _SAME.get(name, name)
    said = words(concept)
    # A whole answer of our lists first: "absent activity" is no absent result.
    return named(said, terms) or in_words(said)


def named(said: str, terms: Terminology) -> str:
    """The answer of our lists that the whole text is ("poor metabolizer"), or ""."""
    name = min(terms.named("answer", said), default="")
    return _SAME.get(name, name)


def in_interpretation(holder: Resource) -> str:
    """The finding an interpretation states ("POS"); "" for high, low and normal, which are about numbers."""
    found = {_BY_INTERPRETATION[code] for code in _interpreted(holder) if code in _BY_INTERPRETATION}
    return found.pop() if len(found) == 1 else ""


def is_flagged_high(holder: Resource) -> bool:
    """Whether the laboratory says that the number lies above its limit ("H")."""
    codes = set(_interpreted(holder))
    return bool(codes & _HIGH) and not codes & _NOT_HIGH


def _interpreted(holder: Resource) -> Iterator[str]:
    for concept in rows(holder.get("interpretation")):
        for coding in codings(concept):
            yield coding.code.upper()
