"""Run the checks, and say of each what came of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import cds_service.conform.checks  # noqa: F401  # they register themselves
from cds_service.conform.http import Unanswered
from cds_service.conform.probe import Probe
from cds_service.conform.registry import CHECKS, Check, NotApplicable
from cds_service.conform.requirements import requirements

# In the order of the specification.
GROUPS = (
    "transport",
    "discovery",
    "prefetch",
    "requests",
    "answers",
    "cards",
    "suggestions",
    "links",
    "system actions",
    "feedback",
    "callers",
    "browsers",
    "extensions",
)
_NUMBERS = list(requirements())

Status = Literal["pass", "fail", "warn", "not applicable"]


LONGEST_TEXT = 300
# What the service says may stand in a fault: it must move no cursor and break no report.
UNPRINTABLE = re.compile(r"[^ -~\u00a0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where; in characters that can be printed, and not too many."""

    where: str
    reason: str

    def __post_init__(self) -> None:
        for name in ("where", "reason"):
            object.__setattr__(self, name, UNPRINTABLE.sub("\ufffd", getattr(self, name)[:LONGEST_TEXT]))


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one check: ``looked_at`` counts what it judged, ``why`` says why it judged nothing."""

    check: Check
    faults: tuple[Fault, ...] = ()
    looked_at: int = 0
    why: str = ""

    @property
    def status(self) -> Status:
        """``fail`` where a SHALL is not met, ``warn`` where anything else is not."""
        if self.faults:
            return "fail" if self.check.requirement.is_binding else "warn"
        return "pass" if self.looked_at else "not applicable"


def run(probe: Probe, only: Collection[str] | None = None) -> Iterator[Result]:
    """The result of every check, or of those of the requirements named."""
    for check in every_check():
        if only is None or check.requirement.id in only:
            yield _result(check, probe)


def every_check() -> list[Check]:
    """Every check, in the order of the specification."""
    return sorted(CHECKS, key=lambda each: (GROUPS.index(each.group), _NUMBERS.index(each.requirement.id)))


def _result(check: Check, probe: Probe) -> Result:
    faults: list[Fault] = []
    looked_at, why = 0, "there is nothing of the kind in what the service says"
    try:
        for where, subject in check.subjects(probe):
            probe.look_at_the_clock()
            try:
                faults += [Fault(where, reason) for reason in check.judge(subject)]
            except NotApplicable as reason:
                why = str(reason)
                continue
            except Unanswered as reason:
                faults.append(Fault(where, str(reason)))
            looked_at += 1
    except NotApplicable as reason:
        why = str(reason)
    except Unanswered as reason:
        faults.append(Fault("the service", str(reason)))
    return Result(check, tuple(faults), looked_at, why)


def fails(results: Sequence[Result]) -> bool:
    """Whether a SHALL is not met."""
    return any(result.status == "fail" for result in results)
