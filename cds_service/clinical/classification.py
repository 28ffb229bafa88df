"""The 2017 EULAR/ACR classification criteria of idiopathic inflammatory myopathy: support, not a diagnosis.

Categories are told by the score, exactly; the probability is for display only.
https://doi.org/10.1136/annrheumdis-2017-211468
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Literal

Category = Literal["definite", "probable", "possible", "not classified"]

# item: (points without biopsy, points with biopsy); None where the item needs a biopsy.
ITEMS: Mapping[str, tuple[Decimal | None, Decimal]] = {
    name: (None if without is None else Decimal(without), Decimal(with_biopsy))
    for name, (without, with_biopsy) in {
        "age18_39": ("1.3", "1.5"), "age40": ("2.1", "2.2"), "ue": ("0.7", "0.7"), "le": ("0.8", "0.5"),
        "neck": ("1.9", "1.6"), "legs": ("0.9", "1.2"), "helio": ("3.1", "3.2"), "gpap": ("2.1", "2.7"),
        "gsign": ("3.3", "3.7"), "dysphagia": ("0.7", "0.6"), "jo1": ("3.9", "3.8"), "enz": ("1.3", "1.4"),
        "endo": (None, "1.7"), "peri": (None, "1.2"), "perifascicular": (None, "1.9"), "vacuoles": (None, "3.1"),
    }.items()
}  # fmt: skip
"""Age 18 to under 40, from 40; weakness of arms, legs, neck, legs proximal; heliotrope, Gottron's papules and
sign; dysphagia; anti-Jo-1; a raised enzyme; endomysial, perimysial, perifascicular findings; rimmed vacuoles."""
_CUTS = {False: ("7.5", "5.5", "5.3"), True: ("8.7", "6.7", "6.5")}
_MIDDLE = {False: Decimal("5.33"), True: Decimal("6.49")}


def score(items: Collection[str], *, biopsy: bool) -> Decimal:
    """The sum of the items' points. Raises KeyError for an item that is none."""
    points = (ITEMS[item][1 if biopsy else 0] for item in items)
    return sum((each for each in points if each is not None), Decimal(0))


def category(total: Decimal, *, biopsy: bool) -> Category:
    """Definite, probable, possible or not classified."""
    definite, probable, possible = map(Decimal, _CUTS[biopsy])
    if total >= definite:
        return "definite"
    if total >= probable:
        return "probable"
    return "possible" if total >= possible else "not classified"


def probability_percent(total: Decimal, *, biopsy: bool) -> Decimal:
    """The probability the criteria's authors give for a score, in per cent."""
    return Decimal(100) / (1 + (_MIDDLE[biopsy] - total).exp())
