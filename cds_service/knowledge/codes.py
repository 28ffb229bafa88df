"""The code lists of ``cards/codes``, read into look-up tables with every fault kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from cds_service.clinical.dosing import ProductStrength
from cds_service.clinical.strengths import read_strength
from cds_service.clinical.systems import URIS, tidy_code
from cds_service.clinical.terms import Code, Concept, Forms, Group, Status, Terminology
from cds_service.errors import ContentFault
from cds_service.knowledge.files import Faults, Reporter, items, mapping, near, read_yaml

_FILES = {
    "drugs.yaml": "drug", "labs.yaml": "lab", "conditions.yaml": "condition", "orders.yaml": "order",
    "routes.yaml": "route", "vaccines.yaml": "vaccine", "allergies.yaml": "allergy", "answers.yaml": "answer",
}  # fmt: skip
_ENTRY = {
    "display", "names", "codes", "begins", "excepting", "topic", "unit", "local", "covers", "products",
    "name_only", "open",
}  # fmt: skip
_CODE = {"system", "code", "display", "status", "level", "strength"}
_STATUSES = get_args(Status)
_NOT_A_NUMBER = "none"
_OF = re.compile(r"^(?P<what>.*?)(?: of (?P<of>[a-z_]+))?(?: in all)?$")


def load_codes(folder: Path) -> tuple[Terminology, tuple[ContentFault, ...]]:
    """The code lists as far as they could be read, and all faults."""
    faults = Faults()
    reader = _Reader(folder, faults)
    concepts = reader.concepts()
    groups = _groups(folder, concepts, faults)
    return Terminology(concepts.values(), groups, _forms(folder, faults)), tuple(faults.found)


@dataclass(slots=True)
class _Reader:
    """Reads the files of concepts."""

    folder: Path
    faults: Faults
    seen: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def concepts(self) -> dict[tuple[str, str], Concept]:
        more = self._licensed()
        found = {}
        for file, kind in _FILES.items():
            report = self.faults.at(f"codes/{file}")
            for name, entry in self._file(file).items():
                members = mapping(entry, str(name), report)
                found[kind, str(name)] = self._concept(kind, str(name), members, more, report)
        for kind, name in more.keys() - found.keys():
            self.faults.at("codes/snomed-affiliate.yaml")(f"{kind}.{name}", f"no {kind} of that name")
        return found

    def _file(self, file: str) -> dict[str, Any]:
        return read_yaml(self.folder / file, self.folder.parent, self.faults)

    def _licensed(self) -> dict[tuple[str, str], list[Any]]:
        """Codes a site may have to leave out; the file may be deleted."""
        if not (self.folder / "snomed-affiliate.yaml").is_file():
            return {}
        content = self._file("snomed-affiliate.yaml")
        return {(kind, name): codes for kind, part in content.items() for name, codes in part.items()}

    def _concept(
        self,
        kind: str,
        name: str,
        members: Mapping[str, Any],
        more: Mapping[tuple[str, str], list[Any]],
        report: Reporter,
    ) -> Concept:
        for strange in sorted(set(members) - _ENTRY):
            report(f"{name}.{strange}", f"is not a key here{near(strange, _ENTRY)}")
        if not members.get("display"):
            report(f"{name}.display", "must say what a clinician reads")
        codes = [
            *self._codes(kind, name, items(members.get("codes")), report),
            *self._codes(kind, name, more.get((kind, name), ()), report),
        ]
        begins = tuple(self._beginnings(name, "begins", members, report))
        if not codes and not begins and not members.get("name_only"):
            report(f"{name}.codes", "has no code; give one, or say name_only: true")
        unit = str(members.get("unit", ""))
        if kind == "lab" and not (unit and members.get("topic")):
            report(name, "a lab needs a topic and a unit (none for what is not a number)")
        return Concept(
            kind,
            name,
            str(members.get("display", name)),
            tuple(codes),
            tuple(map(str, items(members.get("names")))),
            begins,
            tuple(self._beginnings(name, "excepting", members, report)),
            str(members.get("topic", "")),
            "" if unit == _NOT_A_NUMBER else unit,
            str(members.get("local", "")),
            frozenset(map(str, items(members.get("covers")))),
            members.get("open") is True,
            self._products(name, members, report),
        )

    def _codes(self, kind: str, name: str, listed: Collection[Any], report: Reporter) -> Iterator[Code]:
        for n, entry in enumerate(listed):
            key = f"{name}.codes[{n}]"
            members = mapping(entry, key, report)
            for strange in sorted(set(members) - _CODE):
                report(f"{key}.{strange}", f"is not a key of a code{near(strange, _CODE)}")
            system, code, status = (str(members.get(part, "")) for part in ("system", "code", "status"))
            if not self._is_sound(key, members, report):
                continue
            self._note_twin(kind, name, system, code, key, report)
            yield Code(
                system,
                code,
                str(members["display"]),
                status,  # type: ignore[arg-type]
                str(members.get("level", "")),
                self._strength(members.get("strength"), f"{key}.strength", report),
            )

    def _is_sound(self, key: str, members: Mapping[str, Any], report: Reporter) -> bool:
        before = len(self.faults.found)
        if members.get("system") not in URIS:
            report(f"{key}.system", f"must be one of {', '.join(URIS)}{near(members.get('system'), URIS)}")
        if not isinstance(members.get("code"), str) or not members["code"]:
            report(f"{key}.code", "must be a code in quotes")
        if not members.get("display"):
            report(f"{key}.display", "must be the name the system gives the code")
        if members.get("status") not in _STATUSES:
            report(
                f"{key}.status", f"must be one of {', '.join(_STATUSES)}; what nobody confirmed is left out"
            )
        return len(self.faults.found) == before

    def _note_twin(self, kind: str, name: str, system: str, code: str, key: str, report: Reporter) -> None:
        """One code means one drug; of other kinds it may be in several lists."""
        twin = self.seen.setdefault((kind, system, tidy_code(system, code)), name)
        if kind == "drug" and twin != name:
            report(key, f"the code {code} is already that of {twin}")

    def _beginnings(
        self, name: str, word: str, members: Mapping[str, Any], report: Reporter
    ) -> Iterator[tuple[str, str]]:
        for system, starts in mapping(members.get(word), f"{name}.{word}", report).items():
            if system not in URIS:
                report(f"{name}.{word}.{system}", f"is no code system{near(system, URIS)}")
                continue
            for start in items(starts):
                yield from ((system, each) for each in _spread(str(start)))

    def _products(
        self, name: str, members: Mapping[str, Any], report: Reporter
    ) -> Mapping[str, ProductStrength]:
        found = {}
        for words, said in mapping(members.get("products"), f"{name}.products", report).items():
            strength = self._strength(said, f"{name}.products.{words}", report)
            if strength:
                found[str(words)] = strength
        return MappingProxyType(found)

    def _strength(self, said: object, key: str, report: Reporter) -> ProductStrength | None:
        """``2.5 mg per tablet``; ``160 mg per tablet of trimethoprim``; ``25 mg per mL, 50 mg in all``."""
        if said is None:
            return None
        strength = strength_of(str(said))
        if strength is None:
            report(key, f"cannot be read as a strength: '{said}'; write 2.5 mg per tablet")
        return strength


def strength_of(said: str) -> ProductStrength | None:
    """A strength as the code lists write it, or ``None``."""
    per, _, whole = said.partition(",")
    parts = _OF.match(per.strip())
    strength = read_strength(parts["what"].replace("[IU]", "IU")) if parts else None
    if strength is None or parts is None:
        return None
    amount = None
    if whole:
        total = read_strength(f"{whole.replace('in all', '').strip()} per dose")
        if total is None or total.unit != strength.unit:
            return None
        amount = total.amount
    return ProductStrength(strength.amount, strength.unit, strength.per, amount, parts["of"] or "")


def _spread(start: str) -> Iterator[str]:
    """``C00-C96`` as every category between; anything else as it is."""
    found = re.fullmatch(r"([A-Z])(\d{2})-([A-Z])?(\d{2})", start)
    if not found or (found[3] or found[1]) != found[1]:
        yield start
        return
    for number in range(int(found[2]), int(found[4]) + 1):
        yield f"{found[1]}{number:02}"


def _groups(folder: Path, concepts: Mapping[tuple[str, str], Concept], faults: Faults) -> list[Group]:
    report = faults.at("codes/classes.yaml")
    content = read_yaml(folder / "classes.yaml", folder.parent, faults)
    found = []
    for name, entry in content.items():
        members = mapping(entry, str(name), report)
        kind = str(members.get("kind", ""))
        for key in ("display", "members"):
            if not members.get(key):
                report(f"{name}.{key}", "must not be empty")
        plain = frozenset(_expand(str(name), kind, content, concepts, report, ()))
        found.append(Group(kind, str(name), str(members.get("display", name)), plain))
    return found


def _expand(
    name: str,
    kind: str,
    content: Mapping[str, Any],
    concepts: Mapping[tuple[str, str], Concept],
    report: Reporter,
    above: tuple[str, ...],
) -> Iterator[str]:
    """The plain concepts of a class, those of the classes in it among them."""
    if name in above:
        report(name, f"contains itself through {', '.join(above)}")
        return
    for member in map(str, items(content[name].get("members"))):
        # A class of drugs may hold an entry of allergies.yaml: an allergy to it speaks against the drugs.
        if (kind, member) in concepts or (kind == "drug" and ("allergy", member) in concepts):
            yield member
        elif member in content:
            yield from _expand(member, kind, content, concepts, report, (*above, name))
        elif not above:
            known = [each for of, each in concepts if of == kind]
            report(f"{name}.members", f"no {kind} named '{member}'{near(member, known)}")


def _forms(folder: Path, faults: Faults) -> Forms:
    content = read_yaml(folder / "forms.yaml", folder.parent, faults)
    local, systemic = (tuple(map(str, items(content.get(part)))) for part in ("local", "systemic"))
    return Forms(local, systemic)
