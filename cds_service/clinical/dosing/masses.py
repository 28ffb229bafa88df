"""Units of mass, as orders and products spell them."""

from __future__ import annotations

from decimal import Decimal

_MICROGRAM = Decimal("0.001")
MG = {
    "kg": Decimal(1_000_000), "g": Decimal(1000), "gm": Decimal(1000), "gram": Decimal(1000), "mg": Decimal(1),
    "milligram": Decimal(1), "ug": _MICROGRAM, "mcg": _MICROGRAM, "microgram": _MICROGRAM,
    # The micro sign and the Greek letter.
    "\u00b5g": _MICROGRAM, "\u03bcg": _MICROGRAM, "ng": Decimal("0.000001"),
}  # fmt: skip
"""Milligrams in one of each, in lower case and the singular."""


def in_mg(unit: str) -> Decimal | None:
    """Milligrams in one of a unit; ``None`` for what is no mass, a mass by body size or time among it."""
    plain = unit.strip().lower().removesuffix("(s)")
    return MG.get(plain) or MG.get(plain.removesuffix("s"))


def is_mass(unit: str) -> bool:
    """Whether a unit is a plain mass."""
    return in_mg(unit) is not None
