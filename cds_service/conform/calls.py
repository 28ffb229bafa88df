"""The call that a client would make to a service, from what discovery says of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cds_service.conform.patient import ENCOUNTER, PATIENT, USER, Patient, bundle

PEOPLE = {"user": USER, "patient": PATIENT, "encounter": ENCOUNTER}


@cache
def library() -> Mapping[str, Mapping[str, Any]]:
    """The published hooks by name."""
    text = Path(__file__).with_name("hooks.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def context_of(hook: str, patient: Patient) -> dict[str, object]:
    """The whole context of a published hook."""
    known = library()[hook]
    members = {**known["required"], **known["optional"]}
    return {name: _member(told, patient) for name, told in members.items()}


def _member(told: str | Mapping[str, Any], patient: Patient) -> object:
    if isinstance(told, str):
        return PEOPLE[told]
    if "bundle" in told:
        return bundle("collection", [patient.resource(name) for name in told["bundle"]])
    if "resource" in told:
        return patient.resource(told["resource"])
    return told["references"] if "references" in told else told["text"]


def call(service: Mapping[str, Any], patient: Patient, instance: str) -> dict[str, Any]:
    """A call with its whole prefetch and no access to FHIR."""
    context = context_of(service["hook"], patient)
    body: dict[str, Any] = {"hook": service["hook"], "hookInstance": instance, "context": context}
    templates = service.get("prefetch")
    if isinstance(templates, Mapping) and templates:
        body["prefetch"] = patient.prefetch(templates, context)
    return body
