"""Changes without review: made where a client has agreed to them, and then only the mark of a check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cds_service.fhir.synthesis import hook_call
from cds_service.protocol.annotations import CHECK_ID
from cds_service.protocol.codec import encode
from cds_service.replay.knowledge import terminology
from tests.decide.service import MAN, TODAY
from tests.trust.house import BASE, OTHER, Ehr, bearer, entry, whole

DAILY = {"drug": "methotrexate", "dose": "15 mg", "timing": "daily", "route": "oral"}
CETIRIZINE = {"text": "cetirizine 10 mg tablet", "dose": "1 tablet", "timing": "daily"}


def answered(folder: Path, ehr: Ehr, place: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The answer to a call with two drafts, one of them ours to check; and the drafts."""
    profiles = {"ours": {"base": "standard", "system_actions": place}}
    house = whole(folder, [entry(ehr, profile="ours")], profiles=profiles, as_of=TODAY)
    notation = MAN | {"orders": [DAILY, CETIRIZINE]}
    request: Any = hook_call(notation, "order-sign", TODAY, terms=terminology(), templates={}).request
    path = f"/cds-services/{OTHER}"
    answer = house.client.post(
        path,
        data=encode(request),
        headers=bearer(ehr.token(f"{BASE}{path}")),
        content_type="application/json",
    )
    assert answer.status_code == 200
    drafts = [each["resource"] for each in request["context"]["draftOrders"]["entry"]]
    return answer.get_json(), drafts


def test_by_default_nothing_is_changed_without_review(ehr: Ehr, tmp_path: Path) -> None:
    """And no suggestion bears a mark."""
    body, _ = answered(tmp_path, ehr, "off")
    assert body["cards"]
    assert CHECK_ID not in str(body)
    assert "systemActions" not in str(body)


@pytest.mark.parametrize("place", ["top", "extension"])
def test_where_agreed_the_checked_order_is_marked(place: str, ehr: Ehr, tmp_path: Path) -> None:
    """The order is the draft and the mark; an order no rule is about has none; each suggested change of the
    order bears the same mark."""
    body, drafts = answered(tmp_path, ehr, place)
    (action,) = (body if place == "top" else body["extension"])["systemActions"]
    mark = {"url": CHECK_ID, "valueString": action["resource"]["extension"][-1]["valueString"]}
    assert action["type"] == "update"
    assert action["description"]
    assert action["resource"] == {**drafts[0], "extension": [mark]}
    updates = [
        change["resource"]
        for card in body["cards"]
        for suggestion in card.get("suggestions", [])
        for change in suggestion["actions"]
        if change["type"] == "update"
    ]
    assert updates
    assert all(mark in each["extension"] for each in updates)
