"""Glucocorticoids as prednisone: the arithmetic. The table itself is in ``cards/glucocorticoid``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Equivalence:
    """How many milligrams of each drug do the work of ``prednisone_mg`` of prednisone."""

    mg: Mapping[str, Decimal]
    prednisone_mg: Decimal

    def prednisone(self, drug: str, mg: Decimal) -> Decimal | None:
        """The prednisone-equivalent of so many milligrams of the drug; ``None`` if it is not listed."""
        own = self.mg.get(drug)
        return None if own is None else mg * self.prednisone_mg / own

    def as_drug(self, prednisone_mg: Decimal, drug: str) -> Decimal | None:
        """So much prednisone as milligrams of the drug; ``None`` if it is not listed."""
        own = self.mg.get(drug)
        return None if own is None else prednisone_mg * own / self.prednisone_mg


def cumulative_mg(schedule: Iterable[tuple[Decimal, int]]) -> Decimal:
    """Milligrams over a schedule of ``(mg a day, days)``."""
    return sum((mg * days for mg, days in schedule), Decimal(0))
