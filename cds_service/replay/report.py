"""What a replay found: for the terminal, for a machine (JUnit), for a reader (HTML)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from xml.etree import ElementTree as ET

from cds_service.replay.run import Result

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "section{border-left:4px solid #2a7d3f;padding:0 1rem;margin:1.5rem 0}section.differs{border-color:#b3261e}"
    "h2{font-size:1.1rem;margin:0}"
)


def lines(results: Sequence[Result]) -> Iterator[str]:
    """One line a replay, the differences below it, and a last line that counts."""
    for result in results:
        yield f"{'ok     ' if result.agrees else 'DIFFERS'} {result.scenario.name} ({result.mode})"
        yield from (f"          {each}" for each in result.differences)
    differing = sum(not result.agrees for result in results)
    yield (
        f"{len(results)} replayed, {differing} differ" if differing else f"{len(results)} replayed, all agree"
    )


def junit(results: Sequence[Result]) -> bytes:
    """The results as JUnit XML, a test case a replay."""
    failures = str(sum(not result.agrees for result in results))
    suite = ET.Element("testsuite", name="fixtures", tests=str(len(results)), failures=failures)
    for result in results:
        case = ET.SubElement(suite, "testcase", classname=result.scenario.name, name=result.mode)
        if not result.agrees:
            failure = ET.SubElement(case, "failure", message=result.differences[0])
            failure.text = "\n".join(result.differences)
    return bytes(ET.tostring(suite, encoding="utf-8", xml_declaration=True))


def html(results: Sequence[Result]) -> str:
    """The results as one page that stands alone."""
    differing = sum(not result.agrees for result in results)
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>Replay</title><style>{_STYLE}</style>"
    title = f"<h1>Replay: {len(results)} calls, {differing} differ</h1>"
    return head + title + "".join(_section(result) for result in results)


def _section(result: Result) -> str:
    plan = result.scenario.plan
    title = f"<h2>{escape(plan.title)}</h2><p>{escape(result.scenario.name)}, {plan.hook}, {result.mode}</p>"
    story = f"<p>{escape(plan.story)}</p>"
    found = _list("Cards", _cards(result)) + _list("Not evaluated", _unjudged(result))
    body = _list("Differences", result.differences) + found
    return f"<section class={'agrees' if result.agrees else 'differs'}>{title}{story}{body}</section>"


def _list(title: str, sentences: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(each)}</li>" for each in sentences)
    return f"<h3>{title}</h3><ul>{items}</ul>" if items else ""


def _cards(result: Result) -> list[str]:
    cards = result.found.get("cards")
    listed = cards if isinstance(cards, list) else []
    return [f"{card['indicator']}: {card['summary']} ({', '.join(card['rules'])})" for card in listed]


def _unjudged(result: Result) -> list[str]:
    rows = result.found.get("notEvaluated")
    return [f"{row['rule']}: {', '.join(row['missing'])}" for row in rows] if isinstance(rows, list) else []
