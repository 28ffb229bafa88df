"""The checks, one file a group of requirements. Importing this registers them all."""

from cds_service.conform.checks import (
    answers,
    browsers,
    callers,
    cards,
    discovery,
    extensions,
    feedback,
    links,
    prefetch,
    requests,
    suggestions,
    system_actions,
    transport,
)

__all__ = [
    "answers",
    "browsers",
    "callers",
    "cards",
    "discovery",
    "extensions",
    "feedback",
    "links",
    "prefetch",
    "requests",
    "suggestions",
    "system_actions",
    "transport",
]
