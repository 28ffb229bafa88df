"""The demo's page, and what an EHR knows without asking the service: its patients and its drug list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from cds_service.fhir.synthesis import Codes
from cds_service.protocol.codec import encode
from cds_service.replay.scenario import Scenario

ASSETS = Path(__file__).parent / "assets"
# The page loads from here, talks to here and cannot be framed, whatever a card says.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
DRUGS = (
    "methotrexate", "prednisone", "prednisolone", "methylprednisolone", "dexamethasone", "folic_acid",
    "azathioprine", "mycophenolate", "tmp_smx", "trimethoprim", "leflunomide", "hydroxychloroquine",
)  # fmt: skip


def page_blueprint(scenarios: Sequence[Scenario], terms: Codes) -> Blueprint:
    """``/`` and ``/demo/``, the assets, and ``/demo/ehr.json``: patients, their calls, the drug list."""
    blueprint = Blueprint("demo_page", __name__)
    known = encode({"patients": [_patient(each) for each in scenarios], "drugs": list(_drugs(terms))})

    assets = {path.name: path.read_bytes() for path in ASSETS.iterdir() if path.suffix in TYPES}

    @blueprint.get("/")
    def front() -> AnyResponse:
        return redirect(url_for("demo_page.page"))

    @blueprint.get("/demo/")
    def page() -> Response:
        return asset("page.html")

    @blueprint.get("/demo/assets/<name>")
    def asset(name: str) -> Response:
        content = assets.get(name) or abort(404)
        return _guarded(Response(content, content_type=f"{TYPES[Path(name).suffix]}; charset=utf-8"))

    @blueprint.get("/demo/ehr.json")
    def ehr() -> Response:
        return _guarded(Response(known, content_type="application/json"))

    return blueprint


def _guarded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _patient(scenario: Scenario) -> dict[str, object]:
    plan = scenario.plan
    return {
        "scenario": scenario.name,
        "title": plan.title,
        "story": plan.story,
        "asOf": plan.as_of.isoformat(),
        "request": scenario.request,
    }


def _drugs(terms: Codes, names: Iterable[str] = DRUGS) -> Iterator[Mapping[str, object]]:
    for name in names:
        coding = terms.coding(name, "drug")
        if coding:
            system, code, display = coding
            yield {
                "name": terms.display(name, "drug"),
                "coding": {"system": system, "code": code, "display": display},
            }
