"""Text from a chart never becomes markup, a link or a mention; numbers print as clinicians write them."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical.known import Input, Known, Unknown
from cds_service.clinical.ranges import Range
from cds_service.knowledge.words import Lexicon, escape, fixed_text, markdown_template, number, plain_template
from tests.test_cards import knowledge

HOSTILE = [
    "<script>alert(1)</script>", "[click](javascript:alert(1))", "![x](http://evil.example/p.png)",
    "http://evil.example", "www.evil.example", "@everyone", "`code`", "**bold**", "| a | b |",
    "# heading", "1. list", "- item", "&lt;b&gt;", "line\nbreak", "\u202eright to left", "\x00\x1b[31m",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_plain_text(text: str) -> None:
    """Every character that means something to Markdown is escaped; no control or direction character stays."""
    shown = escape(text)
    assert "\n" not in shown
    assert not re.search(r"[\x00-\x1f\u200b-\u200f\u202a-\u202e]", shown)
    for found in re.finditer(r"[<>\[\]`*_|@&#!]", shown):
        assert shown[found.start() - 1] == "\\"
    assert not re.search(r"https?://", shown)
    assert not re.match(r"\s*(\d+\.\s|[-+]\s)", shown)


@given(st.text(max_size=80))
def test_no_letter_is_lost(text: str) -> None:
    """What is escaped still says every letter and figure it said."""
    shown = escape(text)
    assert [c for c in shown if c.isalnum()] == [c for c in text if c.isalnum()]


def test_values_in_a_page_are_escaped_and_the_page_is_not() -> None:
    """Markup comes from the page alone."""
    shown = markdown_template("**Dose** {{ dose }}").render(dose="*15* mg <b>")
    assert shown == "**Dose** \\*15\\* mg \\<b\\>"
    assert plain_template("{{ x }}").render(x="a\nb") == "a b"


def test_a_value_may_begin_a_sentence() -> None:
    """Its first letter is a capital, the rest stays as it is."""
    template = plain_template("{{ x|capital }}")
    assert [template.render(x=each) for each in ("tofacitinib", "eGFR 24", "")] == [
        "Tofacitinib",
        "EGFR 24",
        "",
    ]


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        ("2.50", None, "2.5"),
        ("15", None, "15"),
        ("26.4752", 1, "26.5"),
        ("29.95", 1, "30.0"),
        ("1E+2", None, "100"),
    ],
)
def test_numbers(value: str, digits: int | None, shown: str) -> None:
    """No exponent, half up, no spare noughts unless places are asked for."""
    assert number(Decimal(value), digits) == shown


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        ("2.2025", 2, "2.203"),
        ("2.2004", None, "2.2004"),
        ("2.19996", 2, "2.19996"),
        ("2.2", 2, "2.20"),
        ("2.304", 2, "2.30"),
        ("0.40125", 2, "0.401"),
    ],
)
def test_a_number_beyond_a_limit_is_not_printed_as_the_limit(
    value: str, digits: int | None, shown: str
) -> None:
    """It gets as many places as tell it from the limit; one that is the limit, or far from it, stays short."""
    assert number(Decimal(value), digits, (Decimal("2.2"), Decimal("0.4"))) == shown


def test_values_print_with_unit_and_day() -> None:
    """A range as low–high; unknown as "not known"."""
    lexicon = knowledge().lists.lexicon
    assert lexicon.value(Range(Decimal(35), Decimal(60), "mg"), "mg") == "35–60 mg"
    assert str(lexicon.shown(Unknown("no"), "mg", None)) == "not known"
    assert lexicon.value(Decimal("27.4"), "mL/min/{1.73_m2}") == "27.4 mL/min/1.73 m²"
    assert lexicon.shown(Known(True, (Input("x", "y"),)), "", None).date == "undated"


def test_a_choice_in_a_summary_costs_no_room() -> None:
    """Only what a clinician reads counts towards the length: neither values nor the words of a choice."""
    assert fixed_text("{{ a }} late{% if a.date != 'x' %} (last {{ b }}){% endif %}") == " late (last )"


def test_names_with_commas_are_kept_apart() -> None:
    """A list whose names have commas of their own is parted by semicolons."""
    lexicon = Lexicon({}, {}, {})
    assert lexicon.value(("CT of neck, chest and pelvis", "FIT"), "1") == "CT of neck, chest and pelvis; FIT"
    assert lexicon.value(("ESR", "CRP"), "1") == "ESR, CRP"
