"""System actions (SA)."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.conform.checks.transport import named, sent_as
from cds_service.conform.probe import Probe
from cds_service.conform.reading import Members, text
from cds_service.conform.registry import check
from cds_service.conform.subjects import Part, suggested, system_actions, whole

CLINICAL = (
    "status",
    "dosageInstruction",
    "medicationCodeableConcept",
    "medicationReference",
    "code",
    "subject",
)


@check("SA1", system_actions)
def a_system_action_is_an_action(action: Part) -> Iterator[str]:
    """A type, and a resource or what to delete"""
    wanted = "resourceId" if action.value.get("type") == "delete" else "resource"
    if action.value.get("type") not in ("create", "update", "delete") or wanted not in action.value:
        yield f"has no type that is known, or no {wanted}"
    if "description" in action.value and not text(action.value["description"]):
        yield "description is no text"


@check("SA2", whole)
def system_actions_have_been_agreed(probe: Probe) -> Iterator[str]:
    """None where none have been agreed"""
    if not probe.wishes.agreed_system_actions and any(True for _ in system_actions(probe)):
        yield "sends system actions to a client that has not agreed"


@check("SA3", system_actions)
def a_system_action_changes_nothing_clinical(action: Part) -> Iterator[str]:
    """Drug, dose, status and patient stay as they were sent"""
    before, after = sent_as(action), action.value.get("resource")
    if action.value.get("type") == "update" and isinstance(after, dict):
        yield from (f"changes {name}" for name in CLINICAL if before and before.get(name) != after.get(name))


@check("SA6", whole)
def a_suggestion_holds_the_change_too(probe: Probe) -> Iterator[str]:
    """The extensions a system action adds are in every suggested update of the resource"""
    marks = [(action.sent, action.value.get("resource")) for _, action in system_actions(probe)]
    for sent, marked in marks:
        probe.look_at_the_clock()
        for where, action in suggested(probe):
            resource = action.value.get("resource")
            if (
                action.sent is sent
                and named(marked) == named(resource) != ""
                and not _has_all(marked, resource)
            ):
                yield f"{where}: the suggested update would undo the system action"


def _has_all(marked: Members | object, resource: object) -> bool:
    wanted = marked.get("extension", []) if isinstance(marked, dict) else []
    held = resource.get("extension", []) if isinstance(resource, dict) else []
    return all(each in held for each in wanted)
