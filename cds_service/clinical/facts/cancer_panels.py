"""What of the cancer screening panels was done, and what is still wanting for this patient.

An item is done where a result, a final report, a procedure or a completed order of it is on record; what is
drafted or on order is not asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from cds_service.clinical.chart import Patient
from cds_service.clinical.facts.cancer import ONSET_NEEDS, screened_onset, sex_doubt, treated_since
from cds_service.clinical.facts.done import EXAMINATIONS
from cds_service.clinical.facts.ordered import is_ordered
from cds_service.clinical.facts.reading import doubts, listed, names, results
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Input, Known, Unknown

NEEDS = (
    *ONSET_NEEDS, "bloodCounts", "liverTests", "screeningTests", *EXAMINATIONS,
)  # fmt: skip
_LIMITS = (
    "screening.window_days", "screening.order_counts_days",
    "screening.panel_before_days", "screening.yearly_days", "screening.cervix_from",
    "screening.cervix_until", "screening.breast_from", "screening.prostate_from", "screening.bowel_from",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One examination of a panel.

    ``order`` is what is offered for it. Any of ``labs`` or ``exams`` shows it was done, or all of ``parts``
    together. It belongs to one ``sex`` ("" to all), to ages between two limits, and not to whom a problem
    ``lacks`` says the organ is gone, unless another, ``keeps``, says it was left. ``shown`` is the concept that
    names it. What sex or age asks for anyway counts for a year, whenever the disease began. What ``waits`` is not due
    in a pregnancy: radiation, or a marker that pregnancy raises.
    """

    order: str
    shown: str
    labs: tuple[str, ...] = ()
    exams: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    sex: str = ""
    since: str = ""
    until: str = ""
    lacks: str = ""
    keeps: str = ""
    waits: bool = False

    @property
    def programme(self) -> bool:
        """Whether there are programmes of it for everybody of that sex or age."""
        return bool(self.sex or self.since)


_CHEST = ("xr_chest", "ct_chest", "hrct_chest", "ct_chest_abdomen", "ct_chest_abdomen_pelvis", "pet_ct")
BASIC = (
    Item("cbc", "cbc_panel", ("wbc",), ("cbc_panel",)),
    Item("alt", "hepatic_panel", ("alt",), ("hepatic_panel", "cmp")),
    Item("esr", "esr", ("esr",)),
    Item("crp", "crp", ("crp",)),
    Item("spep", "spep", ("spep",)),
    Item("urinalysis", "urinalysis", ("urinalysis",)),
    Item("chest-xray", "xr_chest", ("hrct_report",), _CHEST, waits=True),
)
"""History and physical examination leave nothing that could be read."""
_CT = "ct_chest_abdomen_pelvis"
_SCANS = (_CT, "pet_ct", "pet_wb")
ENHANCED = (
    Item("ct-body", _CT, (), _SCANS, ("ct_chest", "ct_abdomen_pelvis"), waits=True),
    Item("cervical-screening", "cervical_screening", ("pap_result",), ("pap", "cervical_screening"), (), "female",
         "screening.cervix_from", "screening.cervix_until", "hysterectomy", "cervix_remains"),
    Item("mammogram", "mammogram", (), ("mammogram", "cancer_screening_breast"), (), "female",
         "screening.breast_from", waits=True),
    Item("psa", "psa", ("psa",), (), (), "male", "screening.prostate_from"),
    Item("ca125", "ca125", ("ca125",), (), (), "female", lacks="oophorectomy", waits=True),
    Item("pelvic-ultrasound", "pelvic_us", (), ("pelvic_us",), (), "female", lacks="oophorectomy"),
    Item("fit", "fit", ("fit", "fobt"), ("colonoscopy", "cancer_screening_colon"), since="screening.bowel_from"),
)  # fmt: skip


@fact("basic_panel_missing", "words", needs=NEEDS, limits=_LIMITS, uses=("diagnosis_days",))
def basic_panel_missing(scope: Scope) -> Fact[tuple[str, ...]]:
    """Orders of the basic panel that were not done since half a year before the disease began."""
    return _wanting(scope, BASIC, _at_diagnosis)


@fact("basic_panel_due", "words", needs=NEEDS, limits=_LIMITS)
def basic_panel_due(scope: Scope) -> Fact[tuple[str, ...]]:
    """Orders of the basic panel that were not done in the last year."""
    return _wanting(scope, BASIC, _a_year_ago)


@fact("enhanced_panel_missing", "words", needs=NEEDS, limits=_LIMITS, uses=("diagnosis_days",))
def enhanced_panel_missing(scope: Scope) -> Fact[tuple[str, ...]]:
    """Orders of the enhanced panel that belong to this patient's sex and age and were never done for the disease."""
    return _wanting(scope, ENHANCED, _at_diagnosis)


@fact("enhanced_panel_due", "words", uses=("cancer_group", "enhanced_panel_missing"))
def enhanced_panel_due(scope: Scope) -> Fact[tuple[str, ...]]:
    """The same where the group asks for the enhanced panel; none in the standard group."""
    group: Fact[str] = scope.get("cancer_group")
    if isinstance(group, Unknown):
        return group
    if group.value not in ("high", "moderate"):
        return Known((), group.inputs, group.doubt)
    missing: Fact[tuple[str, ...]] = scope.get("enhanced_panel_missing")
    return missing


@fact("basic_done", "flag", uses=("basic_panel_missing",))
def basic_done(scope: Scope) -> Fact[bool]:
    """Nothing of the basic panel is wanting since the disease began."""
    return _none(scope.get("basic_panel_missing"))


@fact("basic_current", "flag", uses=("basic_panel_due",))
def basic_current(scope: Scope) -> Fact[bool]:
    """Nothing of the basic panel is wanting in the last year."""
    return _none(scope.get("basic_panel_due"))


@fact("enhanced_done", "flag", uses=("enhanced_panel_missing",))
def enhanced_done(scope: Scope) -> Fact[bool]:
    """Nothing of the enhanced panel is wanting."""
    return _none(scope.get("enhanced_panel_missing"))


@fact(
    "cancer_orders",
    "words",
    uses=("cancer_group", "basic_panel_missing", "basic_panel_due", "enhanced_panel_due"),
)
def cancer_orders(scope: Scope) -> Fact[tuple[str, ...]]:
    """What to order now for the group: the basic panel (yearly in the high group), and the enhanced one once."""
    parts = [_basic_now(scope), scope.get("enhanced_panel_due")]
    known = [part for part in parts if isinstance(part, Known)]
    return Known(tuple(order for part in known for order in part.value)) if known else parts[0]


_in_words_now = partial(fact, uses=("cancer_group", "basic_panel_missing", "basic_panel_due", "pregnant"))


@_in_words_now("basic_panel_wanting", "words")
def basic_panel_wanting(scope: Scope) -> Fact[tuple[str, ...]]:
    """What of the basic panel is to be done now, in words: yearly in the high group."""
    return _in_words(scope, _basic_now(scope), waiting=False)


@_in_words_now("basic_panel_waiting", "words")
def basic_panel_waiting(scope: Scope) -> Fact[tuple[str, ...]]:
    """What of it waits for the end of a pregnancy, in words."""
    return _in_words(scope, _basic_now(scope), waiting=True)


@fact("enhanced_panel_wanting", "words", uses=("enhanced_panel_missing", "pregnant"))
def enhanced_panel_wanting(scope: Scope) -> Fact[tuple[str, ...]]:
    """What of the enhanced panel is to be done now, in words."""
    return _in_words(scope, scope.get("enhanced_panel_missing"), waiting=False)


@fact("enhanced_panel_waiting", "words", uses=("enhanced_panel_missing", "pregnant"))
def enhanced_panel_waiting(scope: Scope) -> Fact[tuple[str, ...]]:
    """What of it waits for the end of a pregnancy, in words."""
    return _in_words(scope, scope.get("enhanced_panel_missing"), waiting=True)


def _basic_now(scope: Scope) -> Fact[tuple[str, ...]]:
    return scope.get("basic_panel_due" if _is_high(scope) else "basic_panel_missing")


def _is_high(scope: Scope) -> bool:
    group: Fact[str] = scope.get("cancer_group")
    return isinstance(group, Known) and group.value == "high"


def _in_words(scope: Scope, missing: Fact[tuple[str, ...]], *, waiting: bool) -> Fact[tuple[str, ...]]:
    """What is missing, in words: what waits for the end of a pregnancy on record, or the rest."""
    if isinstance(missing, Unknown):
        return missing
    pregnant: Fact[bool] = scope.get("pregnant")
    is_pregnant = isinstance(pregnant, Known) and pregnant.value
    shown = {
        item.order: scope.terms.display(item.shown)
        for item in (*BASIC, *ENHANCED)
        if (is_pregnant and item.waits) is waiting
    }
    told = tuple(shown[order] for order in missing.value if order in shown)
    return Known(told, missing.inputs, missing.doubt)


def _none(missing: Fact[tuple[str, ...]]) -> Fact[bool]:
    return (
        missing if isinstance(missing, Unknown) else Known(not missing.value, missing.inputs, missing.doubt)
    )


def _at_diagnosis(scope: Scope) -> Fact[date]:
    """The first day from which a result counts for the panels at diagnosis.

    A diagnosis that nobody dated was made before it was treated, or at the latest today.
    """
    today, before = scope.chart.today, timedelta(days=int(scope.limit("screening.panel_before_days")))
    days: Fact[Decimal] = scope.get("diagnosis_days")
    if isinstance(days, Known):
        return Known(today - timedelta(days=int(days.value)) - before)
    if isinstance(screened_onset(scope), Unknown):
        return days
    return Known((treated_since(scope) or today) - before)


def _a_year_ago(scope: Scope) -> Fact[date]:
    return Known(_year_ago(scope))


def _year_ago(scope: Scope) -> date:
    return scope.chart.today - timedelta(days=int(scope.limit("screening.yearly_days")))


def _wanting(
    scope: Scope, panel: Collection[Item], since: Callable[[Scope], Fact[date]]
) -> Fact[tuple[str, ...]]:
    """The orders of the items neither done nor ordered; unknown where what is not seen may be unread."""
    first = since(scope)
    if isinstance(first, Unknown):
        return first
    left_out = sex_doubt(scope) if any(item.sex for item in panel) else None
    missing, shown = [], []
    for item in _of_patient(scope, panel):
        if is_ordered(scope, (*item.labs, *item.exams)):
            continue
        last, doubt = _last(scope, item)
        if last is not None and (last >= first.value or (item.programme and last >= _year_ago(scope))):
            continue
        if doubt:
            return Unknown(doubt, (*item.labs, *item.exams)[:1])
        missing.append(item.order)
        shown.append(Input(scope.terms.display(item.shown), "last done" if last else "not on record", last))
    return Known(tuple(missing), tuple(shown), left_out)


def _last(scope: Scope, item: Item) -> tuple[date | None, str | None]:
    """The last day it was done, and a doubt about it."""
    done = listed(scope.chart.done())
    labs = results(scope, item.labs)

    def day(concepts: tuple[str, ...]) -> date | None:
        wanted = names(scope, concepts)
        return max((each.on for each in done.items if each.on and each.concepts & wanted), default=None)

    days = [m.on for m in labs.items] + [each for each in [day((*item.labs, *item.exams))] if each]
    parts = [day((part,)) for part in item.parts]
    if parts and all(parts):
        days.append(min(each for each in parts if each))
    return max(days, default=None), doubts(labs, done)


def _of_patient(scope: Scope, panel: Iterable[Item]) -> Iterator[Item]:
    """The items that belong to this sex, age and body."""
    patient = scope.chart.patient()
    who = patient.value if isinstance(patient, Known) else None
    held = frozenset[str]().union(*(p.concepts for p in listed(scope.chart.problems()).items))
    for item in panel:
        if item.lacks in held and item.keeps not in held:
            continue
        if item.sex and (who is None or who.sex != item.sex):
            continue
        if who is None or _is_of_age(scope, item, who):
            yield item


def _is_of_age(scope: Scope, item: Item, who: Patient) -> bool:
    age = scope.get("age_years") if who.born else Unknown("")
    if isinstance(age, Unknown):
        return True
    old_enough = not item.since or age.value >= scope.limit(item.since)
    return old_enough and (not item.until or age.value <= scope.limit(item.until))
