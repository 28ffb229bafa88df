"""What clinicians did with cards: taken whole or not at all, kept once, told to nobody."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.test import TestResponse

from tests.fhir_server import FhirServer
from tests.trust.house import (
    BASE,
    EC,
    OTHER,
    SERVICE,
    STRANGER,
    Ehr,
    House,
    bearer,
    build,
    entry,
    public,
    view_call,
)
from tests.trust.replicas import replicas

PAYLOADS: list[str] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "hostile-text.json").read_text("utf-8")
)
UNKNOWN = "00000000-0000-4000-8000-ffffffffffff"
WHEN = "2026-03-01T12:00:00Z"
REASON = {"code": "too-late", "system": "https://example.org/reasons", "display": "Too late"}


@pytest.fixture
def house(ehr: Ehr, tmp_path: Path) -> House:
    """A service that trusts the EHR for two tenants."""
    return build(tmp_path, [entry(ehr, tenants=["north", "south"])])


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The records on the disk."""
    return tmp_path / "records.db"


def rows(database: Path) -> list[dict[str, Any]]:
    """All feedback that is kept."""
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM feedback ORDER BY digest")]


def shown(house: House, ehr: Ehr, tenant: str = "north") -> str:
    """The uuid of a card that was just shown."""
    answer = house.call(ehr.token(tenant=tenant))
    uuid: str = answer.get_json()["cards"][0]["uuid"]
    return uuid


def accepted(card: str, **more: object) -> dict[str, object]:
    """One card accepted."""
    item = {
        "card": card,
        "outcome": "accepted",
        "outcomeTimestamp": WHEN,
        "acceptedSuggestions": [{"id": "s-1"}],
    }
    return {**item, **more}


def overridden(card: str, **more: object) -> dict[str, object]:
    """One card overridden."""
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": WHEN, **more}


def tell(
    house: House,
    ehr: Ehr,
    items: object,
    *,
    tenant: str = "north",
    service: str = SERVICE,
) -> TestResponse:
    """Send feedback."""
    path = f"/cds-services/{service}/feedback"
    token = ehr.token(f"{BASE}{path}", tenant=tenant)
    body = items if isinstance(items, bytes) else json.dumps({"feedback": items}).encode()
    return house.client.post(path, data=body, headers=bearer(token), content_type="application/json")


def test_fb_01_what_was_done_is_kept(house: House, ehr: Ehr, database: Path) -> None:
    """Accepted and overridden, with a reason, a comment, both or neither, in one batch."""
    card = shown(house, ehr)
    items = [
        accepted(card),
        overridden(card),
        overridden(card, outcomeTimestamp="2026-03-01T12:00:01Z", overrideReason={"reason": REASON}),
        overridden(
            card, outcomeTimestamp="2026-03-01T12:00:02Z", overrideReason={"userComment": "seen already"}
        ),
        overridden(
            card,
            outcomeTimestamp="2026-03-01T13:00:03.5+01:00",
            overrideReason={"reason": {"code": "too-late"}, "userComment": "both"},
        ),
    ]
    answer = tell(house, ehr, items)
    assert (answer.status_code, answer.get_json()) == (200, {})
    kept = rows(database)
    assert sorted(row["outcome"] for row in kept) == ["accepted"] + ["overridden"] * 4
    assert {row["comment"] for row in kept} == {None, "seen already", "both"}
    assert {(row["reason_code"], row["reason_system"]) for row in kept} == {
        (None, None),
        ("too-late", REASON["system"]),
        ("too-late", None),
    }
    assert [json.loads(row["accepted"]) for row in kept if row["outcome"] == "accepted"] == [["s-1"]]
    assert all(row["is_known"] and row["card"] == card and row["tenant"] == "north" for row in kept)


def test_fb_01_epics_variants_are_kept(house: House, ehr: Ehr, database: Path) -> None:
    """The plural, an empty comment, and a reason of the site's own in an extension."""
    card = shown(house, ehr)
    told = {
        "userComment": "",
        "extension": {"com.epic.cdshooks.feedback.overrideReason.reasonDisplay": "Not now"},
    }
    assert tell(house, ehr, [overridden(card, overrideReasons=told)]).status_code == 200
    (row,) = rows(database)
    assert (row["reason_code"], row["comment"]) == ("Not now", None)


def test_fb_01_an_ignored_card_may_be_told_of_later(house: House, ehr: Ehr, database: Path) -> None:
    """Several outcomes of one card, and many cards in one batch; an empty batch does no harm."""
    cards = [shown(house, ehr) for _ in range(3)]
    assert tell(house, ehr, [overridden(card) for card in cards]).status_code == 200
    assert tell(house, ehr, [accepted(cards[0], outcomeTimestamp="2026-03-02T08:00:00Z")]).status_code == 200
    assert tell(house, ehr, []).status_code in (200, 400)
    assert len(rows(database)) == 4


def test_fb_02_the_answer_does_not_tell_which_cards_exist(house: House, ehr: Ehr, database: Path) -> None:
    """Own, another tenant's, another service's, unknown, no uuid at all: the same bytes."""
    own, others = shown(house, ehr), shown(house, ehr, "south")
    comment = {"overrideReason": {"userComment": "canary-comment"}}
    answers = {
        (answer.status_code, answer.data, tuple(answer.headers))
        for answer in (
            tell(house, ehr, [overridden(own, **comment)]),
            tell(house, ehr, [overridden(others, **comment)]),
            tell(house, ehr, [overridden(own, **comment)], service=OTHER),
            tell(house, ehr, [overridden(UNKNOWN, **comment)]),
            tell(house, ehr, [overridden("no uuid: Jane Canary", **comment)]),
        )
    }
    assert len(answers) == 1
    kept = rows(database)
    assert [row["is_known"] for row in kept].count(1) == 1
    for row in kept:
        assert row["is_known"] or not any(row[name] for name in ("comment", "reason_code", "accepted"))
    assert "Jane" not in json.dumps(kept)


def test_fb_02_another_issuers_card_is_unknown(
    ehr: Ehr, server: FhirServer, tmp_path: Path, database: Path
) -> None:
    """A card's uuid is no secret that proves anything."""
    other = Ehr(server, "https://other.example.org")
    other.publish(public(STRANGER, "ec"))
    house = build(tmp_path, [entry(ehr), entry(other)])
    card = house.call(ehr.token()).get_json()["cards"][0]["uuid"]
    path = f"/cds-services/{SERVICE}/feedback"
    token = other.token(f"{BASE}{path}", key=STRANGER)
    answer = house.client.post(path, json={"feedback": [accepted(card)]}, headers=bearer(token))
    assert answer.status_code == 200
    assert [row["is_known"] for row in rows(database)] == [0]


def test_fb_02_strangers_and_other_services_are_refused(house: House, ehr: Ehr, database: Path) -> None:
    """The same rules as for a call: a token of its own, for this very address."""
    path = f"/cds-services/{SERVICE}/feedback"
    body = {"feedback": [overridden(UNKNOWN)]}
    assert house.client.post(path, json=body).status_code == 401
    for aud in (
        f"{BASE}/cds-services/{SERVICE}",
        f"{BASE}/cds-services",
        f"{BASE}/cds-services/{OTHER}/feedback",
    ):
        token = ehr.token(aud, tenant="north")
        assert house.client.post(path, json=body, headers=bearer(token)).status_code == 401
    assert tell(house, ehr, [overridden(UNKNOWN)], tenant="east").status_code == 403
    assert tell(house, ehr, [overridden(UNKNOWN)], service="nothing").status_code == 404
    assert rows(database) == []


def test_fb_02_a_client_with_one_audience_may_be_configured(ehr: Ehr, tmp_path: Path) -> None:
    """Epic has one for a service and its feedback."""
    house = build(tmp_path, [entry(ehr, profile="epic")])
    path = f"/cds-services/{SERVICE}/feedback"
    token = ehr.token(f"{BASE}/cds-services/{SERVICE}")
    answer = house.client.post(path, json={"feedback": [overridden(UNKNOWN)]}, headers=bearer(token))
    assert answer.status_code == 200


def test_fb_03_repeats_are_kept_once(house: House, ehr: Ehr, database: Path) -> None:
    """Five times the same batch; also with its items in another order or twice in it."""
    card = shown(house, ehr)
    items = [accepted(card, acceptedSuggestions=[{"id": "a"}, {"id": "b"}]), overridden(card)]
    again = [
        overridden(card),
        accepted(card, acceptedSuggestions=[{"id": "b"}, {"id": "a"}]),
        overridden(card),
    ]
    for batch in (items, items, again, items, again):
        assert tell(house, ehr, batch).status_code == 200
    assert len(rows(database)) == 2


def test_fb_03_also_at_the_same_time(house: House, ehr: Ehr, database: Path) -> None:
    """Thirty copies in parallel."""
    card = shown(house, ehr)
    items = [accepted(card), overridden(card)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: tell(house, ehr, items).status_code, range(30)))
    assert answers == [200] * 30
    assert len(rows(database)) == 2


@pytest.mark.parametrize(
    "when",
    [
        "2026-03-01", "2026-03-01T12:00:00", "2026-03-01T12:00Z", "2026-03-01T12:00:00+25:00", "0000-03-01T12:00:00Z",
        "2026-13-01T12:00:00Z", "2026-02-32T12:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T12:60:00Z",
        "2026-03-01T12:00:61Z", "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00.1234567890Z", "01.03.2026", "", " ",
        "yesterday", "2026-03-01T12:00:00Z\n", "٢٠٢٦-03-01T12:00:00Z", 1772366400, None, [WHEN], "2" * 5_000,
    ],
)  # fmt: skip
def test_fb_04_what_is_no_time_is_refused(when: object, house: House, ehr: Ehr, database: Path) -> None:
    """And nothing of the batch is kept."""
    card = shown(house, ehr)
    assert tell(house, ehr, [accepted(card), overridden(card, outcomeTimestamp=when)]).status_code == 400
    assert rows(database) == []


@pytest.mark.parametrize(
    "when",
    [
        "2026-03-01T23:59:60Z", "2026-03-01T12:00:00.123456789Z", "2026-03-01T12:00:00+14:00",
        "2026-03-01t12:00:00z", "2026-03-01T12:00:00-00:00", "1999-12-31T23:59:59Z",
    ],
)  # fmt: skip
def test_fb_04_every_time_of_the_standard_is_taken(when: str, house: House, ehr: Ehr, database: Path) -> None:
    """Leap seconds and fractions too; it is kept as it was sent."""
    assert tell(house, ehr, [overridden(shown(house, ehr), outcomeTimestamp=when)]).status_code == 200
    assert [row["outcome_timestamp"] for row in rows(database)] == [when]


def test_fb_04_what_is_too_much_is_refused(house: House, ehr: Ehr, database: Path) -> None:
    """A hundred items and a comment of 4 000 characters are the most; a megabyte is not read."""
    card = shown(house, ehr)
    items = [overridden(card, outcomeTimestamp=f"2026-03-01T12:00:{n % 60:02}.{n}Z") for n in range(101)]
    assert tell(house, ehr, items).status_code == 400
    long = {"overrideReason": {"userComment": "x" * 4_001}}
    assert tell(house, ehr, [overridden(card, **long)]).status_code == 400
    assert tell(house, ehr, b'{"feedback": [' + b" " * 1_000_000 + b"]}").status_code == 413
    assert rows(database) == []
    assert tell(house, ehr, items[:100]).status_code == 200
    assert (
        tell(house, ehr, [overridden(card, overrideReason={"userComment": "x" * 4_000})]).status_code == 200
    )
    assert len(rows(database)) == 101


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"7", b"{}", b'{"feedback": {}}', b'{"feedback": null}', b'{"feedback": [7]}',
             b'{"feedback": [{}]}', b'{"feedback": [null]}', b"{", b"\xff\xfe", b'{"feedback": [NaN]}', b"[" * 5_000],
)  # fmt: skip
def test_fb_04_what_is_no_batch_is_refused(body: bytes, house: House, ehr: Ehr, database: Path) -> None:
    """With 400, whatever it is."""
    assert tell(house, ehr, body).status_code == 400
    assert rows(database) == []


def test_fb_05_hostile_text_is_kept_as_text(
    house: House, ehr: Ehr, database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Markup, SQL, formulas: as they were sent, but for NUL, which some databases cannot hold; never in a log."""
    card = shown(house, ehr)
    items = [
        overridden(card, outcomeTimestamp=f"2026-03-01T12:00:00.{n}Z", overrideReason={"userComment": text})
        for n, text in enumerate(PAYLOADS, 1)
    ]
    caplog.clear()
    for start in range(0, len(items), 100):
        assert tell(house, ehr, items[start : start + 100]).status_code == 200
    assert {row["comment"] for row in rows(database)} == {text.replace("\0", "") for text in PAYLOADS}
    logged = " ".join(record.getMessage() for record in caplog.records)
    assert not [text for text in PAYLOADS if len(text) > 6 and text in logged]


@pytest.mark.parametrize("where", ["card", "outcome", "id", "code", "system", "userComment"])
def test_fb_05_half_a_character_is_refused(where: str, house: House, ehr: Ehr, database: Path) -> None:
    """Wherever a surrogate stands; NUL in a name is refused as well."""
    card = shown(house, ehr)
    reason = {"code": "MARK" if where == "code" else "c", "system": "MARK" if where == "system" else "s"}
    item = overridden(
        "MARK" if where == "card" else card,
        overrideReason={"reason": reason, "userComment": "MARK" if where == "userComment" else "x"},
    )
    if where in ("outcome", "id"):
        item = (
            accepted(card, acceptedSuggestions=[{"id": "MARK"}])
            if where == "id"
            else {**item, "outcome": "MARK"}
        )
    body = json.dumps({"feedback": [item]})
    assert "MARK" in body
    assert tell(house, ehr, body.replace("MARK", "\\ud800").encode()).status_code == 400
    nul = tell(house, ehr, body.replace("MARK", "a\\u0000b").encode())
    assert nul.status_code == (200 if where in ("userComment", "system") else 400)
    assert all("\0" not in str(value) for row in rows(database) for value in row.values())


@pytest.mark.parametrize(
    "suggestions", [None, [], {}, "s-1", ["s-1"], [{}], [{"id": ""}], [{"id": 7}], [{"id": "x" * 300}]]
)
def test_fb_06_acceptance_without_suggestions_is_refused(
    suggestions: object, house: House, ehr: Ehr, database: Path
) -> None:
    """The whole batch, whatever else is in it."""
    card = shown(house, ehr)
    bad = accepted(card, acceptedSuggestions=suggestions)
    if suggestions is None:
        del bad["acceptedSuggestions"]
    answer = tell(house, ehr, [accepted(card), overridden(card), bad])
    assert answer.status_code == 400
    assert "feedback[2].acceptedSuggestions" in answer.text
    assert rows(database) == []


@pytest.mark.parametrize("outcome", [None, "", "ignored", "ACCEPTED", 1, ["accepted"]])
def test_fb_06_an_unknown_outcome_is_refused(outcome: object, house: House, ehr: Ehr, database: Path) -> None:
    """Accepted and overridden are all there are."""
    assert tell(house, ehr, [accepted(shown(house, ehr), outcome=outcome)]).status_code == 400
    assert rows(database) == []


def test_fb_07_what_was_acknowledged_survives_a_kill(ehr: Ehr, tmp_path: Path, database: Path) -> None:
    """Every process is killed while feedback comes in; each that was answered with 200 is there afterwards."""
    clients = [entry(ehr, jwks_url=None, jwks={"keys": [public(EC, "ec")]})]
    path = f"/cds-services/{SERVICE}/feedback"
    acknowledged: list[str] = []
    lock = threading.Lock()

    def tell_until_it_ends(url: str, sender: int) -> None:
        with suppress(requests.RequestException):
            for number in range(100_000):
                card = f"00000000-0000-4000-8000-{sender:04}{number:08}"
                headers = bearer(ehr.token(f"{BASE}{path}", jti=f"{url}-{sender}-{number}"))
                body = {"feedback": [overridden(card)]}
                answer = requests.post(f"{url}{path}", json=body, headers=headers, timeout=10)
                if answer.status_code == 200:
                    with lock:
                        acknowledged.append(card)

    with replicas(tmp_path, clients, 1) as (server,), ThreadPoolExecutor(8) as pool:
        for sender in range(8):
            pool.submit(tell_until_it_ends, server.url, sender)
        end = time.monotonic() + 20
        while len(acknowledged) < 200 and time.monotonic() < end:
            time.sleep(0.01)
        server.kill()
    assert len(acknowledged) >= 200
    kept = {row["card"] for row in rows(database)}
    assert set(acknowledged) <= kept
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    # And the service comes up again on it.
    house = build(tmp_path, clients)
    assert house.call(ehr.token(), view_call()).status_code == 200
