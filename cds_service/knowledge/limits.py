"""The numbers of ``drug.yaml``: each with value, unit, source and evidence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, cast, get_args

from cds_service.knowledge.files import Faults, Reporter, items, mapping, near, read_yaml

Evidence = Literal["V", "V2", "R", "U"]
EVIDENCE = get_args(Evidence)
_KEYS = {"value", "unit", "source", "evidence", "means"}


@dataclass(frozen=True, slots=True)
class Limit:
    """A number of medicine: ``name`` is "methotrexate.egfr_stop"; ``means`` says what it is for."""

    name: str
    value: Decimal
    unit: str
    sources: tuple[str, ...]
    evidence: Evidence
    means: str = ""
    site: bool = False


def read_limits(root: Path, sources: Collection[str], faults: Faults) -> dict[str, Limit]:
    """Every limit of every ``drug.yaml`` below ``root``, by full name."""
    found: dict[str, Limit] = {}
    for path in sorted(root.glob("*/drug.yaml")):
        content = read_yaml(path, root, faults)
        report = faults.at(path.relative_to(root).as_posix())
        for name, entry in mapping(content.get("limits"), "limits", report).items():
            limit = read_limit(f"{path.parent.name}.{name}", entry, f"limits.{name}", sources, report)
            if limit:
                found[limit.name] = limit
    return found


def read_limit(
    name: str, entry: object, key: str, sources: Collection[str], report: Reporter
) -> Limit | None:
    """One limit, or ``None`` and its faults."""
    members = mapping(entry, key, report)
    if not members:
        return None
    for strange in sorted(set(members) - _KEYS):
        report(f"{key}.{strange}", f"is not a key of a limit{near(strange, _KEYS)}")
    value = decimal(members.get("value"))
    if value is None:
        report(f"{key}.value", "must be a number")
    cited = cited_sources(members, key, sources, report)
    evidence = read_evidence(members.get("evidence"), f"{key}.evidence", report)
    unit = members.get("unit")
    if not isinstance(unit, str) or not unit:
        report(f"{key}.unit", 'must be a UCUM unit in quotes, "1" for a pure number')
    if value is None or not cited or evidence is None or not isinstance(unit, str):
        return None
    return Limit(name, value, unit, cited, evidence, str(members.get("means", "")))


def decimal(value: object) -> Decimal | None:
    """A YAML number as a decimal; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    return Decimal(value)


def cited_sources(
    members: Mapping[str, Any], key: str, known: Collection[str], report: Reporter, name: str = "source"
) -> tuple[str, ...]:
    """The sources a number or a page cites; a fault for none and for each unknown one."""
    cited = tuple(str(source) for source in items(members.get(name)))
    if not cited:
        report(f"{key}.{name}".strip("."), "a threshold needs a source: a key of sources.yaml")
    for source in cited:
        if source not in known:
            report(
                f"{key}.{name}".strip("."), f"no source named '{source}' in sources.yaml{near(source, known)}"
            )
    return cited


def read_evidence(value: object, key: str, report: Reporter) -> Evidence | None:
    """An evidence tag, or ``None`` and a fault."""
    if value in EVIDENCE:
        return cast(Evidence, value)
    report(
        key, f"must be one of {', '.join(EVIDENCE)} (seen, seen in a secondary source, recalled, heuristic)"
    )
    return None
