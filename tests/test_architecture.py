"""The shape of the house, kept by a machine: which way imports point, how large a room may be."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "cds_service").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_MODULE = 300
LONGEST_FUNCTION = 50


def name(path: Path) -> str:
    """A path as a test's id."""
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions of a module, inner ones included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_imports_point_one_way() -> None:
    """Every contract of [tool.importlinter] holds."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    linted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_module_is_a_room_one_can_see_across(path: Path) -> None:
    """A module has something in it, says what it is for, and stays within its size."""
    source = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(source)), "the module does not say what it is for"
    assert source.count("\n") <= LONGEST_MODULE


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    """A longer one does more than one thing."""
    long = [node.name for node in functions(path) if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION]
    assert not long


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_what_is_public_says_what_it_means(path: Path) -> None:
    """Every public function and class has a docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    public = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    assert [node.name for node in public if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_nothing_is_caught_broadly(path: Path) -> None:
    """A broad except hides the fault that matters; the process edge is in web/errors.py."""
    caught = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException"))
        )
    ]
    assert not caught


@pytest.mark.parametrize("path", [path for path in TESTS if path.name.startswith("test_")], ids=name)
def test_every_test_says_what_should_happen(path: Path) -> None:
    """A test's docstring is what it promises."""
    silent = [
        node.name for node in functions(path) if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert not silent


def test_clinical_imports_the_standard_library_only() -> None:
    """A pharmacist can read it, and nothing outside decides what it computes."""
    allowed = sys.stdlib_module_names | {"cds_service"}
    foreign = []
    for path in (ROOT / "cds_service" / "clinical").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            foreign += [
                f"{name(path)}: {module}" for module in modules if module.split(".")[0] not in allowed
            ]
    assert not foreign


def test_the_clock_is_read_at_the_edge_only() -> None:
    """Time is an argument, so that any call can be replayed as of any date."""
    reading = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|monotonic)|uuid4)\(")
    edge = {"app.py", "cli.py"}
    found = [
        name(path)
        for path in SOURCES
        if path.name not in edge and reading.search(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_requirements_are_the_same_everywhere() -> None:
    """The package declares what the lock is made from, and every name is in the lock."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    listed = [line for line in (ROOT / "requirements.in").read_text().splitlines() if line and line[0] != "#"]
    assert sorted(declared, key=str.lower) == sorted(listed, key=str.lower)
    locked = (ROOT / "requirements.lock").read_text().lower().replace("-", ".")
    assert [line for line in listed if f"\n{line.lower().replace('-', '.')}==" not in f"\n{locked}"] == []


@pytest.mark.parametrize("lock", sorted(ROOT.glob("requirements*.lock")), ids=name)
def test_a_lock_names_no_place(lock: Path) -> None:
    """Hashes pin what is installed; where it comes from is the machine's affair."""
    text = lock.read_text()
    assert "--hash=sha256:" in text
    # What an address would look like; none stands here.
    assert not re.search(r"https?://|file:|--index|--find-links|^/", text, re.MULTILINE)
