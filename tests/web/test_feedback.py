"""The address for feedback, and the ledger, with what they are given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.errors import Busy
from cds_service.protocol.cards import Card, Source
from cds_service.protocol.discovery import Service
from cds_service.protocol.feedback import Item
from cds_service.protocol.request import HookRequest
from cds_service.protocol.trust import Caller
from cds_service.records.schema import open_database
from cds_service.records.store import Records
from cds_service.web.guard import Guard, let_all_in, let_none_in
from cds_service.web.ledger import OURS, ledger, rules
from tests.conftest import NAME
from tests.web.site import build_site_with, sign_call

ADDRESS = "/cds-services/dm-sign/feedback"
BODY = {
    "feedback": [
        {
            "card": "c-1",
            "outcome": "overridden",
            "outcomeTimestamp": "2026-03-01T12:00:00Z",
            "overrideReason": {"userComment": f"spoke with {NAME}"},
        }
    ]
}


class Keeper:
    """Keeps feedback, or cannot."""

    def __init__(self, *, works: bool = True) -> None:
        self.works = works
        self.kept: list[tuple[Any, ...]] = []

    def __call__(self, items: Sequence[Item], *, service: str, issuer: str, tenant: str | None) -> None:
        """Keep a batch."""
        if not self.works:
            raise Busy("not now", retry_after=2)
        self.kept.append((tuple(items), service, issuer, tenant))


def client(keeper: Keeper, guard: Guard = let_all_in) -> FlaskClient:
    """A client of a site that keeps feedback."""
    return build_site_with(keep=keeper, guard=guard).test_client()


def test_feedback_is_kept_before_it_is_acknowledged() -> None:
    """The answer is empty; what the clinician wrote is in no log (the guard of all tests sees to it)."""
    keeper = Keeper()
    answer = client(keeper).post(ADDRESS, json=BODY)
    assert (answer.status_code, answer.json) == (200, {})
    ((items, service, issuer, tenant),) = keeper.kept
    assert items[0].comment == f"spoke with {NAME}"
    assert (service, issuer, tenant) == ("dm-sign", "", None)


def test_what_cannot_be_kept_is_not_acknowledged() -> None:
    """503 with the seconds after which to send it again."""
    answer = client(Keeper(works=False)).post(ADDRESS, json=BODY)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"


@pytest.mark.parametrize(
    ("body", "status"), [({"feedback": []}, 200), ({"feedback": [{}]}, 400), ([], 400), ({}, 400)]
)
def test_nothing_is_kept_of_nothing_or_nonsense(body: object, status: int) -> None:
    """An empty batch is fine; a faulty one is refused whole."""
    keeper = Keeper()
    assert client(keeper).post(ADDRESS, json=body).status_code == status
    assert keeper.kept == []


def test_feedback_has_a_limit_of_its_own() -> None:
    """A quarter of a megabyte, far below what a chart may have."""
    keeper = Keeper()
    answer = client(keeper).post(ADDRESS, data=b" " * 300_000, content_type="application/json")
    assert answer.status_code == 413


def test_feedback_needs_a_service_and_a_caller() -> None:
    """An unknown service is 404, a stranger 401, another method 405."""
    assert client(Keeper()).post("/cds-services/none/feedback", json=BODY).status_code == 404
    assert client(Keeper(), let_none_in).post(ADDRESS, json=BODY).status_code == 401
    assert client(Keeper()).get(ADDRESS).status_code == 405


def test_the_rules_of_a_card_are_read_from_its_extension() -> None:
    """Whatever else is there."""
    said = {OURS: {"rules": [{"rule": "SAF-MTX-01"}, {"rule": 7}, "x", {"rule": "MON-01"}]}}
    assert list(rules(Card("c", "s", "info", Source("x"), extension=said))) == ["SAF-MTX-01", "MON-01"]
    assert list(rules(Card("c", "s", "info", Source("x"), extension={OURS: "x"}))) == []


def test_advice_is_not_held_back_for_want_of_a_database(tmp_path: Path) -> None:
    """An answer that could not be noted is sent, and the log has an error."""
    engine = open_database(f"sqlite:///{tmp_path}/r.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE shown_cards")
        connection.exec_driver_sql("DROP TABLE seen_tokens")
    now = datetime(2026, 3, 1, tzinfo=UTC)
    note = ledger(Records(engine, secret=None, retention=None, clock=lambda: now), "k-1")
    with build_site_with(note=note).test_client() as caller:
        assert caller.post("/cds-services/dm-sign", json=sign_call()).status_code == 200
    engine.dispose()


def test_an_answer_is_noted_before_it_is_sent() -> None:
    """With the service, the call, the caller and the cards."""
    noted: list[tuple[str, str, str, int]] = []

    def note(service: Service, request: HookRequest, caller: Caller, cards: Sequence[Card]) -> None:
        noted.append((service.id, request.hook_instance, caller.issuer, len(cards)))

    build_site_with(note=note).test_client().post("/cds-services/dm-sign", json=sign_call())
    assert noted == [("dm-sign", "i-1", "", 1)]
