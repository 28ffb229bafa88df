"""The list of what trust requires, and its tests: neither has anything the other has not."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
LISTED: list[dict[str, str]] = json.loads((HERE.parent / "vectors" / "trust-ids.json").read_text("utf-8"))
NAMED = re.compile(r"test_(jwt|ssrf|cors|out|fb|mix|phi|start)_(\d\d)_")


def proven() -> Iterator[str]:
    """The ids that the names of tests begin with."""
    for path in HERE.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (match := NAMED.match(node.name)):
                yield f"{match[1].upper()}-{match[2]}"


def test_every_requirement_has_a_test_and_every_test_a_requirement() -> None:
    """A row without a test would be a promise without proof, and the other way round."""
    assert {row["id"] for row in LISTED} == set(proven())


def test_every_requirement_is_one_sentence_with_one_id() -> None:
    """The list is printed as it is."""
    assert len({row["id"] for row in LISTED}) == len(LISTED)
    for row in LISTED:
        assert set(row) == {"id", "requires"}
        assert re.fullmatch(r"[A-Z][^.]*\.", row["requires"])
