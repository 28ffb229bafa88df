"""Worked cases in the notation of the vector file (``age_years``, ``current_meds``, ``order``) as charts.

The vectors are thin: an age, a few values, one order. What they leave unsaid stays unsaid in the chart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cds_service.fhir.synthesis.maker import mapping, sequence
from cds_service.fhir.synthesis.words import NotationFault

DRUGS = {
    "folic acid": "folic_acid",
    "sulfamethoxazole-trimethoprim": "tmp_smx",
    "immune globulin IV 10%": "ivig",
}
LABS = {
    "Creatinine": "creatinine", "CK": "ck", "TPMT phenotype": "tpmt_phenotype", "IgA": "iga",
    "HBsAg": "hbsag", "Anti-HBc total": "anti_hbc", "anti-MDA5": "anti_mda5",
}  # fmt: skip
CONDITIONS = {
    "history of DVT": "thrombosis_history",
    "type 2 diabetes": "diabetes",
    "interstitial lung disease": "ild",
}
# What a feature puts on the chart; those of age and sex are told by the patient.
FEATURE_PROBLEMS = {
    "DM": "dm",
    "JDM": "jdm",
    "ASyS": "antisynthetase",
    "dysphagia_mod_sev": "dysphagia",
    "ILD": "ild",
}
FEATURE_LABS = {"TIF1g": "anti_tif1g", "Jo1": "anti_jo1"}
TOLD_OTHERWISE = frozenset({"age_onset_gt40", "male", "raynaud"})
CORE_SET = {
    "phga": "physician_global", "ptga": "patient_global", "mmt8": "mmt8", "haq": "haq_di", "ck": "ck",
    "extramuscular": "extramuscular_global",
}  # fmt: skip
BEFORE, NOW = "98 days ago", "2 days ago"
ROUTES = {"PO": "oral", "SC": "subcutaneous", "IV": "intravenous"}
ADULT = 18


def notation(case: Mapping[str, object]) -> dict[str, object]:
    """A worked case as the notation of a chart; the patient has dermatomyositis, as all of them do."""
    person = mapping(case["patient"], "patient")
    order = case.get("order")
    return {
        "patient": _patient(person),
        "problems": [
            *(_features(case) or [_diagnosis(person)]),
            *(CONDITIONS[str(each)] for each in _listed(case, "conditions")),
        ],
        "labs": [
            *({FEATURE_LABS[each]: "positive"} for each in _told(case) if each in FEATURE_LABS),
            *_pregnancy(person),
            *(_lab(mapping(each, "labs")) for each in _listed(case, "labs")),
            *_core_set(case),
        ],
        "medications": [
            _order(mapping(each, "current_meds"))
            for name in ("current_meds", "courses")
            for each in _listed(case, name)
        ]
        + _schedule(case)
        + _treatment(case),
        "orders": [_order(mapping(order, "order"))] if order else [],
    }


def _told(case: Mapping[str, object]) -> list[str]:
    """``features``: what the case says the patient has. Raises NotationFault for one that is not known."""
    told = [str(each) for each in _listed(case, "features")]
    unknown = set(told) - {*FEATURE_PROBLEMS, *FEATURE_LABS, *TOLD_OTHERWISE}
    if unknown:
        raise NotationFault(f"{sorted(unknown)} are not features of the worked cases")
    return told


def _features(case: Mapping[str, object]) -> list[dict[str, object]]:
    """The problems among the features, since the onset of the disease."""
    since = _diagnosis(mapping(case["patient"], "patient"))["since"]
    return [{"is": FEATURE_PROBLEMS[f], "since": since} for f in _told(case) if f in FEATURE_PROBLEMS]


def _core_set(case: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """``core_set``: each measure before the treatment and now, as [before, now]."""
    measured = mapping(case.get("core_set") or {}, "core_set")
    for name, concept in CORE_SET.items():
        for value, day in zip(_listed(measured, name), (BEFORE, NOW), strict=False):
            unit = " U/L" if concept == "ck" else ""
            limit = measured.get(f"{name}_uln") or (150 if concept == "mmt8" else None)
            yield {concept: f"{value}{unit}", "on": day, **({"range": f"<{limit}"} if limit else {})}


def _treatment(case: Mapping[str, object]) -> list[dict[str, object]]:
    """What the change of a core set is a response to; the vectors do not name it."""
    if "core_set" not in case:
        return []
    return [{"drug": "methotrexate", "dose": "15 mg", "timing": "weekly", "route": "oral", "since": BEFORE}]


def _schedule(case: Mapping[str, object]) -> list[dict[str, object]]:
    """``schedule_mg_days``: a prednisone course of these steps, the last of which ends today."""
    steps = [sequence(step, "schedule_mg_days") for step in _listed(case, "schedule_mg_days")]
    if not steps:
        return []
    days = sum(int(str(each[1])) for each in steps)
    rows = [{"dose": f"{each[0]} mg", "days": int(str(each[1]))} for each in steps]
    since = f"{days - 1} days ago"
    return [{"drug": "prednisone", "timing": "daily", "route": "oral", "since": since, "steps": rows}]


def _listed(case: Mapping[str, object], name: str) -> list[object]:
    return sequence(case.get(name) or [], name)


def _patient(person: Mapping[str, object]) -> dict[str, object]:
    sizes = {"height": "cm", "weight": "kg"}
    measured = {
        name: f"{person[f'{name}_{unit}']} {unit}"
        for name, unit in sizes.items()
        if f"{name}_{unit}" in person
    }
    return {"age": person["age_years"], "sex": person["sex"], **measured}


def _diagnosis(person: Mapping[str, object]) -> dict[str, object]:
    age = int(str(person["age_years"]))
    years = age - int(str(person.get("age_at_onset", age)))
    return {
        "is": "jdm" if age - years < ADULT else "dm",
        "since": f"{years} years ago" if years else "5 weeks ago",
    }


def _pregnancy(person: Mapping[str, object]) -> list[object]:
    return [{"pregnancy_status": "Pregnant"}] if person.get("pregnant") else []


def _lab(item: Mapping[str, object]) -> dict[str, object]:
    limit = {"range": f"<{item['uln']}"} if "uln" in item else {}
    return {LABS[str(item["name"])]: f"{item['value']} {item['unit']}".strip(), **limit}


def _order(item: Mapping[str, object]) -> dict[str, object]:
    if "vaccine" in item:
        return {"text": f"{item['vaccine']} vaccine"}
    name, dose = str(item["drug"]), f"{item['dose']} {item['unit']}"
    written: dict[str, object] = {"drug": DRUGS.get(name, name)}
    if "route" in item:
        written["route"] = ROUTES[str(item["route"])]
    if not re.fullmatch(r"[\d.]+ \S+", dose):  # 800/160 mg: the strength of one combination tablet
        return written | {"dose": "1 tablet", "text": f"{name} {dose}", **_timing(str(item["frequency"]))}
    return written | {"dose": dose, **_timing(str(item["frequency"]))}


def _timing(frequency: str) -> dict[str, object]:
    """How often, and for how many days: ``daily x3`` is daily for 3 days."""
    course = re.fullmatch(r"daily x(\d+)", frequency)
    if course:
        return {"timing": "daily", "days": int(course[1])}
    if frequency in ("once daily", "once weekly", "twice daily"):
        return {"timing": frequency.removeprefix("once ")}
    if frequency in ("day 0 and 14", "divided over 2 days"):
        return {"sig": frequency}
    raise NotationFault(f"{frequency!r} is not a frequency of the worked cases")
