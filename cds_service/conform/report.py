"""What a run found: for a reader, for a program (JSON), for a build server (JUnit)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from rich.text import Text

from cds_service.conform.run import Result, Status

MOST_FAULTS = 5
STYLES: dict[Status, str] = {"pass": "green", "fail": "bold red", "warn": "yellow", "not applicable": "dim"}
WORDS: dict[Status, str] = {"pass": "pass", "fail": "FAIL", "warn": "warn", "not applicable": "n/a"}


def lines(results: Sequence[Result], *, everything: bool) -> Iterator[Text]:
    """One line a check below the name of its group; faults with places and remedy below it.

    Without ``everything`` those that passed are counted only, and those that did not apply are named below
    the reason: what could not be judged has not passed.
    """
    for group, members in groupby(results, key=lambda result: result.check.group):
        shown = [each for each in members if everything or each.faults]
        if shown:
            yield Text(group, style="bold")
        for result in shown:
            yield from _told(result)
    if not everything:
        yield from _unjudged(results)
    yield Text(summary(results))


def _unjudged(results: Sequence[Result]) -> Iterator[Text]:
    unjudged = [each for each in results if each.status == "not applicable"]
    for why in dict.fromkeys(each.why for each in unjudged):
        numbers = dict.fromkeys(each.check.requirement.id for each in unjudged if each.why == why)
        yield Text(f"n/a, {why}: {' '.join(numbers)}", style="dim")


def summary(results: Sequence[Result]) -> str:
    """How many checks came out how."""
    counts = Counter(result.status for result in results)
    return ", ".join(f"{counts[status]} {word}" for status, word in WORDS.items())


def _told(result: Result) -> Iterator[Text]:
    requirement = result.check.requirement
    line = Text(f"  {WORDS[result.status]:5}", style=STYLES[result.status])
    yield line.append(f"{requirement.id:5}{requirement.strength:9}{result.check.says}", style="default")
    for fault in result.faults[:MOST_FAULTS]:
        yield Text(f"         {fault.where}: {fault.reason}")
    if len(result.faults) > MOST_FAULTS:
        yield Text(f"         and {len(result.faults) - MOST_FAULTS} more")
    if result.faults:
        yield Text(
            f"         {requirement.says} ({requirement.section}) {requirement.remedy}", style="italic"
        )
    elif result.status == "not applicable":
        yield Text(f"         {result.why}", style="dim")


def as_json(url: str, results: Sequence[Result]) -> str:
    """All of it as JSON."""
    counts = Counter(result.status for result in results)
    return (
        json.dumps({"url": url, "totals": counts, "checks": [_members(each) for each in results]}, indent=1)
        + "\n"
    )


def _members(result: Result) -> dict[str, object]:
    requirement = result.check.requirement
    return {
        "requirement": requirement.id,
        "strength": requirement.strength,
        "section": requirement.section,
        "says": requirement.says,
        "group": result.check.group,
        "check": result.check.name,
        "status": result.status,
        "lookedAt": result.looked_at,
        **(
            {"faults": [{"where": each.where, "reason": each.reason} for each in result.faults]}
            if result.faults
            else {}
        ),
        **({"remedy": requirement.remedy} if result.faults else {}),
        **({"why": result.why} if result.status == "not applicable" else {}),
    }


def junit(results: Sequence[Result]) -> bytes:
    """A test case a check. A warning is a case that is passed and says so."""
    counts = Counter(result.status for result in results)
    suite = ET.Element(
        "testsuite",
        name="CDS Hooks conformance",
        tests=str(len(results)),
        failures=str(counts["fail"]),
        skipped=str(counts["not applicable"]),
    )
    for result in results:
        requirement = result.check.requirement
        name = f"{requirement.id} {requirement.strength}: {result.check.says}"
        case = ET.SubElement(suite, "testcase", classname=f"conform.{result.check.group}", name=name)
        told = "\n".join(f"{fault.where}: {fault.reason}" for fault in result.faults)
        if result.status == "fail":
            ET.SubElement(case, "failure", message=requirement.says).text = f"{told}\n{requirement.remedy}"
        elif result.status == "warn":
            ET.SubElement(
                case, "system-out"
            ).text = f"warning: {requirement.says}\n{told}\n{requirement.remedy}"
        elif result.status == "not applicable":
            ET.SubElement(case, "skipped", message=result.why)
    return bytes(ET.tostring(suite, encoding="utf-8", xml_declaration=True))
