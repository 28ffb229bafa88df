"""What cyclophosphamide asks for because it harms fertility and an unborn child."""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.facts.reading import unknown_of
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown

BEGINNING = ("start", "restart")
_SETTLED = ("fertility_preservation", "hysterectomy", "oophorectomy", "menopause")
_SEEN_TO = ("referral_fertility", "fertility_preserved")
_HCG_DAYS = 7


@fact(
    "fertility_advice_missing",
    "flag",
    uses=("age_years", "had_condition", "examined", "ordered"),
    limits=("safety.cyc_fertility_age",),
)
def fertility_advice_missing(scope: Scope) -> Fact[bool]:
    """Young enough to ask, and no fertility advice, preservation, referral or end of fertility is on record."""
    age: Fact[Decimal] = scope.get("age_years")
    if isinstance(age, Known) and age.value >= scope.limit("safety.cyc_fertility_age"):
        return Known(False, age.inputs)
    settled = (
        scope.get("had_condition", _SETTLED),
        scope.get("examined", _SEEN_TO),
        scope.get("ordered", _SEEN_TO),
    )
    if any(isinstance(each, Known) and each.value for each in settled):
        return Known(False)
    if isinstance(age, Unknown) or any(isinstance(each, Unknown) for each in settled):
        return unknown_of(age, *settled)
    return Known(True, age.inputs)


@fact(
    "cyclophosphamide_orders",
    "words",
    about="order",
    uses=("fertility_advice_missing", "frp", "hcg_within", "phase"),
)
def cyclophosphamide_orders(scope: Scope) -> Fact[tuple[str, ...]]:
    """What to order before cyclophosphamide, by name of the list of orders: pregnancy test, fertility advice."""
    fertile, tested = scope.get("frp"), scope.get("hcg_within", within_days=_HCG_DAYS)
    found = []
    if _is(fertile, True) and not _is(tested, True):
        found.append("hcg")
    phase: Fact[str] = scope.get("phase")
    begins = isinstance(phase, Known) and phase.value in BEGINNING
    if begins and _is(scope.get("fertility_advice_missing"), True):
        found.append("referral-fertility")
    return Known(tuple(found))


def _is(found: Fact[bool], value: bool) -> bool:
    return isinstance(found, Known) and found.value is value
