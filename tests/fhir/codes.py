"""A small terminology made by hand: a few concepts of each kind."""

from __future__ import annotations

from decimal import Decimal

from cds_service.clinical.concepts import Code, Concept, Group
from cds_service.clinical.dosing import ProductStrength
from cds_service.clinical.terms import Terminology

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
ATC = "http://www.whocc.no/atc"


def _code(system: str, code: str, strength: ProductStrength | None = None) -> Code:
    return Code(system, code, code, "verified", strength=strength)


def _drug(name: str, *codes: Code, names: tuple[str, ...] = ()) -> Concept:
    return Concept("drug", name, name, codes, (name, *names))


def _lab(name: str, topic: str, unit: str, *codes: str, names: tuple[str, ...] = ()) -> Concept:
    return Concept(
        "lab", name, name, tuple(_code("loinc", c) for c in codes), (name, *names), topic=topic, unit=unit
    )


def _tablet(milligrams: str) -> ProductStrength:
    return ProductStrength(Decimal(milligrams), "mg", "tablet")


CONCEPTS = (
    _drug(
        "methotrexate",
        _code("rxnorm", "6851"),
        _code("rxnorm", "105585", _tablet("2.5")),
        _code("rxnorm", "105586", _tablet("10")),
        _code("atc", "L04AX03"),
        names=("mtx",),
    ),
    _drug("folic_acid", _code("rxnorm", "4511"), names=("folic acid",)),
    _drug("prednisone", _code("rxnorm", "8640"), _code("rxnorm", "198145", _tablet("5"))),
    _drug("trimethoprim", _code("rxnorm", "10829")),
    _lab("creatinine", "kidneyTests", "mg/dL", "2160-0", names=("serum creatinine",)),
    _lab("egfr", "kidneyTests", "mL/min/{1.73_m2}", "98979-8"),
    _lab("wbc", "bloodCounts", "10*9/L", "6690-2"),
    _lab("platelets", "bloodCounts", "10*9/L", "777-3"),
    _lab("hbsag", "hepatitisSerology", "", "5196-1"),
    _lab("anti_mi2", "myositisAntibodies", "", "18485-3"),
    _lab("body_weight", "bodyMeasurements", "kg", "29463-7"),
    _lab("bp_systolic", "vitalSigns", "mm[Hg]", "8480-6"),
    _lab("bp", "vitalSigns", "", "85354-9"),
    _lab("pain", "activityMeasures", "{score}", "72514-3"),
    _lab("pregnancy_status", "pregnancyStatus", "", "82810-3"),
    Concept("answer", "positive", "positive", (_code("snomed", "10828004"),)),
    Concept("answer", "weakly_positive", "weakly positive", (_code("snomed", "260408008"),)),
    Concept("answer", "not_detected", "not detected", (_code("snomed", "260415000"),)),
    Concept("answer", "pregnant", "pregnant", (_code("loinc", "LA15173-0"),)),
    Concept("condition", "dm", "dermatomyositis", (_code("snomed", "396230008"),), ("dermatomyositis",),
            begins=(("icd10cm", "M33"),)),
    Concept("condition", "pregnancy", "pregnancy", (), ("pregnancy", "pregnant")),
    Concept("allergy", "sulfonamide", "sulfonamide", (_code("snomed", "387406002"),), ("sulfa drugs",)),
    Concept("order", "hrct_chest", "CT of the chest", (_code("loinc", "24627-2"),), ("chest ct",)),
    Concept("route", "oral", "by mouth", (_code("snomed", "26643006"),), ("oral", "po")),
    Concept("route", "subcutaneous", "subcutaneous", (_code("snomed", "34206005"),), ("subcutaneous",)),
)  # fmt: skip
TERMS = Terminology(CONCEPTS, (Group("drug", "antifolate", "antifolates", frozenset({"methotrexate"})),))


def concept(system: str, code: str, said: str = "") -> dict[str, object]:
    """A CodeableConcept with one coding."""
    coded: dict[str, object] = {"coding": [{"system": system, "code": code}]}
    return {**coded, "text": said} if said else coded


def quantity(value: str, unit: str, code: str = "") -> dict[str, object]:
    """A Quantity; its unit is UCUM's where a code is given."""
    system = {"system": "http://unitsofmeasure.org", "code": code} if code else {}
    return {"value": Decimal(value), "unit": unit, **system}
