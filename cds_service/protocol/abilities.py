"""What a client will not be able to show, found by putting one of each to its profile.

For whoever connects a client: what is missing there is still told in the words of the card.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cds_service.protocol.cards import Action, Card, Source, Suggestion
from cds_service.protocol.profiles import Profile, shape

_ORDER: Mapping[str, object] = {"resourceType": "MedicationRequest", "id": "x", "status": "draft"}
_DOSED: Mapping[str, object] = {**_ORDER, "dosageInstruction": [{"text": "5 mg once a week"}]}
_TEST: Mapping[str, object] = {"resourceType": "ServiceRequest", "status": "draft"}

_CHANGE = Action("update", "change", resource=_DOSED)
_REMOVAL = Action("delete", "removal", resource_id="MedicationRequest/x")
_NEW_TEST = Action("create", "test", resource=_TEST)
_PROBES: Mapping[str, tuple[Action, ...]] = {
    "the button that corrects an order": (_CHANGE,),
    "the button that removes an order": (_REMOVAL,),
    "the button that orders a test, an examination or a referral": (_NEW_TEST,),
    "the button that orders a drug with its dose": (Action("create", "drug", resource=_DOSED),),
    "the button that orders a drug without a dose": (Action("create", "drug", resource=_ORDER),),
    "a button that does two different things together": (_REMOVAL, _NEW_TEST),
}


def cannot_show(profile: Profile) -> tuple[str, ...]:
    """What cards may hold and this client will not show, in one short line each."""
    return (*_buttons(profile), *_choices(profile), *_members(profile))


def _buttons(profile: Profile) -> Iterator[str]:
    for words, actions in _PROBES.items():
        (card,) = shape([_card(Suggestion("x", "s-1", actions))], profile)
        if not card.suggestions:
            yield words


def _choices(profile: Profile) -> Iterator[str]:
    """What becomes of several suggestions on one card."""
    if "at-most-one" not in profile.selection_behaviors:
        yield "alternatives to choose from: only the recommended one is offered"
    if "any" not in profile.selection_behaviors:
        yield "several suggestions to accept together: one of them can be"
    if profile.one_action:
        yield "several orders behind one button: each gets a button of its own"


def _members(profile: Profile) -> Iterator[str]:
    if not profile.links:
        yield "links"
    if not profile.override_reasons:
        yield "reasons to choose from when a card is overridden"
    if not profile.feedback:
        yield "feedback: it sends none, so what became of a card is not known"
    if not profile.extensions:
        yield "data for machines: the rules behind a card, and which rules could not be judged"
    if profile.system_actions == "off":
        yield "the mark of a check on its orders: system_actions is off until it is agreed"


def _card(*suggestions: Suggestion) -> Card:
    return Card("c-1", "x", "info", Source("x"), suggestions=suggestions, selection_behavior="any")
