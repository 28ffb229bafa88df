"""Cards are shaped to what a client renders and accepts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.protocol.annotations import CHECK_ID, Check, marked
from cds_service.protocol.cards import Action, Card, Coding, Link, Source, Suggestion
from cds_service.protocol.profiles import (
    EPIC,
    ORACLE,
    PROFILES,
    RXNORM,
    SANDBOX,
    STANDARD,
    Profile,
    ProfileChange,
    body_json,
    changed,
    shape,
)

DELETE = Action("delete", "Remove the daily order", resource_id="MedicationRequest/m1")
OTHER = Action("delete", "Remove the second order", resource_id="MedicationRequest/m2")
CODE = {"coding": [{"system": RXNORM, "code": "6851"}]}
TEST = Action("create", "Order creatinine", resource={"resourceType": "ServiceRequest", "code": CODE})
DRUG = Action(
    "create",
    "Order folic acid 5 mg weekly",
    resource={
        "resourceType": "MedicationRequest",
        "medicationCodeableConcept": CODE,
        "dosageInstruction": [{"text": "5 mg once a week"}],
    },
)
UPDATE = Action("update", "Make it weekly", resource={"resourceType": "MedicationRequest", "id": "m1"})


def suggestion(*actions: Action, uuid: str = "s1", recommended: bool = False) -> Suggestion:
    """A suggestion of these actions."""
    return Suggestion("do it", uuid, actions, recommended)


def card(*suggestions: Suggestion, behavior: str = "at-most-one") -> Card:
    """A card with everything a card can have."""
    return Card(
        uuid="c1",
        summary="Something is wrong",
        indicator="critical",
        source=Source("us", topic=Coding("https://example.org/topics", "SAF-MTX-01")),
        suggestions=suggestions,
        selection_behavior=behavior if suggestions else None,  # type: ignore[arg-type]
        override_reasons=(Coding("https://example.org/reasons", "x", "Known"),),
        links=(Link("Read", "https://example.org"),),
        extension={"org.example": {"rules": ["x"]}},
    )


def test_standard_changes_nothing() -> None:
    """A client that can do all the specification says gets what was composed."""
    whole = card(suggestion(UPDATE, TEST), suggestion(DELETE, uuid="s2"))
    assert shape([whole], STANDARD) == (whole,)


def test_epic_is_never_offered_an_update() -> None:
    """A suggestion with an action the client does not know is not offered; the card stays."""
    (shaped,) = shape([card(suggestion(UPDATE, TEST), suggestion(UPDATE, uuid="s2"))], EPIC)
    assert shaped.suggestions == ()
    assert shaped.selection_behavior is None
    assert shaped.summary


def test_epic_gets_one_action_a_suggestion() -> None:
    """Actions of one kind become suggestions of their own, named by what Epic shows: the description."""
    (shaped,) = shape([card(suggestion(DELETE, OTHER), behavior="any")], EPIC)
    assert [s.label for s in shaped.suggestions] == [DELETE.description, OTHER.description]
    assert [len(s.actions) for s in shaped.suggestions] == [1, 1]
    assert len({s.uuid for s in shaped.suggestions}) == 2
    assert shape([card(suggestion(DELETE, OTHER), behavior="any")], EPIC) == (shaped,)


def test_epic_is_not_offered_half_of_a_replacement() -> None:
    """A removal and an order that belong together are not offered apart."""
    (shaped,) = shape([card(suggestion(DELETE, TEST))], EPIC)
    assert shaped.suggestions == ()


def test_epic_is_offered_one_of_the_alternatives() -> None:
    """Where all suggestions can be ticked, of alternatives only the recommended one is offered."""
    (shaped,) = shape([card(suggestion(DELETE), suggestion(TEST, uuid="s2", recommended=True))], EPIC)
    assert [s.uuid for s in shaped.suggestions] == ["s2"]
    assert shaped.selection_behavior == "any"


def test_epic_is_not_offered_a_dose_it_would_not_order() -> None:
    """Epic orders a drug with its own default dose: a suggestion that speaks of another is not offered."""
    (shaped,) = shape([card(suggestion(DRUG), behavior="any")], EPIC)
    assert shaped.suggestions == ()


def test_a_site_may_say_that_its_client_keeps_the_dose() -> None:
    """A site with mapped orders offers drugs, in the code systems its client knows."""
    site = changed("ours", ProfileChange(base="epic", applies_dosage=True))
    (shaped,) = shape([card(suggestion(DRUG), behavior="any")], site)
    resource = json.dumps(shaped.suggestions[0].actions[0].resource)
    assert "urn:oid:2.16.840.1.113883.6.88" in resource
    assert RXNORM not in resource
    assert DRUG.resource is not None
    assert RXNORM in json.dumps(DRUG.resource)


def test_epic_gets_plain_topics_and_no_extension() -> None:
    """The topic, to which lock-outs are tied, is letters and digits; extensions are left out."""
    body = json.dumps(body_json([card()], {"org.example": {"notEvaluated": ["x"]}}, EPIC))
    assert "SAFMTX01" in body
    assert "extension" not in body


def test_oracle_gets_what_version_1_0_knows() -> None:
    """One of the suggestions, and neither override reasons nor extensions."""
    first, second = suggestion(DELETE, recommended=True), suggestion(TEST, uuid="s2", recommended=True)
    (shaped,) = shape([card(first, second, behavior="any")], ORACLE)
    assert shaped.selection_behavior == "at-most-one"
    assert shaped.override_reasons == ()
    assert not shaped.extension


@pytest.mark.parametrize("name", ["version-1", "oracle"])
def test_a_client_of_version_1_finds_what_to_delete_where_it_looks(name: str) -> None:
    """In ``resource``, with one suggestion to choose; a client of version 2 finds it in ``resourceId``."""
    found = card(suggestion(DELETE, recommended=True), suggestion(TEST, uuid="s2"))
    body: Any = [body_json([found], None, profile)["cards"] for profile in (PROFILES[name], STANDARD)]
    old, new = (cards[0] for cards in body)
    deletion = {"type": "delete", "description": DELETE.description}
    assert old["suggestions"][0]["actions"] == [{**deletion, "resource": DELETE.resource_id}]
    assert new["suggestions"][0]["actions"] == [{**deletion, "resourceId": DELETE.resource_id}]
    assert old["selectionBehavior"] == "at-most-one"


DRAFT: dict[str, object] = {"resourceType": "MedicationRequest", "id": "m1", "status": "draft"}
CHECK = Check("check-1", "Note the check", (DRAFT,))


def test_system_actions_go_where_the_client_looks() -> None:
    """Nowhere by default, at the top where agreed, in the extension for the sandbox."""
    assert body_json([], None, STANDARD, CHECK) == {"cards": []}
    agreed = changed("ours", ProfileChange(system_actions="top"))
    assert body_json([], None, agreed, CHECK)["systemActions"]
    assert body_json([], None, agreed) == {"cards": []}
    inside = body_json([], {"org.example": {"a": 1}}, SANDBOX, CHECK)["extension"]
    assert isinstance(inside, dict)
    assert set(inside) == {"org.example", "systemActions"}


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_no_shipped_profile_but_the_sandbox_agrees_to_system_actions(profile: Profile) -> None:
    """And where they are off no suggestion is marked either."""
    whole = card(suggestion(UPDATE))
    body = json.dumps(body_json([whole], None, profile, CHECK))
    assert (CHECK_ID in body) == ("systemActions" in body) == (profile is SANDBOX)


def test_the_mark_is_in_every_suggestion_for_its_order() -> None:
    """Accepting one puts the whole order in place of the draft: the mark must not get lost by that."""
    agreed = changed("ours", ProfileChange(system_actions="top"))
    body: Any = body_json(
        [card(suggestion(UPDATE, TEST), suggestion(UPDATE, uuid="s2"))], None, agreed, CHECK
    )
    (action,) = body["systemActions"]
    assert action == {"type": "update", "description": "Note the check", "resource": marked(DRAFT, "check-1")}
    updates = [
        each["resource"]
        for suggested in body["cards"][0]["suggestions"]
        for each in suggested["actions"]
        if each["type"] == "update"
    ]
    assert [each["extension"] for each in updates] == [action["resource"]["extension"]] * 2


def test_epic_takes_system_actions_for_some_orders_only() -> None:
    """Where a site agrees to them: for ordered services, not for drugs."""
    site = changed("ours", ProfileChange(base="epic", system_actions="top"))
    service: dict[str, object] = {"resourceType": "ServiceRequest", "id": "s1", "status": "draft"}
    body: Any = body_json([], None, site, Check("check-1", "Note the check", (DRAFT, service)))
    assert [each["resource"]["id"] for each in body["systemActions"]] == ["s1"]


actions = st.sampled_from([DELETE, OTHER, TEST, DRUG, UPDATE])
suggestions_ = st.builds(
    lambda acts, n, recommended: suggestion(*acts, uuid=f"s{n}", recommended=recommended),
    st.lists(actions, min_size=1, max_size=3),
    st.integers(0, 9),
    st.booleans(),
)


@given(st.lists(suggestions_, max_size=4), st.sampled_from(sorted(PROFILES)))
def test_no_shaped_card_breaks_the_specification_or_its_profile(found: list[Suggestion], name: str) -> None:
    """Whatever the suggestions, the shaped card can be written and holds nothing the client does not know."""
    profile = PROFILES[name]
    (shaped,) = shape([card(*found, behavior="any")], profile)
    assert {a.type for s in shaped.suggestions for a in s.actions} <= profile.actions
    assert not profile.one_action or all(len(s.actions) <= 1 for s in shaped.suggestions)
    assert shaped.selection_behavior in {None, *profile.selection_behaviors}
    assert (shaped.uuid, shaped.summary, shaped.detail) == ("c1", "Something is wrong", "")
