"""The code lists as look-up tables: which concept a code or a word means, and what belongs to a class.

Built once from ``cards/codes`` by ``cds_service.knowledge.codes``; nothing here reads a file, and every
look-up is a dictionary access. A code nobody verified is in no table: a concept without any is found
by its names alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cds_service.clinical.concepts import KINDS, Code, Concept, Forms, Group
from cds_service.clinical.dosing import ProductStrength
from cds_service.clinical.strengths import read_as_sold, read_strength
from cds_service.clinical.systems import URIS, system_key, tidy_code
from cds_service.clinical.words import Phrases, Words, words

_OTHER_NAMES = {"obs": "lab", "cond": "condition", "vax": "vaccine"}
_NOTHING: frozenset[str] = frozenset()


class Terminology:
    """All code lists. Raises nothing: what is not in a list is simply not known."""

    def __init__(
        self, concepts: Iterable[Concept], groups: Iterable[Group] = (), forms: Forms | None = None
    ) -> None:
        self._concepts = {(each.kind, each.name): each for each in concepts}
        self._groups = {each.name: each for each in groups}
        self._exact: dict[tuple[str, str], dict[str, frozenset[str]]] = {}
        self._codes: dict[tuple[str, str], Code] = {}
        self._begins: dict[tuple[str, str], list[Concept]] = {}
        self._topics: dict[str, list[str]] = {}
        self._named: dict[tuple[str, Words], frozenset[str]] = {}
        for concept in self._concepts.values():
            self._index(concept)
        drugs = self.of_kind("drug")
        self._drug_names = Phrases((name, each) for each in drugs for name in each.names)
        self._exam_names = Phrases((n, each.name) for each in self.of_kind("order") for n in each.names)
        self._problem_names = Phrases((n, c.name) for c in self.of_kind("condition") for n in c.names)
        self._vaccine_names = Phrases((n, each.name) for each in self.of_kind("vaccine") for n in each.names)
        self._products = {each.name: Phrases(each.products.items()) for each in drugs if each.products}
        shapes = forms or Forms()
        uses = {"local": shapes.local, "systemic": shapes.systemic, "rectal": shapes.rectal}
        self._forms = Phrases((word, use) for use, known in uses.items() for word in known)

    def _index(self, concept: Concept) -> None:
        for code in concept.codes:
            key = (code.system, tidy_code(code.system, code.code))
            by_kind = self._exact.setdefault(key, {})
            by_kind[concept.kind] = by_kind.get(concept.kind, _NOTHING) | {concept.name}
            self._codes.setdefault(key, code)
            if concept.kind == "lab" and code.system in ("loinc", "core-set"):
                for topic in (concept.topic, *sorted(concept.also)):
                    self._topics.setdefault(topic, []).append(code.code)
        for system, start in concept.begins:
            self._begins.setdefault((system, tidy_code(system, start)), []).append(concept)
        # An order that this service wrote says the display: it is a name, where the whole text is looked at.
        own = (concept.display,) if concept.kind in ("order", "lab") else ()
        for name in (*own, *concept.names):
            named = (concept.kind, words(name))
            self._named[named] = self._named.get(named, _NOTHING) | {concept.name}

    def of_kind(self, kind: str) -> tuple[Concept, ...]:
        """The concepts of a kind, in the order of the list."""
        return tuple(each for each in self._concepts.values() if each.kind == kind)

    def concepts(self, system: str, code: str, kind: str | None = None) -> frozenset[str]:
        """The concepts a code belongs to, of one kind or of all: the code itself, and what it begins with.

        A drug's exact code wins over a class it begins with: ``M01AE01`` is ibuprofen, not "another NSAID".
        """
        key = system_key(system)
        if key is None:
            return _NOTHING
        tidy = tidy_code(key, code)
        wanted = _kind(kind)
        by_kind = self._exact.get((key, tidy), {})
        exact = by_kind.get(wanted, _NOTHING) if wanted is not None else _NOTHING.union(*by_kind.values())
        if exact and key == "atc":
            return exact
        return exact.union(
            each.name for each in self._beginning(key, tidy) if wanted is None or each.kind == wanted
        )

    def _beginning(self, system: str, code: str) -> Iterator[Concept]:
        for length in range(1, len(code) + 1):
            for concept in self._begins.get((system, code[:length]), ()):
                excepted = (tidy_code(s, start) for s, start in concept.excepting if s == system)
                if not any(code.startswith(start) for start in excepted):
                    yield concept

    def drugs_in_text(self, text: str) -> frozenset[str]:
        """The drugs a product's or order's text names: INN, USAN, brands and the usual short names.

        A text of local use ("0.1 % ointment", "eye drops") gives the local concept where there is one.
        """
        spelt = words(text)
        found = tuple(dict.fromkeys(self._drug_names.find(spelt)))
        if not found:
            return _NOTHING
        forms = frozenset(self._forms.find(spelt))
        names = frozenset(each.local if self._is_local(each, forms) else each.name for each in found)
        return names.difference(*(each.covers for each in found))

    def _is_local(self, drug: Concept, forms: frozenset[str]) -> bool:
        """Whether words of such forms mean the drug in local use; a suppository is local where the drug stays there."""
        if not drug.local or "systemic" in forms:
            return False
        by_rectum = "rectal" in forms and not self._concepts["drug", drug.local].systemic_by_rectum
        return "local" in forms or by_rectum

    def named(self, kind: str, text: str) -> frozenset[str]:
        """The concepts of a kind whose name is the whole text ("Serum creatinine")."""
        return self._named.get((_kind(kind) or "", words(text)), _NOTHING)

    def conditions_in_text(self, text: str) -> frozenset[str]:
        """The conditions a problem's text names anywhere; the caller minds negation and doubt."""
        return frozenset(self._problem_names.find(words(text)))

    def vaccines_in_text(self, text: str) -> frozenset[str]:
        """The vaccines a product's or record's text names anywhere ("MMR II 0.5 mL")."""
        return frozenset(self._vaccine_names.find(words(text)))

    def problem_places(self, spelt: Words) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """The same with the place of each name: its first word, the word after it, the conditions."""
        return self._problem_names.places(spelt)

    def members(self, name: str) -> frozenset[str]:
        """The concepts of a class; a plain concept is its own only member."""
        group = self._groups.get(name)
        return group.members if group else frozenset({name})

    def classes(self, concept: str) -> frozenset[str]:
        """The classes a concept belongs to."""
        return frozenset(group.name for group in self._groups.values() if concept in group.members)

    def examinations_in_text(self, text: str) -> frozenset[str]:
        """The examinations a report's or procedure's title names anywhere ("CT CHEST W/O CONTRAST")."""
        return frozenset(self._exam_names.find(words(text)))

    def strength(self, system: str, code: str) -> ProductStrength | None:
        """What one tablet, capsule or millilitre of a product code holds; ``None`` for an ingredient code."""
        found = self._code(system, code)
        return found.strength if found else None

    def strength_in_text(self, text: str) -> ProductStrength | None:
        """What a product's text says one tablet, capsule, millilitre or vial holds; ``None`` if in doubt."""
        spelt = words(text)
        for drug in self.drugs_in_text(text):
            if drug in self._products:
                known = frozenset(self._products[drug].find(spelt))
                # Where a dose is counted in a part, an amount in the text does not say of what.
                if known or any(s.of for s in self._concepts["drug", drug].products.values()):
                    return next(iter(known)) if len(known) == 1 else None
        return read_strength(text)

    def strength_as_sold(self, text: str) -> ProductStrength | None:
        """As :meth:`strength_in_text`, of a name without a form or milligrams, by how its one drug is sold."""
        drugs = self.drugs_in_text(text)
        drug = self._concepts.get(("drug", min(drugs))) if len(drugs) == 1 else None
        return read_as_sold(text, [c.strength for c in drug.codes]) if drug and not drug.products else None

    def topic(self, concept: str) -> str:
        """The need a lab, or a class of labs, is fetched with; "" if there is no such lab."""
        return next((each.topic for each in self._labs(concept)), "")

    def unit(self, concept: str) -> str:
        """The UCUM unit a lab is read in; "" if it is not a number or there is no such lab."""
        return next((each.unit for each in self._labs(concept)), "")

    def is_open(self, concept: str) -> bool:
        """Whether any answer to a lab counts, listed or not."""
        return any(each.open for each in self._labs(concept))

    def share(self, concept: str) -> tuple[str, str] | None:
        """The lab that gives a count as a share in per cent, and the lab it is a share of, if there are any."""
        return next((each.share for each in self._labs(concept)), None)

    def _labs(self, name: str) -> Iterator[Concept]:
        for member in sorted(self.members(name)):
            found = self._concepts.get(("lab", member))
            if found is not None:
                yield found

    def lab_codes(self, topic: str) -> tuple[str, ...]:
        """The LOINC codes of all labs of a topic, in the order of the list."""
        return tuple(self._topics.get(topic, ()))

    def display(self, name: str, kind: str | None = None) -> str:
        """The words a clinician reads for a concept or class; the name itself if it is in no list."""
        if kind is None and name in self._groups:
            return self._groups[name].display
        listed = (self._concepts.get((each, name)) for each in ([_kind(kind) or ""] if kind else KINDS))
        return next((each.display for each in listed if each), name.replace("_", " "))

    def coding(self, name: str, kind: str) -> tuple[str, str, str] | None:
        """(system, code, display) to write an order with: the concept's first code, or ``None``."""
        concept = self._concepts.get((_kind(kind) or "", name))
        if concept is None or not concept.codes:
            return None
        first = concept.codes[0]
        return URIS[first.system], first.code, first.display

    def status(self, system: str, code: str) -> str:
        """How well a code was checked: "verified" or "single-source"; "" if it is in no list."""
        found = self._code(system, code)
        return found.status if found else ""

    def _code(self, system: str, code: str) -> Code | None:
        key = system_key(system)
        return None if key is None else self._codes.get((key, tidy_code(key, code)))

    def name_only(self, concept: str) -> bool:
        """Whether the concept has no code at all, so that only its names can be recognised."""
        found = [self._concepts[kind, concept] for kind in KINDS if (kind, concept) in self._concepts]
        return bool(found) and not any(each.codes or each.begins for each in found)

    def local(self, drug: str) -> str:
        """The concept of the same drug in local use (ointment, drops, inhaler); "" if it has none."""
        found = self._concepts.get(("drug", drug))
        return found.local if found else ""

    def exists(self, kind: str, name: str) -> bool:
        """Whether there is a concept or class of that kind."""
        wanted = _kind(kind) or ""
        group = self._groups.get(name)
        return (wanted, name) in self._concepts or (group is not None and group.kind == wanted)


def _kind(kind: str | None) -> str | None:
    return None if kind is None else _OTHER_NAMES.get(kind, kind)
