"""The addresses of the specification, and every way to be refused at them."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from cds_service.errors import Busy, DataRequired
from cds_service.protocol.discovery import Service
from cds_service.protocol.request import HookRequest
from cds_service.protocol.trust import Caller
from cds_service.web.guard import let_none_in
from tests.web.site import LIMIT, SERVICES, Told, build_site_with, sign_call, site


def post(
    client: FlaskClient, body: object, path: str = "/cds-services/dm-sign", **options: Any
) -> TestResponse:
    """Post a body: bytes as they are, anything else as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(path, data=data, **{"content_type": "application/json", **options})


def issues(response: TestResponse) -> list[dict[str, Any]]:
    """The issues of an OperationOutcome, after a look at what every refusal must be."""
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json is not None
    assert response.json["resourceType"] == "OperationOutcome"
    assert response.json["issue"]
    found: list[dict[str, Any]] = response.json["issue"]
    return found


def test_discovery_lists_the_services() -> None:
    """Directly, without a redirect, as JSON nobody keeps."""
    response = site().test_client().get("/cds-services")
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.json is not None
    assert [entry["id"] for entry in response.json["services"]] == [service.id for service in SERVICES]


def test_a_call_is_answered_with_cards() -> None:
    """200, JSON, and not stored by anyone on the way."""
    response = post(site().test_client(), sign_call())
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.json is not None
    assert response.json["cards"][0]["summary"] == "dm-sign has 0 drafts"


def test_the_address_chooses_the_service() -> None:
    """Two services on one hook are two services."""
    response = post(site().test_client(), sign_call(), "/cds-services/dm-sign-too")
    assert response.json is not None
    assert response.json["cards"][0]["summary"] == "dm-sign-too has 0 drafts"


def test_nothing_to_say_is_200_with_no_cards() -> None:
    """Never 204."""
    response = post(site(lambda *_: Told()).test_client(), sign_call())
    assert (response.status_code, response.json) == (200, {"cards": []})


def test_the_extension_of_a_decision_is_told() -> None:
    """What could not be judged stands beside the cards."""
    told = Told(extension={"org.example": {"notEvaluated": [{"rule": "X"}]}})
    response = post(site(lambda *_: told).test_client(), sign_call())
    assert response.json == {"cards": [], "extension": told.extension}


@pytest.mark.parametrize(
    "path", ["/", "/cds-services/", "/cds-services/none", "/cds-services/dm-sign/x", "/static/a"]
)
def test_an_unknown_address_is_404(path: str) -> None:
    """As an OperationOutcome, for any method."""
    client = site().test_client()
    response = post(client, sign_call(), path)
    assert response.status_code == 404
    assert issues(response)[0]["code"] == "not-found"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/cds-services/dm-sign", "OPTIONS, POST"),
        ("PUT", "/cds-services/dm-sign", "OPTIONS, POST"),
        ("DELETE", "/cds-services", "GET, HEAD, OPTIONS"),
        ("POST", "/cds-services", "GET, HEAD, OPTIONS"),
    ],
)
def test_another_method_is_405(method: str, path: str, allowed: str) -> None:
    """The answer names the methods that fit."""
    response = site().test_client().open(path, method=method)
    assert response.status_code == 405
    assert issues(response)[0]["code"] == "not-supported"
    assert response.headers["Allow"] == allowed


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "application/fhir+xml", "", "application/x-www-form-urlencoded",
     "application/json; charset=utf-16"],
)  # fmt: skip
def test_what_is_not_json_is_415(content_type: str) -> None:
    """Only JSON in UTF-8 is read."""
    response = post(site().test_client(), sign_call(), content_type=content_type)
    assert response.status_code == 415
    assert issues(response)


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON", "application/json;charset=UTF-8"]
)
def test_json_is_read_however_its_type_is_written(content_type: str) -> None:
    """Upper and lower case and a charset make no difference."""
    assert post(site().test_client(), sign_call(), content_type=content_type).status_code == 200


def test_a_compressed_body_is_415() -> None:
    """A small body may unpack into a large one."""
    response = post(site().test_client(), sign_call(), headers={"Content-Encoding": "gzip"})
    assert response.status_code == 415
    assert "Content-Encoding" in issues(response)[0]["diagnostics"]


def test_a_body_over_the_limit_is_413() -> None:
    """By its stated length, before a byte is read."""
    response = post(site().test_client(), b" " * (LIMIT + 1))
    assert response.status_code == 413
    assert issues(response)[0]["code"] == "too-long"


def test_a_body_at_the_limit_is_read() -> None:
    """The limit itself is allowed."""
    body = json.dumps(sign_call()).encode()
    assert post(site().test_client(), body + b" " * (LIMIT - len(body))).status_code == 200


def chunked(body: bytes) -> TestResponse:
    """Post a body as a server hands on a chunked one: no length, and an end of its own."""
    return (
        site()
        .test_client()
        .post(
            "/cds-services/dm-sign",
            content_type="application/json",
            input_stream=io.BytesIO(body),
            environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
        )
    )


def test_a_chunked_body_is_read_whole() -> None:
    """Without a length the end of the stream is the end of the body."""
    assert chunked(json.dumps(sign_call()).encode()).status_code == 200


def test_a_chunked_body_over_the_limit_is_413() -> None:
    """It is refused, never cut at the limit and passed on."""
    body = json.dumps(sign_call()).encode()
    response = chunked(body + b" " * LIMIT)
    assert response.status_code == 413
    assert issues(response)


def test_a_malformed_call_lists_all_its_faults() -> None:
    """With their places."""
    response = post(site().test_client(), {"hook": "order-select", "context": {}})
    assert response.status_code == 400
    assert [issue["expression"][0] for issue in issues(response)] == [
        "hook", "hookInstance", "context.patientId", "context.userId", "context.draftOrders",
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 10_000, b"NaN", b"[1e999999]", b'"\\ud800"'])
def test_what_is_not_json_inside_is_400(body: bytes) -> None:
    """Never a 5xx for what a caller sends."""
    response = post(site().test_client(), body)
    assert response.status_code == 400
    assert issues(response)[0]["code"] == "invalid"


@pytest.mark.parametrize("again", ["hook", "context", "context.patientId", "fhirAuthorization.access_token"])
def test_a_member_named_twice_is_400(again: str) -> None:
    """Where it says for whom the call is and what may be read with whose token; deeper down the last one counts."""
    access = {"access_token": "t", "token_type": "Bearer"}
    whole = {**sign_call(), "fhirServer": "https://ehr.example.org/fhir", "fhirAuthorization": access}
    body = json.dumps(whole)
    name = f'"{again.rpartition(".")[2]}": '
    assert body.count(name) == 1
    twice = body.replace(name, f"{name}0, {name}")
    assert post(site().test_client(), body.encode()).status_code == 200
    response = post(site().test_client(), twice.encode())
    assert (response.status_code, "twice" in issues(response)[0]["diagnostics"]) == (400, True)


def test_a_body_that_broke_off_is_400() -> None:
    """A caller that hangs up half-way gets no card for half a body."""
    response = (
        site()
        .test_client()
        .post(
            "/cds-services/dm-sign",
            content_type="application/json",
            input_stream=io.BytesIO(b'{"hook"'),
            environ_overrides={"CONTENT_LENGTH": "500"},
        )
    )
    assert response.status_code == 400
    assert issues(response)


def refuse(_service: Service, _request: HookRequest, _caller: Caller) -> Told:
    """Data are missing."""
    raise DataRequired("prefetch key 'patient' is absent and there is no FHIR server to ask")


def test_required_data_that_lack_are_412() -> None:
    """The prefetch key is named."""
    response = post(site(refuse).test_client(), sign_call())
    assert response.status_code == 412
    assert "'patient'" in issues(response)[0]["diagnostics"]


def test_a_busy_service_says_when_to_come_back() -> None:
    """503 with Retry-After."""

    def busy(_service: Service, _request: HookRequest, _caller: Caller) -> Told:
        raise Busy("too many calls at once", retry_after=3)

    response = post(site(busy).test_client(), sign_call())
    assert (response.status_code, response.headers["Retry-After"]) == (503, "3")
    assert issues(response)


def crash(_service: Service, request: HookRequest, _caller: Caller) -> Told:
    """A fault of ours, whose text quotes the patient."""
    raise KeyError(f"Canaryfamilyname of {request.patient_id}")


def test_a_fault_of_ours_is_500_with_an_incident(caplog: pytest.LogCaptureFixture) -> None:
    """The caller gets an id and nothing else; the log has the id and the place, and not the text."""
    response = post(site(crash).test_client(), sign_call())
    assert response.status_code == 500
    assert issues(response)[0]["diagnostics"] == "the service failed; incident id-1"
    (line,) = [json.loads(record.message) for record in caplog.records if "incident" in record.message]
    assert (line["id"], line["type"]) == ("id-1", "KeyError")
    assert line["places"][-1].startswith("test_services.py")
    assert line["places"][-1].endswith("crash")


def test_an_answered_call_is_logged_without_the_patient(caplog: pytest.LogCaptureFixture) -> None:
    """Service, number of cards, time taken."""
    post(site().test_client(), sign_call())
    (line,) = [json.loads(record.message) for record in caplog.records]
    assert line.pop("timestamp")
    assert line == {
        "event": "answered",
        "level": "info",
        "service": "dm-sign",
        "cards": 1,
        "milliseconds": 0.0,
    }


def test_work_on_a_body_nested_too_deeply_is_400() -> None:
    """What can just be decoded may be too deep to be worked on; that is the caller's fault, not ours."""

    def recurse(service: Service, request: HookRequest, caller: Caller) -> Told:
        return recurse(service, request, caller)

    response = post(site(recurse).test_client(), sign_call())
    assert response.status_code == 400
    assert "nested" in issues(response)[0]["diagnostics"]


@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/dm-sign"])
def test_a_closed_door_is_401_and_says_nothing(path: str) -> None:
    """Every stranger gets the same answer, with or without a token."""
    client = site(guard=let_none_in).test_client()
    method = "GET" if path == "/cds-services" else "POST"
    answers = {
        client.open(path, method=method, json=sign_call() if method == "POST" else None, headers=headers).data
        for headers in ({}, {"Authorization": "Bearer canary-token-5f1d"}, {"Authorization": "Basic x"})
    }
    assert len(answers) == 1
    response = client.open(path, method=method, json=sign_call() if method == "POST" else None)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert issues(response)[0]["code"] == "login"


def test_a_stranger_is_refused_before_the_body_is_read() -> None:
    """A fault in the body is told to callers, not to strangers."""
    assert post(site(guard=let_none_in).test_client(), b"{").status_code == 401


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_is_open_and_says_little(path: str) -> None:
    """A probe carries no token."""
    response = site(guard=let_none_in).test_client().get(path)
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["status"] in ("alive", "ready")


def test_a_service_without_its_database_is_not_ready() -> None:
    """It is alive all the same: a restart would not help."""
    client = build_site_with(is_available=lambda: False).test_client()
    assert client.get("/livez").status_code == 200
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "Retry-After" in response.headers
    assert issues(response)


ORIGIN = "https://ehr.example.org"


def test_a_preflight_passes_without_a_token() -> None:
    """A browser sends none with it."""
    client = site(guard=let_none_in, origins=(ORIGIN,)).test_client()
    response = client.options("/cds-services/dm-sign", headers={"Origin": ORIGIN})
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Authorization" in response.headers["Access-Control-Allow-Headers"]
    assert "POST" in response.headers["Access-Control-Allow-Methods"]


def test_a_refusal_carries_the_origin_too() -> None:
    """Else the browser hides why."""
    client = site(refuse, origins=(ORIGIN,)).test_client()
    response = post(client, sign_call(), headers={"Origin": ORIGIN})
    assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (412, ORIGIN)


@pytest.mark.parametrize(("origins", "origin"), [((ORIGIN,), "https://other.example"), ((), ORIGIN)])
def test_another_origin_is_not_named(origins: tuple[str, ...], origin: str) -> None:
    """A browser there gets no answer to read."""
    response = site(origins=origins).test_client().get("/cds-services", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in response.headers


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["hook", "context", "prefetch"]), inner)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_no_body_makes_a_5xx(body: bytes) -> None:
    """Whatever is sent, the answer is a refusal that can be read."""
    response = post(CLIENT, body)
    assert response.status_code == 400
    assert issues(response)


CLIENT = site().test_client()
