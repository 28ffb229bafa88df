"""Documents say what is so: generated pages are current, and the README's example is real."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from cds_service.conform.requirements import requirements
from cds_service.conform.run import every_check
from tests.decide.service import catalogue, send

ROOT = Path(__file__).parents[1]


def generator() -> ModuleType:
    """``docs/generate.py``, which is a script and no package."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", sorted(generator().PAGES))
def test_a_generated_page_is_current(name: str) -> None:
    """What is committed is what ``python docs/generate.py`` would write now."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == generator().PAGES[name]()


def test_the_readme_shows_a_real_answer() -> None:
    """The request of the README, sent, gets the card the README shows."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    file = re.search(r"-d @(\S+)", readme)
    assert file is not None
    told = json.loads(re.findall(r"```json\n(.*?)```", readme, re.DOTALL)[0])["cards"][0]
    got = send("order-select", json.loads((ROOT / file[1]).read_text())).get_json()["cards"][0]
    assert {name: got[name] for name in ("summary", "indicator", "source")} == {
        name: told[name] for name in ("summary", "indicator", "source")
    }


def test_the_readme_names_every_service() -> None:
    """Each service of discovery stands in the README's table with its hook."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for hook, service in catalogue().items():
        assert f"| `{service['id']}` | {hook} |" in readme


def test_every_link_leads_somewhere() -> None:
    """A link from a document to a file of the project finds it."""
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "cards" / "README.md"]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert "://" in target or (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_rule_has_its_row() -> None:
    """Each rule that the regimen and safety tables name has a page and a row with worked patients."""
    listed = yaml.safe_load((ROOT / "cards" / "rules.yaml").read_text(encoding="utf-8"))
    rows = (ROOT / "docs" / "traceability.md").read_text(encoding="utf-8").splitlines()
    for rule in [*listed["regimen"], *listed["safety"]]:
        row = next((line for line in rows if line.startswith(f"| [{rule}](")), "")
        assert re.search(r"\d+ fires, \d+ silent, \d+ unknown \|", row), rule


def test_every_statement_has_rules_or_a_reason() -> None:
    """A statement of the source text without a rule says why none is needed."""
    for row in yaml.safe_load((ROOT / "docs" / "statements.yaml").read_text(encoding="utf-8")):
        assert row["rules"] or row["remark"], row["says"]


def test_every_requirement_has_a_test() -> None:
    """No row of the requirements is without one."""
    page = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
    rows = page.partition("## CDS Hooks")[0].splitlines()[6:]
    assert any(rows)
    assert not [row for row in rows if row and not row.endswith("` |")]


def test_every_requirement_of_cds_hooks_is_covered() -> None:
    """By a check of ``cds-service conform``, by a test that is there, or by a document where an organisation must act;
    a SHALL or SHOULD never by a document alone, unless it is an organisation's."""
    tests = yaml.safe_load((ROOT / "tests" / "vectors" / "hooks-tests.yaml").read_text(encoding="utf-8"))
    checked = {check.requirement.id for check in every_check()}
    assert set(requirements()) == checked | set(tests)
    by_document = {
        number for number, places in tests.items() if all(place.endswith(".md") for place in places)
    } - checked
    asked = {number for number in by_document if requirements()[number].strength in ("SHALL", "SHOULD")}
    assert asked == {"F8", "F8a"}
    for place in (place for places in tests.values() for place in places):
        file, _, name = place.partition("::")
        path = ROOT / file if file.endswith(".md") else ROOT / "tests" / file
        assert path.is_file(), place
        assert f"def {name}(" in path.read_text(encoding="utf-8") if name else True, place
