"""The demo's page is served with a policy that lets it load and call nothing but this address."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds_service.clinical.concepts import Code, Concept
from cds_service.clinical.terms import Terminology
from cds_service.demo.page import ASSETS, page_blueprint
from cds_service.replay.scenario import Plan, Scenario

PLAN = Plan(
    folder=Path("fixtures/daily"),
    title="Daily methotrexate",
    story="A story.",
    as_of=date(2026, 11, 24),
    hook="order-sign",
    modes=("prefetch",),
    server_up=True,
    notation={},
)
REQUEST: dict[str, object] = {"hook": "order-sign", "context": {"patientId": "p"}}


@pytest.fixture
def client() -> FlaskClient:
    """The page with one patient and one drug."""
    codes = (Code("rxnorm", "6851", "methotrexate", "verified"),)
    terms = Terminology([Concept("drug", "methotrexate", "methotrexate", codes)])
    site = Flask(__name__, static_folder=None)
    site.register_blueprint(page_blueprint([Scenario(PLAN, (), REQUEST, None)], terms))
    return site.test_client()


def test_the_front_leads_to_the_page(client: FlaskClient) -> None:
    """/ redirects to /demo/, which is the page."""
    assert client.get("/").location == "/demo/"
    assert b"Dermatomyositis decision support" in client.get("/demo/").data


@pytest.mark.parametrize("address", ["/demo/", "/demo/ehr.json", "/demo/assets/page.js"])
def test_the_page_is_fenced_in(client: FlaskClient, address: str) -> None:
    """Everything of the page forbids other origins, frames, inline scripts and guessing of types."""
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", sorted(path.name for path in ASSETS.iterdir()))
def test_every_asset_is_served_with_its_type(client: FlaskClient, name: str) -> None:
    """A browser that does not guess needs the right type."""
    answer = client.get(f"/demo/assets/{name}")
    types = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
    assert (answer.status_code, answer.mimetype) == (200, types[Path(name).suffix])


def test_no_file_beside_the_assets_is_served(client: FlaskClient) -> None:
    """A path cannot climb out of the folder."""
    for name in ("../page.py", "%2e%2e/page.py", "..%2fpage.py"):
        assert client.get(f"/demo/assets/{name}").status_code == 404


def test_the_page_knows_its_patients_and_drugs(client: FlaskClient) -> None:
    """The list holds each scenario with its call, and the drugs that have a code."""
    assert client.get("/demo/ehr.json").get_json() == {
        "patients": [
            {
                "scenario": "daily",
                "title": "Daily methotrexate",
                "story": "A story.",
                "asOf": "2026-11-24",
                "request": REQUEST,
            }
        ],
        "drugs": [
            {
                "name": "methotrexate",
                "coding": {
                    "system": "http://www.nlm.nih.gov/research/umls/rxnorm",
                    "code": "6851",
                    "display": "methotrexate",
                },
            }
        ],
    }


def test_no_markup_is_parsed_from_data() -> None:
    """The scripts build elements; none assigns HTML."""
    for path in ASSETS.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert word not in text, path.name
