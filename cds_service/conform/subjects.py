"""What checks look at: the service, its entries, calls to it, and every part of what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.conform.http import Reply, Unanswered
from cds_service.conform.probe import Answer, Probe, Target
from cds_service.conform.reading import Members
from cds_service.conform.registry import NotApplicable

NO_CARD = "no card was shown; send calls of your own with --request"


def whole(probe: Probe) -> Iterator[tuple[str, Probe]]:
    """The service as a whole."""
    yield "the service", probe


def discovery(probe: Probe) -> Iterator[tuple[str, Reply]]:
    """The answer of discovery. Raises Unanswered."""
    yield "discovery", probe.discovery


def entries(probe: Probe) -> Iterator[tuple[str, Members]]:
    """Every entry of discovery, also those that are not asked for."""
    for index, entry in enumerate(probe.entries):
        yield f"services[{index}] {entry.get('id', '')}".strip(), entry


def listed(probe: Probe) -> Iterator[tuple[str, Target]]:
    """Every service that is asked for, whatever its hook."""
    for target in probe.targets:
        yield target.label, target


def targets(probe: Probe) -> Iterator[tuple[str, Target]]:
    """Every service that is asked for and has a published hook."""
    found = [target for target in probe.targets if target.is_known]
    if not found:
        raise NotApplicable("no service with a published hook is asked for")
    for target in found:
        yield target.label, target


def said(probe: Probe) -> Iterator[tuple[str, Answer]]:
    """Every answer to a whole call, whatever its status."""
    for target in probe.targets:
        for number, answer in enumerate(target.answers, 1):
            yield f"{target.label}, call {number}", answer


def answers(probe: Probe) -> Iterator[tuple[str, Answer]]:
    """Every answer that could be read as cards."""
    for where, answer in said(probe):
        if answer.reply.status == 200 and isinstance(answer.body, dict):
            yield where, answer


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an answer: ``value`` with the ``parent`` that holds it, in the answer to ``sent``."""

    value: Members
    parent: Members
    sent: Mapping[str, Any]


def parts(where: str, parent: Members, name: str, sent: Mapping[str, Any]) -> Iterator[tuple[str, Part]]:
    """The objects in a list of an object; what is no object is for the check of the list."""
    held = parent.get(name)
    for index, value in enumerate(held if isinstance(held, list) else ()):
        if isinstance(value, dict):
            yield f"{where}, {name}[{index}]", Part(value, parent, sent)


def cards(probe: Probe) -> Iterator[tuple[str, Part]]:
    """Every card."""
    found = False
    for where, answer in answers(probe):
        for place in parts(where, _object(answer.body), "cards", answer.sent):
            found = True
            yield place
    if not found:
        raise NotApplicable(NO_CARD)


def sources(probe: Probe) -> Iterator[tuple[str, Part]]:
    """The source of every card."""
    for where, card in cards(probe):
        if isinstance(card.value.get("source"), dict):
            yield f"{where}, source", Part(card.value["source"], card.value, card.sent)


def reasons(probe: Probe) -> Iterator[tuple[str, Part]]:
    """Every reason to override a card."""
    for where, card in cards(probe):
        yield from parts(where, card.value, "overrideReasons", card.sent)


def codings(probe: Probe) -> Iterator[tuple[str, Part]]:
    """Every reason to override, and every topic."""
    yield from reasons(probe)
    for where, source in sources(probe):
        if isinstance(source.value.get("topic"), dict):
            yield f"{where}, topic", Part(source.value["topic"], source.value, source.sent)


def links(probe: Probe) -> Iterator[tuple[str, Part]]:
    """Every link."""
    for where, card in cards(probe):
        yield from parts(where, card.value, "links", card.sent)


def suggestions(probe: Probe) -> Iterator[tuple[str, Part]]:
    """Every suggestion."""
    for where, card in cards(probe):
        yield from parts(where, card.value, "suggestions", card.sent)


def suggested(probe: Probe) -> Iterator[tuple[str, Part]]:
    """Every action of a suggestion."""
    for where, suggestion in suggestions(probe):
        yield from parts(where, suggestion.value, "actions", suggestion.sent)


def system_actions(probe: Probe) -> Iterator[tuple[str, Part]]:
    """Every system action."""
    for where, answer in answers(probe):
        yield from parts(where, _object(answer.body), "systemActions", answer.sent)


def actions(probe: Probe) -> Iterator[tuple[str, Part]]:
    """Every action, suggested or not."""
    yield from suggested(probe)
    yield from system_actions(probe)


def refusals(probe: Probe) -> Iterator[tuple[str, Reply]]:
    """Answers to calls that nobody can answer."""
    for where, target in targets(probe):
        for what, body in (("no JSON", b"{"), ("no call", b"{}")):
            reply = target.post(body)
            if not 200 <= reply.status < 300:
                yield f"{where}, {what}", reply
    reply = probe.send("POST", f"{probe.discovery_url}/{probe.world.new_id()}", b"{}")
    if not 200 <= reply.status < 300:
        yield "an unknown id", reply


def feedback(probe: Probe) -> Iterator[tuple[str, Target]]:
    """Every service that takes feedback."""
    found = [(where, target) for where, target in targets(probe) if takes_feedback(target)]
    if not found:
        raise NotApplicable("no service takes feedback")
    yield from found


def takes_feedback(target: Target) -> bool:
    """Whether there is something at the address for feedback."""
    try:
        return target.post(b"{}", path="/feedback").status not in (404, 405, 501)
    except Unanswered:
        return True


def _object(value: object) -> Members:
    return value if isinstance(value, dict) else {}
