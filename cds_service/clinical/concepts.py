"""What an entry of a code list says: a concept with its codes and names, a class of concepts, words of a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from cds_service.clinical.dosing import ProductStrength

KINDS = ("drug", "lab", "condition", "order", "route", "vaccine", "allergy", "answer")
"""The kinds of code list. A name is one concept within a kind."""

Status = Literal["verified", "single-source"]


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a concept: short key of its system, code, the system's own words, how well it is checked.

    ``level`` is the system's own term type ("IN", "SCD"); ``strength`` what a product code holds.
    """

    system: str
    code: str
    display: str
    status: Status
    level: str = ""
    strength: ProductStrength | None = None


@dataclass(frozen=True, slots=True)
class Concept:
    """One entry of a code list.

    ``names``       words that mean it, in a drug's text or as the whole text of a result or problem
    ``begins``      (system, start): every code that begins so belongs to it
    ``excepting``   (system, start): but not these
    ``topic``       of a lab: the need it is fetched with
    ``unit``        of a lab: the UCUM unit it is read in; "" if it is not a number
    ``local``       of a drug: the concept of the same drug as ointment, drops, inhaler; "" if it has none
    ``covers``      of a combination: the drugs that are not counted beside it
    ``open``        of a lab: any coded answer is an answer, listed or not (the name of a method)
    ``is_a``        the concept it is a graver form of, which is found wherever it is
    ``share``       of a count: the lab that gives it as a share, and the lab it is a share of
    ``products``    words of a product -> what it holds, where the text alone does not say
    ``systemic_by_rectum``  of a drug in local use: a suppository is not meant, for it acts everywhere
    """

    kind: str
    name: str
    display: str
    codes: tuple[Code, ...] = ()
    names: tuple[str, ...] = ()
    begins: tuple[tuple[str, str], ...] = ()
    excepting: tuple[tuple[str, str], ...] = ()
    topic: str = ""
    unit: str = ""
    local: str = ""
    covers: frozenset[str] = frozenset()
    open: bool = False
    products: Mapping[str, ProductStrength] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    also: frozenset[str] = frozenset()
    is_a: str = ""
    share: tuple[str, str] | None = None
    systemic_by_rectum: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A class of concepts of one kind, expanded to plain concepts."""

    kind: str
    name: str
    display: str
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Forms:
    """Words of a product's form: of local use (``eye drops``), of systemic use (``tablet``), by rectum (``rectal``)."""

    local: tuple[str, ...] = ()
    systemic: tuple[str, ...] = ()
    rectal: tuple[str, ...] = ()
