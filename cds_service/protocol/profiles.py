"""What a client renders and accepts, as data; and cards shaped to it.

Shaping only ever takes away. What a client would carry out by halves, or otherwise than it says, is not
offered there: the card still tells the clinician what to do.
https://cds-hooks.hl7.org/2.0/#cds-service-response
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict

from cds_service.protocol.annotations import Check, system_actions, with_marks
from cds_service.protocol.cards import Action, ActionType, Card, SelectionBehavior, Suggestion, response_json

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
MEDICATION_REQUEST = "MedicationRequest"
LONGEST_TOPIC = 100

SystemActions = Literal["off", "top", "extension"]


@dataclass(frozen=True, slots=True)
class Profile:
    """The abilities of a client.

    ``hooks``, ``actions`` and ``creatable`` (resource types) list what it knows; ``None`` is no limit.
    ``applies_dosage`` tells whether a created medication order keeps the dosage that was suggested.
    ``deletes_in`` is the member in which it looks for what a deletion removes.
    ``system_actions`` is where it looks for actions without review, ``markable`` the orders (resource types)
    it takes them for: a check's mark is the only one there is. ``code_systems`` maps the systems in
    suggested resources to the names it knows them by. ``service_audience`` tells that it has one audience
    for a service and its feedback.
    """

    name: str
    hooks: frozenset[str] | None = None
    selection_behaviors: frozenset[SelectionBehavior] = frozenset({"any", "at-most-one"})
    one_action: bool = False
    actions: frozenset[ActionType] = frozenset({"create", "update", "delete"})
    creatable: frozenset[str] | None = None
    applies_dosage: bool = True
    links: bool = True
    plain_topics: bool = False
    extensions: bool = True
    system_actions: SystemActions = "off"
    markable: frozenset[str] | None = None
    code_systems: Mapping[str, str] = field(default_factory=dict)
    override_reasons: bool = True
    feedback: bool = True
    service_audience: bool = False
    deletes_in: Literal["resourceId", "resource"] = "resourceId"


STANDARD = Profile("standard")
VERSION_1 = Profile("version-1", selection_behaviors=frozenset({"at-most-one"}), deletes_in="resource")
EPIC = Profile(
    "epic",
    hooks=frozenset({"patient-view", "order-select", "order-sign"}),
    selection_behaviors=frozenset({"any"}),
    one_action=True,
    actions=frozenset({"create", "delete"}),
    creatable=frozenset({"Condition", MEDICATION_REQUEST, "ServiceRequest"}),
    applies_dosage=False,
    plain_topics=True,
    extensions=False,
    markable=frozenset({"ServiceRequest"}),
    code_systems=MappingProxyType(
        {
            RXNORM: "urn:oid:2.16.840.1.113883.6.88",
            NDC: "urn:oid:2.16.840.1.113883.6.69",
            ICD_10_CM: "urn:oid:2.16.840.1.113883.6.90",
        }
    ),
    service_audience=True,
)
ORACLE = Profile(
    "oracle",
    hooks=frozenset({"patient-view"}),
    selection_behaviors=frozenset({"at-most-one"}),
    extensions=False,
    override_reasons=False,
    feedback=False,
    deletes_in="resource",
)
SANDBOX = Profile("sandbox", system_actions="extension")
PROFILES: Mapping[str, Profile] = {
    profile.name: profile for profile in (STANDARD, VERSION_1, EPIC, ORACLE, SANDBOX)
}


class ProfileChange(BaseModel):
    """A site's own profile in the file of clients: what differs from the profile ``base``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: Literal["standard", "version-1", "epic", "oracle", "sandbox"] = "standard"
    hooks: frozenset[str] | None = None
    selection_behaviors: frozenset[SelectionBehavior] | None = None
    one_action: bool | None = None
    actions: frozenset[ActionType] | None = None
    creatable: frozenset[str] | None = None
    applies_dosage: bool | None = None
    links: bool | None = None
    plain_topics: bool | None = None
    extensions: bool | None = None
    system_actions: SystemActions | None = None
    markable: frozenset[str] | None = None
    code_systems: Mapping[str, str] | None = None
    override_reasons: bool | None = None
    feedback: bool | None = None
    service_audience: bool | None = None
    deletes_in: Literal["resourceId", "resource"] | None = None


def changed(name: str, change: ProfileChange) -> Profile:
    """The site's profile: what it does not say is as in its base; an explicit ``null`` lifts a limit."""
    said = {key: getattr(change, key) for key in change.model_fields_set if key != "base"}
    return replace(PROFILES[change.base], name=name, **said)


def body_json(
    cards: Iterable[Card],
    extension: Mapping[str, object] | None,
    profile: Profile,
    check: Check | None = None,
) -> dict[str, object]:
    """The body of a 200 answer as this client reads it; ``check`` is what left its mark on orders."""
    actions: tuple[Action, ...] = ()
    if check is not None and profile.system_actions != "off":
        cards = with_marks(cards, check, profile.markable)
        actions = system_actions(check, profile.markable)
    body = response_json(shape(cards, profile), extension if profile.extensions else None)
    return _with_system_actions(body, actions, profile)


def shape(cards: Iterable[Card], profile: Profile) -> tuple[Card, ...]:
    """The cards as this client renders and accepts them. A card is never left out."""
    return tuple(_card(card, profile) for card in cards)


def _card(card: Card, profile: Profile) -> Card:
    suggestions, behavior = _suggestions(card, profile)
    topic = card.source.topic
    if topic is not None and profile.plain_topics:
        code = re.sub(r"[^A-Za-z0-9]", "", topic.code)[:LONGEST_TOPIC]
        topic = replace(topic, code=code)
    return replace(
        card,
        source=replace(card.source, topic=topic),
        suggestions=suggestions,
        selection_behavior=behavior,
        override_reasons=card.override_reasons if profile.override_reasons else (),
        links=card.links if profile.links else (),
        extension=card.extension if profile.extensions else {},
    )


def _suggestions(card: Card, profile: Profile) -> tuple[tuple[Suggestion, ...], SelectionBehavior | None]:
    behavior = card.selection_behavior
    kept = [suggestion for suggestion in card.suggestions if _can_accept(suggestion, profile)]
    if behavior is not None and behavior not in profile.selection_behaviors:
        if behavior == "at-most-one":
            # Alternatives that could all be ticked would be ordered together: one of them is offered.
            kept = sorted(kept, key=lambda suggestion: not suggestion.recommended)[:1]
        behavior = next(iter(sorted(profile.selection_behaviors)), None)
    shaped = tuple(part for suggestion in kept for part in _split(suggestion, profile))
    recommended = sum(suggestion.recommended for suggestion in shaped)
    if recommended > 1 and behavior == "at-most-one":
        shaped = tuple(replace(suggestion, recommended=False) for suggestion in shaped)
    usable = shaped if behavior is not None else ()
    return usable, behavior if usable else None


def _can_accept(suggestion: Suggestion, profile: Profile) -> bool:
    """Whether the client carries out all of it. Half a change may be worse than none."""
    if profile.one_action and len({action.type for action in suggestion.actions}) > 1:
        return False
    return all(_can_do(action, profile) for action in suggestion.actions)


def _can_do(action: Action, profile: Profile) -> bool:
    if action.type not in profile.actions:
        return False
    if action.type != "create" or action.resource is None:
        return True
    kind = action.resource.get("resourceType")
    if profile.creatable is not None and kind not in profile.creatable:
        return False
    # The client would put the drug's usual dose in place of the one the card speaks of.
    loses_dose = kind == MEDICATION_REQUEST and bool(action.resource.get("dosageInstruction"))
    return profile.applies_dosage or not loses_dose


def _split(suggestion: Suggestion, profile: Profile) -> Iterable[Suggestion]:
    actions = tuple(_mapped(action, profile) for action in suggestion.actions)
    if not profile.one_action or len(actions) <= 1:
        return (replace(suggestion, actions=actions),)
    return (
        replace(suggestion, label=action.description, uuid=_uuid(suggestion.uuid, index), actions=(action,))
        for index, action in enumerate(actions)
    )


def _uuid(uuid: str, index: int) -> str:
    return uuid if index == 0 else str(uuid5(NAMESPACE_URL, f"{uuid}#{index}"))


def _mapped(action: Action, profile: Profile) -> Action:
    if action.resource is None:
        return replace(action, deletes_in=profile.deletes_in)
    if not profile.code_systems:
        return action
    return replace(action, resource=_renamed(action.resource, profile.code_systems))


def _renamed(members: Mapping[str, object], systems: Mapping[str, str]) -> dict[str, object]:
    renamed = {name: _renamed_value(value, systems) for name, value in members.items()}
    system = renamed.get("system")
    if isinstance(system, str) and "code" in renamed:
        renamed["system"] = systems.get(system, system)
    return renamed


def _renamed_value(value: object, systems: Mapping[str, str]) -> object:
    if isinstance(value, Mapping):
        return _renamed(value, systems)
    return [_renamed_value(item, systems) for item in value] if isinstance(value, list) else value


def _with_system_actions(
    body: dict[str, object], actions: Iterable[Action], profile: Profile
) -> dict[str, object]:
    written = [
        {"type": action.type, "description": action.description, "resource": action.resource}
        for action in actions
    ]
    if not written:
        return body
    if profile.system_actions == "top":
        return {**body, "systemActions": written}
    extension = body.get("extension")
    known = extension if isinstance(extension, dict) else {}
    return {**body, "extension": {**known, "systemActions": written}}
