"""Orders and statements, from what records and screens hold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cds_service.clinical.chart import Medication
from cds_service.clinical.known import Known
from cds_service.fhir.drafts import is_forbidden
from cds_service.fhir.drugs import Drug, read_drug
from cds_service.fhir.medications import Reader
from cds_service.fhir.notes import Notes
from cds_service.fhir.references import Index
from tests.fhir.codes import ATC, ICD, RXNORM, TERMS, concept, quantity

Json = dict[str, object]
TODAY = date(2026, 3, 10)
METHOTREXATE = concept(RXNORM, "6851", "Methotrexate")
WEEKLY = [{"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}},
           "doseAndRate": [{"doseQuantity": quantity("15", "mg", "mg")}]}]  # fmt: skip


def order(**members: object) -> Json:
    """A MedicationRequest for methotrexate, unless told otherwise."""
    named = {} if "medicationReference" in members else {"medicationCodeableConcept": METHOTREXATE}
    return {
        "resourceType": "MedicationRequest",
        "id": "m",
        "status": "active",
        "intent": "order",
        **named,
        **members,
    }


def reader(*known: Json) -> Reader:
    """A reader that finds the given resources."""
    index = Index()
    for each in known:
        index.add(each)
    return Reader(index, TERMS, TODAY, Notes())


def recorded(*known: Json, **members: object) -> Medication | None:
    """The order, read from a record."""
    return reader(*known).recorded(order(**members))


def running(*known: Json, **members: object) -> Medication:
    """The order, which must be part of the history."""
    found = recorded(*known, **members)
    assert found is not None
    return found


def drug(*known: Json, **members: object) -> Drug:
    """The drug of the order."""
    index = Index()
    for each in known:
        index.add(each)
    return read_drug(order(**members), index, TERMS)


def product(**members: object) -> Json:
    """A Medication resource."""
    return {"resourceType": "Medication", "id": "p", **members}


@pytest.mark.parametrize(
    ("code", "how"),
    [
        (METHOTREXATE, "rxnorm"),
        (concept("urn:oid:2.16.840.1.113883.6.88", "105585"), "rxnorm"),
        (concept(ATC, "L04AX03"), "atc"),
        ({"text": "Methotrexate 2.5 mg tablets"}, "text"),
        ({"coding": [{"system": "urn:local", "code": "1", "display": "MTX inj"}]}, "text"),
    ],
)
def test_a_drug_is_known_by_rxnorm_by_atc_or_by_name(code: Json, how: str) -> None:
    """And the answer says which it was."""
    found = drug(medicationCodeableConcept=code)
    assert (found.ingredients, found.recognised) == (frozenset({"methotrexate"}), how)


def test_an_unknown_drug_keeps_its_name() -> None:
    """Nothing is guessed of it."""
    found = drug(medicationCodeableConcept={"text": "Xylometazoline"})
    assert (found.ingredients, found.name, found.recognised) == (frozenset(), "Xylometazoline", "none")


@pytest.mark.parametrize("where", ["contained", "beside"])
def test_a_drug_is_found_where_the_order_refers_to_it(where: str) -> None:
    """Inside the order, or among the other resources of the call."""
    sent = product(code=concept(RXNORM, "105585"))
    if where == "contained":
        found = drug(medicationReference={"reference": "#p"}, contained=[sent])
    else:
        found = drug(sent, medicationReference={"reference": "Medication/p"})
    assert (found.ingredients, found.tablet_mg) == (frozenset({"methotrexate"}), (Decimal("2.5"),))


def test_a_reference_that_leads_nowhere_is_read_by_what_it_shows() -> None:
    """Its display is often all there is."""
    found = drug(medicationReference={"reference": "Medication/gone", "display": "methotrexate 10 mg tablet"})
    assert found.ingredients == {"methotrexate"}


@pytest.mark.parametrize("holder", ["itemCodeableConcept", "itemReference"])
def test_the_ingredients_of_a_product_name_its_drug(holder: str) -> None:
    """As a concept, or as one more Medication; what is not active does not count."""
    inner: Json = {"resourceType": "Medication", "id": "i", "code": METHOTREXATE}
    value: object = METHOTREXATE if holder == "itemCodeableConcept" else {"reference": "Medication/i"}
    sent = product(
        ingredient=[{holder: value}, {"itemCodeableConcept": concept(RXNORM, "8640"), "isActive": False}]
    )
    assert drug(inner, sent, medicationReference={"reference": "Medication/p"}).ingredients == {
        "methotrexate"
    }


@pytest.mark.parametrize(
    ("numerator", "denominator", "form", "milligrams"),
    [
        (quantity("2.5", "mg"), quantity("1", "tablet"), "", "2.5"),
        (quantity("5", "MG"), quantity("2", "{tbl}"), "", "2.5"),
        (quantity("2500", "ug"), quantity("1", "capsules"), "", "2.5"),
        (quantity("2.5", "mg"), quantity("1", "", "1"), "Oral tablet", "2.5"),
        (quantity("2.5", "mg"), quantity("1", "", "1"), "", None),
        (quantity("2.5", "mg"), quantity("0", "tablet"), "", None),
        (quantity("2.5", "mmol"), quantity("1", "tablet"), "", None),
    ],
)
def test_a_product_states_the_strength_of_one_tablet(
    numerator: Json, denominator: Json, form: str, milligrams: str | None
) -> None:
    """In any unit of mass; where the holder or the unit is not known there is no strength."""
    sent = product(
        form={"text": form},
        ingredient=[
            {
                "itemCodeableConcept": METHOTREXATE,
                "strength": {"numerator": numerator, "denominator": denominator},
            }
        ],
    )
    expected = (Decimal(milligrams),) if milligrams else ()
    assert drug(sent, medicationReference={"reference": "Medication/p"}).tablet_mg == expected


def test_a_product_of_two_drugs_has_no_one_strength() -> None:
    """Nobody knows which of the two the dose would be of."""
    strength = {"numerator": quantity("5", "mg"), "denominator": quantity("1", "tablet")}
    both = [
        {"itemCodeableConcept": each, "strength": strength}
        for each in (METHOTREXATE, concept(RXNORM, "4511"))
    ]
    found = drug(product(ingredient=both), medicationReference={"reference": "Medication/p"})
    assert found.ingredients == {"methotrexate", "folic_acid"}
    assert found.strength is None


@pytest.mark.parametrize(
    ("members", "state"),
    [
        ({"status": "active"}, "active"),
        ({"status": "on-hold"}, "on-hold"),
        ({"status": "completed"}, "past"),
        ({"status": "stopped"}, "past"),
        ({"status": "unknown"}, "active"),
        ({"status": "ACTIVE"}, "active"),
        ({"status": "Verordnet"}, "active"),
        ({"status": None}, "active"),
        ({"status": "cancelled"}, None),
        ({"status": "entered-in-error"}, None),
        ({"status": "draft"}, None),
        ({"doNotPerform": True}, None),
        ({"intent": "plan"}, None),
        ({"intent": "proposal"}, None),
        ({"intent": "plan", "reportedBoolean": True}, "active"),
        ({"intent": "plan", "reportedReference": {"reference": "Patient/1"}}, "active"),
    ],
)
def test_a_recorded_order_runs_unless_somebody_said_otherwise(members: Json, state: str | None) -> None:
    """What was withdrawn, forbidden or only planned is no history; a plan on the patient's word is what is taken."""
    found = recorded(**members)
    assert (found.state if found else None) == state


def test_what_must_not_be_given_is_no_order() -> None:
    """Only a plain true forbids."""
    assert is_forbidden(order(doNotPerform=True))
    assert not is_forbidden(order(doNotPerform="true"))


def test_a_drug_that_cannot_be_read_is_noted() -> None:
    """By reference, so that a person can look."""
    found = reader()
    found.recorded(order(medicationReference={"reference": "Medication/gone"}))
    assert [(each.reference, each.path) for each in found.notes.all()] == [
        ("MedicationRequest/m", "medication[x]")
    ]


@pytest.mark.parametrize(
    ("members", "ends"),
    [
        ({}, "2027-02-05"),
        ({"dispenseRequest": {"expectedSupplyDuration": quantity("30", "days", "d")}}, "2026-02-07"),
        ({"dispenseRequest": {"expectedSupplyDuration": quantity("4", "week", "wk")}}, "2026-02-05"),
        ({"dispenseRequest": {"expectedSupplyDuration": quantity("1", "Month")}}, "2026-02-07"),
        (
            {"dispenseRequest": {"expectedSupplyDuration": quantity("30", "d"), "numberOfRepeatsAllowed": 2}},
            "2026-04-23",
        ),
        ({"dispenseRequest": {"expectedSupplyDuration": quantity("1", "fortnight")}}, "2027-02-05"),
        ({"status": "completed"}, None),
    ],
)
def test_a_running_order_ends_with_its_supply_and_a_quarter_more(members: Json, ends: str | None) -> None:
    """Some doses are missed; an order without any end is believed for 400 days."""
    found = running(authoredOn="2026-01-01", **members)
    assert found.ends == (date.fromisoformat(ends) if ends else None)


def test_a_stated_period_and_a_course_end_an_order() -> None:
    """The last day of the period counts; a course of fourteen days that begins on the first ends on the 14th."""
    stated = running(effectivePeriod={"start": "2026-01-01", "end": "2026-02"})
    assert (stated.starts, stated.ends) == (date(2026, 1, 1), date(2026, 2, 28))
    bounds = {"boundsDuration": quantity("14", "d", "d")}
    dosage = [{"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", **bounds}},
               "doseAndRate": [{"doseQuantity": quantity("5", "mg", "mg")}]}]  # fmt: skip
    assert running(authoredOn="2026-03-01", dosageInstruction=dosage).ends == date(2026, 3, 14)


def test_a_draft_begins_today_however_old_its_text() -> None:
    """An order copied from last year is what the patient will take from now on."""
    found = reader()
    copied = found.draft(order(authoredOn="2025-01-01", dosageInstruction=WEEKLY))
    assert (copied.state, copied.starts, copied.ends) == ("draft", TODAY, None)
    bounds = {"boundsPeriod": {"start": "2025-01-01", "end": "2025-01-28"}}
    past = [{**WEEKLY[0], "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk", **bounds}}}]
    again = found.draft(order(dosageInstruction=past))
    assert (again.starts, again.ends) == (TODAY, date(2026, 4, 6))
    assert [each.path for each in found.notes.all()] == ["dosageInstruction.timing"]
    later = found.draft(order(authoredOn="2026-04-01", dosageInstruction=WEEKLY))
    assert later.starts == date(2026, 4, 1)


def test_a_dosage_that_says_nothing_is_none() -> None:
    """An empty timing, as screens send it while the order is being written, is no dosage yet."""
    assert not reader().draft(order(dosageInstruction=[{"timing": {}}])).has_dosage
    assert reader().draft(order(dosageInstruction=WEEKLY)).has_dosage


def test_the_reason_of_an_order_is_read_by_code_by_reference_and_by_words() -> None:
    """A Condition that is not at hand counts by what the reference shows; a laboratory result is no reason."""
    condition: Json = {"resourceType": "Condition", "id": "c", "code": concept(ICD, "M33.13")}
    assert running(reasonCode=[{"text": "Dermatomyositis"}]).reasons == {"dm"}
    referred = running(condition, reasonReference=[{"reference": "Condition/c"}])
    assert (referred.reasons, referred.reason_codes) == (frozenset({"dm"}), ((ICD, "M33.13"),))
    shown = running(reasonReference=[{"reference": "Condition/gone", "display": "dermatomyositis"}])
    assert shown.reasons == {"dm"}
    result = running(reasonReference=[{"reference": "Observation/o", "display": "dermatomyositis panel"}])
    assert result.reasons == frozenset()


@pytest.mark.parametrize(
    ("members", "route"),
    [
        ({"dosageInstruction": [{"route": concept("http://snomed.info/sct", "34206005")}]}, "subcutaneous"),
        ({"dosageInstruction": [{"route": {"text": "PO"}}]}, "oral"),
        ({"dosageInstruction": [{"text": "15 mg s.c. every Friday"}]}, "subcutaneous"),
        ({"medicationCodeableConcept": {"text": "methotrexate 2.5 mg tablet"}}, "oral"),
        ({"dosageInstruction": [{"text": "15 mg every Friday"}]}, ""),
    ],
)
def test_the_route_is_stated_or_follows_from_the_form(members: Json, route: str) -> None:
    """Where nothing tells it stays open."""
    assert running(**members).route == route


def test_the_order_that_is_replaced_is_named_by_type_and_id() -> None:
    """However the reference is written."""
    old: Json = {"resourceType": "MedicationRequest", "id": "old"}
    written = {"reference": "https://ehr.example.org/fhir/MedicationRequest/old/_history/3"}
    assert running(old, priorPrescription=written).replaces.endswith("MedicationRequest/old")


def test_a_statement_is_told_and_an_exposure_is_read() -> None:
    """Fifteen milligrams once a week, on somebody's word."""
    sent = {"resourceType": "MedicationStatement", "id": "s", "status": "active", "dateAsserted": "2026-03-01",
            "medicationCodeableConcept": METHOTREXATE, "dosage": WEEKLY}  # fmt: skip
    found = reader().recorded(sent)
    assert found is not None
    assert found.statement
    assert isinstance(found.exposure.mg_per_week, Known)
    assert found.exposure.mg_per_week.value == 15
    assert found.ends == date(2027, 4, 5)
