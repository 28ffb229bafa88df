"""The five states of an answer: the decision table of the prefetch, row by row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.fhir import answers
from cds_service.fhir.answers import KNOWN_EMPTY, NOT_GATHERED, Answer, State

Json = dict[str, object]


def condition(its_id: str) -> Json:
    """A Condition with an id."""
    return {"resourceType": "Condition", "id": its_id}


def bundle(*resources: object, **members: object) -> Json:
    """A searchset of resources."""
    entry = [{"resource": each} for each in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entry, **members}


def outcome(severity: str) -> Json:
    """An OperationOutcome with one issue."""
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "x"}]}


NEXT: Json = {"link": [{"relation": "self", "url": "x"}, {"relation": "next", "url": "https://h/f?p=2"}]}
TABLE = {
    "null": (None, State.KNOWN_EMPTY),
    "no entry": ({"resourceType": "Bundle"}, State.KNOWN_EMPTY),
    "total of nothing": (bundle(total=0), State.KNOWN_EMPTY),
    "a note of the server": (bundle(outcome("warning"), total=0), State.KNOWN_EMPTY),
    "matches": (bundle(condition("1"), condition("2"), total=2), State.GIVEN),
    "matches and a note": (bundle(condition("1"), outcome("information")), State.GIVEN),
    "matches and an error": (bundle(condition("1"), outcome("error")), State.INCOMPLETE),
    "nothing but an error": (bundle(outcome("fatal")), State.FAILED),
    "an OperationOutcome": (outcome("error"), State.FAILED),
    "a page": (bundle(condition("1"), **NEXT), State.INCOMPLETE),
    "an empty page": (bundle(**NEXT), State.INCOMPLETE),
    "fewer than its total": (bundle(condition("1"), total=7), State.INCOMPLETE),
    "a total and no entry": (bundle(total=7), State.INCOMPLETE),
    "broken rows": (bundle(condition("1"), None), State.INCOMPLETE),
    "only broken rows": (bundle(None), State.FAILED),
    "entries that are no list": ({"resourceType": "Bundle", "entry": {}}, State.FAILED),
    "another type": ({"resourceType": "Patient", "id": "1"}, State.FAILED),
    "a bundle of another type": (bundle({"resourceType": "Observation"}), State.FAILED),
    "a bare resource": (condition("1"), State.GIVEN),
    "a string": ("123", State.FAILED),
    "HTML": ("<html>", State.FAILED),
    "a list": ([condition("1")], State.FAILED),
}


@pytest.mark.parametrize(("value", "state"), TABLE.values(), ids=TABLE)
def test_every_row_of_the_table(value: object, state: State) -> None:
    """Each thing seen under a prefetch key has one meaning; every doubt has words."""
    answer = answers.read(value, "Condition")
    assert answer.state is state
    assert answer.is_whole == (answer.detail == "")


def test_matches_are_kept_apart_from_what_came_along() -> None:
    """An included Medication is at hand, but is no match."""
    drug = {"resourceType": "Medication", "id": "m"}
    answer = answers.read(bundle(condition("1"), drug, total=1), "Condition")
    assert (answer.resources, answer.others, answer.state) == ((condition("1"),), (drug,), State.GIVEN)


def test_of_two_versions_the_newer_one_counts() -> None:
    """One resource sent twice is one resource; without a date the first counts."""
    old = {**condition("1"), "meta": {"lastUpdated": "2025-01-01T00:00:00Z"}}
    new = {**condition("1"), "meta": {"lastUpdated": "2026-01-01T00:00:00Z"}}
    assert answers.read(bundle(old, new, condition("1")), "Condition").resources == (new,)
    nameless: Json = {"resourceType": "Condition"}
    assert len(answers.read(bundle(nameless, nameless), "Condition").resources) == 2


def test_pages_make_a_whole_when_the_last_one_came() -> None:
    """A page behind a page is given once nothing follows; the total counts all pages."""
    first = answers.read(bundle(condition("1"), total=2, **NEXT), "Condition")
    last = answers.read(bundle(condition("2"), total=2), "Condition", further=True)
    whole = answers.with_page(first, last)
    assert (whole.state, whole.resources) == (State.GIVEN, (condition("1"), condition("2")))


@pytest.mark.parametrize("page", [bundle(condition("2"), **NEXT), bundle(None), outcome("error")])
def test_a_doubtful_page_keeps_the_whole_incomplete(page: object) -> None:
    """A doubt on any page is a doubt about the whole."""
    first = answers.read(bundle(condition("1"), **NEXT), "Condition")
    whole = answers.with_page(first, answers.read(page, "Condition", further=True))
    assert whole.state is State.INCOMPLETE
    assert whole.resources[0] == condition("1")


def test_a_broken_row_on_the_first_page_is_not_forgotten() -> None:
    """Following the pages does not mend the first."""
    first = answers.read(bundle(condition("1"), None, **NEXT), "Condition")
    assert first.next
    assert (
        answers.with_page(first, answers.read(bundle(), "Condition", further=True)).state is State.INCOMPLETE
    )


STATES = st.sampled_from([
    KNOWN_EMPTY, NOT_GATHERED, answers.failed("x"), Answer(State.GIVEN, (condition("1"),)),
    Answer(State.INCOMPLETE, (condition("2"),), "is one page of several"),
])  # fmt: skip


@given(st.lists(STATES, max_size=4))
def test_parts_of_a_need_are_never_more_certain_together(parts: list[Answer]) -> None:
    """A need split over several keys is whole only if each part is; nothing any part holds is lost."""
    whole = answers.joined(parts)
    assert whole.is_whole == (bool(parts) and all(part.is_whole for part in parts))
    assert {str(each) for each in whole.resources} == {str(each) for part in parts for each in part.resources}


@given(st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["resourceType", "entry", "resource", "link", "total", "issue"]),
    inner | st.sampled_from(["Bundle", "Condition", "OperationOutcome"]))))  # fmt: skip
def test_any_value_has_a_state(value: object) -> None:
    """Nothing a client sends under a key makes the call fail."""
    assert isinstance(answers.read(value, "Condition").state, State)
