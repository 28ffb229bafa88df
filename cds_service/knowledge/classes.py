"""The classes of ``cards/codes``, opened to plain concepts, and the words of a product's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cds_service.clinical.concepts import KINDS, Concept, Forms, Group
from cds_service.knowledge.files import Faults, Reporter, items, mapping, near, read_yaml

_GROUP = {"kind", "display", "members"}
_FORMS = {"local", "systemic", "rectal"}


def read_classes(
    folder: Path, concepts: Mapping[tuple[str, str], Concept], faults: Faults
) -> tuple[Group, ...]:
    """The classes, each with all plain concepts in it."""
    report = faults.at("codes/classes.yaml")
    content = read_yaml(folder / "classes.yaml", folder.parent, faults)
    entries = {str(name): mapping(entry, str(name), report) for name, entry in content.items()}
    return tuple(_Opener(concepts, entries, report).groups())


def read_forms(folder: Path, faults: Faults) -> Forms:
    """The words of local use, of systemic use and of use by rectum."""
    report = faults.at("codes/forms.yaml")
    content = read_yaml(folder / "forms.yaml", folder.parent, faults)
    for strange in sorted(set(content) - _FORMS):
        report(strange, f"is not a key here{near(strange, _FORMS)}")
    for key in sorted(_FORMS):
        if not content.get(key):
            report(key, "must list words of a product's form")
    parts = ("local", "systemic", "rectal")
    return Forms(*(tuple(map(str, items(content.get(part)))) for part in parts))


@dataclass(frozen=True, slots=True)
class _Opener:
    """Opens classes in classes; each slip is told once, at the class that holds it."""

    concepts: Mapping[tuple[str, str], Concept]
    entries: Mapping[str, Mapping[str, Any]]
    report: Reporter

    def groups(self) -> Iterator[Group]:
        for name, entry in self.entries.items():
            self._check(name, entry)
            kind = str(entry.get("kind", ""))
            plain = frozenset(self._plain(name, kind, ()))
            yield Group(kind, name, str(entry.get("display", name)), plain)

    def _check(self, name: str, entry: Mapping[str, Any]) -> None:
        for strange in sorted(set(entry) - _GROUP):
            self.report(f"{name}.{strange}", f"is not a key of a class{near(strange, _GROUP)}")
        for key in ("display", "members"):
            if not entry.get(key):
                self.report(f"{name}.{key}", "must not be empty")
        kind = entry.get("kind")
        if kind not in KINDS:
            self.report(f"{name}.kind", f"must be one of {', '.join(KINDS)}{near(kind, KINDS)}")
        for twin in (each for each in KINDS if (each, name) in self.concepts):
            self.report(name, f"is also the name of one {twin}; a class needs its own")

    def _plain(self, name: str, kind: str, above: tuple[str, ...]) -> Iterator[str]:
        if name in above:
            # A class that only holds such a class is not at fault.
            if name == above[0]:
                self.report(f"{name}.members", f"contains itself through {', '.join(above)}")
            return
        for member in map(str, items(self.entries[name].get("members"))):
            if self._is_concept(kind, member):
                yield member
            elif self._is_class(kind, member):
                yield from self._plain(member, kind, (*above, name))
            elif not above and kind in KINDS:
                self.report(f"{name}.members", f"no {kind} named '{member}'{near(member, self._known(kind))}")

    def _is_concept(self, kind: str, name: str) -> bool:
        # A class of drugs may hold an entry of allergies.yaml: an allergy to it speaks against the drugs.
        return (kind, name) in self.concepts or (kind == "drug" and ("allergy", name) in self.concepts)

    def _is_class(self, kind: str, name: str) -> bool:
        return name in self.entries and self.entries[name].get("kind") == kind

    def _known(self, kind: str) -> Iterator[str]:
        yield from (name for of, name in self.concepts if of == kind)
        yield from (name for name in self.entries if self._is_class(kind, name))
