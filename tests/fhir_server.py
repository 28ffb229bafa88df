"""A FHIR server on loopback that answers as told, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from ssl import SSLContext

from cds_service.faults.wire import Asked, Reply, serving

__all__ = ["FhirServer", "Reply", "reply", "running"]


def reply(resource: object, **options: object) -> Reply:
    """A resource as an answer."""
    return Reply(json.dumps(resource, default=_plain).encode(), **options)  # type: ignore[arg-type]


def _plain(value: object) -> float:
    assert isinstance(value, Decimal)
    return float(value)


@dataclass
class FhirServer:
    """``answers`` maps a path with its query, below the base, to a :class:`Reply` or a maker of one."""

    url: str
    answers: dict[str, Reply | Callable[[], Reply]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    otherwise: Reply = field(default_factory=lambda: reply({"resourceType": "OperationOutcome"}, status=404))

    def answer(self, asked: Asked) -> Reply:
        """The answer to a request, which is remembered."""
        path = asked.path.removeprefix("/fhir/")
        self.asked.append(path)
        self.tokens.append(asked.headers.get("Authorization"))
        self.headers.append(dict(asked.headers))
        found = self.answers.get(path, self.otherwise)
        return found() if callable(found) else found


@contextmanager
def running(tls: SSLContext | None = None) -> Iterator[FhirServer]:
    """A server on a free port of loopback, for as long as the block runs."""
    server = FhirServer("")
    with serving(server.answer, tls=tls) as port:
        server.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}/fhir"
        yield server
