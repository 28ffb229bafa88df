"""Cards as data, and the body of an answer as the specification writes it.

A card that would break the specification cannot be built: the error names the rule of the specification.
https://cds-hooks.hl7.org/2.0/#cds-service-response
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Indicator = Literal["info", "warning", "critical"]
ActionType = Literal["create", "update", "delete"]
SelectionBehavior = Literal["at-most-one", "any"]
LinkType = Literal["absolute", "smart"]

LONGEST_SUMMARY = 139


class CardFault(ValueError):
    """A card that the specification forbids. A fault of the knowledge or the code, never of the caller."""


@dataclass(frozen=True, slots=True)
class Coding:
    """A code of a code system, with words for a person."""

    system: str
    code: str
    display: str = ""

    def __post_init__(self) -> None:
        _require("coding", system=self.system, code=self.code)


@dataclass(frozen=True, slots=True)
class Source:
    """Where the guidance comes from: a label to show, an address to read, a topic for machines."""

    label: str
    url: str = ""
    topic: Coding | None = None

    def __post_init__(self) -> None:
        _require("source", label=self.label)


@dataclass(frozen=True, slots=True)
class Action:
    """One change a clinician can accept: create or update a whole ``resource``, or delete ``resource_id``.

    ``deletes_in`` is the member that a deletion is written in: ``resource`` in versions 1 of the specification.
    """

    type: ActionType
    description: str
    resource: Mapping[str, object] | None = field(default=None, repr=False)
    resource_id: str | None = field(default=None, repr=False)
    deletes_in: Literal["resourceId", "resource"] = "resourceId"

    def __post_init__(self) -> None:
        _require("action", description=self.description)
        wanted = self.resource_id if self.type == "delete" else self.resource
        spare = self.resource if self.type == "delete" else self.resource_id
        if not wanted or spare:
            raise CardFault("a delete has only a resource_id; create and update only a resource")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A set of actions that are accepted together."""

    label: str
    uuid: str
    actions: tuple[Action, ...] = ()
    recommended: bool = False

    def __post_init__(self) -> None:
        _require("suggestion", label=self.label, uuid=self.uuid)


@dataclass(frozen=True, slots=True)
class Link:
    """An address the clinician may open; ``smart`` is the launch address of a SMART app."""

    label: str
    url: str
    type: LinkType = "absolute"

    def __post_init__(self) -> None:
        _require("link", label=self.label, url=self.url)


@dataclass(frozen=True, slots=True)
class Card:
    """One card: ``summary`` is one sentence of at most 139 characters, ``detail`` GitHub Markdown."""

    uuid: str
    summary: str
    indicator: Indicator
    source: Source
    detail: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    selection_behavior: SelectionBehavior | None = None
    override_reasons: tuple[Coding, ...] = ()
    links: tuple[Link, ...] = ()
    extension: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require("card", uuid=self.uuid, summary=self.summary)
        if len(self.summary) > LONGEST_SUMMARY:
            # Never cut: half a warning may read as its opposite.
            raise CardFault(f"the summary has {len(self.summary)} characters; at most {LONGEST_SUMMARY} fit")
        if bool(self.suggestions) != bool(self.selection_behavior):
            raise CardFault("a card has a selection behaviour when, and only when, it has suggestions")
        recommended = sum(suggestion.recommended for suggestion in self.suggestions)
        if recommended > 1 and self.selection_behavior == "at-most-one":
            raise CardFault("at most one suggestion is recommended where at most one may be selected")
        if not all(reason.display for reason in self.override_reasons):
            raise CardFault("every override reason has a display")


def response_json(cards: Iterable[Card], extension: Mapping[str, object] | None = None) -> dict[str, object]:
    """The body of a 200 answer. No ``null``, ``""``, ``[]`` or ``{}`` but ``cards: []``."""
    body: dict[str, object] = {"cards": [_card(card) for card in cards]}
    return _with(body, extension=_filled(extension or {}))


def _card(card: Card) -> dict[str, object]:
    return _with(
        {"uuid": card.uuid, "summary": card.summary, "indicator": card.indicator},
        detail=card.detail,
        source=_source(card.source),
        suggestions=[_suggestion(suggestion) for suggestion in card.suggestions],
        selectionBehavior=card.selection_behavior,
        overrideReasons=[_coding(reason) for reason in card.override_reasons],
        links=[{"label": link.label, "url": link.url, "type": link.type} for link in card.links],
        extension=_filled(card.extension),
    )


def _source(source: Source) -> dict[str, object]:
    topic = _coding(source.topic) if source.topic else None
    return _with({"label": source.label}, url=source.url, topic=topic)


def _coding(coding: Coding) -> dict[str, object]:
    return _with({"system": coding.system, "code": coding.code}, display=coding.display)


def _suggestion(suggestion: Suggestion) -> dict[str, object]:
    return _with(
        {"label": suggestion.label, "uuid": suggestion.uuid},
        isRecommended=suggestion.recommended,
        actions=[_action(action) for action in suggestion.actions],
    )


def _action(action: Action) -> dict[str, object]:
    name, target = (
        ("resource", action.resource) if action.resource else (action.deletes_in, action.resource_id)
    )
    return {"type": action.type, "description": action.description, name: target}


def _with(members: dict[str, object], **optional: object) -> dict[str, object]:
    """Add the optional members that have a value."""
    members.update((name, value) for name, value in optional.items() if value)
    return members


def _filled(value: object) -> object:
    """An extension without the members that hold nothing, at any depth."""
    if isinstance(value, Mapping):
        members = {name: _filled(member) for name, member in value.items()}
        return {name: member for name, member in members.items() if not _is_empty(member)}
    if isinstance(value, (list, tuple)):
        return [item for item in map(_filled, value) if not _is_empty(item)]
    return value


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], {})


def _require(what: str, **texts: str) -> None:
    for name, text in texts.items():
        if not text.strip():
            raise CardFault(f"a {what} has a {name} that is not blank")
