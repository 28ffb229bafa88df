"""Cards, sources and codings (C, CS, CD)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

from cds_service.conform.probe import Target
from cds_service.conform.reading import text
from cds_service.conform.registry import NotApplicable, check
from cds_service.conform.subjects import NO_CARD, Part, cards, codings, reasons, sources, targets

LONGEST_SUMMARY = 139
INDICATORS = ("info", "warning", "critical")
BEHAVIORS = ("at-most-one", "any")
# Each begins at a "<" and ends before the next: the service chooses the text, and it must not choose the time.
TAG = re.compile(r"<(?:[A-Za-z][\w-]*(?:\s[^<>]*)?/?|/[A-Za-z][\w-]*\s*)>|<!--")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
ESCAPED = re.compile(r"\\[\\<>`]")
ABSOLUTE = re.compile(r"https?://[^/\s?#]+\S*", re.IGNORECASE)


@check("C1", cards)
def a_summary_is_short(card: Part) -> Iterator[str]:
    """A summary of fewer than 140 characters"""
    summary = card.value.get("summary")
    if not isinstance(summary, str) or not summary.strip():
        yield "has no summary"
    elif len(summary) > LONGEST_SUMMARY:
        yield f"the summary has {len(summary)} characters"


@check("C2", cards)
def an_indicator_is_one_of_three(card: Part) -> Iterator[str]:
    """info, warning or critical"""
    if card.value.get("indicator") not in INDICATORS:
        yield f"the indicator is {card.value.get('indicator')!r}"


@check("C3", cards)
def a_card_has_a_source(card: Part) -> Iterator[str]:
    """A source that is an object"""
    if not isinstance(card.value.get("source"), dict):
        yield "has no source"


@check("C4", cards)
def a_detail_is_a_text(card: Part) -> Iterator[str]:
    """A text, for any text is Markdown"""
    if "detail" not in card.value:
        raise NotApplicable("no card has a detail")
    if not text(card.value["detail"]):
        yield "detail is no text"


@check("C4a", cards)
def a_detail_holds_no_html(card: Part) -> Iterator[str]:
    """No HTML in the Markdown"""
    detail = card.value.get("detail")
    if not isinstance(detail, str):
        raise NotApplicable("no card has a detail")
    if tag := TAG.search(ESCAPED.sub("", CODE.sub("", detail))):
        yield f"detail holds HTML: {tag[0][:20]}"


@check("C5", cards)
def a_card_has_a_uuid(card: Part) -> Iterator[str]:
    """A UUID that is nobody else's"""
    uuid = card.value.get("uuid")
    if not isinstance(uuid, str) or not _is_uuid(uuid):
        yield "has no uuid, or one that is none"
    elif [each.get("uuid") for each in card.parent["cards"] if isinstance(each, dict)].count(uuid) > 1:
        yield "shares its uuid with another card"


@check("C5", targets)
def a_uuid_is_used_once(target: Target) -> Iterator[str]:
    """No uuid of one answer comes again in the next"""
    shown = next((each for each in target.answers if any(_uuids(each.body))), None)
    if shown is None:
        raise NotApplicable(NO_CARD)
    if set(_uuids(shown.body)) & set(_uuids(target.ask(shown.sent).body)):
        yield "uses a uuid again in the next answer"


def _uuids(body: object) -> Iterator[str]:
    shown = body.get("cards") if isinstance(body, dict) else None
    for card in shown if isinstance(shown, list) else ():
        if isinstance(card, dict) and isinstance(card.get("uuid"), str):
            yield card["uuid"]


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _is_a_list(card: Part, name: str) -> Iterator[str]:
    if name not in card.value:
        raise NotApplicable(f"no card has {name}")
    held = card.value[name]
    if not isinstance(held, list) or not held or not all(isinstance(each, dict) for each in held):
        yield f"{name} is no list of objects, or empty"


@check("C6", cards)
def suggestions_are_a_list(card: Part) -> Iterator[str]:
    """suggestions is a list of objects"""
    yield from _is_a_list(card, "suggestions")


@check("C7", cards)
def a_card_says_how_many_may_be_chosen(card: Part) -> Iterator[str]:
    """selectionBehavior where there are suggestions"""
    if "suggestions" not in card.value:
        raise NotApplicable("no card has suggestions")
    if "selectionBehavior" not in card.value:
        yield "has suggestions and no selectionBehavior"


@check("C8", cards)
def a_selection_behavior_is_known(card: Part) -> Iterator[str]:
    """at-most-one or any"""
    if "selectionBehavior" not in card.value:
        raise NotApplicable("no card has a selectionBehavior")
    if card.value["selectionBehavior"] not in BEHAVIORS:
        yield f"selectionBehavior is {card.value['selectionBehavior']!r}"


@check("C9", cards)
def override_reasons_are_a_list(card: Part) -> Iterator[str]:
    """overrideReasons is a list of objects"""
    yield from _is_a_list(card, "overrideReasons")


@check("C10", reasons)
def an_override_reason_is_whole(reason: Part) -> Iterator[str]:
    """code, system and display"""
    yield from (
        f"has no {name}" for name in ("code", "system", "display") if not text(reason.value.get(name))
    )


@check("C11", cards)
def links_are_a_list(card: Part) -> Iterator[str]:
    """links is a list of objects"""
    yield from _is_a_list(card, "links")


@check("CS1", sources)
def a_source_has_a_label(source: Part) -> Iterator[str]:
    """A label"""
    if not text(source.value.get("label")):
        yield "has no label"


def _is_absolute(source: Part, name: str) -> Iterator[str]:
    if name not in source.value:
        raise NotApplicable(f"no source has {name}")
    if not isinstance(source.value[name], str) or not ABSOLUTE.fullmatch(source.value[name]):
        yield f"{name} is no absolute address"


@check("CS2", sources)
def the_address_of_a_source_is_absolute(source: Part) -> Iterator[str]:
    """url is absolute"""
    yield from _is_absolute(source, "url")


@check("CS3", sources)
def the_icon_of_a_source_is_absolute(source: Part) -> Iterator[str]:
    """icon is absolute"""
    yield from _is_absolute(source, "icon")


@check("CS4", sources)
def a_topic_is_a_coding(source: Part) -> Iterator[str]:
    """topic is an object"""
    if "topic" not in source.value:
        raise NotApplicable("no source has a topic")
    if not isinstance(source.value["topic"], dict):
        yield "the topic is no object"


@check("CD1", codings)
def a_coding_has_a_code(coding: Part) -> Iterator[str]:
    """A code"""
    if not text(coding.value.get("code")):
        yield "has no code"


@check("CD2", codings)
def a_coding_has_a_system(coding: Part) -> Iterator[str]:
    """A system"""
    if not text(coding.value.get("system")):
        yield "has no system"


@check("CD3", codings)
def a_display_is_a_text(coding: Part) -> Iterator[str]:
    """display is a text"""
    if "display" in coding.value and not text(coding.value["display"]):
        yield "display is no text"
