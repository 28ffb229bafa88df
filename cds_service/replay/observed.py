"""What an answer says, reduced to what a fixture pins: no fresh ids, no prose that may be reworded freely.

A card is pinned by its topic, indicator, summary, the rules it speaks for and the offers it makes; the
answer by its cards in order and what was not evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

EXTENSION = "org.dermatomyositis-cds"
Pinned = dict[str, object]


def pinned(status: int, body: object) -> Pinned:
    """The pinned form of an answer; of a refusal, the status and the diagnostics."""
    answer = body if isinstance(body, dict) else {}
    if status != 200:
        return {
            "status": status,
            "issues": [str(each.get("diagnostics", "")) for each in _list(answer, "issue")],
        }
    found: Pinned = {"cards": [_card(card) for card in _list(answer, "cards")]}
    unjudged = [_not_evaluated(each) for each in _list(_extension(answer), "notEvaluated")]
    return found | {"notEvaluated": unjudged}


def _card(card: Mapping[str, object]) -> Pinned:
    source = card.get("source")
    topic = source.get("topic") if isinstance(source, dict) else None
    offers = [str(each.get("label", "")) for each in _list(card, "suggestions")]
    rules = [f"{each.get('rule')} {each.get('indicator')}" for each in _list(_extension(card), "rules")]
    return {
        "topic": topic.get("code", "") if isinstance(topic, dict) else "",
        "indicator": card.get("indicator", ""),
        "summary": card.get("summary", ""),
        "rules": rules,
        "offers": offers,
    }


def _not_evaluated(each: Mapping[str, object]) -> Pinned:
    missing = each.get("missing")
    return {
        "rule": each.get("rule", ""),
        "missing": sorted(map(str, missing)) if isinstance(missing, list) else [],
    }


def _extension(holder: Mapping[str, object]) -> Mapping[str, object]:
    extension = holder.get("extension")
    own = extension.get(EXTENSION) if isinstance(extension, dict) else None
    return own if isinstance(own, dict) else {}


def _list(holder: Mapping[str, object], name: str) -> list[dict[str, object]]:
    value = holder.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def differences(expected: Pinned, found: Pinned) -> list[str]:
    """Every difference in a sentence a reader understands; empty where the answers agree."""
    if expected == found:
        return []
    return list(_differences(expected, found)) or ["the cards are the same but come in another order"]


def _differences(expected: Pinned, found: Pinned) -> Iterator[str]:
    if ("status" in expected) != ("status" in found) or expected.get("status") != found.get("status"):
        yield f"expected {_outcome(expected)}, got {_outcome(found)}"
    yield from _issue_differences(expected, found)
    yield from _card_differences(_list(expected, "cards"), _list(found, "cards"))
    yield from _unjudged_differences(_list(expected, "notEvaluated"), _list(found, "notEvaluated"))


def _outcome(answer: Pinned) -> str:
    return f"status {answer['status']}" if "status" in answer else f"{len(_list(answer, 'cards'))} cards"


def _issue_differences(expected: Pinned, found: Pinned) -> Iterator[str]:
    if expected.get("issues", []) != found.get("issues", []):
        yield f"refusal: expected {expected.get('issues', [])}, got {found.get('issues', [])}"


def _card_differences(expected: list[dict[str, object]], found: list[dict[str, object]]) -> Iterator[str]:
    left = list(found)
    for card in expected:
        twin = next((each for each in left if each["topic"] == card["topic"]), None)
        if twin is None:
            yield f"card {_title(card)} did not appear"
            continue
        left.remove(twin)
        for part in ("indicator", "summary", "rules", "offers"):
            if card[part] != twin[part]:
                yield f"card {card['topic']}: {part}: {_change(card[part], twin[part])}"
    for card in left:
        yield f"card {_title(card)} appeared and is not expected"


def _title(card: Mapping[str, object]) -> str:
    return f"{card['topic']} ({card['indicator']}: {card['summary']})"


def _change(expected: object, found: object) -> str:
    if not (isinstance(expected, list) and isinstance(found, list)):
        return f"expected {expected!r}, got {found!r}"
    lost = [f"without {each!r}" for each in expected if each not in found]
    gained = [f"with {each!r}" for each in found if each not in expected]
    return ", ".join(lost + gained) or "in another order"


def _unjudged_differences(expected: Iterable[Pinned], found: Iterable[Pinned]) -> Iterator[str]:
    before = {str(each["rule"]): each["missing"] for each in expected}
    after = {str(each["rule"]): each["missing"] for each in found}
    for rule in sorted(before.keys() | after.keys()):
        if rule not in after:
            yield f"{rule} was expected not to be evaluated (lacks {_names(before[rule])}), but was"
        elif rule not in before:
            yield f"{rule} was not evaluated (lacks {_names(after[rule])})"
        elif before[rule] != after[rule]:
            yield f"{rule} lacks {_names(after[rule])}; expected {_names(before[rule])}"


def _names(missing: object) -> str:
    return ", ".join(map(str, missing)) if isinstance(missing, list) and missing else "nothing named"
