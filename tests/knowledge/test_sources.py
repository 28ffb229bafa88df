"""The citations a clinician reads: each once, graded, and found where its address says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.content import cards_dir

GRADES = {"label", "guideline", "consensus", "trial", "cohort", "heuristic"}
KEYS = {"title", "grade", "year", "url"}
NO_ADDRESS = {"seed", "heuristic"}
"""What no page on the web can be given for."""
SOURCES: dict[str, dict[str, Any]] = yaml.safe_load(
    (cards_dir() / "sources.yaml").read_text(encoding="utf-8")
)


def cited(content: object) -> Iterator[str]:
    """Every source a page or a list of numbers names, at any depth."""
    if isinstance(content, list):
        for each in content:
            yield from cited(each)
    if isinstance(content, dict):
        for key, value in content.items():
            if key in ("source", "sources"):
                yield from map(str, value if isinstance(value, list) else [value])
            else:
                yield from cited(value)


def front(path: Path) -> object:
    """The part of a file that is YAML."""
    text = path.read_text(encoding="utf-8")
    return yaml.safe_load(text.split("---")[1] if path.suffix == ".md" else text)


@pytest.mark.parametrize("key", SOURCES)
def test_a_source_says_what_it_is(key: str) -> None:
    """A title, a grade of the closed list, an address that can be opened, a year that has been."""
    source = SOURCES[key]
    assert set(source) <= KEYS
    assert source["title"].strip()
    assert source["grade"] in GRADES
    assert re.fullmatch(r"https://[^\s]+", source.get("url", "https://none.example"))
    assert 1990 <= source.get("year", 2000) <= 2026


@pytest.mark.parametrize("key", sorted(NO_ADDRESS))
def test_what_is_no_publication_has_no_address(key: str) -> None:
    """A heuristic is called one, and nothing on the web is given for it."""
    assert "url" not in SOURCES[key]


def test_one_publication_has_one_key() -> None:
    """Two keys with one title or one address would count one study twice."""
    titles = [source["title"] for source in SOURCES.values()]
    addresses = [source["url"] for source in SOURCES.values() if "url" in source]
    assert len(set(titles)) == len(titles)
    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize(
    ("key", "year"),
    [(key, s["year"]) for key, s in SOURCES.items() if "year" in s and re.search(r"\b(?:19|20)\d\d\b", s["title"])],
)  # fmt: skip
def test_the_year_is_one_the_title_gives(key: str, year: int) -> None:
    """Title and year do not contradict each other."""
    assert str(year) in SOURCES[key]["title"]


def test_a_study_is_cited_for_what_it_found() -> None:
    """Hydroxychloroquine eruptions, kidney risk, laboratory tests: by the pages about them and no others."""
    pages: dict[str, set[str]] = {}
    for path in sorted(cards_dir().glob("*/*.md")):
        for key in cited(front(path)):
            pages.setdefault(key, set()).add(path.parent.name)
    assert pages["S29a"] == {"hydroxychloroquine"}
    assert pages["S41"] == {"monitoring"}
    assert pages["S21"] <= {"calcineurin", "monitoring"}


def test_every_page_cites_something_that_exists() -> None:
    """No key is cited that has no entry."""
    files = [*cards_dir().glob("*/*.md"), *cards_dir().glob("*/drug.yaml"), cards_dir() / "orders.yaml"]
    named = {key for path in files for key in cited(front(path))}
    assert len(named) > 40
    assert named <= set(SOURCES)
