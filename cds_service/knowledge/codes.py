"""The code lists of ``cards/codes``, read into look-up tables with every fault kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from cds_service.clinical.concepts import Code, Concept, Status
from cds_service.clinical.dosing import ProductStrength
from cds_service.clinical.strengths import read_strength
from cds_service.clinical.systems import URIS, tidy_code
from cds_service.clinical.terms import Terminology
from cds_service.clinical.units import canonical
from cds_service.errors import ContentFault
from cds_service.knowledge.classes import read_classes, read_forms
from cds_service.knowledge.files import Faults, Reporter, items, mapping, near, read_yaml
from cds_service.knowledge.related import FILES, related

_LICENSED = "snomed-affiliate.yaml"
_ENTRY = {
    "display", "names", "codes", "begins", "excepting", "topic", "unit", "local", "covers", "products",
    "name_only", "open", "also", "is_a", "share", "systemic_by_rectum",
}  # fmt: skip
_CODE = {"system", "code", "display", "status", "level", "strength"}
_STATUSES = get_args(Status)
_NOT_A_NUMBER = "none"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RANGE = re.compile(r"(?P<stem>[A-Z](?:\d\d\.)?)(?P<first>\d{1,2})-(?P<again>[A-Z]?)(?P<last>\d{1,2})")
_OF = re.compile(r"^(?P<what>.*?)(?: of (?P<of>[a-z_]+))?(?: in all)?$")


def load_codes(folder: Path) -> tuple[Terminology, tuple[ContentFault, ...]]:
    """The code lists as far as they could be read, and all faults."""
    faults = Faults()
    reader = _Reader(folder, faults)
    concepts = reader.concepts()
    groups = read_classes(folder, concepts, faults)
    return Terminology(concepts.values(), groups, read_forms(folder, faults)), tuple(faults.found)


@dataclass(slots=True)
class _Reader:
    """Reads the files of concepts."""

    folder: Path
    faults: Faults
    seen: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def concepts(self) -> dict[tuple[str, str], Concept]:
        more = self._licensed()
        found = {}
        for file, kind in FILES.items():
            report = self.faults.at(f"codes/{file}")
            for name, entry in self._file(file).items():
                members = mapping(entry, str(name), report)
                found[kind, str(name)] = self._concept(kind, str(name), members, more, report)
        self._check_licensed(more, found)
        return related(found, self.faults)

    def _check_licensed(self, more: Collection[tuple[str, str]], found: Collection[tuple[str, str]]) -> None:
        for kind, name in sorted(set(more) - set(found)):
            known = [each for of, each in found if of == kind]
            self.faults.at(f"codes/{_LICENSED}")(
                f"{kind}.{name}", f"no {kind} of that name{near(name, known)}"
            )

    def _file(self, file: str) -> dict[str, Any]:
        return read_yaml(self.folder / file, self.folder.parent, self.faults)

    def _licensed(self) -> dict[tuple[str, str], tuple[Any, ...]]:
        """Codes a site may have to leave out; the file may be deleted."""
        if not (self.folder / _LICENSED).is_file():
            return {}
        report = self.faults.at(f"codes/{_LICENSED}")
        return {
            (str(kind), str(name)): items(codes)
            for kind, part in self._file(_LICENSED).items()
            for name, codes in mapping(part, str(kind), report).items()
        }

    def _concept(
        self,
        kind: str,
        name: str,
        members: Mapping[str, Any],
        more: Mapping[tuple[str, str], tuple[Any, ...]],
        report: Reporter,
    ) -> Concept:
        self._check(name, members, report)
        codes = [
            *self._codes(kind, name, items(members.get("codes")), report),
            *self._codes(kind, name, more.get((kind, name), ()), report),
        ]
        begins = tuple(self._beginnings(name, "begins", members, report))
        if not codes and not begins and not members.get("name_only"):
            report(f"{name}.codes", "has no code; give one, or say name_only: true")
        return Concept(
            kind,
            name,
            str(members.get("display", name)),
            tuple(codes),
            tuple(filter(_is_text, items(members.get("names")))),
            begins,
            tuple(self._beginnings(name, "excepting", members, report)),
            str(members.get("topic", "")),
            self._unit(name, members, report) if kind == "lab" else "",
            str(members.get("local", "")),
            frozenset(map(str, items(members.get("covers")))),
            members.get("open") is True,
            self._products(name, members, report),
            frozenset(map(str, items(members.get("also")))),
            str(members.get("is_a", "")),
            _pair(members.get("share")),
            members.get("systemic_by_rectum") is True,
        )

    def _check(self, name: str, members: Mapping[str, Any], report: Reporter) -> None:
        if not _NAME.fullmatch(name):
            report(name, "must be a name of small letters, digits and _")
        for strange in sorted(set(members) - _ENTRY):
            report(f"{name}.{strange}", f"is not a key here{near(strange, _ENTRY)}")
        if not members.get("display"):
            report(f"{name}.display", "must say what a clinician reads")
        for each in items(members.get("names")):
            if not _is_text(each):
                report(f"{name}.names", f"must be words; put {each} in quotes")

    def _unit(self, name: str, members: Mapping[str, Any], report: Reporter) -> str:
        unit = str(members.get("unit", ""))
        if not (unit and members.get("topic")):
            report(name, "a lab needs a topic and a unit (none for what is not a number)")
        elif unit != _NOT_A_NUMBER and canonical(unit, name) != unit:
            report(f"{name}.unit", f"is no unit the service computes in: '{unit}'")
        return "" if unit == _NOT_A_NUMBER else unit

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
            for start in map(str, items(starts)):
                spread = _spread(start)
                if not spread:
                    report(f"{name}.{word}", f"is no range like C00-C96 or K74.3-6: '{start}'")
                yield from ((system, each) for each in spread)

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


def _spread(start: str) -> tuple[str, ...]:
    """``C00-C96`` and ``K74.3-6`` as every beginning between; anything else as it is; none if no sound range."""
    if "-" not in start:
        return (start,)
    found = _RANGE.fullmatch(start)
    if not found or found["again"] != ("" if "." in start else found["stem"]):
        return ()
    width = len(found["first"])
    if len(found["last"]) != width:
        return ()
    numbers = range(int(found["first"]), int(found["last"]) + 1)
    return tuple(f"{found['stem']}{number:0{width}}" for number in numbers)


def _is_text(value: object) -> bool:
    """Whether it is words: an unquoted ``no`` is a truth value in YAML."""
    return isinstance(value, str) and bool(value.strip())


def _pair(value: object) -> tuple[str, str] | None:
    """The two names of ``share``; one that is not written as two is named by the check that follows."""
    names = [*map(str, items(value)), "", ""]
    return (names[0], names[1]) if value is not None else None
