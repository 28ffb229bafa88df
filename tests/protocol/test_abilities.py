"""What a client will not be able to show is told as its profile says, and nothing else."""

from __future__ import annotations

from dataclasses import fields

import pytest

from cds_service.protocol.abilities import cannot_show
from cds_service.protocol.profiles import EPIC, ORACLE, SANDBOX, STANDARD, Profile, ProfileChange, changed


def test_a_client_that_can_do_all_lacks_nothing() -> None:
    """Once system actions are agreed too."""
    assert cannot_show(changed("ours", ProfileChange(system_actions="top"))) == ()
    assert [line.partition(":")[0] for line in cannot_show(STANDARD)] == ["the mark of a check on its orders"]
    assert cannot_show(SANDBOX) == ()


def test_epic_is_told_of_what_matters_most() -> None:
    """No correction and no dose can be accepted there: clinicians must read them in the card."""
    lacks = cannot_show(EPIC)
    assert "the button that corrects an order" in lacks
    assert "the button that orders a drug with its dose" in lacks
    assert "the button that removes an order" not in lacks
    assert any(line.startswith("alternatives") for line in lacks)


def test_oracle_is_told_of_feedback() -> None:
    """It sends none."""
    assert any(line.startswith("feedback") for line in cannot_show(ORACLE))


CHANGES: dict[str, ProfileChange] = {
    "actions": ProfileChange(actions=frozenset()),
    "selection_behaviors": ProfileChange(selection_behaviors=frozenset({"any"})),
    "one_action": ProfileChange(one_action=True),
    "creatable": ProfileChange(creatable=frozenset()),
    "applies_dosage": ProfileChange(applies_dosage=False),
    "links": ProfileChange(links=False),
    "extensions": ProfileChange(extensions=False),
    "system_actions": ProfileChange(system_actions="off"),
    "override_reasons": ProfileChange(override_reasons=False),
    "feedback": ProfileChange(feedback=False),
}
# What a client shows all the same, only under other names, or where it is called.
NO_LOSS = {"name", "hooks", "deletes_in", "plain_topics", "code_systems", "service_audience", "markable"}


@pytest.mark.parametrize("name", CHANGES)
def test_every_inability_is_told(name: str) -> None:
    """Each member of a profile that takes something away has a line of its own."""
    agreed = {"system_actions": "top", **CHANGES[name].model_dump(exclude_unset=True)}
    assert len(cannot_show(changed("ours", ProfileChange(**agreed)))) >= 1


def test_no_member_of_a_profile_is_forgotten() -> None:
    """A new one is either told of or known to take nothing away."""
    assert {field.name for field in fields(Profile)} == set(CHANGES) | NO_LOSS
