"""Whether lungs and heart were looked at, and what of it is wanting."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from cds_service.clinical.facts.done import EXAMINATIONS
from cds_service.clinical.facts.ordered import LIMIT, is_ordered
from cds_service.clinical.facts.reading import doubts, listed, names, results
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown

# What is offered: the results and the examinations that show it was done.
TESTS = {
    "hrct-chest": (("hrct_report",), ("hrct_chest", "ct_chest")),
    "pft": (("fvc", "fvc_pct", "dlco", "dlco_pct"), ("pulmonary_function", "spirometry")),
    "troponin": (("troponin",), ()),
    "ecg": (("qtc",), ("ecg",)),
    "echo": (("lvef",), ("echocardiography",)),
}
LUNGS, HEART = ("hrct-chest", "pft"), ("troponin", "ecg", "echo")
_NEEDS = ("screeningTests", "muscleEnzymes", "vitalSigns", *EXAMINATIONS)


@fact(
    "lungs_unseen",
    "words",
    words=LUNGS,
    needs=("myositisAntibodies", *_NEEDS),
    limits=("screening.mda5_new_days", "screening.lungs_before_days", LIMIT),
)
def lungs_unseen(scope: Scope) -> Fact[tuple[str, ...]]:
    """Which of CT and lung function were neither done nor ordered since anti-MDA5 was first reported.

    What was done shortly before the report counts; of an antibody known for long, what was done in that time.
    """
    days: Fact[Decimal] = scope.get("finding_days", "anti_mda5")
    if isinstance(days, Unknown):
        return days
    known = min(days.value, scope.limit("screening.mda5_new_days"))
    return _wanting(scope, LUNGS, int(known + scope.limit("screening.lungs_before_days")))


@fact(
    "heart_unseen",
    "words",
    words=HEART,
    needs=_NEEDS,
    limits=("screening.heart_days", "screening.troponin_normal", LIMIT),
)
def heart_unseen(scope: Scope) -> Fact[tuple[str, ...]]:
    """Which of troponin I and ECG were neither done nor ordered lately; with a raised troponin the picture too."""
    raised: Fact[Decimal] = scope.get("times_uln", "troponin")
    abnormal = isinstance(raised, Known) and raised.value > scope.limit("screening.troponin_normal")
    return _wanting(scope, HEART if abnormal else HEART[:2], int(scope.limit("screening.heart_days")))


def _wanting(scope: Scope, orders: tuple[str, ...], days: int) -> Fact[tuple[str, ...]]:
    """The orders neither done within so many days nor placed; unknown where one may be done and unread."""
    first = scope.chart.today - timedelta(days=days)
    done = listed(scope.chart.done())
    missing = []
    for order in orders:
        labs, exams = TESTS[order]
        found, wanted = results(scope, labs), names(scope, (*labs, *exams))
        seen = [m.on for m in found.items] + [d.on for d in done.items if d.on and d.concepts & wanted]
        if is_ordered(scope, (*labs, *exams)) or (seen and max(seen) >= first):
            continue
        if doubt := doubts(found, done, listed(scope.chart.services())):
            return Unknown(doubt, (labs or exams)[:1])
        missing.append(order)
    return Known(tuple(missing))
