"""Writes the documents that follow from the code: ``python docs/generate.py``. A test keeps them current."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cds_service.conform.requirements import requirements
from cds_service.conform.run import every_check
from cds_service.settings import Settings

HERE = Path(__file__).parent
CARDS, TESTS = HERE.parent / "cards", HERE.parent / "tests"
_FRONT = re.compile(r"---\n(.*?)\n---\n", re.DOTALL)


def settings_page() -> str:
    """Every setting with its default and meaning, from the settings themselves."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "cores" if field.default_factory else "" if field.default in (None, ()) else field.default
        rows.append(f"| `CDS_{name.upper()}` | {default} | {field.description} |")
    head = "# Settings\n\nRead from the environment or from `.env`. The default is production.\n\n"
    return head + "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows]) + "\n"


def _read(text: str) -> Any:
    return yaml.load(text, yaml.CSafeLoader)


@cache
def pages() -> Mapping[str, list[tuple[Path, Mapping[str, Any]]]]:
    """Every rule with its pages and their front matter."""
    found: dict[str, list[tuple[Path, Mapping[str, Any]]]] = {}
    for path in sorted(CARDS.glob("*/*.md")):
        front = _read(_FRONT.match(path.read_text(encoding="utf-8"))[1])  # type: ignore[index]
        found.setdefault(front["rule"], []).append((path, front))
    return found


@cache
def cases() -> Mapping[str, Counter[str]]:
    """How many worked patients each rule has, by what is expected of them."""
    counts: dict[str, Counter[str]] = {}
    for path in CARDS.glob("*/cases.yaml"):
        for rule, listed in _read(path.read_text(encoding="utf-8"))["cases"].items():
            counts.setdefault(rule, Counter()).update(_kind(case["expect"]) for case in listed)
    return counts


def _kind(expected: str) -> str:
    return expected if expected in ("silent", "unknown") else "fires"


@cache
def mentions() -> Mapping[str, tuple[str, ...]]:
    """The test files and vectors that name each rule."""
    texts = {
        path.relative_to(HERE.parent).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(TESTS.rglob("*"))
        if path.suffix in (".py", ".json") and "__pycache__" not in path.parts
    }
    return {
        rule: tuple(name for name, text in texts.items() if re.search(rf"\b{rule}\b", text))
        for rule in pages()
    }


def _page_link(rule: str) -> str:
    first, *others = (f"(../{path.relative_to(HERE.parent).as_posix()})" for path, _ in pages()[rule])
    return " ".join([f"[{rule}]{first}", *(f"[also]{other}" for other in others)])


def _each(rule: str, told: Callable[[Mapping[str, Any]], list[str]]) -> str:
    """What the pages of a rule say, each word once."""
    return ", ".join(dict.fromkeys(word for _, front in pages()[rule] for word in told(front)))


def _cases_cell(rules: list[str]) -> str:
    total: Counter[str] = sum((cases().get(rule, Counter()) for rule in rules), Counter())
    return ", ".join(f"{total[kind]} {kind}" for kind in ("fires", "silent", "unknown") if total[kind])


def traceability_page() -> str:
    """Each statement of the source text and each rule, with pages, worked patients and tests."""
    said = yaml.safe_load((HERE / "statements.yaml").read_text(encoding="utf-8"))
    lines = [
        "# Traceability", "",
        "From each statement of the clinical source text, in our own words, to the rules that carry it, their pages,",
        "their worked patients and their tests; then the same for every rule. Every worked patient is run by",
        "`tests/test_cards.py`; the last column names the further tests and vectors that name the rule.", "",
        "## Statements", "", "| # | statement | rules | worked patients | remark |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for number, row in enumerate(said, 1):
        links = " ".join(map(_page_link, row["rules"]))
        told = row.get("remark", "")
        lines.append(f"| {number} | {row['says']} | {links} | {_cases_cell(row['rules'])} | {told} |")
    lines += ["", "## Rules", "", "| rule | title | hooks | indicators | evidence | worked patients | tests |",
              "|---|---|---|---|---|---|---|"]  # fmt: skip
    for rule in sorted(pages()):
        cells = (
            _page_link(rule),
            _each(rule, lambda front: [front["title"]]),
            _each(rule, lambda front: front["hooks"]),
            _each(rule, lambda front: [tier["indicator"] for tier in front["tiers"]]),
            _each(rule, lambda front: [front["evidence"]]),
            _cases_cell([rule]),
            ", ".join(f"`{name.removeprefix('tests/')}`" for name in mentions()[rule]),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def requirements_page() -> str:
    """Every numbered requirement of the vectors with the tests named by it."""
    proofs: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for name, kind, number in re.findall(
            r"def (test_([a-z]+)_(\d\d)_\w+)", path.read_text(encoding="utf-8")
        ):
            place = f"`{path.relative_to(TESTS).as_posix()}::{name}`"
            proofs.setdefault(f"{kind.upper()}-{number}", []).append(place)
    lines = ["# Requirements", "", "Each numbered requirement and the tests that hold it.", ""]
    lines += ["| id | requirement | tests |", "|---|---|---|"]
    for source in sorted((TESTS / "vectors").glob("*-ids.json")):
        for row in json.loads(source.read_text(encoding="utf-8")):
            lines.append(f"| {row['id']} | {row['requires']} | {', '.join(proofs.get(row['id'], []))} |")
    return "\n".join([*lines, *_hooks_requirements()]) + "\n"


def _hooks_requirements() -> list[str]:
    """Every requirement of CDS Hooks on a service with its checks and tests."""
    tests = yaml.safe_load((TESTS / "vectors" / "hooks-tests.yaml").read_text(encoding="utf-8"))
    checks: dict[str, list[str]] = {}
    for check in every_check():
        checks.setdefault(check.requirement.id, []).append(f"`{check.name}`")
    lines = [
        "", "## CDS Hooks", "",
        "What the specification asks of a service, and what holds this one to it: the checks of",
        "`cds-service conform`, which `conform/test_ours.py` runs against every service here and",
        "`conform/faults.yaml` proves able to fail; and tests, or a document for what an organisation must do.",
        "`practice` is what the specification leaves open or asks in passing.", "",
        "| id | strength | requirement | checks | tests |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for row in requirements().values():
        proofs = ", ".join(_proof(place) for place in tests.get(row.id, ()))
        lines.append(
            f"| {row.id} | {row.strength} | {row.says} | {', '.join(checks.get(row.id, ()))} | {proofs} |"
        )
    return lines


def _proof(place: str) -> str:
    return f"[{place}](../{place})" if place.endswith(".md") else f"`{place}`"


PAGES: dict[str, Callable[[], str]] = {
    "requirements.md": requirements_page,
    "settings.md": settings_page,
    "traceability.md": traceability_page,
}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
