"""All of ``cards/`` read, checked and compiled at start-up; every fault is listed at once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from cds_service.clinical.calendar import Schedules
from cds_service.clinical.facts import FACTS
from cds_service.clinical.facts.registry import NO_SCHEDULES, FactSpec
from cds_service.clinical.terms import Terminology
from cds_service.errors import ContentFault, KnowledgeFault
from cds_service.knowledge.catalogue import Lists, read_lists
from cds_service.knowledge.codes import load_codes
from cds_service.knowledge.compile import Compiler, Dictionary
from cds_service.knowledge.files import Faults
from cds_service.knowledge.limits import Limit, read_limits
from cds_service.knowledge.orders import OrderEntry
from cds_service.knowledge.overlay import NO_OVERLAY, Overlay, read_overlay
from cds_service.knowledge.pages import Page
from cds_service.knowledge.read_pages import Names, read_page
from cds_service.knowledge.reserve import read_reserve
from cds_service.knowledge.schedules import read_schedules


@dataclass(frozen=True)
class Knowledge:
    """Everything the service knows about medicine, compiled. ``version`` is a hash of the content.

    ``softened`` names, in words, the critical checks that the site lowered or switched off.
    """

    pages: tuple[Page, ...]
    limits: Mapping[str, Limit]
    terms: Terminology
    lists: Lists
    version: str
    overlay: Overlay = NO_OVERLAY
    softened: tuple[str, ...] = ()
    schedules: Schedules = NO_SCHEDULES
    _needs: dict[tuple[int, str], frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def values(self) -> Mapping[str, Decimal]:
        """The limits as plain numbers, as facts read them."""
        return {name: limit.value for name, limit in self.limits.items()}

    @cached_property
    def by_hook(self) -> Mapping[str, tuple[Page, ...]]:
        """The pages each hook may run."""
        hooks = {service.hook for service in self.lists.services}
        return {hook: tuple(page for page in self.pages if page.tiers_on(hook)) for hook in hooks}

    @cached_property
    def switched_off(self) -> Mapping[str, frozenset[str]]:
        """Safety rows that the site does without, and the drugs they are about."""
        return {rule: drugs for rule, drugs in self.lists.safety.items() if rule in self.overlay.off}

    @cached_property
    def pending(self) -> Mapping[str, frozenset[str]]:
        """Safety rows without a page, and the drugs they are about."""
        built = {page.rule for page in self.pages} | self.overlay.off
        return {rule: drugs for rule, drugs in self.lists.safety.items() if rule not in built}

    def needs(self, hook: str) -> frozenset[str]:
        """Every prefetch key that some page of the hook reads."""
        return frozenset().union(*(self.page_needs(page, hook) for page in self.by_hook[hook]))

    def page_needs(self, page: Page, hook: str) -> frozenset[str]:
        """What a page reads on a hook, and what must be known before its drugs and tests are offered."""
        key = (id(page), hook)
        found = self._needs.get(key)
        if found is None:
            found = self._needs[key] = page.needs(hook, FACTS, self.terms) | self._offer_needs(page, hook)
        return found

    def _offer_needs(self, page: Page, hook: str) -> frozenset[str]:
        offers = [offer for tier in page.tiers_on(hook) for offer in tier.offers]
        entries = [self.lists.orders[o.name] for o in offers if o.kind == "order"]
        each = [o.name for o in offers if o.kind == "order-each" and o.name in FACTS]
        tests = each or any(e.kind == "test" for e in entries)
        found = frozenset({"serviceRequests"} if tests else ())
        found = found.union(*(FACTS[name].needs((), self.terms) for name in each))
        for entry in (*entries, *(self.lists.orders[name] for name in page.choices)):
            if entry.kind == "drug":
                found |= self._drug_needs(entry)
        return found

    def _drug_needs(self, entry: OrderEntry) -> frozenset[str]:
        """What the safety pages read of a drug that might be offered, and its dose."""
        sign = "order-sign"
        about = [p for p in self.by_hook.get(sign, ()) if p.tries(frozenset({entry.concept}))]
        found = frozenset({"patient", "medicationRequests", "medicationStatements"})
        if entry.dose and entry.dose.fact:
            found |= FACTS[entry.dose.fact].needs((), self.terms)
        found = found.union(*(FACTS[ask.fact].needs(ask.of, self.terms) for ask in entry.reserve.facts()))
        return found.union(*(p.needs(sign, FACTS, self.terms) for p in about))


def load(root: Path, overlay: Path | None = None) -> Knowledge:
    """Read and check ``root``, with a site's ``overlay`` over it.

    Raises :class:`KnowledgeFault` with every fault by file and key.
    """
    knowledge, faults = inspect(root, overlay)
    if faults or knowledge is None:
        raise KnowledgeFault(faults)
    return knowledge


def inspect(root: Path, overlay: Path | None = None) -> tuple[Knowledge | None, tuple[ContentFault, ...]]:
    """The knowledge as far as it could be compiled, and all faults."""
    faults = Faults()
    terms, code_faults = load_codes(root / "codes")
    faults.found += code_faults
    lists = read_lists(root, terms, faults)
    limits = read_limits(root, lists.sources, faults)
    site = read_overlay(overlay, limits, lists, faults) if overlay else NO_OVERLAY
    limits = {**limits, **site.limits}
    _check_facts(FACTS, limits, faults)
    words = Dictionary(FACTS, limits, terms, lists.sources)
    lists = replace(lists, orders=_with_reserve(lists, words, faults))
    hooks = [service.hook for service in lists.services]
    names = Names(words, hooks, lists.orders, lists.overrides, lists.rules)
    read = [page for path in sorted(root.glob("*/*.md")) if (page := read_page(path, root, names, faults))]
    _check_pages(read, faults)
    site.check(read, faults)
    pages = tuple(site.applied(page) for page in read if page.rule not in site.off)
    schedules = read_schedules(root, terms, lists.orders, lists.sources, faults, site.profiles)
    softened = tuple(dict.fromkeys(site.softened(read)))
    knowledge = Knowledge(pages, limits, terms, lists, _version(root, overlay), site, softened, schedules)
    return knowledge, tuple(faults.found)


def _with_reserve(lists: Lists, words: Dictionary, faults: Faults) -> Mapping[str, OrderEntry]:
    """The orders, each with what keeps it back."""
    compiler = Compiler(words, "orders", faults.at("orders.yaml"))
    reserves = {
        name: read_reserve(written, f"{name}.reserve", lists.orders, compiler)
        for name, written in lists.reserves.items()
    }
    return {
        name: replace(entry, reserve=reserves.get(name, entry.reserve))
        for name, entry in lists.orders.items()
    }


def _check_facts(facts: Mapping[str, FactSpec], limits: Mapping[str, Limit], faults: Faults) -> None:
    for spec in facts.values():
        for name in sorted(spec.limits() - set(limits)):
            topic, _, short = name.partition(".")
            faults.at(f"{topic}/drug.yaml")(f"limits.{short}", f"is needed by the fact {spec.name}; add it")


def _check_pages(pages: Iterable[Page], faults: Faults) -> None:
    """A rule has one page, or one for each kind of subject, hook and group."""
    count = Counter(place for page in pages for place in _places(page))
    for page in pages:
        if any(count[place] > 1 for place in _places(page)):
            faults.at(page.file)("rule", f"{page.rule} has two pages about the same subject; join them")


def _places(page: Page) -> frozenset[tuple[str, str, str, str]]:
    """Where a page speaks."""
    return frozenset(
        (page.rule, page.subject, hook, tier.group(hook)) for tier in page.tiers for hook in tier.hooks
    )


def _version(root: Path, overlay: Path | None) -> str:
    digest = hashlib.sha256()
    for base in filter(None, (root, overlay)):
        for path in sorted(p for p in base.rglob("*") if p.suffix in (".md", ".yaml")):
            digest.update(path.relative_to(base).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
