"""What a fault is asked, read once: the query, whom it is about, and what a sound server would say."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from cds_service.fhir.synthesis import Resource, Store, respond


@dataclass(frozen=True, slots=True)
class Query:
    """One query below ``base``. ``witness`` is the address of a server that nobody should be led to."""

    store: Store
    base: str
    path: str
    parameters: str
    witness: str

    @property
    def kind(self) -> str:
        """The resource type that is asked for."""
        return self.path.partition("/")[0]

    @property
    def patient(self) -> str:
        """The id of the patient it is about."""
        kind, _, identity = self.path.partition("/")
        if kind == "Patient":
            return identity
        asked = parse_qs(self.parameters)
        named = asked.get("patient") or asked.get("subject") or [""]
        return named[0].rpartition("/")[2]

    @property
    def page(self) -> int:
        """The number of the page, 0 for the first."""
        text = parse_qs(self.parameters).get("_page", ["0"])[0]
        return int(text) if text.isascii() and text.isdigit() else 0

    @property
    def here(self) -> str:
        """Its own address."""
        return f"{self.base}/{self.path}" + (f"?{self.parameters}" if self.parameters else "")

    @property
    def plainly(self) -> str:
        """Its own address without TLS."""
        return self.here.replace("https://", "http://", 1)

    def at_page(self, number: int) -> str:
        """The address of another page of it."""
        asked = {name: values[0] for name, values in parse_qs(self.parameters).items()} | {
            "_page": str(number)
        }
        return f"{self.base}/{self.path}?{urlencode(asked)}"

    def sound(self) -> tuple[int, Resource]:
        """What a sound server answers: status and resource."""
        return respond(self.store, self.path, self.parameters, self.base)


def read(store: Store, origin: str, target: str, witness: str) -> tuple[str, Query] | None:
    """The fault's name and the query in ``/FAULT/fhir/QUERY``; ``None`` where it is no such path."""
    parts = urlsplit(target)
    name, _, rest = parts.path.strip("/").partition("/")
    mark, _, path = rest.partition("/")
    if mark != "fhir" or not path:
        return None
    return name, Query(store, f"{origin}/{name}/fhir", path, parts.query, witness)
