"""What every answer must be, whatever was sent."""

from __future__ import annotations

from typing import Any

import msgspec
from werkzeug.test import TestResponse

# Documented: 200 cards or discovery, 204 nothing to say, 3xx never, 4xx theirs, 503 retry later.
DOCUMENTED = frozenset({200, 204, 400, 401, 403, 404, 405, 412, 413, 415, 503})
INDICATORS = frozenset({"info", "warning", "critical"})
LONGEST_SUMMARY = 139
TEXT = ("text/html", "text/plain", "text/css", "text/javascript")


def faults(response: TestResponse, *, is_call: bool) -> list[str]:
    """What is wrong with an answer, each in a line; empty where it is as it must be."""
    status, body = response.status_code, response.get_data()
    if status not in DOCUMENTED:
        return [f"status {status}"]
    if not body or status == 204:
        return (
            [] if status in (200, 204) or response.request.method == "HEAD" else [f"{status} without a body"]
        )
    if status == 200 and response.mimetype in TEXT and not is_call:
        return []
    return _of_json(status, body, response.mimetype or "", is_call=is_call)


def _of_json(status: int, body: bytes, mimetype: str, *, is_call: bool) -> list[str]:
    if mimetype not in ("application/json", "application/fhir+json"):
        return [f"media type {mimetype}"]
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError):
        return ["the body is no strict JSON"]
    if status != 200:
        return [] if _is_outcome(value) else ["an error that is no OperationOutcome"]
    return [*_of_answer(value), *_hollow(value, "")] if is_call else []


def _is_outcome(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.get("resourceType") == "OperationOutcome"
        and bool(value.get("issue"))
    )


def _of_answer(value: Any) -> list[str]:
    if not isinstance(value, dict) or not isinstance(value.get("cards"), list):
        return ["an answer without cards"]
    return [fault for card in value["cards"] for fault in _of_card(card)]


def _of_card(card: dict[str, Any]) -> list[str]:
    found = []
    if not 0 < len(card.get("summary", "")) <= LONGEST_SUMMARY:
        found.append("a summary that is missing or too long")
    if card.get("indicator") not in INDICATORS:
        found.append("an unknown indicator")
    if not card.get("source", {}).get("label"):
        found.append("a card without a source")
    if not card.get("uuid"):
        found.append("a card without uuid")
    return found


def _hollow(value: Any, at: str) -> list[str]:
    """Nulls and empties, which an answer may not hold; resources go back as they came."""
    if at == "resource":
        return []
    if isinstance(value, dict):
        empty = [
            f"{at}.{key} is empty"
            for key, inner in value.items()
            if inner in (None, "", [], {}) and key != "cards"
        ]
        return empty + [fault for key, inner in value.items() for fault in _hollow(inner, key)]
    return [fault for inner in value for fault in _hollow(inner, at)] if isinstance(value, list) else []
