"""Suggestions and actions (SG, AC)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cds_service.conform.checks.transport import named, sent_as
from cds_service.conform.reading import text, walk
from cds_service.conform.registry import NotApplicable, check
from cds_service.conform.subjects import Part, actions, cards, suggested, suggestions

TYPES = ("create", "update", "delete")
REFERENCE = re.compile(r"[A-Z][A-Za-z]+/[^/\s]+")


@check("SG1", suggestions)
def a_suggestion_has_a_label(suggestion: Part) -> Iterator[str]:
    """A label"""
    if not text(suggestion.value.get("label")):
        yield "has no label"


@check("SG2", suggestions)
def a_suggestion_has_a_uuid(suggestion: Part) -> Iterator[str]:
    """A uuid that is nobody else's"""
    uuid = suggestion.value.get("uuid")
    if not text(uuid):
        yield "has no uuid"
    elif [each.get("uuid") for each in suggestion.parent["suggestions"] if isinstance(each, dict)].count(
        uuid
    ) > 1:
        yield "shares its uuid with another suggestion"


@check("SG3", cards)
def recommendations_fit_the_behavior(card: Part) -> Iterator[str]:
    """isRecommended is a truth value, true once at most where one may be chosen"""
    held = card.value.get("suggestions")
    suggested = [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []
    marks = [each["isRecommended"] for each in suggested if "isRecommended" in each]
    if not marks:
        raise NotApplicable("nothing is recommended")
    if not all(isinstance(mark, bool) for mark in marks):
        yield "isRecommended is neither true nor false"
    elif sum(marks) > 1 and card.value.get("selectionBehavior") == "at-most-one":
        yield "recommends several where one may be chosen"


@check("SG4", suggestions)
def actions_are_a_list(suggestion: Part) -> Iterator[str]:
    """actions is a list of objects"""
    if "actions" not in suggestion.value:
        raise NotApplicable("no suggestion has actions")
    held = suggestion.value["actions"]
    if not isinstance(held, list) or not held or not all(isinstance(each, dict) for each in held):
        yield "actions is no list of objects, or empty"


@check("SG6", suggestions)
def nothing_unagreed_is_used(suggestion: Part) -> Iterator[str]:
    """No actionSelectionBehavior: this client has not said that it knows it"""
    if "actionSelectionBehavior" in suggestion.value:
        yield "has an actionSelectionBehavior"


@check("AC1", actions)
def an_action_has_a_type(action: Part) -> Iterator[str]:
    """create, update or delete"""
    if action.value.get("type") not in TYPES:
        yield f"the type is {action.value.get('type')!r}"


@check("AC2", suggested)
def an_action_has_a_description(action: Part) -> Iterator[str]:
    """A description"""
    if not text(action.value.get("description")):
        yield "has no description"


def _only(action: Part, kind: str) -> None:
    if action.value.get("type") != kind:
        raise NotApplicable(f"no action is a {kind}")


@check("AC3", actions)
def a_creation_brings_a_resource(action: Part) -> Iterator[str]:
    """A resource with its type"""
    _only(action, "create")
    resource = action.value.get("resource")
    if not isinstance(resource, dict) or not text(resource.get("resourceType")):
        yield "creates no resource"


@check("AC4", actions)
def an_update_brings_the_whole_resource(action: Part) -> Iterator[str]:
    """Type, id and everything that names what the resource is about"""
    _only(action, "update")
    resource = action.value.get("resource")
    if (
        not isinstance(resource, dict)
        or not text(resource.get("resourceType"))
        or not text(resource.get("id"))
    ):
        yield "updates no resource with type and id"
        return
    kept = ("subject", "patient", "status", "intent", "meta", "identifier", "extension", "contained")
    yield from (
        f"leaves out {name}, which was sent"
        for name in kept
        if name in sent_as(action) and name not in resource
    )


@check("AC5", actions)
def a_deletion_names_what_goes(action: Part) -> Iterator[str]:
    """resourceId as Type/id, and no resource"""
    _only(action, "delete")
    if not isinstance(action.value.get("resourceId"), str) or not REFERENCE.fullmatch(
        action.value["resourceId"]
    ):
        yield "names nothing as Type/id in resourceId"
    if "resource" in action.value:
        yield "brings a resource"


@check("AC8", actions)
def what_changes_was_sent(action: Part) -> Iterator[str]:
    """The target of an update or deletion was in the call"""
    if action.value.get("type") == "create":
        raise NotApplicable("nothing is updated or deleted")
    target = _target(action)
    if target and target not in _sent(action.sent):
        yield "changes something that was not in the call"


def _target(action: Part) -> str:
    if action.value.get("type") == "delete":
        return str(action.value.get("resourceId") or action.value.get("resource") or "")
    return named(action.value.get("resource"))


def _sent(call: Mapping[str, object]) -> set[str]:
    return {named(value) for _, value in walk(dict(call))}
