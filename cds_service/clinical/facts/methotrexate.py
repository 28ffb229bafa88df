"""What only methotrexate rules ask: cancer protocols, trimethoprim at a low dose, folate, FIB-4."""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.chart import Medication
from cds_service.clinical.courses import is_draft, runs
from cds_service.clinical.facts.drafts import with_dose
from cds_service.clinical.facts.glucocorticoid_kind import PARENTERAL
from cds_service.clinical.facts.medications import NO_ORDER
from cds_service.clinical.facts.reading import inputs_of, names, of_medication, results, unknown_of
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.facts.taking import NEEDS, coactive, recorded
from cds_service.clinical.known import Fact, Known, Unknown

PROTOCOL_WORDS = ("none", "exempt", "cancer-without-protocol")
CANCER = frozenset({"malignancy", "malignancy_range"})
_CANCER_RANGES = (("C00", "C96"), ("D37", "D48"))
_TROPHOBLASTIC = ("O00", "O01", "C58", "D39.2", "D392")
_ICD = ("icd-10", "icd10", "2.16.840.1.113883.6.90", "2.16.840.1.113883.6.3")


@fact(
    "oncology_protocol",
    "word",
    about="order",
    words=PROTOCOL_WORDS,
    uses=("has_myositis", "bsa_m2"),
    limits=("methotrexate.oncology_per_m2", "body.surface_smallest"),
)
def oncology_protocol(scope: Scope) -> Fact[str]:
    """Whether the order itself is cancer treatment: exempt, cancer-without-protocol, or none.

    Exempt: a cancer reason with a protocol link; intrathecal; intravenous from 100 mg/m2 a dose;
    ectopic pregnancy or trophoblastic disease with one injection. A cancer reason alone exempts no
    patient with myositis. A cancer on the problem list changes nothing.
    """
    order = scope.order
    if order is None:
        return NO_ORDER
    cancer = _cancer_reason(order)
    if (cancer and order.protocol_link) or order.route == "intrathecal" or _one_injection(order):
        return Known("exempt")
    high = _high_dose(scope, order)
    if isinstance(high, Unknown):
        return high
    if high.value:
        return Known("exempt", high.inputs)
    if not cancer:
        return Known("none")
    myositis: Fact[bool] = scope.get("has_myositis")
    if isinstance(myositis, Unknown):
        return myositis
    return Known("none" if myositis.value else "cancer-without-protocol", myositis.inputs)


@fact(
    "trimethoprim_prophylaxis_shown",
    "flag",
    about="order",
    needs=NEEDS,
    limits=(
        "methotrexate.prophylaxis_daily_mg",
        "methotrexate.prophylaxis_some_days_mg",
        "methotrexate.prophylaxis_some_days",
    ),
)
def trimethoprim_prophylaxis_shown(scope: Scope) -> Fact[bool]:
    """Every product with trimethoprim that is taken is positively shown to be low-dose prophylaxis.

    At most 100 mg trimethoprim a dosing day, or at most 160 mg on at most three days a week. What
    cannot be worked out is not shown.
    """
    found = coactive(scope, names(scope, ("trimethoprim_containing",)))
    treated = [m for m in found if not _is_prophylaxis(scope, m)]
    if treated:
        return Known(False, tuple(map(of_medication, treated[:2])))
    return flag(bool(found), *map(of_medication, found[:2]), doubt=recorded(scope).doubt)


@fact(
    "methotrexate_otherwise_on_list",
    "flag",
    needs=NEEDS,
    uses=("oncology_protocol",),
    limits=("methotrexate.dosing_days",),
)
def methotrexate_otherwise_on_list(scope: Scope) -> Fact[bool]:
    """Beside the orders on the screen methotrexate is in force on more than one day a week, or as needed.

    Not told where an order on the screen is such itself: that is what its own check is for.
    """
    if any("methotrexate" in order.ingredients and _is_not_weekly(scope, order) for order in scope.drafts):
        return Known(False)
    of_screen = {name for order in scope.drafts for name in (order.reference, order.replaces)}
    found = [
        m for m in recorded(scope).items
        if "methotrexate" in m.ingredients and not is_draft(m) and m.reference not in of_screen
        and runs(m, scope.chart.today) and _is_not_weekly(scope, m) and not _is_cancer_treatment(scope, m)
    ]  # fmt: skip
    return flag(bool(found), *map(with_dose, found), doubt=recorded(scope).doubt)


@fact("no_folate", "flag", about="order", needs=NEEDS, limits=("methotrexate.folate_weekly",))
def no_folate(scope: Scope) -> Fact[bool]:
    """Neither folic nor folinic acid of at least 5 mg over seven days is in force or drafted."""
    enough, unclear = Decimal(0), []
    found = coactive(scope, names(scope, ("folic_acid", "leucovorin")))
    for order in found:
        weekly = order.exposure.mg_per_week
        if isinstance(weekly, Unknown):
            unclear.append(order)
        else:
            enough += weekly.value
    shown = tuple(map(of_medication, found[:2]))
    if enough >= scope.limit("methotrexate.folate_weekly"):
        return Known(False, shown)
    if unclear:
        return Unknown(f"the weekly dose of {unclear[0].name} is not known", ("dosage",))
    doubt = recorded(scope).doubt
    return Unknown(doubt, ("medicationRequests",)) if doubt else Known(True, shown)


@fact("folate_same_day", "flag", about="order", needs=NEEDS)
def folate_same_day(scope: Scope) -> Fact[bool]:
    """The order names one weekday, and all folic or folinic acid that is in force or drafted the same one."""
    named = scope.order.exposure.weekdays if scope.order else frozenset()
    found = coactive(scope, names(scope, ("folic_acid", "leucovorin")))
    if len(named) != 1 or not found or any(each.exposure.weekdays != named for each in found):
        return flag(False, doubt=recorded(scope).doubt)
    return Known(True, tuple(map(of_medication, found[:2])), recorded(scope).doubt)


@fact("days_on_methotrexate", "number", unit="d", uses=("days_on",), needs=NEEDS)
def days_on_methotrexate(scope: Scope) -> Fact[Decimal]:
    """Days the present course of methotrexate has lasted; 0 without one."""
    days: Fact[Decimal] = scope.get("days_on", "methotrexate")
    return days


_FIB4_LABS = ("ast", "alt", "platelets")
_FIB4 = ("methotrexate.fib4_from_age", "methotrexate.fib4_days")


@fact("fib4", "number", unit="1", needs=("liverTests", "bloodCounts"), uses=("age_years",), limits=_FIB4)
def fib4(scope: Scope) -> Fact[Decimal]:
    """FIB-4: age times AST over platelets times the root of ALT. Age as a cause is left to the page."""
    days = int(scope.limit("methotrexate.fib4_days"))
    parts = [scope.get("age_years"), *(scope.get("lab", name, at_most_days_old=days) for name in _FIB4_LABS)]
    values = [part.value for part in parts if isinstance(part, Known)]
    if len(values) < len(parts):
        return unknown_of(*parts)
    age, ast, alt, platelets = values
    if alt <= 0 or platelets <= 0:
        return Unknown("ALT and platelets must be above zero", ("alt", "platelets"))
    return Known(age * ast / (platelets * alt.sqrt()), inputs_of(*parts))


@fact(
    "fib4_readable",
    "flag",
    needs=("liverTests", "bloodCounts", "muscleEnzymes"),
    uses=("age_years", "fib4"),
    limits=_FIB4,
)
def fib4_readable(scope: Scope) -> Fact[bool]:
    """FIB-4 may be read: from 35 years, with its parts on record, and CK on record and not raised."""
    age, raised = scope.get("age_years"), scope.get("times_uln", "ck")
    if isinstance(age, Unknown):
        return age
    if age.value < scope.limit("methotrexate.fib4_from_age"):
        return Known(False, age.inputs)
    if isinstance(raised, Unknown) or isinstance(scope.get("fib4"), Unknown):
        return flag(False, doubt=results(scope, (*_FIB4_LABS, "ck")).doubt)
    return flag(bool(raised.value <= 1), *raised.inputs, doubt=raised.doubt)


def _is_not_weekly(scope: Scope, order: Medication) -> bool:
    exposure = order.exposure
    days = exposure.dosing_days_per_week
    often = isinstance(days, Known) and days.value > scope.limit("methotrexate.dosing_days")
    return often or exposure.as_needed or bool(exposure.disagreement)


def _is_cancer_treatment(scope: Scope, order: Medication) -> bool:
    kind: Fact[str] = scope.about(order).get("oncology_protocol")
    return isinstance(kind, Known) and kind.value != "none"


def _cancer_reason(order: Medication) -> bool:
    """The order's own reason is a malignant or uncertain neoplasm (C00-C96, D37-D48)."""
    if order.reasons & CANCER:
        return True
    return any(low <= code[:3].upper() <= high for code in _icd(order) for low, high in _CANCER_RANGES)


def _one_injection(order: Medication) -> bool:
    """One injection for ectopic pregnancy or trophoblastic disease (O00, O01, C58, D39.2)."""
    days = order.exposure.course_days
    single = isinstance(days, Known) and days.value <= 1
    meant = any(code.upper().startswith(_TROPHOBLASTIC) for code in _icd(order))
    return single and meant and order.route in PARENTERAL


def _icd(order: Medication) -> list[str]:
    return [code for system, code in order.reason_codes if any(name in system.lower() for name in _ICD)]


def _high_dose(scope: Scope, order: Medication) -> Fact[bool]:
    """An intravenous dose of at least 100 mg/m2; without a surface only a dose too small for any is clear."""
    dose = order.exposure.mg_per_dose
    if order.route != "intravenous" or isinstance(dose, Unknown):
        return Known(False)
    limit = scope.limit("methotrexate.oncology_per_m2")
    if dose.value < limit * scope.limit("body.surface_smallest"):
        return Known(False)
    surface: Fact[Decimal] = scope.get("bsa_m2")
    if isinstance(surface, Unknown):
        return surface
    return Known(dose.value / surface.value >= limit, surface.inputs)


def _is_prophylaxis(scope: Scope, order: Medication) -> bool:
    daily, days = order.exposure.mg_per_day, order.exposure.dosing_days_per_week
    if isinstance(daily, Unknown) or isinstance(days, Unknown) or order.exposure.as_needed:
        return False
    mg = trimethoprim_mg(order, daily.value)
    if mg <= scope.limit("methotrexate.prophylaxis_daily_mg"):
        return True
    few = days.value <= scope.limit("methotrexate.prophylaxis_some_days")
    return few and mg <= scope.limit("methotrexate.prophylaxis_some_days_mg")


def trimethoprim_mg(order: Medication, mg: Decimal) -> Decimal:
    """How much of so many milligrams of the product is trimethoprim.

    Co-trimoxazole is one part trimethoprim and five parts sulfamethoxazole. A multiple of 480 mg is both
    together, a multiple of 400 mg the sulfamethoxazole; any other amount is read as trimethoprim, the
    larger reading.
    """
    if not order.ingredients & {"tmp_smx", "sulfamethoxazole"}:
        return mg
    if mg % 480 == 0:
        return mg / 6
    return mg / 5 if mg % 400 == 0 else mg


@fact("methotrexate_toxicity_orders", "words", about="order", uses=("taken_already",))
def methotrexate_toxicity_orders(scope: Scope) -> Fact[tuple[str, ...]]:
    """What to measure at once where the order is taken already, by name of the list of orders; else none."""
    if scope.order is None:
        return NO_ORDER
    taken = scope.get("taken_already")
    return Known(("alt", "cbc", "creatinine") if isinstance(taken, Known) and taken.value else ())
