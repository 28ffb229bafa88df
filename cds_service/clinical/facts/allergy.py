"""Recorded allergies to a drug or to its class."""

from __future__ import annotations

from cds_service.clinical.chart import Allergy
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.reading import listed, names
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Input, Known, Unknown

CLASSES = (
    "thiopurine", "mycophenolates", "calcineurin_inhibitor", "immunoglobulin", "anti_cd20", "sulfonamide_antibiotic",
    "trimethoprim_containing", "antimalarial", "bisphosphonate", "ppi", "pneumococcal_vaccine",
)  # fmt: skip
"""Classes within which an allergy to one member speaks against the others."""
WORDS = ("none", "intolerance", "allergy", "severe")


@fact("allergy", "word", about="order", of="drug", of_optional=True, words=WORDS, needs=("allergies",))
def allergy(scope: Scope, of: tuple[str, ...] = ()) -> Fact[str]:
    """The gravest active allergy to the named drugs, or to those of the order, or to their class."""
    if not of and scope.order is None:
        return NO_ORDER
    drugs = names(scope, of) if of or scope.order is None else scope.order.ingredients
    concerned = _with_classes(scope, drugs)
    entries = listed(scope.chart.allergies())
    found = [a for a in entries.items if a.concepts & concerned]
    worst = max(found, key=_rank, default=None)
    word = WORDS[_rank(worst)] if worst is not None else "none"
    if word != "severe" and entries.doubt:
        return Unknown(entries.doubt, ("allergies",)) if worst is None else Known(word, (), entries.doubt)
    return Known(word, tuple(map(_told, sorted(found, key=_rank, reverse=True))))


def _told(entry: Allergy) -> Input:
    """An allergy as an input: the substance and what happened."""
    return Input(
        "allergy", f"{entry.text} ({entry.reaction})" if entry.reaction else entry.text, entry.recorded
    )


def _with_classes(scope: Scope, drugs: frozenset[str]) -> frozenset[str]:
    concerned = set(drugs)
    for name in CLASSES:
        members = scope.terms.members(name)
        if members & drugs:
            concerned |= {name, *members}
    return frozenset(concerned)


def _rank(entry: Allergy) -> int:
    return 3 if entry.severe else 1 if entry.intolerance_only else 2
