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
    uses=(
        "egfr",
        "pregnant",
        "breastfeeding",
        "antimetabolite_held",
        "takes",
        "methotrexate_refused",
        "antiviral_first",
    ),
    limits=("methotrexate.egfr_halve",),
)
def methotrexate_option(scope: Scope) -> Fact[bool]:
    """Nothing on record speaks against methotrexate first: pregnancy, kidney, liver, lung, severe allergy.

    Nor a severe infection, low blood counts or leflunomide, nor a critical row of the safety pages.
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
        _any_word(scope.get("methotrexate_refused")),
        scope.get("antiviral_first"),
    ]
    holds = [f for f in against if isinstance(f, Known) and f.value]
    if holds:
        return Known(False, inputs_of(*holds))
    doubt = next((f.reason for f in against if isinstance(f, Unknown)), None)
    return Known(True, (), doubt)


@fact("methotrexate_refused", "words", uses=("treatment_open",))
def methotrexate_refused(scope: Scope) -> Fact[tuple[str, ...]]:
    """What a critical row of the safety pages would hold against methotrexate as it would be drafted."""
    return _refused(scope, "methotrexate-start")


@fact("prednisone_refused", "words", needs=("conditions",), uses=("treatment_open",))
def prednisone_refused(scope: Scope) -> Fact[tuple[str, ...]]:
    """The same of prednisone, or of prednisolone where the liver fails: in words."""
    failing = scope.get("has_condition", "liver_failure")
    return _refused(scope, "prednisolone-induction" if _holds(failing) else "prednisone-induction")


@fact("prednisone_option", "flag", uses=("prednisone_refused",))
def prednisone_option(scope: Scope) -> Fact[bool]:
    """No critical row of the safety pages speaks against prednisone for this patient."""
    refused: Fact[tuple[str, ...]] = scope.get("prednisone_refused")
    return Known(isinstance(refused, Unknown) or not refused.value)


@fact(
    "antiviral_first",
    "flag",
    needs=("conditions", "hepatitisSerology", "medicationRequests", "medicationStatements"),
    uses=("takes",),
)
def antiviral_first(scope: Scope) -> Fact[bool]:
    """Hepatitis B is on record and no antiviral: it comes before what suppresses the immune system.

    The diagnosis stands for a positive HBsAg until a result refutes it. Never unknown.
    """
    found = [is_word(scope.get("finding", name), "positive") for name in ("hbsag", "hbv_dna")]
    refuted = _holds(is_word(scope.get("finding", "hbsag"), "negative"))
    if not refuted:
        found.append(scope.get("has_condition", "hepatitis_b"))
    is_ill = _holds(*found) and not _holds(scope.get("takes", "hbv_antiviral"))
    return Known(is_ill, inputs_of(*(f for f in found if isinstance(f, Known) and f.value)))


def _refused(scope: Scope, order: str) -> Fact[tuple[str, ...]]:
    """Why the order is refused, in words; it is tried only where a plan could name it."""
    is_open: Fact[bool] = scope.get("treatment_open")
    if isinstance(is_open, Unknown) or not is_open.value:
        return Known(())
    why = scope.refusal(order)
    return Known((why,) if why is not None else ())


def _any_word(words: Fact[tuple[str, ...]]) -> Fact[bool]:
    return words if isinstance(words, Unknown) else Known(bool(words.value))


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
    uses=(
        "egfr",
        "pregnant",
        "frp",
        "antimetabolite_held",
        "immunosuppressant_held",
        "antiviral_first",
        "treatment_open",
    ),
    limits=("methotrexate.egfr_halve",),
)
def alternatives(scope: Scope) -> Fact[tuple[str, ...]]:
    """First choices beside methotrexate that fit this patient, by name of the code list.

    Which these are with lung disease, with liver or kidney disease and where a pregnancy is possible say the
    classes ``first_choice`` and after. None before the antiviral where hepatitis B asks for one.
    """
    if _holds(scope.get("antiviral_first")):
        return Known(())
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
    if _holds(_any_word(_refused(scope, "azathioprine-choice"))):
        return True
    return _holds(inhibitor, is_word(scope.get("phenotype", ("tpmt_phenotype", "nudt15")), "poor"))


def _holds(*flags: Fact[bool]) -> bool:
    return any(isinstance(f, Known) and f.value for f in flags)


def _possible(flag: Fact[bool]) -> bool:
    return isinstance(flag, Unknown) or flag.value
