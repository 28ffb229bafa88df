"""The IMACS 2023 group for cancer screening in adult-onset myositis, from the factors on record.

Factors nobody knows can only raise the group: what is told from a part of them is a lower bound, never "low".
https://doi.org/10.1038/s41584-023-01045-w
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

Category = Literal["high", "moderate", "standard"]

HIGH = frozenset({
    "dm", "anti_tif1g", "anti_nxp2", "onset_above_40", "persistent_activity", "dysphagia", "skin_necrosis",
})  # fmt: skip
INTERMEDIATE = frozenset({
    "amyopathic_dm", "polymyositis", "imnm", "anti_sae", "anti_hmgcr", "anti_mi2", "anti_mda5", "male",
})  # fmt: skip


def factors(found: Collection[str]) -> tuple[int, int]:
    """How many high and intermediate factors; of dermatomyositis and amyopathic disease the graver counts alone."""
    own = set(found) - ({"amyopathic_dm"} if "dm" in found else set())
    return len(own & HIGH), len(own & INTERMEDIATE)


def category(found: Collection[str]) -> Category:
    """High from two high factors; moderate from one, or from two intermediate ones; else standard."""
    high, intermediate = factors(found)
    if high >= 2:
        return "high"
    return "moderate" if high == 1 or intermediate >= 2 else "standard"


def single_scan(found: Collection[str]) -> bool:
    """Whether one PET-CT may stand for the panel: anti-TIF1-gamma, onset above 40, and another high factor."""
    clinical = {"persistent_activity", "dysphagia", "skin_necrosis"}
    own = set(found)
    return {"anti_tif1g", "onset_above_40"} <= own and bool(own & clinical) and "dm" in own
