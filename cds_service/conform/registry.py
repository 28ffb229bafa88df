"""What a check is: a requirement, what it looks at, and a small function that yields what is wrong there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from cds_service.conform.requirements import Requirement, requirements

S = TypeVar("S")
# Finds what a check looks at, each with words that say where it is.
Subjects = Callable[[Any], Iterable[tuple[str, S]]]
Judge = Callable[[S], Iterator[str]]


class NotApplicable(Exception):
    """The check has nothing to judge here; the text says why."""


@dataclass(frozen=True, slots=True)
class Check:
    """``judge`` yields a reason for every fault of one of the ``subjects``."""

    requirement: Requirement
    group: str
    says: str
    subjects: Subjects[Any]
    judge: Judge[Any]

    @property
    def name(self) -> str:
        """The name of its function."""
        return self.judge.__name__


CHECKS: list[Check] = []


def check(number: str, subjects: Subjects[S]) -> Callable[[Judge[S]], Judge[S]]:
    """Register a function as a check of the requirement ``number`` on every one of the ``subjects``."""

    def register(judge: Judge[S]) -> Judge[S]:
        group = judge.__module__.rpartition(".")[2].replace("_", " ")
        says = (judge.__doc__ or judge.__name__).strip()
        CHECKS.append(Check(requirements()[number], group, says, subjects, judge))
        return judge

    return register
