"""What must not matter does not: order, irrelevant resources, units; what is missing never passes for fine.

Each property is put to the worked patients of the pages, drawn by hypothesis.
"""

from __future__ import annotations

import copy
import os
import random
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cds_service.fhir.synthesis import hook_call
from cds_service.knowledge.evaluate import Finding
from cds_service.protocol.codec import decode, encode
from cds_service.protocol.request import parse_request
from cds_service.protocol.trust import Caller
from tests.test_cards import SEVERITY, cases, decider, knowledge

Request = dict[str, Any]
Told = dict[tuple[str, str], tuple[str, Finding]]
SEVERE = {name: rank for rank, name in enumerate(reversed(SEVERITY))}
# Facts by which a tier names the absence of something; the page's own condition is the declaration.
ABSENCE = {
    "lab_recorded", "lab_count", "creatinine_recent", "hcg_within", "contraception_recorded", "baseline_count",
    "overdue_count", "methotrexate_option", "alternatives",
    "due_count", "workup_count", "basic_done", "basic_current", "enhanced_done", "core_set_recorded",
    "examined", "vaccinated",
    "finding", "phenotype", "thiopurine_metaboliser", "weight_state", "height_state", "dose_weight_state",
    "improvement", "due_soon_count", "test_calendar", "overdue_percent", "overdue_days", "phase",
    "liver_injury", "muscle_transaminases", "transaminases_unexplained", "ck_times_uln_nearby", "baseline_recorded",
    "fib4_readable", "refractory", "tis_told", "blood_pressure_high", "classification_known",
    "level_missing", "blood_group_o", "heart_unseen", "recent_for_stable", "level_of_this_dose",
}  # fmt: skip
# Facts about a course of results: without the results there is no course to speak of.
TRENDS = {
    "ck_rose_after_statin",
    "sustained_fall_percent", "lab_fall", "lab_fall_percent", "lab_rise_percent", "higher_of_last_two",
    "lower_of_last_two", "fall_on_drug",
    "bp_high_repeated", "blood_pressure_stop", "creatinine_rise_confirmed_percent", "flare",
}  # fmt: skip
UNITS = {
    "kg": ("g", Decimal(1000)), "cm": ("m", Decimal("0.01")), "g/dL": ("g/L", Decimal(10)),
    "10*9/L": ("10*3/uL", Decimal(1)), "10*3/uL": ("10*9/L", Decimal(1)), "g/L": ("mg/dL", Decimal(100)),
}  # fmt: skip
PROPERTIES = settings(
    max_examples=int(os.environ.get("METAMORPHIC_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@cache
def drawn() -> tuple[tuple[dict[str, Any], str, Any], ...]:
    """Every worked patient with its hook and day."""
    return tuple(
        (notation, case.get("hook", "order-sign"), as_of)
        for _, case, notation, as_of in (c.values for c in cases())
    )


def request_of(patient: tuple[dict[str, Any], str, Any]) -> Request:
    """The hook call of a worked patient, all of it in prefetch."""
    notation, hook, as_of = patient
    templates = next(s.prefetch for s in decider(as_of).services() if s.hook == hook)
    call = hook_call(notation, hook, as_of, terms=knowledge().terms, templates=templates)
    return copy.deepcopy(dict(call.request))


def told(request: Request, patient: tuple[dict[str, Any], str, Any]) -> Told:
    """What every rule says about every order: the gravest, with its finding."""
    _, hook, as_of = patient
    found = decider(as_of).findings(parse_request(decode(encode(request)), hook), Caller())
    said: Told = {}
    for finding in found:
        key = (finding.rule, finding.order.reference if finding.order else "")
        word = finding.indicator if finding.outcome == "fired" else finding.outcome
        if key not in said or SEVERE[word] > SEVERE[said[key][0]]:
            said[key] = (word, finding)
    return said


def words(said: Told) -> dict[tuple[str, str], str]:
    """What is said, without the silent."""
    return {key: word for key, (word, _) in said.items() if word != "silent"}


def bundles(request: Request) -> list[dict[str, Any]]:
    """The Bundles of the prefetch."""
    return [
        v for v in request["prefetch"].values() if isinstance(v, dict) and v.get("resourceType") == "Bundle"
    ]


patients = st.sampled_from(range(10_000)).map(lambda n: drawn()[n % len(drawn())])


@PROPERTIES
@given(patients, st.randoms(use_true_random=False))
def test_the_order_of_resources_does_not_matter(patient: Any, chance: random.Random) -> None:
    """Entries of every Bundle, shuffled, give the same findings."""
    request = request_of(patient)
    before = words(told(request, patient))
    for bundle in bundles(request):
        chance.shuffle(bundle.get("entry", []))
    assert words(told(request, patient)) == before


@PROPERTIES
@given(patients, st.integers(min_value=1, max_value=5))
def test_an_irrelevant_resource_does_not_matter(patient: Any, count: int) -> None:
    """A sprained ankle, an eye colour and a multivitamin change nothing."""
    request = request_of(patient)
    before = words(told(request, patient))
    subject = {"reference": f"Patient/{request['context']['patientId']}"}
    other = {
        "Condition": {"code": {"text": "sprained ankle"}, "recordedDate": "2020-01-01"},
        "Observation": {"status": "final", "code": {"text": "colour of the eyes"}, "valueString": "brown",
                        "effectiveDateTime": "2021-01-01"},
        "MedicationRequest": {"status": "active", "intent": "order", "authoredOn": "2021-01-01",
                              "medicationCodeableConcept": {"text": "multivitamin"}},
    }  # fmt: skip
    for bundle in bundles(request):
        kinds = {each["resource"]["resourceType"] for each in bundle.get("entry", [])} & set(other)
        for kind in sorted(kinds):
            for n in range(count):
                made = {"resourceType": kind, "id": f"none-{n}", "subject": subject, **other[kind]}
                bundle["entry"].append({"resource": made})
        if "total" in bundle:
            bundle["total"] = len(bundle.get("entry", []))
    assert words(told(request, patient)) == before


@PROPERTIES
@given(patients)
def test_the_unit_does_not_matter(patient: Any) -> None:
    """The same amounts in another valid unit give the same findings."""
    request = request_of(patient)
    before = words(told(request, patient))
    for bundle in bundles(request):
        for entry in bundle.get("entry", []):
            resource = entry["resource"]
            quantity = resource.get("valueQuantity") if resource["resourceType"] == "Observation" else None
            if quantity and not resource.get("referenceRange") and quantity.get("code") in UNITS:
                unit, factor = UNITS[quantity["code"]]
                quantity |= {"value": Decimal(str(quantity["value"])) * factor, "code": unit, "unit": unit}
    assert words(told(request, patient)) == before


def in_words(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each result with the words of its code alone, as systems send that never mapped them."""
    return [each | {"code": {"text": _words(each["code"])}} for each in results]


def as_components(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The final results of one instant as components of one panel; the others as they are."""
    taken: dict[str, list[dict[str, Any]]] = {}
    for each in results:
        plain = each["status"] == "final" and not each.keys() & {"component", "hasMember"}
        taken.setdefault(each["effectiveDateTime"] if plain else each["id"], []).append(each)
    return [_panel(group) if len(group) > 1 else group[0] for group in taken.values()]


def as_members(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each result contained in a panel that has its day."""
    return [
        {**_shell(each), "contained": [each | {"id": "m"}], "hasMember": [{"reference": "#m"}]}
        for each in results
    ]


def _shell(of: dict[str, Any]) -> dict[str, Any]:
    kept = {name: of[name] for name in ("resourceType", "status", "subject", "effectiveDateTime", "id")}
    return {**kept, "id": f"panel-{of['id']}", "code": {"text": "laboratory panel"}}


def _panel(group: list[dict[str, Any]]) -> dict[str, Any]:
    said = ("code", "interpretation", "referenceRange", "dataAbsentReason")
    parts = [
        {name: value for name, value in each.items() if name in said or name.startswith("value")}
        for each in group
    ]
    return {**_shell(group[0]), "component": parts}


def _words(code: dict[str, Any]) -> str:
    """What our lists call a code; its own words where it is in none."""
    terms = knowledge().terms
    for coding in code.get("coding", []):
        for name in terms.concepts(coding.get("system", ""), coding["code"], "lab"):
            return terms.display(name, "lab")
    return str(code.get("text", ""))


@pytest.mark.parametrize("form", [in_words, as_components, as_members])
@settings(PROPERTIES, max_examples=max(PROPERTIES.max_examples // 5, 1))
@given(patient=patients)
def test_the_form_of_a_panel_does_not_matter(form: Any, patient: Any) -> None:
    """Results by themselves, as components, as members of a panel, or named by words give the same findings."""
    request = request_of(patient)
    before = words(told(request, patient))
    for bundle in bundles(request):
        held = [entry["resource"] for entry in bundle.get("entry", [])]
        results = [each for each in held if each["resourceType"] == "Observation"]
        if results:
            rest = [each for each in held if each["resourceType"] != "Observation"]
            bundle["entry"] = [{"resource": each} for each in (*rest, *form(results))]
            bundle["total"] = len(bundle["entry"])
    assert words(told(request, patient)) == before


@PROPERTIES
@given(patients, st.data())
def test_what_cannot_be_read_is_never_silence(patient: Any, data: st.DataObject) -> None:
    """A failed query turns no finding into silence: what fired fires still, or is told as not checked."""
    request = request_of(patient)
    before = told(request, patient)
    keys = [
        name for name, value in request["prefetch"].items()
        if isinstance(value, dict) and value.get("resourceType") == "Bundle" and name != "conditions"
    ]  # fmt: skip
    if not keys:
        return
    lost = data.draw(st.sampled_from(sorted(keys)))
    request["prefetch"][lost] = {
        "resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}],
    }  # fmt: skip
    after = told(request, patient)
    rules = {rule for (rule, _), (word, _) in after.items() if word != "silent"}
    silenced = {rule for (rule, _), (word, _) in before.items() if word != "silent"} - rules
    assert not silenced, f"without {lost}"


@PROPERTIES
@given(patients, st.data())
def test_a_missing_result_is_never_fine(patient: Any, data: st.DataObject) -> None:
    """Without any result of one test, a rule is silent only if it asks for a result to ring about.

    It gets more severe only in a tier that names what is absent.
    """
    request = request_of(patient)
    before = told(request, patient)
    codes = sorted({
        code
        for bundle in bundles(request)
        for entry in bundle.get("entry", [])
        if (code := _code(entry["resource"]))
    })  # fmt: skip
    if not codes:
        return
    lost = data.draw(st.sampled_from(codes))
    for bundle in bundles(request):
        kept = [entry for entry in bundle.get("entry", []) if _code(entry["resource"]) != lost]
        if "total" in bundle:
            bundle["total"] = len(kept)
        bundle["entry"] = kept
    after = told(request, patient)
    for key, (word, finding) in before.items():
        now, then = after.get(key, ("silent", finding))
        if word != "silent" and now == "silent":
            asked = {used.fact for used in finding.used} or _asked(finding)
            assert asked & (ABSENCE | TRENDS) or _guarded(finding), f"{key[0]} is silent without {lost}"
        if SEVERE[now] > SEVERE[word] and now != "unknown":
            assert {used.fact for used in then.used} & ABSENCE, f"{key[0]} is {now} without {lost}"


DOSED = {
    "methotrexate": ("weekly mon", 5, 45), "prednisone": ("daily", 5, 120), "azathioprine": ("daily", 25, 350),
    "mycophenolate": ("twice daily", 250, 2500), "hydroxychloroquine": ("daily", 100, 900),
    "tacrolimus": ("twice daily", 1, 14), "ciclosporin": ("twice daily", 25, 400),
    "cyclophosphamide": ("daily", 25, 300),
}  # fmt: skip


@PROPERTIES
@given(st.sampled_from(sorted(DOSED)), st.booleans(), st.data())
def test_a_higher_dose_is_never_judged_milder(drug: str, child: bool, data: st.DataObject) -> None:
    """Of two doses of one drug by one route, the overdose checks are at least as severe about the higher."""
    timing, low, high = DOSED[drug]
    doses = sorted(data.draw(st.lists(st.integers(low * 2, high * 2), min_size=2, max_size=2)))
    age, height, weight = (10, 140, 35) if child else (50, 175, 80)
    said = []
    for half in doses:
        order = {"drug": drug, "dose": f"{Decimal(half) / 2} mg", "timing": timing, "route": "oral"}
        notation = {
            "patient": {"age": age, "sex": "male", "height": f"{height} cm", "weight": f"{weight} kg",
                        "onset": "5 weeks ago"},
            "problems": ["jdm" if child else "dermatomyositis"],
            "labs": [{"creatinine": "0.6 mg/dL", "on": "6 days ago"}],
            "orders": [order],
        }  # fmt: skip
        patient = (notation, "order-sign", drawn()[0][2])
        found = told(request_of(patient), patient)
        said.append(
            max((SEVERE[w] for (rule, _), (w, _) in found.items() if rule.startswith("SAF-DOSE")), default=0)
        )
    assert said[0] <= said[1]


def _guarded(finding: Finding) -> bool:
    """Whether the tier asks for a result on record before it compares it."""
    return bool(_asked(finding) & ABSENCE)


def _asked(finding: Finding) -> set[str]:
    """The facts its tier asks for; of what was unknown none was used."""
    return {ask.fact for ask in finding.tier.condition.facts()} if finding.tier else set()


def _code(resource: dict[str, Any]) -> str:
    if resource["resourceType"] != "Observation":
        return ""
    coding = (resource.get("code") or {}).get("coding") or [{}]
    return str(coding[0].get("code") or "")
