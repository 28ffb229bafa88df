"""Links (L)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl

from cds_service.conform.checks.cards import ABSOLUTE
from cds_service.conform.reading import text
from cds_service.conform.registry import NotApplicable, check
from cds_service.conform.subjects import Part, links

TYPES = ("absolute", "smart")


@check("L1", links)
def a_link_has_a_label(link: Part) -> Iterator[str]:
    """A label"""
    if not text(link.value.get("label")):
        yield "has no label"


@check("L2", links)
def a_link_has_an_address(link: Part) -> Iterator[str]:
    """An absolute address"""
    if not isinstance(link.value.get("url"), str) or not ABSOLUTE.fullmatch(link.value["url"]):
        yield "url is no absolute address"


@check("L3", links)
def a_link_is_absolute_or_smart(link: Part) -> Iterator[str]:
    """absolute or smart"""
    if link.value.get("type") not in TYPES:
        yield f"the type is {link.value.get('type')!r}"


@check("L4", links)
def a_smart_link_leaves_the_launch_to_the_client(link: Part) -> Iterator[str]:
    """No iss or launch of its own"""
    if link.value.get("type") != "smart":
        raise NotApplicable("no link is smart")
    query = str(link.value.get("url")).partition("#")[0].partition("?")[2]
    if {name for name, _ in parse_qsl(query, keep_blank_values=True)} & {"iss", "launch"}:
        yield "brings its own iss or launch"


@check("L5", links)
def the_context_of_an_app_is_a_text(link: Part) -> Iterator[str]:
    """appContext is a text"""
    if "appContext" not in link.value:
        raise NotApplicable("no link has an appContext")
    if not isinstance(link.value["appContext"], str):
        yield "appContext is no text"


@check("L6", links)
def the_context_of_an_app_is_for_smart_links(link: Part) -> Iterator[str]:
    """appContext in smart links only"""
    if "appContext" in link.value and link.value.get("type") != "smart":
        yield "has an appContext and is not smart"


@check("L8", links)
def autolaunchable_is_a_truth_value(link: Part) -> Iterator[str]:
    """autolaunchable is true or false"""
    if "autolaunchable" not in link.value:
        raise NotApplicable("no link has autolaunchable")
    if not isinstance(link.value["autolaunchable"], bool):
        yield "autolaunchable is neither true nor false"
