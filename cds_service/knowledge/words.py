"""What pages say, rendered: values escaped for GitHub Markdown in one function, templates compiled once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from cds_service.clinical.known import Known, Unknown
from cds_service.clinical.ranges import Range

# Everything GitHub Markdown or HTML could take for markup, a mention or a link. A colon matters before
# something (":smile:", "http://"); a full stop, a hyphen or a plus only where a line begins with them, a full
# stop also in "www."; numbers stay readable.
_MARKUP = re.compile(r"([\\`*_{}\[\]#!|~<>&@$^=]|:(?=\S))|^([\-+])|(?<=\d)(\.)(?=\s|$)|(?<=[wW]{3})(\.)")
# A mail address becomes a link even where each of its characters is escaped: it must not stay one word.
_MAIL = re.compile(r"(?<=\S)@(?=\S)")
_LIST = re.compile(r"^(\d{1,9})\)")
_SPACE = re.compile(r"[\s\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\x00-\x1f\x7f-\x9f]+")


def escape(text: str) -> str:
    """Any text from a chart as plain Markdown text: one line, no markup, no link, no HTML."""
    escaped = _MARKUP.sub(r"\\\g<0>", _MAIL.sub(" @ ", plain(text)))
    return _LIST.sub(r"\1\\)", escaped)


def plain(text: str) -> str:
    """Any text as one line without control or invisible direction characters."""
    return _SPACE.sub(" ", text).strip()


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as a page prints it: its text, and the day it is from."""

    text: str
    date: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of ``words.yaml``."""

    units: Mapping[str, str]
    evidence: Mapping[str, str]
    phrases: Mapping[str, str]

    def phrase(self, name: str, **values: object) -> str:
        """One of the phrases, with its values filled in."""
        return self.phrases[name].format(**values)

    def shown(
        self,
        fact: Any,
        unit: str,
        digits: int | None,
        otherwise: str = "",
        passed: Collection[Decimal] = (),
    ) -> Shown:
        """A fact's value in words, with the newest day of its inputs; ``otherwise`` where it is not known.

        ``passed`` are the limits it was found beyond: it is not rounded to one of them.
        """
        if isinstance(fact, Unknown):
            return Shown(otherwise or self.phrases["unknown"], self.phrases["unknown"])
        days = [i.on for i in fact.inputs if i.on]
        # A number that was never measured has no places to fill up.
        digits = None if fact.comparator else digits
        return Shown(
            fact.comparator + self.value(fact.value, unit, digits, passed),
            max(days).isoformat() if days else "undated",
        )

    def value(
        self, value: object, unit: str, digits: int | None = None, passed: Collection[Decimal] = ()
    ) -> str:
        """One value with its unit."""
        if isinstance(value, bool):
            return self.phrases["yes" if value else "no"]
        if isinstance(value, Range):
            low, high = number(value.low, digits), number(value.high, digits)
            span = low if low == high else f"{low}–{high}"
            return f"{span} {self.unit(value.unit)}" + (f" ({value.note})" if value.note else "")
        if isinstance(value, (int, Decimal)):
            return f"{number(Decimal(value), digits, passed)} {self.unit(unit)}".strip()
        if isinstance(value, (frozenset, tuple)):
            return listed(list(map(str, sorted(value) if isinstance(value, frozenset) else value))) or "none"
        return value.isoformat() if isinstance(value, date) else str(value)

    def printed(self, value: str) -> str:
        """A value with its unit as a clinician prints it."""
        amount, _, unit = value.rpartition(" ")
        return f"{amount} {self.units[unit]}" if unit in self.units else value

    def unit(self, unit: str) -> str:
        return "" if unit == "1" else self.units.get(unit, unit)


def listed(names: Sequence[str]) -> str:
    """Names one after the other; between names with commas of their own stand semicolons."""
    return ("; " if any("," in name for name in names) else ", ").join(names)


def number(value: Decimal, digits: int | None = None, passed: Collection[Decimal] = ()) -> str:
    """A decimal without an exponent, rounded half up to ``digits`` places where asked, else to two at most.

    Where that would print one of the limits it has ``passed``, it gets so many places that it does not:
    2.2025, above 2.2, is 2.203 and not 2.20.
    """
    shown = value
    if digits is not None or value != _to(value, 3):
        places = 2 if digits is None else digits
        shown = _to(value, places)
        while shown != value and shown in passed:
            places += 1
            shown = _to(value, places)
    text = f"{shown:f}"
    return text.rstrip("0").rstrip(".") if "." in text and digits is None else text


def _to(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _finalize(value: object) -> str:
    return escape(str(value))


def _capital(value: object) -> str:
    """A value that begins a sentence; the rest of it stays as it is: "IVIG", "methotrexate"."""
    text = str(value)
    return text[:1].upper() + text[1:]


_MARKDOWN = SandboxedEnvironment(undefined=StrictUndefined, finalize=_finalize, autoescape=False)
_PLAIN = SandboxedEnvironment(undefined=StrictUndefined, finalize=lambda v: plain(str(v)), autoescape=False)
for _environment in (_MARKDOWN, _PLAIN):
    _environment.filters["capital"] = _capital


# A text is compiled once in a process, however often the knowledge is read: it depends on nothing else.
_once = lru_cache(maxsize=4096)


@_once
def markdown_template(text: str) -> Template:
    """A page section; every value in it is escaped. Raises TemplateSyntaxError."""
    return _MARKDOWN.from_string(text)


@_once
def plain_template(text: str) -> Template:
    """A summary; every value in it is one plain line. Raises TemplateSyntaxError."""
    return _PLAIN.from_string(text)


@_once
def names_in(text: str) -> frozenset[str]:
    """The value names a template uses. Raises TemplateSyntaxError."""
    # Most texts use none. Jinja's own search generates code a second time: a third of the start-up check.
    if "{" not in text:
        return frozenset()
    used = list(_MARKDOWN.parse(text).find_all(nodes.Name))
    return frozenset(n.name for n in used if n.ctx == "load") - {n.name for n in used if n.ctx != "load"}


def fixed_text(text: str) -> str:
    """The part of a summary that does not depend on values."""
    return re.sub(r"{{.*?}}|{%.*?%}", "", text)


__all__ = [
    "Known", "Lexicon", "Shown", "TemplateSyntaxError", "escape", "fixed_text", "listed", "markdown_template",
    "names_in", "number", "plain", "plain_template",
]  # fmt: skip
