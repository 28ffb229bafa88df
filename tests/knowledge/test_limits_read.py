"""A number a site can change is one that something reads."""

from __future__ import annotations

import re
from collections import Counter

from cds_service.clinical.facts import FACTS
from cds_service.content import cards_dir
from tests.test_cards import knowledge


def test_every_limit_is_read() -> None:
    """By a fact, or by name in a page or a list beside the line that defines it."""
    files = [f for f in cards_dir().rglob("*") if f.suffix in {".md", ".yaml"} and f.name != "cases.yaml"]
    words = Counter(word for f in files for word in re.findall(r"[\w.]+", f.read_text(encoding="utf-8")))
    by_facts = frozenset().union(*(spec.own_limits for spec in FACTS.values()))
    named = {full: words[full] + words[full.partition(".")[2]] for full in knowledge().limits}
    assert [full for full, often in named.items() if often < 2 and full not in by_facts] == []
