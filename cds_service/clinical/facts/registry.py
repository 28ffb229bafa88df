"""What a fact is, and the scope in which it is worked out.

A fact is a function of a :class:`Scope` registered with :func:`fact`. Facts about the patient are
worked out once for a chart; facts about an order once for each order. Pages know facts by name only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, Protocol

from cds_service.clinical.calendar import Schedules
from cds_service.clinical.chart import Chart, Medication
from cds_service.clinical.known import Fact, Known, Unknown

Kind = Literal["number", "flag", "word", "words", "range", "date", "course"]
About = Literal["patient", "order"]


class Terms(Protocol):
    """The part of the code lists that facts read."""

    def members(self, name: str) -> frozenset[str]: ...
    def topic(self, concept: str) -> str: ...
    def unit(self, concept: str) -> str: ...
    def display(self, name: str) -> str: ...
    def exists(self, kind: str, name: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One entry of the catalogue.

    ``of`` is the kind of code list named by ``of:`` in a page ("lab", "condition", "drug", "order",
    "allergy" or "" for none), ``of_optional`` where it may be left out. ``args`` are the whole numbers
    it takes. ``limits`` are the numbers of medicine it needs, by full name. ``uses`` are other facts.
    """

    name: str
    kind: Kind
    about: About
    unit: str
    of: str
    of_optional: bool
    args: tuple[str, ...]
    words: tuple[str, ...]
    own_needs: tuple[str, ...]
    own_limits: tuple[str, ...]
    uses: tuple[str, ...]
    compute: Callable[..., Fact[Any]]
    doc: str

    def needs(self, of: tuple[str, ...], terms: Terms) -> frozenset[str]:
        """The prefetch keys without which it is unknown, those of the facts it uses among them."""
        found = set(self.own_needs)
        if self.of == "lab":
            found |= {terms.topic(name) for name in of}
        for name in self.uses:
            found |= FACTS[name].needs((), terms)
        return frozenset(found)

    def limits(self) -> frozenset[str]:
        """Full names of all limits it reads, those of the facts it uses among them."""
        return frozenset(self.own_limits).union(*(FACTS[name].limits() for name in self.uses))

    def unit_of(self, of: tuple[str, ...], terms: Terms) -> str:
        """The unit of its number: its own, or that of the lab it is asked of."""
        return self.unit if self.unit != "of the lab" else (terms.unit(of[0]) if of else "")


_FACTS: dict[str, FactSpec] = {}
FACTS: Mapping[str, FactSpec] = MappingProxyType(_FACTS)


def fact(
    name: str,
    kind: Kind,
    *,
    about: About = "patient",
    unit: str = "",
    of: str = "",
    of_optional: bool = False,
    args: tuple[str, ...] = (),
    words: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    limits: tuple[str, ...] = (),
    uses: tuple[str, ...] = (),
) -> Callable[[Callable[..., Fact[Any]]], Callable[..., Fact[Any]]]:
    """Register a function ``(scope, [of], **args)`` as the fact ``name``. Raises ValueError if taken."""

    def register(compute: Callable[..., Fact[Any]]) -> Callable[..., Fact[Any]]:
        if name in _FACTS:
            raise ValueError(f"fact {name!r} is registered twice")
        doc = (compute.__doc__ or "").strip()
        _FACTS[name] = FactSpec(
            name, kind, about, unit, of, of_optional, args, words, needs, limits, uses, compute, doc
        )
        return compute

    return register


NO_SCHEDULES = Schedules()
Key = tuple[str, tuple[str, ...], tuple[tuple[str, int], ...]]
# Why the safety pages refuse a drug of the list of orders to the patient of a scope; nothing where they do not.
Refusals = Callable[["Scope", str], "str | None"]


class Scope:
    """One chart seen from one order (or from none), with every fact worked out at most once.

    Facts about the patient are shared by all scopes made from one another with :meth:`about`; they
    are worked out in a scope without an order, so that they cannot depend on one.
    """

    def __init__(
        self,
        chart: Chart,
        terms: Terms,
        limits: Mapping[str, Decimal],
        order: Medication | None = None,
        *,
        patient: Scope | None = None,
        schedules: Schedules = NO_SCHEDULES,
        lender: Scope | None = None,
        refusals: Refusals | None = None,
    ) -> None:
        """``lender`` is a scope of the same chart with other drafts: what does not rest on
        them is worked out once for both. ``refusals`` tries a drug before a plan names it."""
        self.chart = chart
        self.terms = terms
        self.limits = limits
        self.order: Medication | None = None
        self.schedules = schedules
        self._refusals = refusals
        self._patient = patient or (
            self
            if order is None
            else Scope(
                chart, terms, limits, schedules=schedules, lender=lender.about(None) if lender else None
            )
        )
        self._known: dict[Key, Fact[Any]] = {}
        self._lender = lender if order is None else None
        self._rests_on_drafts: set[Key] = set()
        self._looked_at_drafts = False
        self.order = self._sized(order)
        self._drafts = self._with_subject()

    @property
    def drafts(self) -> tuple[Medication, ...]:
        """The medication orders on the screen. Facts read them here, so that it is known which rest on them."""
        self._looked_at_drafts = True
        return self._drafts

    def _with_subject(self) -> tuple[Medication, ...]:
        """The drafts, with the subject order among them as it was multiplied out."""
        subject = self.order
        if subject is None:
            return self.chart.drafts
        return tuple(subject if each.reference == subject.reference else each for each in self.chart.drafts)

    def _sized(self, order: Medication | None) -> Medication | None:
        """A draft whose doses are written by body size, multiplied out for this patient where the size is known."""
        if order is None or order.by_body is None or order.state != "draft":
            return order
        sizes = (self._patient.get(name) for name in ("dosing_weight_kg", "bsa_m2"))
        weight, surface = (
            size.value if isinstance(size, Known) and not size.doubt else None for size in sizes
        )
        return replace(order, exposure=order.by_body(weight, surface))

    def about(self, order: Medication | None) -> Scope:
        """The same chart seen from another order."""
        if order is None:
            return self._patient
        return Scope(
            self.chart, self.terms, self.limits, order, patient=self._patient, schedules=self.schedules
        )

    def get(self, name: str, of: str | tuple[str, ...] | list[str] = (), **args: int) -> Fact[Any]:
        """The value of the fact, or Unknown with the reason. Raises KeyError for no such fact."""
        names = (of,) if isinstance(of, str) else tuple(of)
        return self.at((name, names, tuple(sorted(args.items()))))

    def at(self, key: Key) -> Fact[Any]:
        """As :meth:`get`, for what is asked often: its name, what it is asked of, its sorted arguments."""
        spec = FACTS[key[0]]
        home = self._patient if spec.about == "patient" else self
        found = home._known.get(key)
        if found is None:
            found = home._known[key] = home._lent(key) or home._work_out(spec, key)
        elif key in home._rests_on_drafts:
            home._looked_at_drafts = True
        return found

    def _lent(self, key: Key) -> Fact[Any] | None:
        """The fact as the lender knows it, unless it rests on the drafts."""
        if self._lender is None or key in self._lender._rests_on_drafts:
            return None
        return self._lender._known.get(key)

    def _work_out(self, spec: FactSpec, key: Key) -> Fact[Any]:
        """The fact, worked out; noted is whether it, or one that it uses, looked at the drafts."""
        before, self._looked_at_drafts = self._looked_at_drafts, False
        args = dict(key[2])
        found: Fact[Any] = spec.compute(self, key[1], **args) if spec.of else spec.compute(self, **args)
        if self._looked_at_drafts:
            self._rests_on_drafts.add(key)
        elif self._lender is not None:
            self._lender._known[key] = found
        self._looked_at_drafts |= before
        return found

    def refusal(self, name: str) -> str | None:
        """Why the drug of that name in the list of orders is refused to this patient; ``None`` where it is not."""
        return self._refusals(self._patient, name) if self._refusals else None

    def limit(self, name: str) -> Decimal:
        """The limit of that full name ("methotrexate.egfr_stop"). Raises KeyError if there is none."""
        return self.limits[name]

    def used(self) -> Iterator[tuple[Key, Fact[Any]]]:
        """Every fact worked out so far in this scope, with what it was asked of."""
        yield from self._known.items()


def flag(value: bool, *inputs: Any, doubt: str | None = None) -> Fact[bool]:
    """A flag that absence decides: a doubtful *no* is unknown, a *yes* needs no more."""
    if not value and doubt:
        return Unknown(doubt)
    return Known(value, tuple(inputs))
