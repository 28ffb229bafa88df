"""The weekdays a sig names: in a list, from one to another, or left out."""

from __future__ import annotations

import re

from cds_service.clinical.dosing.rhythm import WEEK

_DAY_NAME = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?"
    r"|sun(?:day)?)s?\b\.?"
)
_FULL_NAME = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?\b"
_SPAN = re.compile(rf"\b({_DAY_NAME}) ?(?:-|to|through|thru|until) ?({_DAY_NAME})")
_EXCEPT = re.compile(
    r"\b(?:except|excluding|but not|other than|apart from)(?: for)?(?: on)? "
    rf"((?:{_DAY_NAME}[ ,/&]*(?:and )?)+|weekends?\b)"
)
_LIST = re.compile(
    rf"\b(?:(?:on|every|each|weekly|week|q)[ :,-]*(?:a |the )?)?({_DAY_NAME}(?:[ ,/&+-]*(?:and |or )?{_DAY_NAME})*)"
)


def weekdays_in(plain: str) -> tuple[frozenset[str], str]:
    """The weekdays a tidied sig names, and the sig without them. Short names count in a list or after "on"."""
    named: set[str] = set()

    def span(found: re.Match[str]) -> str:
        first, last = WEEK.index(found[1][:3]), WEEK.index(found[2][:3])
        named.update(WEEK[(first + n) % 7] for n in range((last - first) % 7 + 1))
        return " "

    def listed(found: re.Match[str]) -> str:
        names = re.findall(_DAY_NAME, found[1])
        clear = len(names) > 1 or re.search(_FULL_NAME, found[1]) or found.start(1) > found.start()
        if not clear:
            return found[0]
        named.update(name[:3] for name in names)
        return " weekday "

    rest = _LIST.sub(listed, _SPAN.sub(span, plain))
    return frozenset(named), rest


def weekdays_told(plain: str) -> frozenset[str]:
    """Every weekday named in a tidied sig, in short too, except those that are left out."""
    return frozenset(name[:3] for name in re.findall(rf"\b{_DAY_NAME}", left_out(_SPAN.sub(" ", plain))[0]))


def days_left_out(plain: str) -> frozenset[str]:
    """The weekdays on which a tidied sig says that nothing is taken: "daily except on Sundays"."""
    return left_out(plain)[1]


def left_out(plain: str) -> tuple[str, frozenset[str]]:
    """The sig without "except on Sundays", and the days that are left out."""
    found = _EXCEPT.search(plain)
    if found is None:
        return plain, frozenset()
    named = found[1]
    off = set(WEEK[5:]) if "weekend" in named else {name[:3] for name in re.findall(_DAY_NAME, named)}
    return f"{plain[: found.start()]} {plain[found.end() :]}", frozenset(off)
