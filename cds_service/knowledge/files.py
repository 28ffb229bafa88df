"""Reading the files of ``cards/``: YAML, and pages with front matter, with every fault kept."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from cds_service.errors import ContentFault

_PAGE = re.compile(r"\A---\n(?P<front>.*?)\n---\n(?P<text>.*)\Z", re.DOTALL)
_SECTION = re.compile(r"^## +(?P<name>.+?)\s*$", re.MULTILINE)


class _Loader(yaml.CSafeLoader):
    """Numbers with a point become decimals: a threshold is never a binary float.

    ``twice``: keys given twice in one mapping, with their line; YAML would keep the last without a word.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.twice: list[tuple[str, int]] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                self.twice.append((key.value, key.start_mark.line + 1))
            seen.add(key.value)
        return super().construct_mapping(node, deep)


# YAML 1.1 reads the words on, off, yes and no as flags; here they are words, as in YAML 1.2.
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool" or letter in "tfTF"]
    for letter, rules in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _decimal(loader: _Loader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)


@dataclass(slots=True)
class Faults:
    """All faults found so far. ``at`` gives a reporter for one file."""

    found: list[ContentFault] = field(default_factory=list)

    def at(self, file: str) -> Reporter:
        return Reporter(self, file)


@dataclass(frozen=True, slots=True)
class Reporter:
    """Reports faults of one file."""

    faults: Faults
    file: str

    def __call__(self, key: str, message: str) -> None:
        self.faults.found.append(ContentFault(self.file, key, message))


def read_yaml(path: Path, root: Path, faults: Faults) -> dict[str, Any]:
    """The mapping in a file; an empty one, and a fault, where it cannot be read."""
    report = faults.at(path.relative_to(root).as_posix())
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        report("", "cannot be read; the file must exist")
        return {}
    return parse_mapping(text, report)


def parse_mapping(text: str, report: Reporter) -> dict[str, Any]:
    """Text as a YAML mapping, or an empty one and a fault."""
    loader = _Loader(text)
    try:
        loaded = loader.get_single_data()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        report(f"line {mark.line + 1}" if mark else "", f"is not YAML: {getattr(error, 'problem', error)}")
        return {}
    for key, line in loader.twice:
        report(key, f"is there twice, again in line {line}; the first would be lost")
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        report("", "must be a mapping of names to values")
        return {}
    return loaded


def split_page(text: str, report: Reporter) -> tuple[dict[str, Any], dict[str, str]]:
    """A page's front matter and its sections by name."""
    match = _PAGE.match(text)
    if match is None:
        report("", "must begin with front matter between two lines of ---")
        return {}, {}
    body = match["text"]
    marks = list(_SECTION.finditer(body))
    ends = [m.start() for m in marks[1:]] + [len(body)]
    sections = {m["name"]: body[m.end() : end].strip() for m, end in zip(marks, ends, strict=True)}
    return parse_mapping(match["front"], report), sections


def near(name: object, known: Iterable[str]) -> str:
    """A hint after an unknown name: the nearest known one, or where to look."""
    close = get_close_matches(str(name), list(known), 1)
    return f"; did you mean '{close[0]}'?" if close else ""


def items(value: object) -> tuple[Any, ...]:
    """A list as it is, a lone value as a list of one, nothing as none."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def mapping(value: object, key: str, report: Reporter) -> Mapping[str, Any]:
    """The value as a mapping, or an empty one and a fault."""
    if isinstance(value, dict):
        return value
    if value is not None:
        report(key, "must be a mapping of names to values")
    return {}


def texts(members: Mapping[str, Any]) -> dict[str, str]:
    """The members as texts by their names."""
    return {str(name): str(text) for name, text in members.items()}
