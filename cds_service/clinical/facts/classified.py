"""The 2017 EULAR/ACR items that the record tells: support for classification, never a diagnosis.

Weakness by muscle group and what a biopsy found are not in the record in a form that could be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cds_service.clinical import classification
from cds_service.clinical.facts.cancer import NEEDS as ONSET
from cds_service.clinical.facts.cancer import onset_of
from cds_service.clinical.facts.reading import listed, results, rounded, within
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known

NEEDS = (*ONSET, "muscleEnzymes", "liverTests")
LIMITS = ("response.enzyme_days",)
_ENZYMES = ("ck", "ldh", "ast", "alt")
_SIGNS = {
    "helio": "heliotrope_rash",
    "gpap": "gottron_papules",
    "gsign": "gottron_sign",
    "dysphagia": "dysphagia",
}
_SKIN = frozenset({"dm", "jdm", "amyopathic_dm"})
_ADULT, _FORTY = 18, 40
_WORDS = {
    "age18_39": "onset at 18 to 39 years", "age40": "onset from 40 years", "helio": "heliotrope rash",
    "gpap": "Gottron's papules", "gsign": "Gottron's sign", "dysphagia": "dysphagia", "jo1": "anti-Jo-1",
    "enz": "raised muscle enzyme",
}  # fmt: skip


@fact("classification_known", "number", unit="1", needs=NEEDS, limits=LIMITS)
def classification_known(scope: Scope) -> Fact[Decimal]:
    """How many items the record tells, present or absent: age, skin, dysphagia, anti-Jo-1, enzymes.

    A diagnosis of dermatomyositis counts as one known skin item; which of them it was is not scored.
    """
    problems = listed(scope.chart.problems())
    held = frozenset[str]().union(*(p.concepts for p in problems.items if p.active))
    skin = bool(held & (_SKIN | {"heliotrope_rash", "gottron_papules", "gottron_sign"}))
    known = (isinstance(onset_of(scope), Known), skin, "dysphagia" in held, _jo1(scope) is not None,
             _raised(scope) is not None)  # fmt: skip
    return Known(Decimal(sum(known)), (), problems.doubt or results(scope, (*_ENZYMES, "anti_jo1")).doubt)


@fact("classification_score", "number", unit="1", needs=NEEDS, limits=LIMITS)
def classification_score(scope: Scope) -> Fact[Decimal]:
    """The points of the items on record, without biopsy: a lower bound."""
    return Known(classification.score(tuple(_items(scope)), biopsy=False))


@fact("classification_items", "words", needs=NEEDS, limits=LIMITS)
def classification_items(scope: Scope) -> Fact[tuple[str, ...]]:
    """The items on record, each with its points."""
    points = {name: rounded(without, "1") for name, (without, _) in classification.ITEMS.items() if without}
    return Known(tuple(f"{_WORDS[name]} {points[name]}" for name in _items(scope)))


def _items(scope: Scope) -> Iterator[str]:
    onset = onset_of(scope)
    if isinstance(onset, Known) and onset.value.age >= _ADULT:
        yield "age40" if onset.value.age >= _FORTY else "age18_39"
    for item, concept in _SIGNS.items():
        if any(concept in p.concepts and p.active for p in listed(scope.chart.problems()).items):
            yield item
    if _jo1(scope):
        yield "jo1"
    if _raised(scope):
        yield "enz"


def _jo1(scope: Scope) -> bool | None:
    """Whether anti-Jo-1 is positive; ``None`` where it has no clear answer."""
    answer: Fact[str] = scope.get("finding", "anti_jo1")
    clear = isinstance(answer, Known) and answer.value in ("positive", "negative")
    return answer.value == "positive" if clear and isinstance(answer, Known) else None


def _raised(scope: Scope) -> bool | None:
    """Whether an enzyme was above its limit at any time of the last year; ``None`` where none can be compared."""
    longest = int(scope.limit("response.enzyme_days"))
    found = results(scope, _ENZYMES).items
    known = [(m.value, m.high) for m in found if m.high and within(m.on, scope.chart.today, longest)]
    above = [value > high for value, high in known if value is not None and high is not None]
    return any(above) if above else None
