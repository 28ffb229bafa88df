"""Prefetch templates stay inside what every client can run."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from cds_service.fhir import needs

SUBSET = re.compile(
    r"Patient/\{\{context\.patientId\}\}"
    r"|[A-Z][A-Za-z]+\?patient=\{\{context\.patientId\}\}(&(code|status)=[A-Za-z0-9\-,]+)?"
)


class Codes:
    """A code list of one topic, whatever its name."""

    def __init__(self, *codes: str) -> None:
        self.codes = codes

    def lab_codes(self, topic: str) -> tuple[str, ...]:
        """The codes."""
        return self.codes if topic else ()


@given(st.lists(st.from_regex(r"\d{1,6}-\d", fullmatch=True), unique=True, max_size=700))
def test_a_topic_is_split_and_no_code_is_lost(codes: list[str]) -> None:
    """Each template is short, asks for codes only, and together they ask for every code once."""
    found = needs.prefetch(["kidneyTests"], Codes(*codes))
    assert all(len(template) < 1500 for template in found.values())
    asked = [code for template in found.values() for code in template.partition("&code=")[2].split(",")]
    assert asked == codes
    assert list(found)[:2] == ["kidneyTests", "kidneyTests2"][: len(found)]


def test_every_template_is_in_the_subset() -> None:
    """Reads, the patient by reference, tokens by equality: nothing else."""
    topics = [*needs.TEMPLATES, "liverTests"]
    templates = needs.prefetch(topics, Codes("1742-6", "1920-8"))
    assert list(templates) == topics
    assert [each for each in templates.values() if not SUBSET.fullmatch(each)] == []


def test_a_topic_without_codes_asks_for_nothing() -> None:
    """What has no code cannot be searched for."""
    assert needs.queries("imaging", Codes()) == {}
