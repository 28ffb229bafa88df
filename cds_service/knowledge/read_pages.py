"""Pages read from their files: every name, kind and text checked, every fault by file and key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Template

from cds_service.knowledge.causes import CAUSES, causes_of, check_causes
from cds_service.knowledge.compile import Compiler, Dictionary
from cds_service.knowledge.conditions import Condition, Every, Not
from cds_service.knowledge.files import Faults, Reporter, items, mapping, near, split_page
from cds_service.knowledge.limits import cited_sources, read_evidence
from cds_service.knowledge.offers import Offer, read_offers
from cds_service.knowledge.pages import (
    CHOICE_NAMES,
    CHOICES,
    GIVEN_NAMES,
    GROUPS,
    INDICATORS,
    LONGEST_SUMMARY,
    OTHERS,
    Page,
    Tier,
    Value,
)
from cds_service.knowledge.words import (
    TemplateSyntaxError,
    fixed_text,
    markdown_template,
    names_in,
    plain_template,
)

HARM = ("hours", "days", "weeks", "months")
SCOPES = ("any-patient", "myositis")
SUBJECTS = ("order", "pair", "patient")
_PAGE_KEYS = {
    "rule", "title", "subject", "drugs", "judges", "scope", "unless", "hooks", "values", "tiers", "sources",
    "evidence", "review", "harm", "leads", "short", "choices", "choices_among",
    "choices_first", "choices_in_order", "alternatives", "tells_missing",
}  # fmt: skip
_TIER_KEYS = {
    "indicator", "group", "hooks", "scope", "unless", "when", "summary", "suggest", "override", "sources",
    "evidence", "paced",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """Everything a page may refer to by name."""

    words: Dictionary
    hooks: Collection[str]
    orders: Collection[str]
    overrides: Collection[str]
    rules: Collection[str]


def read_page(path: Path, root: Path, names: Names, faults: Faults) -> Page | None:
    """The page in a file, or ``None`` and its faults."""
    file = path.relative_to(root).as_posix()
    report = faults.at(file)
    before = len(faults.found)
    front, sections = split_page(path.read_text(encoding="utf-8"), report)
    if not front:
        return None
    page = _Parser(
        front, sections, names, Compiler(names.words, path.parent.name, report), report, file
    ).page()
    return page if len(faults.found) == before else None


@dataclass(slots=True)
class _Parser:
    front: dict[str, Any]
    sections: dict[str, str]
    names: Names
    compiler: Compiler
    report: Reporter
    file: str

    def page(self) -> Page:
        front = self.front
        self._keys(front, _PAGE_KEYS, "")
        rule = str(front.get("rule", ""))
        if rule not in self.names.rules:
            self.report("rule", f"unknown rule id '{rule}'{near(rule, self.names.rules)}")
        subject = self._one("subject", front.get("subject"), SUBJECTS)
        values = self._values()
        tiers = tuple(
            tier for n, each in enumerate(items(front.get("tiers"))) if (tier := self._tier(each, n, values))
        )
        self._order(tiers)
        return Page(
            rule, self.file, str(front.get("title", "")), subject, self._drugs(subject),
            front.get("judges") == "dosage", self._hooks(front.get("hooks"), "hooks"), values, tiers,
            cited_sources(front, "", self.names.words.sources, self.report, "sources"),
            read_evidence(front.get("evidence"), "evidence", self.report) or "U",
            mapping(front.get("review"), "review", self.report), self._rank(rule),
            str(front.get("short", "")), self._choices(tiers), self._choices_among(),
            front.get("choices_first") is True, front.get("choices_in_order") is True,
            alternatives=front.get("alternatives") is True,
            tells_missing=frozenset(map(str, items(front.get("tells_missing")))),
        )  # fmt: skip

    def _keys(self, found: Mapping[str, Any], allowed: Collection[str], key: str) -> None:
        for strange in sorted(set(found) - set(allowed)):
            self.report(f"{key}{strange}", f"is not a key here{near(strange, allowed)}")

    def _one(self, key: str, value: object, allowed: Collection[str]) -> str:
        if value not in allowed:
            self.report(key, f"must be one of {', '.join(allowed)}")
        return str(value)

    def _rank(self, rule: str) -> tuple[int, int, str]:
        harm = self._one("harm", self.front.get("harm"), HARM)
        return (0 if self.front.get("leads") else 1, HARM.index(harm) if harm in HARM else 0, rule)

    def _hooks(self, value: object, key: str) -> frozenset[str]:
        for hook in items(value):
            if hook not in self.names.hooks:
                self.report(key, f"no service is offered for the hook '{hook}'{near(hook, self.names.hooks)}")
        return frozenset(map(str, items(value)))

    def _drugs(self, subject: str) -> frozenset[str]:
        named = items(self.front.get("drugs"))
        if bool(named) is (subject == "patient"):
            self.report("drugs", "a page about orders names its drugs; one about the patient names none")
        terms = self.names.words.terms
        for name in named:
            if not any(terms.exists(kind, name) for kind in ("drug", "vaccine")):
                self.report("drugs", f"no drug or vaccine code list named '{name}'")
        return frozenset().union(*(terms.members(name) for name in named)) if named else frozenset()

    def _values(self) -> dict[str, Value]:
        found = {}
        for name, entry in mapping(self.front.get("values"), "values", self.report).items():
            said = dict(mapping(entry, f"values.{name}", self.report))
            otherwise = str(said.pop("otherwise", ""))
            asked = self.compiler.ask(said, f"values.{name}")
            if asked:
                ask, spec = asked
                unit = spec.unit_of(ask.of, self.names.words.terms)
                found[str(name)] = Value(ask, unit, said.get("digits"), otherwise)
        return found

    def _choices(self, tiers: Iterable[Tier]) -> tuple[str, ...]:
        named = tuple(map(str, items(self.front.get("choices"))))
        for name in named:
            self._known(name, self.names.orders, "choices", "order", "orders.yaml")
        summaries = (str(each.get("summary")) for each in items(self.front.get("tiers")))
        told = frozenset[str]().union(
            *map(names_in, (*self.sections.values(), *summaries)),
            *(cause.names for tier in tiers for cause in causes_of(tier.condition)),
        )
        if bool(named) is not bool(told & {CHOICES, CHOICE_NAMES}):
            self.report(
                "choices", "names the drugs that {{ choices }} may tell; neither stands without the other"
            )
        return named

    def _choices_among(self) -> str:
        name, facts = str(self.front.get("choices_among", "")), self.names.words.facts
        of_words = [each for each, spec in facts.items() if spec.kind == "words" and not spec.of]
        if name and name not in of_words:
            self.report("choices_among", f"no fact of words named '{name}'{near(name, of_words)}")
        return name

    def _order(self, tiers: tuple[Tier, ...]) -> None:
        found = [INDICATORS.index(tier.indicator) for tier in tiers if tier.indicator in INDICATORS]
        if not found:
            self.report("tiers", "a page needs at least one tier")
        if found != sorted(set(found)):
            self.report("tiers", "must stand most severe first, each indicator once")
        for name in set(self.sections) - {tier.indicator for tier in tiers}:
            self.report(f"## {name}", "a text section without a tier of that indicator")

    def _tier(self, entry: object, n: int, values: Mapping[str, Value]) -> Tier | None:
        key = f"tiers[{n}]"
        tier = mapping(entry, key, self.report)
        self._keys(tier, _TIER_KEYS, f"{key}.")
        indicator = self._one(f"{key}.indicator", tier.get("indicator"), INDICATORS)
        condition = self._condition(tier, key)
        summary = self._summary(str(tier.get("summary", "")), values, f"{key}.summary")
        text = self._text(indicator, values)
        if condition is None or summary is None or text is None:
            return None
        words = f"{tier.get('summary')} {self.sections[indicator]}"
        check_causes(condition, words, {*values, *GIVEN_NAMES}, key, self.report)
        cites = tier if "sources" in tier else self.front
        return Tier(
            indicator, self._groups(tier.get("group"), f"{key}.group"),
            self._hooks(tier.get("hooks", self.front.get("hooks")), f"{key}.hooks"), condition, summary, text,
            self._offers(tier, key), self._overrides(tier, key),
            cited_sources(cites, key, self.names.words.sources, self.report, "sources"),
            read_evidence(tier.get("evidence", self.front.get("evidence")), f"{key}.evidence", self.report) or "U",
            names_others=OTHERS in names_in(str(tier.get("summary"))), paced=self._paced(tier, key),
            override_when=self._override_when(tier, key),
        )  # fmt: skip

    def _paced(self, tier: Mapping[str, Any], key: str) -> str:
        name, facts = str(tier.get("paced", "")), self.names.words.facts
        flags = [each for each, spec in facts.items() if spec.kind == "flag" and not spec.of]
        if name and name not in flags:
            self.report(f"{key}.paced", f"no flag named '{name}'{near(name, flags)}")
        return name

    def _offers(self, tier: Mapping[str, Any], key: str) -> tuple[Offer, ...]:
        names = self.names
        return read_offers(tier, key, names.orders, names.words.facts, self.compiler, self.report)

    def _condition(self, tier: Mapping[str, Any], key: str) -> Condition | None:
        """The tier's own cause, inside the scope and outside the exemption."""
        parts: list[Condition | None] = []
        scope = self._one(f"{key}.scope", tier.get("scope", self.front.get("scope")), SCOPES)
        if scope == "myositis":
            parts.append(self.compiler.condition({"fact": "has_myositis", "is": True}, f"{key}.scope"))
        for holder, where in ((self.front, "unless"), (tier, f"{key}.unless")):
            if "unless" in holder:
                inner = self.compiler.condition(holder["unless"], where)
                parts.append(Not(inner) if inner else None)
        parts.append(self.compiler.condition(tier.get("when"), f"{key}.when"))
        whole = [part for part in parts if part]
        if len(whole) != len(parts):
            return None
        return whole[0] if len(whole) == 1 else Every(tuple(whole), decisive=False)

    def _groups(self, value: object, key: str) -> Mapping[str, str]:
        groups = dict(value) if isinstance(value, dict) else {"default": str(value)}
        for group in groups.values():
            self._one(key, group, GROUPS)
        if "default" not in groups:
            self.report(key, "needs a default beside the groups of single hooks")
        return groups

    def _summary(self, text: str, values: Mapping[str, Value], key: str) -> Template | None:
        if not text.strip():
            self.report(key, "must say in one sentence what is wrong")
        if len(fixed_text(text)) > LONGEST_SUMMARY:
            self.report(key, f"has {len(text)} characters; at most {LONGEST_SUMMARY} fit")
        return self._template(text, values, key, plain_template)

    def _text(self, indicator: str, values: Mapping[str, Value]) -> Template | None:
        text = self.sections.get(indicator)
        if not text:
            self.report(f"## {indicator}", "this tier has no text section")
            return None
        return self._template(text, values, f"## {indicator}", markdown_template)

    def _template(self, text: str, values: Mapping[str, Value], key: str, build: Any) -> Template | None:
        try:
            for name in sorted(names_in(text) - set(values) - {CAUSES, *GIVEN_NAMES}):
                self.report(key, f"uses '{name}', which is not in values{near(name, values)}")
            template: Template = build(text)
        except TemplateSyntaxError as error:
            self.report(key, f"cannot be read as a template: {error.message}")
            return None
        return template

    def _overrides(self, tier: Mapping[str, Any], key: str) -> tuple[str, ...]:
        listed = (
            each.get("reason") if isinstance(each, dict) else each for each in items(tier.get("override"))
        )
        codes = tuple(map(str, listed))
        for code in codes:
            self._known(code, self.names.overrides, f"{key}.override", "override reason", "overrides.yaml")
        return codes

    def _override_when(self, tier: Mapping[str, Any], key: str) -> dict[str, Condition]:
        """By override reason, the condition under which alone it is offered."""
        found = {}
        for n, each in enumerate(items(tier.get("override"))):
            if isinstance(each, dict):
                self._keys(each, ("reason", "if"), f"{key}.override[{n}].")
                condition = self.compiler.condition(each.get("if"), f"{key}.override[{n}].if")
                if condition:
                    found[str(each.get("reason"))] = condition
        return found

    def _known(self, name: object, known: Collection[str], key: str, what: str, file: str) -> None:
        if name not in known:
            self.report(key, f"no {what} named '{name}' in {file}{near(name, known)}")
