"""A scenario's folder: its chart, its call, its date, and the answer that is expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import get_args

import yaml

from cds_service.content import fixtures_dir
from cds_service.fhir.synthesis import Codes, Mode, Notation, Resource, bare_call, chart
from cds_service.protocol.codec import decode

MODES: tuple[Mode, ...] = get_args(Mode)
NOISE = "noise.yaml"
_KEYS = frozenset({"title", "story", "as_of", "hook", "modes", "server", "noise", "chart", "call"})


class ScenarioFault(ValueError):
    """A scenario cannot be read: its file, and why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``scenario.yaml`` read: what is to be written. ``server_up`` is false where the FHIR server fails;
    ``call`` is what this EHR writes otherwise in its calls."""

    folder: Path
    title: str
    story: str
    as_of: date
    hook: str
    modes: tuple[Mode, ...]
    server_up: bool
    notation: Notation
    call: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A fixture as it lies on disk; ``expected`` is ``None`` until it was first written."""

    plan: Plan
    resources: tuple[Resource, ...]
    request: dict[str, object]
    expected: dict[str, object] | None

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.plan.folder.name


def find(paths: Iterable[Path] = ()) -> list[Path]:
    """The scenario folders at or below each path; all shipped fixtures without one."""
    found = [
        path for root in (list(paths) or [fixtures_dir()]) for path in sorted(root.rglob("scenario.yaml"))
    ]
    if not found:
        raise ScenarioFault(f"no scenario.yaml at or below {', '.join(map(str, paths)) or fixtures_dir()}")
    return [path.parent for path in found]


def read_plan(folder: Path) -> Plan:
    """Read ``scenario.yaml``, with the noise it asks for. Raises :class:`ScenarioFault`."""
    file = folder / "scenario.yaml"
    written = _mapping(file)
    if strange := sorted(set(written) - _KEYS):
        raise ScenarioFault(f"{file}: unknown key {', '.join(strange)}")
    if lacking := sorted({"title", "story", "as_of", "hook", "chart"} - set(written)):
        raise ScenarioFault(f"{file}: {', '.join(lacking)} is missing")
    noise = _noise(folder, str(written["noise"])) if "noise" in written else {}
    modes = tuple(mode for mode in MODES if mode in written.get("modes", MODES))  # type: ignore[operator]
    return Plan(
        folder=folder,
        title=str(written["title"]),
        story=str(written["story"]).strip(),
        as_of=date.fromisoformat(str(written["as_of"])),
        hook=str(written["hook"]),
        modes=modes,
        server_up=written.get("server") != "down",
        notation=_joined(written["chart"], noise),
        call=_patch(file, written.get("call", {})),
    )


def load(folder: Path) -> Scenario:
    """Read a fixture from disk. Raises :class:`ScenarioFault` where a file is missing."""
    bundle, request = _json(folder / "chart.json"), _json(folder / "request.json")
    entries = bundle.get("entry", [])
    resources = tuple(entry["resource"] for entry in entries) if isinstance(entries, list) else ()
    expected = _json(folder / "expected.json") if (folder / "expected.json").is_file() else None
    return Scenario(read_plan(folder), resources, request, expected)


def written_from(plan: Plan, terms: Codes) -> tuple[Resource, dict[str, object]]:
    """The chart as a Bundle and the bare call: what ``chart.json`` and ``request.json`` should hold."""
    resources = chart(plan.notation, plan.as_of, terms)
    entries = [{"resource": each} for each in resources]
    bundle: Resource = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    return bundle, merged(bare_call(plan.notation, plan.hook, plan.as_of, terms), plan.call)


def merged(value: Mapping[str, object], patch: Mapping[str, object]) -> dict[str, object]:
    """A JSON object with a merge patch applied: members replaced, and left out where the patch says null.

    https://www.rfc-editor.org/rfc/rfc7396
    """
    result = dict(value)
    for name, changed in patch.items():
        held = result.get(name)
        if changed is None:
            result.pop(name, None)
        elif isinstance(changed, Mapping):
            result[name] = merged(held if isinstance(held, Mapping) else {}, changed)
        else:
            result[name] = changed
    return result


def _patch(file: Path, written: object) -> Mapping[str, object]:
    if not isinstance(written, dict):
        raise ScenarioFault(f"{file}: call: must be a mapping")
    return written


def _joined(own: object, noise: Mapping[str, object]) -> Notation:
    """The chart with the noise after it, section by section."""
    if not isinstance(own, dict):
        raise ScenarioFault("chart: must be a mapping")
    return own | {
        name: [*own.get(name, []), *extra] for name, extra in noise.items() if isinstance(extra, list)
    }


def _noise(folder: Path, name: str) -> dict[str, object]:
    known = _mapping(folder.parent / NOISE)
    part = known.get(name)
    if not isinstance(part, dict):
        raise ScenarioFault(f"{folder}: noise {name!r} is not one of {', '.join(known)}")
    return part


def _mapping(file: Path) -> dict[str, object]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ScenarioFault(f"{file}: cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise ScenarioFault(f"{file}: must be a mapping")
    return content


def _json(file: Path) -> dict[str, object]:
    if not file.is_file():
        raise ScenarioFault(f"{file}: is missing; write it with python -m cds_service.replay.build")
    content = decode(file.read_bytes())
    if not isinstance(content, dict):
        raise ScenarioFault(f"{file}: must be an object")
    return content
