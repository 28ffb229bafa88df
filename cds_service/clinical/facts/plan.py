"""Whether methotrexate fits this patient, what else does, and which end of the prednisone range."""

from __future__ import annotations

from cds_service.clinical.facts.reading import inputs_of, is_word
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown, is_below

LUNG = ("ild",)
LUNG_ANTIBODIES = ("anti_mda5", "anti_synthetase")
LEFLUNOMIDE = ("leflunomide", "teriflunomide")
ANTIMETABOLITES, CALCINEURIN_INHIBITORS = ("azathioprine", "mycophenolate"), ("tacrolimus", "ciclosporin")
LIVER = ("cirrhosis", "alcohol_liver_disease", "alcohol_use_disorder", "masld", "liver_risk")
FOR_MORE, FOR_LESS = ("dysphagia", "ild"), ("diabetes", "osteoporosis", "glaucoma", "psychosis")
NEEDS = (
    "conditions", "allergies", "kidneyTests", "hepatitisSerology", "myositisAntibodies", "pregnancyStatus",
)  # fmt: skip


@fact(
    "methotrexate_option",
    "flag",
    needs=(*NEEDS, "medicationRequests", "medicationStatements"),
    uses=("egfr", "pregnant", "breastfeeding", "antimetabolite_held", "takes"),
    limits=("methotrexate.egfr_halve",),
)
def methotrexate_option(scope: Scope) -> Fact[bool]:
    """Nothing on record speaks against methotrexate first: pregnancy, kidney, liver, lung, severe allergy.

    Nor a severe infection, low blood counts or leflunomide.
    What is not known leaves a doubt, not an obstacle.
    """
    against = [
        scope.get("pregnant"),
        scope.get("breastfeeding"),
        is_below(scope.get("egfr"), scope.limit("methotrexate.egfr_halve")),
        scope.get("has_condition", (*LIVER, *LUNG, "dialysis")),
        is_word(scope.get("allergy", "methotrexate"), "severe"),
        *(is_word(scope.get("finding", name), "positive") for name in ("hbsag", "hcv_rna", *LUNG_ANTIBODIES)),
        scope.get("antimetabolite_held"),
        scope.get("takes", LEFLUNOMIDE),
    ]
    holds = [f for f in against if isinstance(f, Known) and f.value]
    if holds:
        return Known(False, inputs_of(*holds))
    doubt = next((f.reason for f in against if isinstance(f, Unknown)), None)
    return Known(True, (), doubt)


@fact(
    "contraception_first",
    "flag",
    needs=("pregnancyStatus", "medicationRequests", "medicationStatements"),
    uses=("frp", "contraception_recorded"),
)
def contraception_first(scope: Scope) -> Fact[bool]:
    """A pregnancy may be possible, and no contraception is known to be on record: never unknown."""
    fertile, protected = scope.get("frp"), scope.get("contraception_recorded")
    return Known(_possible(fertile) and not _holds(protected), inputs_of(fertile))


@fact(
    "alternatives",
    "words",
    needs=(*NEEDS, "medicationRequests", "medicationStatements", "pharmacogenetics"),
    uses=("egfr", "pregnant", "frp", "antimetabolite_held", "immunosuppressant_held"),
    limits=("methotrexate.egfr_halve",),
)
def alternatives(scope: Scope) -> Fact[tuple[str, ...]]:
    """First choices beside methotrexate that fit this patient, by name of the code list.

    Which these are with lung disease, with liver or kidney disease and where a pregnancy is possible say the
    classes ``first_choice`` and after.
    """
    return Known(tuple(name for name in sorted(_allowed(scope)) if not _barred(scope, name)))


@fact("prednisone_modifiers_higher", "words", needs=("conditions",))
def prednisone_modifiers_higher(scope: Scope) -> Fact[tuple[str, ...]]:
    """What on record speaks for the upper end of the prednisone range."""
    return _proved(scope, FOR_MORE)


@fact(
    "prednisone_modifiers_lower",
    "words",
    needs=("conditions",),
    uses=("age_years",),
    limits=("glucocorticoid.lower_end_age",),
)
def prednisone_modifiers_lower(scope: Scope) -> Fact[tuple[str, ...]]:
    """What on record speaks for the lower end of the prednisone range."""
    found, age = _proved(scope, FOR_LESS), scope.get("age_years")
    if isinstance(age, Unknown) or age.value <= scope.limit("glucocorticoid.lower_end_age"):
        return found
    return Known((*found.value, f"age {age.value}"), found.inputs, found.doubt)


def _proved(scope: Scope, of: tuple[str, ...]) -> Known[tuple[str, ...]]:
    """Those of the problems that are on record, in words."""
    found = [(name, scope.get("has_condition", name)) for name in of]
    proved = [(name, f) for name, f in found if isinstance(f, Known) and f.value]
    doubt = next((f.reason for _, f in found if isinstance(f, Unknown)), None)
    words = tuple(scope.terms.display(name) or name for name, _ in proved)
    return Known(words, inputs_of(*(f for _, f in proved)), doubt)


def _allowed(scope: Scope) -> frozenset[str]:
    """What the lung, the liver, the kidney and a possible pregnancy leave over."""
    members = scope.terms.members
    allowed = members("first_choice")
    lung = [is_word(scope.get("finding", name), "positive") for name in LUNG_ANTIBODIES]
    if _holds(scope.get("has_condition", LUNG), *lung):
        allowed = members("first_choice_lung")
    kidney = is_below(scope.get("egfr"), scope.limit("methotrexate.egfr_halve"))
    if _holds(scope.get("has_condition", LIVER), kidney):
        allowed &= members("first_choice_liver_kidney")
    if _possible(scope.get("frp")) or _possible(scope.get("pregnant")):
        safe = members("first_choice_pregnancy")
        allowed = (allowed & safe) or safe
    return allowed


def _barred(scope: Scope, name: str) -> bool:
    """Severe allergy, infection, low counts; for azathioprine a xanthine-oxidase inhibitor or a poor metaboliser."""
    if _holds(is_word(scope.get("allergy", name), "severe")):
        return True
    if name in ANTIMETABOLITES and _holds(scope.get("antimetabolite_held")):
        return True
    if name in CALCINEURIN_INHIBITORS and _holds(scope.get("immunosuppressant_held")):
        return True
    if name != "azathioprine":
        return False
    inhibitor = scope.get("takes", ("allopurinol", "febuxostat"))
    return _holds(inhibitor, is_word(scope.get("phenotype", ("tpmt_phenotype", "nudt15")), "poor"))


def _holds(*flags: Fact[bool]) -> bool:
    return any(isinstance(f, Known) and f.value for f in flags)


def _possible(flag: Fact[bool]) -> bool:
    return isinstance(flag, Unknown) or flag.value
