"""What a clinician did with the cards: a batch, read whole or refused with every fault it has.

https://cds-hooks.hl7.org/2.0/#feedback
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from cds_service.errors import BadRequest, Fault
from cds_service.protocol.reader import Reader

Outcome = Literal["accepted", "overridden"]

LARGEST_BODY = 262_144
MOST_ITEMS = 100
MOST_SUGGESTIONS = 50
LONGEST_ID = 256
LONGEST_COMMENT = 4_000
# RFC 3339, leap seconds included; a year of our era.
TIMESTAMP = re.compile(
    r"(?!0000)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?"
    r"([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
# How Epic tells a reason of the site's own, in an extension in place of the reason.
EPIC_REASON = "com.epic.cdshooks.feedback.overrideReason."


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a card was overridden: a code the card offered, or one of the client's own."""

    code: str
    system: str | None = None
    display: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """What became of one card. ``comment`` is free text: it may name the patient and is never logged."""

    card: str
    outcome: Outcome
    timestamp: str
    accepted: tuple[str, ...] = ()
    reason: Reason | None = field(default=None, repr=False)
    comment: str | None = field(default=None, repr=False)


def parse_feedback(body: object) -> tuple[Item, ...]:
    """The items of a decoded body. Raises :class:`BadRequest` with all faults: nothing is kept by halves."""
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    faults: list[Fault] = []
    batch = Reader(body, faults)
    entries = batch.items("feedback", required=True)
    if len(entries) > MOST_ITEMS:
        raise BadRequest(Fault(f"feedback must have at most {MOST_ITEMS} items", "feedback"))
    items = tuple(_item(batch, index, entry) for index, entry in enumerate(entries))
    if faults:
        raise BadRequest(*faults)
    return items


def _item(batch: Reader, index: int, entry: object) -> Item:
    where = f"feedback[{index}]"
    if not isinstance(entry, dict):
        batch.fault(where, "must be an object")
        return Item("", "overridden", "")
    item = Reader(entry, batch.faults, where)
    outcome = item.text("outcome", required=True)
    if outcome not in (None, "accepted", "overridden"):
        item.fault("outcome", "must be accepted or overridden")
    reason, comment = _override(item)
    return Item(
        card=_short(item, "card") or "",
        outcome=cast(Outcome, outcome),
        timestamp=_timestamp(item),
        accepted=_accepted(item) if outcome == "accepted" else (),
        reason=reason,
        comment=comment,
    )


def _short(reader: Reader, name: str) -> str | None:
    value = reader.text(name, required=True)
    if value is not None and (len(value) > LONGEST_ID or "\0" in value):
        reader.fault(name, f"must be at most {LONGEST_ID} characters")
    return value


def _timestamp(item: Reader) -> str:
    value = item.text("outcomeTimestamp", required=True) or ""
    if value and not TIMESTAMP.fullmatch(value):
        item.fault("outcomeTimestamp", "must be a time like 2026-03-01T12:00:00Z")
    return value


def _accepted(item: Reader) -> tuple[str, ...]:
    entries = item.items("acceptedSuggestions", required=True)
    if len(entries) > MOST_SUGGESTIONS or item.members.get("acceptedSuggestions") == []:
        item.fault("acceptedSuggestions", f"must have 1 to {MOST_SUGGESTIONS} items")
        return ()
    found = []
    for index, entry in enumerate(entries):
        name = f"acceptedSuggestions[{index}]"
        if isinstance(entry, dict):
            found.append(_short(Reader(entry, item.faults, item.at(name)), "id") or "")
        else:
            item.fault(name, "must be an object with an id")
    return tuple(found)


def _override(item: Reader) -> tuple[Reason | None, str | None]:
    # Epic's samples have the object under the plural.
    name = "overrideReason" if item.members.get("overrideReason") is not None else "overrideReasons"
    override = item.inner(name)
    if override is None:
        return None, None
    comment = override.text("userComment") if override.members.get("userComment") != "" else None
    if comment is not None and len(comment) > LONGEST_COMMENT:
        override.fault("userComment", f"must be at most {LONGEST_COMMENT} characters")
    return _reason(override), _clean(comment)


def _reason(override: Reader) -> Reason | None:
    coding = override.inner("reason")
    if coding is not None:
        code = _short(coding, "code")
        system, display = coding.text("system"), coding.text("display")
        return Reason(code or "", _cut(system), _cut(display))
    extension = override.members.get("extension")
    return _epic_reason(extension) if isinstance(extension, Mapping) else None


def _epic_reason(extension: Mapping[str, object]) -> Reason | None:
    told = {
        name.removeprefix(EPIC_REASON): value
        for name, value in extension.items()
        if name.startswith(EPIC_REASON) and isinstance(value, str)
    }
    code = told.get("reasonCategory") or told.get("reasonTitle") or told.get("reasonDisplay")
    display = told.get("reasonDisplay") or told.get("reasonTitle")
    return Reason(_cut(code) or "", None, _cut(display)) if code else None


def _cut(text: str | None) -> str | None:
    cleaned = _clean(text)
    return cleaned[:LONGEST_ID] if cleaned else None


def _clean(text: str | None) -> str | None:
    """Without the character that some databases cannot hold."""
    return text.replace("\0", "") if text else None
