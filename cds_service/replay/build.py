"""Writes the fixtures from their ``scenario.yaml``: ``python -m cds_service.replay.build [FOLDER ...]``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from cds_service.fhir.synthesis import Codes
from cds_service.protocol.codec import encode
from cds_service.replay.knowledge import terminology
from cds_service.replay.scenario import Plan, find, read_plan, written_from


def pretty(value: object) -> bytes:
    """JSON a person can read and a diff can show, digits unchanged."""
    return msgspec.json.format(encode(value), indent=1) + b"\n"


def files(plan: Plan, terms: Codes) -> Iterator[tuple[Path, bytes]]:
    """Each file of a fixture with what it should hold."""
    bundle, request = written_from(plan, terms)
    yield plan.folder / "chart.json", pretty(bundle)
    yield plan.folder / "request.json", pretty(request)
    yield plan.folder / "README.md", f"# {plan.title}\n\n{plan.story}\n\n{_way(plan)}\n".encode()


def _way(plan: Plan) -> str:
    ways = "any way the data travels" if len(plan.modes) > 1 else f"by {plan.modes[0]}"
    return f"Hook `{plan.hook}`, as of {plan.as_of}, replayed {ways}."


def main(arguments: Sequence[str]) -> None:
    """Write the named scenarios, or all."""
    terms = terminology()
    for folder in find(Path(each) for each in arguments):
        for file, content in files(read_plan(folder), terms):
            file.write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1:])
