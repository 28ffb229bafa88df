"""Every fixture, replayed as of its date: the same expected cards, whichever way the chart travels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from cds_service.fhir.synthesis import Mode
from cds_service.protocol.codec import encode
from cds_service.replay.build import files
from cds_service.replay.command import in_process
from cds_service.replay.knowledge import terminology
from cds_service.replay.run import replay
from cds_service.replay.scenario import find, load, read_plan

FOLDERS = find()
REPLAYS = [(folder, mode) for folder in FOLDERS for mode in read_plan(folder).modes]
# Fixtures with resources that are bad on purpose, and which.
BAD: dict[str, set[str]] = {"sandbox-shaped-order": {"request-123"}}


def name(value: object) -> str:
    """A folder or a mode as a test's id."""
    return value.name if isinstance(value, Path) else str(value)


@pytest.mark.parametrize(("folder", "mode"), REPLAYS, ids=name)
def test_the_cards_are_the_expected_ones(folder: Path, mode: Mode) -> None:
    """The fixture's call brings exactly its expected cards, in this way of sending the chart."""
    scenario = load(folder)
    result = replay(scenario, mode, in_process(scenario.plan.as_of))
    assert result.agrees, "\n".join(result.differences)


@pytest.mark.parametrize("folder", FOLDERS, ids=name)
def test_the_files_are_those_of_the_scenario(folder: Path) -> None:
    """chart.json, request.json and README.md say what scenario.yaml says."""
    for file, content in files(read_plan(folder), terminology()):
        assert file.read_bytes() == content, f"{file}: run python -m cds_service.replay.build"


@pytest.mark.parametrize("folder", FOLDERS, ids=name)
def test_the_chart_is_valid_fhir(folder: Path) -> None:
    """Every resource is accepted by the FHIR models, but for those that are bad on purpose."""
    scenario = load(folder)
    context: Any = scenario.request["context"]
    bundles = [context[key] for key in ("draftOrders", "medications") if key in context]
    drafts = [entry["resource"] for bundle in bundles for entry in bundle["entry"]]
    invalid = {each["id"] for each in (*scenario.resources, *drafts) if not _valid(each)}
    assert invalid == BAD.get(folder.name, set())


def _valid(resource: Any) -> bool:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate_json(encode(resource))
    except ValidationError:
        return False
    return True


def test_every_hook_that_is_answered_has_a_fixture() -> None:
    """Every service on offer is replayed."""
    target = in_process(read_plan(FOLDERS[0]).as_of)
    _, body = target.get("/cds-services")
    offered = {service["hook"] for service in body["services"]}  # type: ignore[index]
    assert {read_plan(folder).hook for folder in FOLDERS} == offered


def test_every_fixture_has_noise() -> None:
    """A chart with only what matters proves little: each holds an entry made in error."""
    for folder in FOLDERS:
        text = (folder / "chart.json").read_text(encoding="utf-8")
        assert "entered-in-error" in text, folder.name
