"""A check leaves its id on the orders it looked at, and changes nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.protocol.annotations import CHECK_ID, Check, check_of, marked, system_actions, with_marks
from cds_service.protocol.cards import Action, Card, Source, Suggestion
from cds_service.protocol.request import HookRequest

ID = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
MARK = {"url": CHECK_ID, "valueString": ID}
OTHER = {"url": "https://ehr.example.org/note", "valueString": "theirs"}
WORDS = "Note the check"


def order(name: str = "m1", kind: str = "MedicationRequest", **more: object) -> dict[str, object]:
    """A draft."""
    dose = {"doseQuantity": {"value": Decimal("2.50"), "unit": "mg"}}
    return {"resourceType": kind, "id": name, "status": "draft", "dosageInstruction": [dose], **more}


def request(*orders: dict[str, Any], hook_instance: str = ID) -> HookRequest:
    """A call with these drafts."""
    return HookRequest("order-sign", hook_instance, "p-1", None, None, orders)


def card(*actions: Action) -> Card:
    """A card with one suggestion of each action."""
    suggestions = tuple(Suggestion("do it", f"s{n}", (action,)) for n, action in enumerate(actions))
    return Card("c1", "x", "info", Source("us"), suggestions=suggestions, selection_behavior="any")


def test_the_orders_that_were_looked_at_are_marked() -> None:
    """With an update that holds the whole order as it came, and the id of the call."""
    check = check_of(request(order("m1"), order("m2")), {"MedicationRequest/m2"}, WORDS)
    assert check is not None
    (action,) = system_actions(check)
    assert (action.type, action.description) == ("update", WORDS)
    assert action.resource == {**order("m2"), "extension": [MARK]}


def test_what_is_no_draft_order_is_not_marked() -> None:
    """What is signed is not ours to touch; a drug that came along is no order; without an id none is found."""
    resources: list[dict[str, Any]] = [
        order("m1", status="active"),
        order("m2", kind="Medication"),
        order("m3", extension={"url": "broken"}),
        {**order("m4"), "id": None},
    ]
    names = {f"MedicationRequest/m{n}" for n in range(5)} | {"Medication/m2", "MedicationRequest/None", ""}
    assert check_of(request(*resources), names, WORDS) is None
    assert check_of(request(order()), set(), WORDS) is None


@pytest.mark.parametrize("odd", ["", "Jane Doe", "a/b", "x" * 65, "é", "<b>", "a\nb"])
def test_an_id_that_is_none_is_put_into_no_order(odd: str) -> None:
    """The id of a call is the caller's to choose: free text is not written into a chart."""
    assert check_of(request(order(), hook_instance=odd), {"MedicationRequest/m1"}, WORDS) is None


def test_an_earlier_mark_is_replaced() -> None:
    """An order that is checked at each change does not gather marks; others' extensions stay."""
    earlier = {**MARK, "valueString": "before"}
    assert marked(order(extension=[earlier, OTHER, earlier]), ID)["extension"] == [OTHER, MARK]


def test_a_mark_that_is_there_is_not_sent_again() -> None:
    """Nothing new is to be said about it."""
    check = Check(ID, WORDS, (order(extension=[MARK, OTHER]), order("m2", extension=[OTHER])))
    assert [action.resource["id"] for action in system_actions(check) if action.resource] == ["m2"]


def test_every_suggested_update_of_the_order_bears_the_mark() -> None:
    """Also of an order that bears it already; other orders, new ones and deletions stay as they are."""
    check = Check(ID, WORDS, (order("m1", extension=[MARK]),))
    changed = {**order("m1"), "dosageInstruction": [{"text": "weekly"}]}
    actions = [
        Action("update", "weekly", resource=changed),
        Action("update", "another", resource=order("m2")),
        Action("update", "of another kind", resource=order("m1", kind="ServiceRequest")),
        Action("create", "new", resource=order("m1")),
        Action("delete", "remove", resource_id="MedicationRequest/m1"),
    ]
    (shaped,) = with_marks([card(*actions)], check)
    found = [suggestion.actions[0] for suggestion in shaped.suggestions]
    assert found[0].resource == {**changed, "extension": [MARK]}
    assert found[1:] == actions[1:]


def test_orders_the_client_does_not_take_stay_unmarked_everywhere() -> None:
    """Neither a change without review nor a trace of it in a suggestion."""
    check = Check(ID, WORDS, (order("m1"), order("s1", kind="ServiceRequest")))
    assert [
        action.resource["id"] for action in system_actions(check, {"ServiceRequest"}) if action.resource
    ] == ["s1"]
    whole = card(Action("update", "weekly", resource=order("m1")))
    assert with_marks([whole], check, {"ServiceRequest"}) == (whole,)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(max_size=8), json_values, max_size=6),
    st.lists(st.fixed_dictionaries({"url": st.sampled_from([CHECK_ID, "x", "y"])}), max_size=4),
)
def test_a_mark_changes_nothing_else(members: dict[str, object], extensions: list[dict[str, str]]) -> None:
    """Whatever the order holds: all but this one extension is as it came, and the order itself is untouched."""
    given_ = {**members, "resourceType": "MedicationRequest", "id": "m1", "extension": extensions}
    before = repr(given_)
    after = marked(given_, ID)
    assert repr(given_) == before
    assert {name: value for name, value in after.items() if name != "extension"} == {
        name: value for name, value in given_.items() if name != "extension"
    }
    assert after["extension"] == [each for each in extensions if each["url"] != CHECK_ID] + [MARK]
    assert marked(after, ID) == after
