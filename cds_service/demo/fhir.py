"""The demo's FHIR server: each scenario's chart at ``/demo/fhir/<scenario>``, read-only."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request

from cds_service.fhir.synthesis import Store, outcome, respond
from cds_service.protocol.codec import encode


def fhir_blueprint(stores: Mapping[str, Store]) -> Blueprint:
    """Reads and searches of the stores, by scenario name."""
    blueprint = Blueprint("demo_fhir", __name__, url_prefix="/demo/fhir")

    @blueprint.get("/<scenario>/<path:asked>")
    def answer(scenario: str, asked: str) -> Response:
        store = stores.get(scenario)
        if store is None:
            return _fhir(404, outcome("not-found", "there is no such chart"))
        base = f"{request.host_url}demo/fhir/{scenario}"
        return _fhir(*respond(store, asked, request.query_string.decode("ascii", "replace"), base))

    return blueprint


def _fhir(status: int, resource: Mapping[str, object]) -> Response:
    return Response(encode(resource), status, content_type="application/fhir+json")
