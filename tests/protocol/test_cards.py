"""Cards are written as the specification says, and one that breaks it cannot be built."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from cds_service.protocol import codec
from cds_service.protocol.cards import (
    Action,
    Card,
    CardFault,
    Coding,
    Link,
    Source,
    Suggestion,
    response_json,
)

TOPIC = Coding("https://cds.example.org/topics", "SAFMTX01", "Methotrexate daily")
DELETE = Action("delete", "Remove the draft", resource_id="MedicationRequest/m")
UPDATE = Action("update", "Change to weekly", {"resourceType": "MedicationRequest", "id": "m"})


def card(**members: Any) -> Card:
    """The smallest card, with members replaced."""
    smallest: dict[str, Any] = {
        "uuid": "u-1",
        "summary": "Methotrexate is entered daily",
        "indicator": "critical",
        "source": Source("Guideline"),
    }
    return Card(**(smallest | members))


def full_card() -> Card:
    """A card with everything."""
    return card(
        detail="**15 mg** daily",
        source=Source("Guideline", "https://example.org/g", TOPIC),
        suggestions=(
            Suggestion("Weekly", "s-1", (UPDATE,), recommended=True),
            Suggestion("Remove", "s-2", (DELETE,)),
        ),
        selection_behavior="at-most-one",
        override_reasons=(Coding("https://example.org/o", "oncology", "Oncology protocol"),),
        links=(Link("Guideline", "https://example.org/g#1"),),
        extension={"org.example": {"rules": [{"rule": "SAF-MTX-01"}]}},
    )


FULL_ANSWER = {
    "cards": [
        {
            "uuid": "u-1",
            "summary": "Methotrexate is entered daily",
            "indicator": "critical",
            "detail": "**15 mg** daily",
            "source": {
                "label": "Guideline",
                "url": "https://example.org/g",
                "topic": {
                    "system": "https://cds.example.org/topics",
                    "code": "SAFMTX01",
                    "display": "Methotrexate daily",
                },
            },
            "suggestions": [
                {
                    "label": "Weekly",
                    "uuid": "s-1",
                    "isRecommended": True,
                    "actions": [
                        {
                            "type": "update",
                            "description": "Change to weekly",
                            "resource": {"resourceType": "MedicationRequest", "id": "m"},
                        }
                    ],
                },
                {
                    "label": "Remove",
                    "uuid": "s-2",
                    "actions": [
                        {
                            "type": "delete",
                            "description": "Remove the draft",
                            "resourceId": "MedicationRequest/m",
                        }
                    ],
                },
            ],
            "selectionBehavior": "at-most-one",
            "overrideReasons": [
                {"system": "https://example.org/o", "code": "oncology", "display": "Oncology protocol"}
            ],
            "links": [{"label": "Guideline", "url": "https://example.org/g#1", "type": "absolute"}],
            "extension": {"org.example": {"rules": [{"rule": "SAF-MTX-01"}]}},
        }
    ],
    "extension": {"org.example": {"notEvaluated": [{"rule": "X"}]}},
}


def test_a_full_card_is_written_member_by_member() -> None:
    """Every member has the name and shape of the specification."""
    written = response_json([full_card()], {"org.example": {"notEvaluated": [{"rule": "X"}]}})
    assert written == FULL_ANSWER


def empties(value: object, path: str = "") -> Iterator[str]:
    """Every place in a body that holds null, "", [] or {}."""
    if value is None or value in ("", [], {}):
        yield path
    if isinstance(value, dict):
        for name, member in value.items():
            yield from empties(member, f"{path}.{name}")
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from empties(item, f"{path}[{index}]")


@pytest.mark.parametrize("build", [card, full_card])
def test_nothing_empty_is_written(build: Callable[[], Card]) -> None:
    """An optional member without a value is left out."""
    assert list(empties(response_json([build()]))) == []


def test_an_extension_is_written_without_its_empty_members() -> None:
    """Also deep inside, and a number that is nought is not empty."""
    extension = {"org.example": {"a": [], "b": {"c": None}, "d": [{"e": ""}], "n": 0, "f": False}}
    assert response_json([], extension) == {"cards": [], "extension": {"org.example": {"n": 0, "f": False}}}


def test_nothing_to_say_is_an_empty_list() -> None:
    """The one empty thing the specification asks for."""
    assert response_json([]) == {"cards": []}


def test_a_resource_goes_back_to_the_digit() -> None:
    """What the service did not change in a draft is as it was."""
    draft = codec.decode(b'{"resourceType":"MedicationRequest","x":[null,{"value":2.50}]}')
    assert isinstance(draft, dict)
    suggestion = Suggestion("Weekly", "s", (Action("update", "Change", draft),))
    body = codec.encode(response_json([card(suggestions=(suggestion,), selection_behavior="any")]))
    assert b'"x":[null,{"value":2.50}]' in body


def test_a_summary_of_139_characters_fits() -> None:
    """Characters, not bytes: fewer than 140 of them."""
    assert card(summary="µ" * 139).summary == "µ" * 139


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (lambda: card(summary="x" * 140), "140 characters"),
        (lambda: card(summary=" "), "summary"),
        (lambda: card(uuid=""), "uuid"),
        (lambda: card(selection_behavior="any"), "selection behaviour"),
        (lambda: card(suggestions=(Suggestion("a", "u"),)), "selection behaviour"),
        (
            lambda: card(
                suggestions=(Suggestion("a", "1", recommended=True), Suggestion("b", "2", recommended=True)),
                selection_behavior="at-most-one",
            ),
            "at most one",
        ),
        (lambda: card(override_reasons=(Coding("s", "c"),)), "display"),
        (lambda: Source(""), "label"),
        (lambda: Coding("", "c"), "system"),
        (lambda: Coding("s", "\t"), "code"),
        (lambda: Suggestion("", "u"), "label"),
        (lambda: Suggestion("l", ""), "uuid"),
        (lambda: Link("", "https://example.org"), "label"),
        (lambda: Link("l", ""), "url"),
        (lambda: Action("delete", "", resource_id="A/1"), "description"),
        (lambda: Action("delete", "d"), "resource_id"),
        (lambda: Action("delete", "d", {"a": 1}, "A/1"), "resource_id"),
        (lambda: Action("create", "d"), "resource"),
        (lambda: Action("update", "d", {"a": 1}, "A/1"), "resource"),
    ],
)
def test_what_the_specification_forbids_cannot_be_built(build: Callable[[], object], told: str) -> None:
    """The fault says which rule it breaks; nothing is cut or mended in silence."""
    with pytest.raises(CardFault, match=told):
        build()


def test_numbers_in_an_extension_are_written_exactly() -> None:
    """A threshold shown is the threshold used."""
    assert codec.encode(response_json([], {"org.example": Decimal("2.50")})).endswith(
        b'{"org.example":2.50}}'
    )
