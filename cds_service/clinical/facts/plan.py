"""The plan in words: whether methotrexate fits this patient, what else does, and the headline."""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.facts.reading import inputs_of
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown
from cds_service.clinical.ranges import Range

LUNG = ("ild",)
LUNG_ANTIBODIES = ("anti_mda5", "anti_synthetase")
LIVER_STOP = ("cirrhosis", "alcohol_liver_disease", "alcohol_use_disorder")
LIVER = (*LIVER_STOP, "masld", "liver_risk")
MODIFIERS = ("dysphagia", "ild", "diabetes", "osteoporosis", "glaucoma", "psychosis")
NEEDS = (
    "conditions", "allergies", "kidneyTests", "hepatitisSerology", "myositisAntibodies", "pregnancyStatus",
)  # fmt: skip


@fact(
    "methotrexate_option",
    "flag",
    needs=NEEDS,
    uses=("egfr", "pregnant", "breastfeeding"),
    limits=("methotrexate.egfr_stop",),
)
def methotrexate_option(scope: Scope) -> Fact[bool]:
    """Nothing on record speaks against methotrexate: pregnancy, kidney, liver, lung, severe allergy.

    What is not known leaves a doubt, not an obstacle.
    """
    against = [
        scope.get("pregnant"),
        scope.get("breastfeeding"),
        _below(scope.get("egfr"), scope.limit("methotrexate.egfr_stop")),
        scope.get("has_condition", (*LIVER_STOP, *LUNG, "dialysis")),
        _is(scope.get("allergy", "methotrexate"), "severe"),
        *(_is(scope.get("finding", name), "positive") for name in ("hbsag", "hcv_rna", *LUNG_ANTIBODIES)),
    ]
    holds = [f for f in against if isinstance(f, Known) and f.value]
    if holds:
        return Known(False, inputs_of(*holds))
    doubt = next((f.reason for f in against if isinstance(f, Unknown)), None)
    return Known(True, (), doubt)


@fact(
    "alternatives",
    "words",
    needs=(*NEEDS, "medicationRequests", "medicationStatements", "pharmacogenetics"),
    uses=("egfr", "pregnant", "frp"),
    limits=("methotrexate.egfr_halve",),
)
def alternatives(scope: Scope) -> Fact[tuple[str, ...]]:
    """First choices beside methotrexate that fit this patient, in the words of the code lists.

    Lung: mycophenolate, azathioprine, tacrolimus. Liver or kidney: azathioprine, mycophenolate. A
    possible pregnancy: azathioprine, tacrolimus, ciclosporin, hydroxychloroquine, immunoglobulin.
    """
    fitting = ["azathioprine", "mycophenolate", "ivig", "tacrolimus", "ciclosporin", "hydroxychloroquine"]
    kept = [name for name in fitting if name in _allowed(scope) and not _barred(scope, name)]
    return Known(tuple(scope.terms.display(name) or name for name in kept))


@fact(
    "prednisone_modifiers",
    "words",
    needs=("conditions",),
    uses=("age_years",),
    limits=("glucocorticoid.lower_end_age",),
)
def prednisone_modifiers(scope: Scope) -> Fact[tuple[str, ...]]:
    """What on record speaks for one end of the prednisone range."""
    found = [(name, scope.get("has_condition", name)) for name in MODIFIERS]
    proved = [(name, f) for name, f in found if isinstance(f, Known) and f.value]
    words = [scope.terms.display(name) or name for name, _ in proved]
    age: Fact[Decimal] = scope.get("age_years")
    if isinstance(age, Known) and age.value > scope.limit("glucocorticoid.lower_end_age"):
        words.append(f"age {age.value}")
    doubt = next((f.reason for _, f in found if isinstance(f, Unknown)), None)
    return Known(tuple(words), inputs_of(*(f for _, f in proved)), doubt)


@fact(
    "regimen_summary",
    "word",
    uses=(
        "is_adult",
        "prednisone_range",
        "prednisone_juvenile_range",
        "methotrexate_option",
        "methotrexate_adult_start",
        "methotrexate_adult_target",
        "methotrexate_juvenile_range",
        "alternatives",
    ),
)
def regimen_summary(scope: Scope) -> Fact[str]:
    """The headline of the plan: a glucocorticoid by weight with methotrexate once a week, or without."""
    adult: Fact[bool] = scope.get("is_adult")
    if isinstance(adult, Unknown):
        return adult
    steroid, sparing = _adult(scope) if adult.value else _child(scope)
    return Known(f"{steroid} with {sparing}", adult.inputs)


def _adult(scope: Scope) -> tuple[str, str]:
    steroid = _span(scope.get("prednisone_range"), "0.5–1 mg/kg")
    start = _span(scope.get("methotrexate_adult_start"), "7.5–15 mg")
    target = _span(scope.get("methotrexate_adult_target"), "15–25 mg")
    weekly = f"methotrexate {start} ONCE A WEEK, then {target.removesuffix(' mg')}"
    return f"prednisone {steroid}/day", _sparing(scope, weekly)


def _child(scope: Scope) -> tuple[str, str]:
    steroid = _span(scope.get("prednisone_juvenile_range"), "1–2 mg/kg")
    weekly = _span(scope.get("methotrexate_juvenile_range"), "15–20 mg/m²")
    return f"prednisolone {steroid}/day", _sparing(scope, f"methotrexate {weekly} ONCE A WEEK s.c.")


def _sparing(scope: Scope, methotrexate: str) -> str:
    """Methotrexate where nothing speaks against it, else what fits instead."""
    if _holds(scope.get("methotrexate_option")):
        return methotrexate
    others: Fact[tuple[str, ...]] = scope.get("alternatives")
    named = others.value if isinstance(others, Known) else ()
    return " or ".join(named) if named else "a second drug chosen with pharmacy"


def _span(found: Fact[Range], otherwise: str) -> str:
    if isinstance(found, Unknown) or not found.value.fits:
        return otherwise
    return f"{_ends(found.value)} {found.value.unit}"


def _ends(span: Range) -> str:
    low, high = (f"{end.normalize():f}" for end in (span.low, span.high))
    return low if low == high else f"{low}–{high}"


def _allowed(scope: Scope) -> frozenset[str]:
    """What the lung, the liver, the kidney and a possible pregnancy leave over."""
    allowed = frozenset({"azathioprine", "mycophenolate", "ivig"})
    lung = [_is(scope.get("finding", name), "positive") for name in LUNG_ANTIBODIES]
    if _holds(scope.get("has_condition", LUNG), *lung):
        allowed = frozenset({"mycophenolate", "azathioprine", "tacrolimus"})
    kidney = _below(scope.get("egfr"), scope.limit("methotrexate.egfr_halve"))
    if _holds(scope.get("has_condition", LIVER), kidney):
        allowed &= {"azathioprine", "mycophenolate"}
    if _possible(scope.get("frp")) or _possible(scope.get("pregnant")):
        safe = {"azathioprine", "tacrolimus", "ciclosporin", "hydroxychloroquine", "ivig"}
        allowed = (allowed & safe) or frozenset(safe)
    return allowed


def _barred(scope: Scope, name: str) -> bool:
    """A severe allergy, or for azathioprine a xanthine-oxidase inhibitor or a poor metaboliser."""
    if _holds(_is(scope.get("allergy", name), "severe")):
        return True
    if name != "azathioprine":
        return False
    inhibitor = scope.get("takes", ("allopurinol", "febuxostat"))
    return _holds(inhibitor, _is(scope.get("phenotype", ("tpmt_phenotype", "nudt15")), "poor"))


def _holds(*flags: Fact[bool]) -> bool:
    return any(isinstance(f, Known) and f.value for f in flags)


def _possible(flag: Fact[bool]) -> bool:
    return isinstance(flag, Unknown) or flag.value


def _is(word: Fact[str], wanted: str) -> Fact[bool]:
    return word if isinstance(word, Unknown) else Known(word.value == wanted, word.inputs, word.doubt)


def _below(number: Fact[Decimal], limit: Decimal) -> Fact[bool]:
    return number if isinstance(number, Unknown) else Known(number.value < limit, number.inputs, number.doubt)
