"""Causes that a card tells: the check that words which tell a cause always have one, and that each cause is told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from cds_service.clinical.known import Input
from cds_service.knowledge.conditions import Because, Cause, Condition, Every
from cds_service.knowledge.files import Reporter, near
from cds_service.knowledge.words import Lexicon, Shown, names_in, plain

# In the words of a tier, the causes that hold; in the words of a cause, what it was seen in.
CAUSES = "because"
SEEN = "seen"
# A drug or a problem is its own name; a result needs the name of what was measured.
_NAMED_BY_THEIR_VALUE = ("medication", "problem", "allergy")


def check_causes(
    condition: Condition, words: str, values: Collection[str], key: str, report: Reporter
) -> None:
    """Report what is wrong with the causes of a tier at ``key``; ``words`` are its summary and its text.

    Raises TemplateSyntaxError where the words are no template.
    """
    causes = tuple(causes_of(condition))
    for name in sorted(frozenset[str]().union(*(cause.names for cause in causes)) - {*values, SEEN}):
        report(f"{key}.when", f"a because uses '{name}', which is not in values{near(name, values)}")
    told = CAUSES in names_in(words)
    if told and not names_a_cause(condition):
        report(f"{key}.when", "its words tell because, so each of its alternatives needs one")
    if causes and not told:
        report(f"{key}.summary", "does not tell {{ because }}, which its condition gives")


def causes_of(condition: Condition) -> Iterator[Because]:
    """The conditions with words of their own, those of ``not`` left out."""
    if isinstance(condition, Because):
        yield condition
    elif isinstance(condition, Every):
        for part in condition.parts:
            yield from causes_of(part)


def names_a_cause(condition: Condition) -> bool:
    """Of ``all`` one part must name a cause, of ``any`` each."""
    if isinstance(condition, Every):
        return (all if condition.decisive else any)(map(names_a_cause, condition.parts))
    return isinstance(condition, Because)


def in_words(cause: Cause, lexicon: Lexicon, values: Mapping[str, object] | None = None) -> str:
    """One cause in words; ``seen`` are its drugs and problems by name, its results with values, its newest day."""
    seen = dict.fromkeys(_seen(found, lexicon) for found in cause.seen_in)
    days = [found.on for found in cause.seen_in if found.on]
    day = max(days).isoformat() if days else lexicon.phrases["unknown"]
    return cause.template.render({**(values or {}), SEEN: Shown(", ".join(seen), day)})


def _seen(found: Input, lexicon: Lexicon) -> str:
    value = plain(lexicon.printed(found.value))
    return value if found.label in _NAMED_BY_THEIR_VALUE else f"{found.label} {value}"
