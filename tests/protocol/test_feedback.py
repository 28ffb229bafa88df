"""Feedback is read whole or refused with every fault."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.errors import BadRequest
from cds_service.protocol.feedback import Item, Reason, parse_feedback

ACCEPTED = {
    "card": "c1",
    "outcome": "accepted",
    "acceptedSuggestions": [{"id": "s1"}, {"id": "s2"}],
    "outcomeTimestamp": "2026-03-01T12:00:00Z",
}
OVERRIDDEN = {"card": "c1", "outcome": "overridden", "outcomeTimestamp": "2026-03-01T12:00:00Z"}


def one(entry: dict[str, Any]) -> Item:
    """Read a batch of one."""
    (item,) = parse_feedback({"feedback": [entry]})
    return item


def test_an_accepted_suggestion_is_read() -> None:
    """Card, suggestions and time."""
    assert one(ACCEPTED) == Item("c1", "accepted", "2026-03-01T12:00:00Z", ("s1", "s2"))


@pytest.mark.parametrize(
    ("override", "reason", "comment"),
    [
        (None, None, None),
        ({}, None, None),
        ({"userComment": ""}, None, None),
        ({"userComment": "as\0 agreed"}, None, "as agreed"),
        ({"reason": {"code": "x"}}, Reason("x"), None),
        (
            {"reason": {"code": "x", "system": "s", "display": "d"}, "userComment": "c"},
            Reason("x", "s", "d"),
            "c",
        ),
    ],
)
def test_an_override_is_read(override: object, reason: Reason | None, comment: str | None) -> None:
    """With neither reason nor comment, one of them, or both."""
    item = one({**OVERRIDDEN, "overrideReason": override})
    assert (item.outcome, item.reason, item.comment) == ("overridden", reason, comment)


def test_epics_plural_and_extension_are_read() -> None:
    """Epic names the object in the plural and tells a site's own reason in an extension."""
    extension = {
        "com.epic.cdshooks.feedback.overrideReason.reasonCategory": "7",
        "com.epic.cdshooks.feedback.overrideReason.reasonDisplay": "Benefit outweighs risk",
        "com.epic.cdshooks.feedback.overrideReason.reasonTitle": "Benefit",
        "other": 1,
    }
    item = one({**OVERRIDDEN, "overrideReasons": {"extension": extension, "userComment": "ok"}})
    assert item.reason == Reason("7", None, "Benefit outweighs risk")
    assert item.comment == "ok"
    assert one({**OVERRIDDEN, "overrideReasons": {"reason": {"code": "x"}}}).reason == Reason("x")


@pytest.mark.parametrize(
    "time",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01t12:00:00.123456z",
        "2026-03-01T12:00:00+00:00",
        "2026-03-01T12:00:00-07:00",
        "2016-12-31T23:59:60Z",
    ],
)
def test_times_of_rfc_3339_are_read(time: str) -> None:
    """Fractions, offsets and leap seconds included."""
    assert one({**ACCEPTED, "outcomeTimestamp": time}).timestamp == time


@pytest.mark.parametrize(
    "time",
    [
        "2026-03-01",
        "2026-03-01T12:00:00",
        "2026-03-01T12:00:00+25:00",
        "0000-03-01T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T12:00:00Z\n",
        "\u0662026-03-01T12:00:00Z",
        "yesterday",
        1,
        None,
    ],
)
def test_what_is_no_time_is_refused(time: object) -> None:
    """A date alone, a time without zone, an impossible zone or year."""
    with pytest.raises(BadRequest, match="outcomeTimestamp"):
        one({**ACCEPTED, "outcomeTimestamp": time})


def test_no_feedback_is_no_fault() -> None:
    """An empty batch has nothing to keep."""
    assert parse_feedback({"feedback": []}) == ()


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ([], "JSON object"),
        ({}, "feedback is required"),
        ({"feedback": {}}, "feedback must be an array"),
        ({"feedback": [ACCEPTED] * 101}, "at most 100"),
        ({"feedback": [1]}, r"feedback\[0\] must be an object"),
        ({"feedback": [{**ACCEPTED, "card": "x" * 257}]}, r"feedback\[0\].card"),
        ({"feedback": [{**ACCEPTED, "outcome": "ignored"}]}, "accepted or overridden"),
        ({"feedback": [{k: v for k, v in ACCEPTED.items() if k != "acceptedSuggestions"}]}, "acceptedSugg"),
        ({"feedback": [{**ACCEPTED, "acceptedSuggestions": []}]}, "acceptedSuggestions"),
        ({"feedback": [{**ACCEPTED, "acceptedSuggestions": ["s1"]}]}, r"acceptedSuggestions\[0\]"),
        ({"feedback": [{**ACCEPTED, "acceptedSuggestions": [{}]}]}, r"acceptedSuggestions\[0\].id"),
        ({"feedback": [{**OVERRIDDEN, "overrideReason": {"userComment": "x" * 4001}}]}, "at most 4000"),
        ({"feedback": [{**OVERRIDDEN, "overrideReason": {"reason": {}}}]}, "reason.code"),
    ],
)
def test_a_fault_names_its_place(body: object, where: str) -> None:
    """The whole batch is refused, and every fault says where it is."""
    with pytest.raises(BadRequest, match=where):
        parse_feedback(body)


def test_all_faults_are_told_at_once() -> None:
    """A client mends its batch in one round."""
    with pytest.raises(BadRequest) as caught:
        parse_feedback({"feedback": [{"card": 1}, ACCEPTED, {"outcome": "x"}]})
    assert len(caught.value.faults) == 6


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
)
names = st.sampled_from(["card", "outcome", "acceptedSuggestions", "outcomeTimestamp", "overrideReason"])


outcomes = st.sampled_from(["accepted", "overridden"])


@given(st.lists(st.dictionaries(names, json_values | outcomes), max_size=3))
def test_any_values_are_read_or_refused(entries: list[dict[str, object]]) -> None:
    """Nothing a client can put into a member is a crash."""
    try:
        items = parse_feedback({"feedback": entries})
    except BadRequest as refusal:
        assert refusal.faults
    else:
        assert all(item.card and item.outcome and item.timestamp for item in items)
