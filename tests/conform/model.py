"""A small CDS Hooks service that does everything right, and breaks in the one way it is told to."""

from __future__ import annotations

import copy
import json
import re
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cds_service.conform.patient import decode, encode
from tests.conform.gate import Gate, Stranger

ORIGIN = "https://ui.example.org"
GONE = "$gone"
TIME = re.compile(r"\d{4}-(0\d|1[0-2])-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
DISCOVERY: dict[str, Any] = {
    "services": [
        {
            "hook": "order-sign",
            "hookVersion": "1.0",
            "id": "model-sign",
            "title": "Model",
            "description": "Looks at orders",
            "version": "2.0.1",
            "usageRequirements": "Needs the patient",
            "prefetch": {
                "patient": "Patient/{{context.patientId}}",
                "tests": "Observation?patient={{context.patientId}}&date=ge{{today() - 90 days}}",
            },
            "extension": {"org.example.model": {"kind": "model"}},
        },
        {
            "hook": "patient-view",
            "id": "model-view",
            "title": "Model",
            "description": "Looks at patients",
            "version": "2.0.1",
        },
    ]
}
CARD: dict[str, Any] = {
    "summary": "A model card",
    "indicator": "info",
    "detail": "Some **words**, and `<b>` as it is written",
    "source": {
        "label": "Model",
        "url": "https://model.example.org/source",
        "icon": "https://model.example.org/icon.png",
        "topic": {"system": "https://model.example.org/topics", "code": "model"},
    },
    "selectionBehavior": "at-most-one",
    "overrideReasons": [{"system": "https://model.example.org/reasons", "code": "no", "display": "No"}],
    "links": [
        {"label": "Read", "url": "https://model.example.org/read", "type": "absolute"},
        {
            "label": "Launch",
            "url": "https://model.example.org/launch",
            "type": "smart",
            "appContext": "{}",
            "autolaunchable": False,
        },
    ],
}
MARK = {"url": "https://model.example.org/mark", "valueString": "checked"}


@dataclass
class Refused(Exception):
    """A call is refused with a status."""

    status: int


@dataclass
class Model:
    """``faults`` is a vector: see ``faults.yaml``."""

    faults: Mapping[str, Any] = field(default_factory=dict)
    gate: Gate | None = None
    calls: int = 0
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)

    def respond(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """The answer to a request."""
        self.asked.append((method, path, headers.get("Authorization")))
        usual = {"Content-Type": "application/json", **self._origin(headers)}
        try:
            if method == "OPTIONS":
                return self._status("preflight", 204), usual, b""
            status, content = self._answer(method, path, headers, body)
        except Refused as refused:
            if not self.faults.get("errors_without_origin"):
                return refused.status, usual, self._refusal(refused.status)
            return refused.status, {"Content-Type": "application/json"}, self._refusal(refused.status)
        except Stranger as stranger:
            usual.update({} if "no_challenge" in self._skipped() else {"WWW-Authenticate": "Bearer"})
            why = str(stranger) if "constant" in self._skipped() else ""
            return self._status("stranger", 401), usual, self._refusal(401, why)
        return status, {**usual, **self.faults.get("headers", {})}, content

    def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        parts = path.strip("/").split("/")
        if parts == ["cds-services"]:
            if "open_discovery" not in self.faults:
                self._let_in(headers, path)
            status = self._status("discovery", 200)
            told = patched(DISCOVERY, self.faults.get("discovery", {}))
            return status, self.faults.get("raw_discovery", "").encode() or encode(told)
        ids = [each.get("id") for each in patched(DISCOVERY, self.faults.get("discovery", {}))["services"]]
        if parts[0] != "cds-services" or parts[1] not in ids or "lost" in self.faults:
            raise Refused(self._status("unknown", 404))
        if method != "POST":
            raise Refused(self._status("get", 405))
        if len(parts) == 3:
            if "no_feedback" in self.faults:
                raise Refused(404)
            if "feedback" not in self._skipped():
                self._let_in(headers, path)
            return self._take(body), b"{}"
        self._let_in(headers, path)
        return self._call(parts[1], headers, body)

    def _call(self, service: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        time.sleep(self.faults.get("delay", 0))
        call = self._read(headers, body)
        for situation, usual in situations(call, service):
            status = self._status(situation, usual)
            if status != 200:
                raise Refused(status)
        self.calls += 1
        if call.get("conformance") == 1 and "notices" in self.faults:
            return 200, encode({"cards": []})
        answer = patched(self._cards(call), self.faults.get("answer", {}))
        return self._status("call", 200), self.faults.get("raw", "").encode() or encode(answer)

    def _read(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        if "charset" in headers.get("Content-Type", ""):
            self._or_refuse("charset")
        if body.startswith(b"\xef\xbb\xbf"):
            self._or_refuse("mark")
        try:
            call = decode(body.removeprefix(b"\xef\xbb\xbf"))
        except ValueError:
            raise Refused(self._status("no_json", 400)) from None
        if not isinstance(call, dict):
            raise Refused(self._status("no_object", 400))
        return call

    def _cards(self, call: Mapping[str, Any]) -> dict[str, Any]:
        card = {**copy.deepcopy(CARD), "uuid": str(uuid.uuid4())}
        if "varying" in self.faults:
            card["summary"] += f" {self.calls}"
        entries = call["context"].get("draftOrders", {}).get("entry", [])
        drafts = [each["resource"] for each in entries]
        body: dict[str, Any] = {"cards": [card], "extension": {"org.example.model": {"calls": 1}}}
        if drafts:
            marked = {**copy.deepcopy(drafts[0]), "extension": [MARK]}
            new = {"resourceType": "ServiceRequest", "status": "draft", "intent": "order"}
            name = f"{drafts[0]['resourceType']}/{drafts[0]['id']}"
            card["suggestions"] = [
                suggestion(
                    "Change it", {"type": "update", "description": "Change", "resource": marked}, True
                ),
                suggestion("Remove it", {"type": "delete", "description": "Remove", "resourceId": name}),
                suggestion("Order a test", {"type": "create", "description": "Order", "resource": new}),
            ]
            body["systemActions"] = [{"type": "update", "description": "Mark", "resource": marked}]
        else:
            del card["selectionBehavior"]
        return json.loads(encode(body), parse_float=Decimal)  # type: ignore[no-any-return]

    def _take(self, body: bytes) -> int:
        told = json.loads(body)
        if "feedback" not in told:
            raise Refused(400)
        items = told["feedback"]
        if not items:
            self._or_refuse("nothing")
        if len(items) > 1:
            self._or_refuse("several")
        for item in items:
            for situation, usual in feedback_situations(item):
                status = self._status(situation, usual)
                if status != 200:
                    raise Refused(status)
        seen = json.dumps(items, sort_keys=True)
        repeated = seen in self.faults.get("seen", ())
        self.faults.get("seen", []).append(seen)
        return 409 if repeated else self._status("feedback", 200)

    def _or_refuse(self, situation: str) -> None:
        if (status := self._status(situation, 200)) != 200:
            raise Refused(status)

    def _status(self, situation: str, usual: int) -> int:
        told = self.faults.get("status", {}).get(situation, usual)
        assert isinstance(told, int)
        return told

    def _skipped(self) -> list[str]:
        return list(self.faults.get("skip", []))

    def _let_in(self, headers: Mapping[str, str], path: str) -> None:
        if self.gate is not None:
            self.gate.check(headers.get("Authorization"), path, self._skipped())

    def _refusal(self, status: int, why: str = "") -> bytes:
        if "refusal" in self.faults:
            return str(self.faults["refusal"]).encode()
        issue = {"severity": "error", "code": "invalid", "diagnostics": why or f"refused with {status}"}
        return encode({"resourceType": "OperationOutcome", "issue": [issue]})

    def _origin(self, headers: Mapping[str, str]) -> dict[str, str]:
        origin = headers.get("Origin")
        if origin is None or "no_origin" in self.faults:
            return {}
        if origin != ORIGIN and "reflect" not in self.faults:
            return {}
        allowed = self.faults.get("allow_headers", "Authorization, Content-Type")
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
            "Access-Control-Allow-Headers": allowed,
        }


def situations(call: Mapping[str, Any], service: str) -> Iterator[tuple[str, int]]:
    """What is special about a call, each with the status it should have."""
    context, prefetch = call.get("context"), call.get("prefetch", {})
    hook = "order-sign" if service == "model-sign" else "patient-view"
    if call.get("hook") != hook:
        yield "hook", 400
    if "hookInstance" not in call:
        yield "no_instance", 400
    elif "-" not in call["hookInstance"]:
        yield "odd_instance", 200
    needed = ("userId", "patientId") + (("draftOrders",) if hook == "order-sign" else ())
    if not isinstance(context, dict):
        yield "no_context", 400
    elif not all(name in context for name in needed):
        yield "lacking", 400
    if "conformance" in call:
        yield "strange_member", 200
    if "fhirAuthorization" in call and "fhirServer" not in call:
        yield "no_server", 400
    yield from prefetch_situations(prefetch, service)


def prefetch_situations(prefetch: Any, service: str) -> Iterator[tuple[str, int]]:
    """What is special about the prefetch of a call."""
    if "conformanceTest" in (prefetch or {}):
        yield "extra_key", 200
    if service != "model-sign":
        return
    if prefetch is None:
        yield "null_prefetch", 412
    elif "patient" not in prefetch:
        yield "no_prefetch", 412
    elif prefetch["patient"] is None:
        yield "null_value", 200
    elif not isinstance(prefetch["patient"], dict):
        yield "text_value", 412
    elif prefetch["patient"]["resourceType"] == "OperationOutcome":
        yield "failed_query", 412
    elif prefetch["patient"]["resourceType"] != "Patient":
        yield "foreign_value", 412
    elif "link" in prefetch.get("tests", {}):
        yield "next_page", 200


def feedback_situations(item: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """What is special about an item of feedback, each with the status it should have."""
    if item["outcome"] not in ("accepted", "overridden"):
        yield "strange_outcome", 400
    if item["outcome"] == "accepted":
        yield ("accepted", 200) if "acceptedSuggestions" in item else ("accepted_nothing", 400)
    if not TIME.fullmatch(item["outcomeTimestamp"]):
        yield "bad_time", 400
    if "." in item["outcomeTimestamp"]:
        yield "fraction", 200
    if "overrideReasons" in item:
        yield "plural", 200
    if "reason" in item.get("overrideReason", {}):
        yield "own_reason", 200
    if "userComment" in item.get("overrideReason", {}):
        yield "comment", 200


def suggestion(label: str, action: dict[str, Any], recommended: bool = False) -> dict[str, Any]:
    """A suggestion with one action."""
    marks = {"isRecommended": True} if recommended else {}
    return {"label": label, "uuid": str(uuid.uuid4()), **marks, "actions": [action]}


def patched(whole: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with the values at some paths replaced, or taken out. A path that is not there stays away."""
    told = copy.deepcopy(whole)
    for path, value in changes.items():
        *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        place: Any = told
        try:
            for step in steps:
                place = place[step]
        except (KeyError, IndexError):
            continue
        if value == GONE and isinstance(place, dict):
            place.pop(last, None)
        else:
            place[last] = value
    return told


@contextmanager
def running(model: Model) -> Iterator[str]:
    """The model on a free port of loopback; yields its base address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer as the model does."""
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, content = model.respond(self.command, self.path, self.headers, body)  # type: ignore[arg-type]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_OPTIONS = do_GET  # noqa: N815  # the names http.server calls

        def log_message(self, *_: object) -> None:
            """Tests read the report."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{http.server_address[1]}"
    if model.gate is not None:
        model.gate.base = base
    try:
        yield base
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
