"""Which day it is: results of today are used, results of tomorrow are not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from cds_service.app import create_app
from cds_service.fhir.synthesis import hook_call
from cds_service.protocol.codec import encode
from cds_service.replay.knowledge import terminology
from cds_service.settings import load
from tests.decide.service import MAN, catalogue, topics

HOOK = "order-sign"
WEEKLY = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "route": "oral"}
LOW = [{"creatinine": "4.1 mg/dL", "on": "0 days ago"}]
TODAY = date(2026, 11, 25)


@pytest.fixture(params=["Australia/Sydney", "UTC", "America/Los_Angeles"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The process runs in a time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("moment", "used_in"),
    [
        (datetime(2026, 11, 24, 22, tzinfo=UTC), ("Australia/Sydney",)),
        (datetime(2026, 11, 25, 1, tzinfo=UTC), ("Australia/Sydney", "UTC")),
        (datetime(2026, 11, 25, 23, tzinfo=UTC), ("Australia/Sydney", "UTC", "America/Los_Angeles")),
    ],
    ids=str,
)
def test_today_is_the_day_where_the_service_stands(
    moment: datetime, used_in: tuple[str, ...], zone: str
) -> None:
    """A creatinine written under the 25th stops methotrexate once the 25th has begun there, and not before."""
    settings = load(env="development", auth="off", database_url=None, deadline=5)
    client = create_app(settings, clock=lambda: moment).test_client()
    service = catalogue()[HOOK]
    notation = MAN | {"labs": LOW, "orders": [WEEKLY]}
    call = hook_call(
        notation, HOOK, TODAY, terms=terminology(), templates=service["prefetch"], mode="prefetch"
    )
    body = client.post(
        f"/cds-services/{service['id']}", data=encode(call.request), content_type="application/json"
    ).get_json()
    assert ("SAFMTX04" in topics(body) and body["cards"][0]["indicator"] == "critical") is (zone in used_in)
