"""Feedback (FB). What is sent is about cards that no clinician saw; a comment says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cds_service.conform.probe import Target
from cds_service.conform.reading import Members
from cds_service.conform.registry import NotApplicable, check
from cds_service.conform.subjects import feedback, takes_feedback, targets

COMMENT = "conformance test: no clinician saw this card"
CODED = {"reason": {"system": "https://example.org/conformance", "code": "of-the-clients-own"}}
GOOD_TIMES = ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05+00:00")
BAD_TIMES = ("yesterday", "2026-01-02", "2026-13-02T03:04:05Z", "")


def _item(target: Target, **members: Any) -> Members:
    """Feedback of a card overridden without a word, with members replaced."""
    usual = {"card": _card(target), "outcome": "overridden", "outcomeTimestamp": GOOD_TIMES[0]}
    return {**usual, **members}


def _card(target: Target) -> str:
    """A card the service has shown, if it has shown one; else one it does not know."""
    for answer in target.answers:
        shown = answer.body.get("cards") if isinstance(answer.body, dict) else None
        for card in shown if isinstance(shown, list) else ():
            if isinstance(card, dict) and isinstance(card.get("uuid"), str):
                return str(card["uuid"])
    return target.probe.world.new_id()


def _status(target: Target, *items: object) -> int:
    return target.post({"feedback": list(items)}, path="/feedback").status


def _taken(status: int, what: str) -> Iterator[str]:
    if not 200 <= status < 300:
        yield f"answers {status} to {what}"


def _refused(status: int, what: str) -> Iterator[str]:
    if not 400 <= status < 500:
        yield f"answers {status} to {what}"


@check("FB1", targets)
def feedback_is_taken(target: Target) -> Iterator[str]:
    """Feedback of one card"""
    if not takes_feedback(target):
        raise NotApplicable("no feedback is taken, as a service may choose")
    yield from _taken(_status(target, _item(target)), "feedback of one card")


@check("FB2", feedback)
def several_cards_are_taken_at_once(target: Target) -> Iterator[str]:
    """Feedback of three cards"""
    others = [_item(target, card=target.probe.world.new_id()) for _ in range(2)]
    yield from _taken(_status(target, _item(target), *others), "feedback of three cards")


@check("FB3", feedback)
def an_unknown_card_is_taken(target: Target) -> Iterator[str]:
    """Feedback of a card the service never showed"""
    yield from _taken(_status(target, _item(target, card=target.probe.world.new_id())), "an unknown card")


@check("FB4", feedback)
def an_unknown_outcome_is_refused(target: Target) -> Iterator[str]:
    """An outcome that is none"""
    yield from _refused(_status(target, _item(target, outcome="ignored")), "the outcome ignored")


@check("FB5", feedback)
def acceptance_without_a_suggestion_does_no_harm(target: Target) -> Iterator[str]:
    """Accepted, and nothing accepted"""
    status = _status(target, _item(target, outcome="accepted"))
    if status >= 500:
        yield f"answers {status} to acceptance that names no suggestion"


@check("FB2", feedback)
def acceptance_is_taken(target: Target) -> Iterator[str]:
    """An accepted suggestion"""
    accepted = [{"id": target.probe.world.new_id()}]
    yield from _taken(
        _status(target, _item(target, outcome="accepted", acceptedSuggestions=accepted)), "acceptance"
    )


@check("FB6", feedback)
def overriding_is_taken_however_explained(target: Target) -> Iterator[str]:
    """With neither reason nor comment, with one, with both"""
    comment = {"userComment": COMMENT}
    yield from _taken(_status(target, _item(target)), "overriding without a word")
    for what, reason in (("a reason", CODED), ("a comment", comment), ("both", {**CODED, **comment})):
        yield from _taken(_status(target, _item(target, overrideReason=reason)), f"overriding with {what}")


@check("FB7", feedback)
def reasons_of_the_clients_own_are_taken(target: Target) -> Iterator[str]:
    """A code the card did not offer"""
    yield from _taken(_status(target, _item(target, overrideReason=CODED)), "a reason of the client's own")


@check("FB8", feedback)
def the_time_is_one_of_rfc_3339(target: Target) -> Iterator[str]:
    """UTC as Z and +00:00, with fractions"""
    for time in GOOD_TIMES:
        yield from _taken(_status(target, _item(target, outcomeTimestamp=time)), f"the time {time}")


@check("FB8a", feedback)
def what_is_no_time_is_refused(target: Target) -> Iterator[str]:
    """No other text for a time"""
    for time in BAD_TIMES:
        yield from _refused(_status(target, _item(target, outcomeTimestamp=time)), f"the time {time!r}")


@check("FB9", feedback)
def the_same_may_come_again(target: Target) -> Iterator[str]:
    """The same feedback twice"""
    item = _item(target)
    _status(target, item)
    yield from _taken(_status(target, item), "the same feedback again")


@check("FB14", feedback)
def an_ehrs_plural_does_no_harm(target: Target) -> Iterator[str]:
    """overrideReasons in place of overrideReason"""
    yield from _taken(_status(target, _item(target, overrideReasons=CODED)), "overrideReasons")


@check("FB15", feedback)
def nothing_does_no_harm(target: Target) -> Iterator[str]:
    """An empty list"""
    status = _status(target)
    if status >= 500:
        yield f"answers {status} to an empty list"
