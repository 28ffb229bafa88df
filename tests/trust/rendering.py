"""Cards as clients render them: GitHub's own reader with HTML let through, and the one browsers mostly use."""

from __future__ import annotations

import logging
from collections import Counter
from html.parser import HTMLParser

import cmarkgfm  # type: ignore[import-untyped]  # ships no types
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]  # ships no types
from markdown_it import MarkdownIt

# It tells of every step.
logging.getLogger("markdown_it").setLevel(logging.WARNING)
IN_BROWSERS = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


class _Seen(HTMLParser):
    """Counts elements, notes attributes and texts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[str] = Counter()
        self.attributes: set[tuple[str, str | None]] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element."""
        self.elements[tag] += 1
        self.attributes |= set(attrs)

    def handle_comment(self, data: str) -> None:
        """A comment is as little text."""
        del data
        self.elements["comment"] += 1

    def handle_decl(self, decl: str) -> None:
        """Nor is a declaration."""
        self.handle_comment(decl)

    def handle_pi(self, data: str) -> None:
        """Nor an instruction."""
        self.handle_comment(data)

    def unknown_decl(self, data: str) -> None:
        """Nor a section."""
        self.handle_comment(data)

    def handle_data(self, data: str) -> None:
        """What is read."""
        self.text += data


def rendered(markdown: str) -> list[_Seen]:
    """What each reader makes of a text."""
    github: str = cmarkgfm.github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)
    return [_seen(github), _seen(IN_BROWSERS.render(markdown))]


def _seen(html: str) -> _Seen:
    seen = _Seen()
    seen.feed(html)
    seen.close()
    return seen
