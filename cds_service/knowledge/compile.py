"""From the YAML of a condition to a :class:`Condition`, every name, kind and unit checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cds_service.clinical.facts.registry import FactSpec
from cds_service.clinical.terms import Terminology
from cds_service.knowledge.conditions import (
    COMPARISONS,
    Ask,
    Because,
    Compare,
    Condition,
    Every,
    Not,
    comparison,
)
from cds_service.knowledge.files import Reporter, items, near
from cds_service.knowledge.limits import Limit, cited_sources, decimal, read_evidence
from cds_service.knowledge.words import TemplateSyntaxError, names_in, plain_template

_FITS = {
    "number": ("below", "at_most", "above", "at_least", "is"),
    "date": ("below", "at_most", "above", "at_least"),
    "flag": ("is",),
    "word": ("is", "in"),
    "words": ("includes",),
    "range": (),
    "course": (),
}
# Vaccines are ordered as drugs are, and laboratory tests as examinations are.
_KINDS = {"drug": ("drug", "vaccine"), "order": ("order", "lab")}
_BASIC = {"fact", "of", "unit", "source", "evidence", "digits"}


@dataclass(frozen=True, slots=True)
class Dictionary:
    """All names a condition may use."""

    facts: Mapping[str, FactSpec]
    limits: Mapping[str, Limit]
    terms: Terminology
    sources: Collection[str]


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles the conditions of one page in the folder ``topic``, reporting faults by key."""

    words: Dictionary
    topic: str
    report: Reporter

    def condition(self, value: object, key: str) -> Condition | None:
        """The compiled condition, or ``None`` and its faults."""
        if not isinstance(value, dict) or not value:
            self.report(key, "must be all, any, not, or one comparison of a fact")
            return None
        own = {name: inner for name, inner in value.items() if name != "because"}
        part = self._comparison(own, key) if "fact" in own else self._combined(own, key)
        return self._because(part, value["because"], f"{key}.because") if "because" in value else part

    def _because(self, part: Condition | None, cause: object, key: str) -> Condition | None:
        if not isinstance(cause, str) or not cause.strip():
            self.report(key, "must say in a few words what holds")
            return None
        try:
            return Because(part, plain_template(cause), names_in(cause)) if part else None
        except TemplateSyntaxError as error:
            self.report(key, f"cannot be read as a template: {error.message}")
            return None

    def _combined(self, value: dict[str, Any], key: str) -> Condition | None:
        if len(value) != 1 or not set(value) <= {"all", "any", "not"}:
            self.report(
                key, f"must be exactly one of all, any, not, fact; it has {', '.join(map(str, value))}"
            )
            return None
        ((word, inner),) = value.items()
        if word == "not":
            part = self.condition(inner, f"{key}.not")
            return Not(part) if part else None
        if not isinstance(inner, list) or not inner:
            self.report(f"{key}.{word}", "must be a list of conditions")
            return None
        parts = [self.condition(each, f"{key}.{word}[{n}]") for n, each in enumerate(inner)]
        return Every(tuple(p for p in parts if p), word == "any") if all(parts) else None

    def ask(self, value: Mapping[str, Any], key: str) -> tuple[Ask, FactSpec] | None:
        """The fact that is asked for, with its arguments checked."""
        name = value.get("fact")
        spec = self.words.facts.get(str(name))
        if spec is None:
            self.report(key, f"no fact named '{name}'{near(name, self.words.facts)}")
            return None
        of = tuple(str(each) for each in items(value.get("of")))
        self._check_of(spec, of, key)
        args = self._args(spec, value, key)
        return Ask(spec.name, of, args), spec

    def _check_of(self, spec: FactSpec, of: tuple[str, ...], key: str) -> None:
        if not spec.of and of:
            self.report(f"{key}.of", f"the fact {spec.name} is not asked of a code list")
        if spec.of and not spec.of_optional and not of:
            self.report(f"{key}.of", f"the fact {spec.name} needs of: a {spec.of} code list")
        for name in of if spec.of else ():
            if not any(self.words.terms.exists(kind, name) for kind in _KINDS.get(spec.of, (spec.of,))):
                self.report(f"{key}.of", f"no {spec.of} code list named '{name}'")

    def _args(self, spec: FactSpec, value: Mapping[str, Any], key: str) -> tuple[tuple[str, int], ...]:
        found = []
        for name in set(value) - _BASIC - set(COMPARISONS):
            if name not in spec.args:
                allowed = [*spec.args, *_FITS[spec.kind]]
                self.report(
                    f"{key}.{name}", f"is no argument or comparison of {spec.name}{near(name, allowed)}"
                )
            elif not isinstance(value[name], int):
                self.report(f"{key}.{name}", "must be a whole number")
            else:
                found.append((name, value[name]))
        return tuple(sorted(found))

    def _comparison(self, value: dict[str, Any], key: str) -> Compare | None:
        asked = self.ask(value, key)
        compared = [name for name in COMPARISONS if name in value]
        if len(compared) != 1:
            self.report(key, f"needs exactly one comparison of {', '.join(COMPARISONS)}")
            return None
        if asked is None:
            return None
        ask, spec = asked
        if compared[0] not in _FITS[spec.kind]:
            fits = ", ".join(_FITS[spec.kind]) or "no comparison"
            self.report(f"{key}.{compared[0]}", f"does not fit a {spec.kind}; {spec.name} takes {fits}")
            return None
        return self._against(ask, spec, compared[0], value, key)

    def _against(
        self, ask: Ask, spec: FactSpec, name: str, value: Mapping[str, Any], key: str
    ) -> Compare | None:
        wanted = value[name]
        if spec.kind in ("number", "date"):
            return self._against_number(ask, spec, name, value, key)
        if spec.kind == "flag":
            if isinstance(wanted, bool):
                return comparison(ask, name, wanted, "")
            self.report(f"{key}.{name}", "a flag is true or false")
            return None
        words = frozenset(map(str, items(wanted)))
        for word in words:
            if spec.words and word not in spec.words:
                self.report(f"{key}.{name}", f"{spec.name} is never '{word}'{near(word, spec.words)}")
        return comparison(ask, name, words if name == "in" else str(wanted), "")

    def _against_number(
        self, ask: Ask, spec: FactSpec, name: str, value: Mapping[str, Any], key: str
    ) -> Compare | None:
        unit = spec.unit_of(ask.of, self.words.terms)
        bound, limit = self._bound(value, name, key)
        if bound is None:
            return None
        stated = limit.unit if limit else value.get("unit")
        if stated != unit:
            self.report(f"{key}.{name}", f"wrong unit: {spec.name} is in '{unit}', the number in '{stated}'")
            return None
        return comparison(ask, name, bound, unit, limit.name if limit else "")

    def _bound(self, value: Mapping[str, Any], name: str, key: str) -> tuple[Decimal | None, Limit | None]:
        wanted = value[name]
        bare = decimal(wanted)
        if bare is not None:
            cited_sources(value, key, self.words.sources, self.report)
            read_evidence(value.get("evidence"), f"{key}.evidence", self.report)
            return bare, None
        limit = self.limit(wanted)
        if limit is None:
            self.report(
                f"{key}.{name}", f"no limit named '{wanted}' in drug.yaml{near(wanted, self._limit_names())}"
            )
        return (limit.value if limit else None), limit

    def limit(self, name: object) -> Limit | None:
        """A limit by its short name in this folder, or by its full name."""
        limits = self.words.limits
        return limits.get(f"{self.topic}.{name}") or limits.get(str(name))

    def _limit_names(self) -> list[str]:
        own = [name.split(".", 1)[1] for name in self.words.limits if name.startswith(f"{self.topic}.")]
        return [*own, *self.words.limits]
