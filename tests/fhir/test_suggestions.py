"""Orders corrected with one click: what changes, what stays, and when nobody may change them by machine."""

from __future__ import annotations

import copy
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical.dosing import Exposure, ProductStrength, exposure
from cds_service.clinical.known import Known
from cds_service.fhir import suggestions
from cds_service.fhir.dosage import read_instructions
from cds_service.fhir.orders import NewMedication, NewTest, Rhythm, new_medication, new_test
from cds_service.protocol.codec import decode, encode
from tests.fhir.codes import LOINC, RXNORM, SNOMED, concept, quantity

Json = dict[str, object]
UCUM = "http://unitsofmeasure.org"
RENDERED = "http://hl7.org/fhir/5.0/StructureDefinition/extension-MedicationRequest.renderedDosageInstruction"
DAILY: Json = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
WEEKLY: Json = {"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"]}
OLD_RHYTHM = (
    "daily", "Take every day", "once a day", "each morning", "BID", "b.i.d.", "q.d.", "qhs", "PRN", "at bedtime",
    "every 12 hours", "twice weekly", "nightly", "3x/d", "on Friday",
)  # fmt: skip


def dose(value: str, unit: str = "mg", kind: str = "ordered") -> Json:
    """One doseAndRate row."""
    return {"type": {"coding": [{"code": kind}]}, "doseQuantity": quantity(value, unit)}


def draft(*rows: Json, **members: object) -> Json:
    """A draft with these dosage rows."""
    order: Json = {"resourceType": "MedicationRequest", "id": "d", "status": "draft", "intent": "order"}
    return {**order, "medicationCodeableConcept": concept(RXNORM, "6851"),
            "dosageInstruction": list(rows), **members}  # fmt: skip


def weekly(order: Json) -> Json | None:
    """The order made once weekly on Monday, unless that is refused."""
    action = suggestions.once_weekly(order, "mon", "weekly")
    return dict(action.resource) if action is not None and action.resource is not None else None


def dosed(order: Json, milligrams: str, strength: ProductStrength | None = None) -> Json | None:
    """The order with another dose, unless that is refused."""
    action = suggestions.set_dose(order, Decimal(milligrams), "dose", strength)
    return dict(action.resource) if action is not None and action.resource is not None else None


def row_of(order: Json | None, place: int = 0) -> Json:
    """One dosage row of a corrected order."""
    assert order is not None
    found: list[Json] = order["dosageInstruction"]  # type: ignore[assignment]
    return found[place]


def taken(order: Json | None) -> Exposure:
    """What a corrected order amounts to."""
    assert order is not None
    return exposure(read_instructions(order), strength=None)


def test_a_daily_order_becomes_weekly_in_every_part() -> None:
    """Repeat, code, both texts and the printed sig; days of the week named; no longer as needed."""
    row: Json = {
        "text": "15 mg by mouth every day as needed",
        "patientInstruction": "Take one dose each morning",
        "additionalInstruction": [
            {"text": "with food"},
            {"text": "Take daily"},
            {"coding": [{"display": "QD"}]},
        ],
        "timing": {**DAILY, "code": {"coding": [{"code": "QD"}], "text": "daily"}, "event": ["2026-03-01"]},
        "asNeededBoolean": True,
        "maxDosePerPeriod": {"numerator": quantity("15", "mg"), "denominator": quantity("1", "d")},
        "doseAndRate": [dose("15")],
    }
    said = {"url": RENDERED, "valueMarkdown": "15 mg every day"}
    found = weekly(draft(row, extension=[said], text={"status": "generated", "div": "<div>daily</div>"}))
    changed = row_of(found)
    assert changed["timing"] == {
        "repeat": WEEKLY,
        "code": {
            "coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation", "code": "WK",
                "display": "weekly",
            }],
            "text": "once weekly",
        },
    }  # fmt: skip
    assert changed["text"] == changed["patientInstruction"] == "15 mg once a week, on Monday"
    assert changed["additionalInstruction"] == [{"text": "with food"}]
    assert {"asNeededBoolean", "maxDosePerPeriod"}.isdisjoint(changed)
    assert {"text", "extension"}.isdisjoint(found or {})


@pytest.mark.parametrize("said", OLD_RHYTHM)
def test_no_note_still_tells_the_old_rhythm(said: str) -> None:
    """A note, an instruction or an extension that tells when to take it goes; what tells something else stays."""
    row: Json = {
        "timing": DAILY,
        "doseAndRate": [dose("15")],
        "additionalInstruction": [{"text": said}],
        "extension": [{"url": "https://x/sig", "extension": [{"url": "part", "valueString": said}]}],
    }
    kept = {"text": "Patient prefers liquid"}
    found = weekly(
        draft(row, note=[{"text": said}, kept], extension=[{"url": "https://x/s", "valueString": said}])
    )
    assert said not in str(found)
    assert found is not None
    assert found["note"] == [kept]


def test_a_dosage_in_an_extension_goes_whatever_it_says() -> None:
    """A vendor's copy of the dosage or of the timing would be the old one."""
    copies = [{"url": "https://x/d", "valueDosage": {}}, {"url": "https://x/t", "valueTiming": {}}]
    found = weekly(draft({"timing": DAILY, "doseAndRate": [dose("15")]}, extension=copies))
    assert found is not None
    assert "extension" not in found


def test_everything_else_stays_exactly_as_it_was_sent() -> None:
    """Unknown members and extensions, modifiers, contained resources, version, supply: digit for digit."""
    sent = decode(
        encode({
            **draft(
                {
                    "sequence": 1, "id": "row", "site": {"text": "abdomen"}, "method": {"text": "swallow"},
                    "route": concept(SNOMED, "26643006"), "modifierExtension": [{"url": "https://x/m"}],
                    "extension": [{"url": "https://x/e", "valueDecimal": Decimal("2.50")}],
                    "maxDosePerLifetime": quantity("5000", "mg"),
                    "timing": {"extension": [{"url": "https://x/a", "valueBoolean": True}], "repeat": {
                        "boundsDuration": quantity("84.0", "days", "d"), "frequency": 1, "period": 1,
                        "periodUnit": "d"}},
                    "doseAndRate": [dose("2.50")],
                },
                meta={"versionId": "7"}, contained=[{"resourceType": "Medication", "id": "m"}],
                extension=[{"url": "https://x/trial", "valueDecimal": Decimal("1.10")}],
                note=[{"text": "trial arm B"}], futureMember={"deep": [Decimal("3.140")]},
                dispenseRequest={"quantity": quantity("30", "tablet"), "initialFill": {}, "numberOfRepeatsAllowed": 3},
            ),
        })
    )  # fmt: skip
    assert isinstance(sent, dict)
    before = copy.deepcopy(sent)
    found = weekly(sent)
    assert found is not None
    assert sent == before
    row, old = row_of(found), before["dosageInstruction"][0]
    repeat = {**WEEKLY, "boundsDuration": old["timing"]["repeat"]["boundsDuration"]}
    assert row == {**old, "timing": {**old["timing"], "repeat": repeat}}
    rest = {
        name: value for name, value in before.items() if name not in ("dosageInstruction", "dispenseRequest")
    }
    assert {name: value for name, value in found.items() if name in rest} == rest
    assert found["dispenseRequest"] == {"numberOfRepeatsAllowed": 3}
    written = encode(found).decode()
    assert all(number in written for number in ("2.50", "84.0", "1.10", "3.140"))


def test_an_empty_supply_is_left_out() -> None:
    """FHIR knows no empty object: a supply that was only the old quantity goes as a whole."""
    found = weekly(draft({"timing": DAILY, "doseAndRate": [dose("15")]},
                         dispenseRequest={"quantity": quantity("30", "tablet")}))  # fmt: skip
    assert found is not None
    assert "dispenseRequest" not in found


@pytest.mark.parametrize(
    "row",
    [
        {"text": "6 tablets daily"},
        {"patientInstruction": "Take 6 tablets daily", "timing": DAILY},
        {"timing": DAILY, "doseAndRate": [{"rateRatio": {"numerator": quantity("15", "mg")}}]},
        {"timing": DAILY, "doseAndRate": [{**dose("15"), "rateQuantity": quantity("15", "mg/d")}]},
        {"timing": DAILY, "doseAndRate": [dose("15")], "text": "20 mg daily"},
    ],
    ids=["text alone", "patient's text alone", "a rate", "a dose and a rate", "two doses"],
)
def test_an_order_whose_dose_would_be_lost_or_guessed_is_not_corrected(row: Json) -> None:
    """The dose in words alone, a rate, or two different doses: a person has to rewrite that."""
    assert weekly(draft(row)) is None


def test_two_days_a_week_do_not_become_a_double_dose_on_one() -> None:
    """Rows for Monday and Thursday would both fall on Monday: 30 mg at once is nobody's order."""
    rows: list[Json] = [{"timing": {"repeat": {"dayOfWeek": [day]}}, "doseAndRate": [dose("15")]}
                        for day in ("mon", "thu")]  # fmt: skip
    assert weekly(draft(*rows)) is None


def test_steps_that_follow_one_another_all_become_weekly() -> None:
    """A titration keeps its steps, their doses and lengths."""
    rows: list[Json] = [
        {
            "sequence": place,
            "timing": {"repeat": {**DAILY["repeat"], "boundsDuration": quantity("28", "days", "d")}},  # type: ignore[dict-item]
            "doseAndRate": [dose(amount)],
        }
        for place, amount in ((1, "7.5"), (2, "10"))
    ]
    found = weekly(draft(*rows))
    steps = taken(found).steps
    assert [(each.days, each.mg_per_week.value) for each in steps] == [(28, Decimal("7.5")), (28, 10)]


def test_an_order_without_any_dosage_is_given_its_rhythm() -> None:
    """There is nothing to lose, and nothing to say about the dose."""
    found = weekly(draft())
    assert row_of(found) == {"timing": {"repeat": WEEKLY}}


def test_an_order_without_an_id_can_neither_be_changed_nor_deleted() -> None:
    """The client could not tell which order is meant."""
    order = draft({"timing": DAILY, "doseAndRate": [dose("15")]}, id="")
    assert weekly(order) is None
    assert dosed(order, "10") is None
    assert suggestions.delete(order, "delete") is None


def test_a_deletion_names_the_order_and_carries_nothing() -> None:
    """Type and id, as the protocol wants it."""
    action = suggestions.delete(draft(), "delete it")
    assert action is not None
    assert (action.type, action.resource_id, action.resource) == ("delete", "MedicationRequest/d", None)


def test_a_draft_is_found_by_its_name() -> None:
    """By type and id; another's id finds nothing."""
    order = draft()
    assert (
        suggestions.find_draft([{"resourceType": "ServiceRequest", "id": "d"}, order], "MedicationRequest/d")
        is order
    )
    assert suggestions.find_draft([order], "MedicationRequest/e") is None


THREE = [dose("15"), dose("15", kind="calculated"), dose("6", "tablet", "admin-amount")]
TABLET = ProductStrength(Decimal("2.5"), "mg", "tablet")


def test_all_three_dose_rows_tell_the_new_dose() -> None:
    """Ordered and calculated in milligrams, administered in tablets of the known strength; texts as well."""
    row: Json = {
        "text": "6 tablets (15 mg) once a week", "patientInstruction": "Take six tablets",
        "additionalInstruction": [{"text": "6 tablets"}, {"text": "with food"}],
        "maxDosePerAdministration": quantity("15", "mg"),
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["fri"]}},
        "doseAndRate": THREE,
    }  # fmt: skip
    order = draft(
        row, note=[{"text": "15 mg as before"}], dispenseRequest={"quantity": quantity("24", "tablet")}
    )
    found = dosed(order, "12.5", TABLET)
    changed = row_of(found)
    doses = [(each["doseQuantity"]["value"], each["doseQuantity"]["unit"]) for each in changed["doseAndRate"]]  # type: ignore[attr-defined]
    assert doses == [(Decimal("12.5"), "mg"), (Decimal("12.5"), "mg"), (5, "tablet")]
    assert changed["text"] == changed["patientInstruction"] == "12.5 mg once a week, on Friday"
    assert changed["additionalInstruction"] == [{"text": "with food"}]
    assert changed["timing"] == row["timing"]
    assert found is not None
    assert {"note", "dispenseRequest"}.isdisjoint(found)
    assert "15" not in str({**found, "id": ""})


@pytest.mark.parametrize("strength", [None, ProductStrength(Decimal(10), "mg", "tablet"),
                                      ProductStrength(Decimal("2.5"), "mg", "capsule")])  # fmt: skip
def test_tablets_that_do_not_come_out_are_left_out(strength: ProductStrength | None) -> None:
    """Without a strength, or where the dose is no half tablets or whole capsules, the milligrams stand alone."""
    milligrams = "12.5" if strength is None or strength.per == "tablet" else "6.25"
    found = dosed(draft({"timing": DAILY, "doseAndRate": THREE}), milligrams, strength)
    kinds = [each["doseQuantity"]["unit"] for each in row_of(found)["doseAndRate"]]  # type: ignore[attr-defined]
    assert kinds == ["mg", "mg"]


def test_a_range_and_a_dose_from_before_r4_are_replaced() -> None:
    """Neither the old range nor the old member beside the new dose remains."""
    span: Json = {"doseRange": {"low": quantity("10", "mg"), "high": quantity("15", "mg")}}
    ranged: Json = {"timing": DAILY, "doseAndRate": [span]}
    earlier: Json = {"timing": DAILY, "doseQuantity": quantity("15", "mg")}
    for row in (ranged, earlier):
        changed = row_of(dosed(draft(row), "7.5"))
        assert {"doseQuantity", "doseRange"}.isdisjoint(changed)
        doses: list[Json] = changed["doseAndRate"]  # type: ignore[assignment]
        assert ["doseRange" in each for each in doses] == [False]
        assert doses[0]["doseQuantity"] == {
            "value": Decimal("7.5"), "unit": "mg", "system": UCUM, "code": "mg",
        }  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        [{"text": "15 mg every Friday"}],
        [{"patientInstruction": "15 mg every Friday"}],
        [{"text": "15 mg weekly", "timing": {"repeat": {"boundsDuration": {"value": 30, "code": "d"}}}}],
        [{"text": "15 mg once weekly", "timing": DAILY, "doseAndRate": [dose("15")]}],
        [{"timing": DAILY, "doseAndRate": [{"rateQuantity": quantity("15", "mg/d")}]}],
        [{"timing": DAILY, "doseAndRate": [dose("10")]}, {"timing": DAILY, "doseAndRate": [dose("5")]}],
    ],
    ids=["text alone", "patient's text alone", "only bounds", "two rhythms", "a rate", "two rows"],
)
def test_an_order_whose_rhythm_would_be_lost_or_doubled_is_not_corrected(rows: list[Json]) -> None:
    """A weekly dose of which only the text knows must not come back as a dose without a rhythm."""
    assert dosed(draft(*rows), "10") is None


@pytest.mark.parametrize(
    ("repeat", "said"),
    [
        ({"frequency": 2, "period": 1, "periodUnit": "d"}, "10 mg twice a day"),
        ({"frequency": 1, "period": 1, "periodUnit": "wk"}, "10 mg once a week"),
        (
            {"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["tue"]},
            "10 mg once a week, on Tuesday",
        ),
        ({"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["tue", "fri"]}, None),
        ({"frequency": 1, "period": 2, "periodUnit": "wk"}, None),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00"]}, None),
    ],
)
def test_the_words_follow_the_structure_or_go(repeat: Json, said: str | None) -> None:
    """A rhythm that has no short words is left to the structure, which every system can print."""
    row = row_of(
        dosed(draft({"text": "old", "timing": {"repeat": repeat}, "doseAndRate": [dose("15")]}), "10")
    )
    assert row.get("text") == said
    assert row["timing"] == {"repeat": repeat}


rhythms = st.one_of(
    st.builds(
        lambda n, p, u: {"frequency": n, "period": p, "periodUnit": u},
        st.integers(1, 4), st.integers(1, 3), st.sampled_from(["d", "wk", "h"]),
    ),
    st.builds(
        lambda days: {"dayOfWeek": days},
        st.lists(st.sampled_from(["mon", "wed", "fri"]), min_size=1, unique=True),
    ),
    st.builds(lambda when: {"when": when, **DAILY["repeat"]}, st.just(["MORN"])),  # type: ignore[dict-item]
)  # fmt: skip
amounts = st.decimals("0.5", "60", places=2)


@st.composite
def written(draw: st.DrawFn) -> Json:
    """A dosage row as systems write them: structured, with whatever words beside it."""
    amount = draw(amounts)
    row: Json = {"timing": {"repeat": draw(rhythms)}, "doseAndRate": [dose(str(amount))]}
    for name in ("text", "patientInstruction"):
        if draw(st.booleans()):
            row[name] = draw(
                st.sampled_from([*OLD_RHYTHM, f"{amount} mg daily", "as directed", "Take with food"])
            )
    if draw(st.booleans()):
        row["asNeededBoolean"] = True
    if draw(st.booleans()):
        row["additionalInstruction"] = [{"text": draw(st.sampled_from([*OLD_RHYTHM, "with food"]))}]
    return row


@given(written())
def test_a_corrected_order_reads_as_weekly_at_the_same_dose(row: Json) -> None:
    """Whatever the order said before: one named day in seven, the same dose, and no word against it."""
    before = taken(draft(row))
    found = weekly(draft(copy.deepcopy(row)))
    after = taken(found)
    assert after.dosing_days_per_week == Known(Decimal(1))
    assert after.mg_per_dose == before.mg_per_dose
    assert (after.names_day, after.as_needed, after.disagreement) == (True, False, "")
    left = str(row_of(found)).replace("once a week, on Monday", "")
    assert not any(said in left for said in OLD_RHYTHM)


@given(written(), amounts)
def test_a_corrected_dose_reads_as_that_dose_in_the_same_rhythm(row: Json, milligrams: Decimal) -> None:
    """Either the order is refused, or it says the new dose everywhere and the rhythm is what it was."""
    before = taken(draft(row))
    found = dosed(draft(copy.deepcopy(row)), str(milligrams))
    if found is None:
        assert before.disagreement or before.as_needed or before.mg_per_dose.doubt
        return
    after = taken(found)
    assert after.mg_per_dose == Known(milligrams)
    assert after.dosing_days_per_week == before.dosing_days_per_week
    assert after.disagreement == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5) | st.integers(0, 9) | amounts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["text", "timing", "repeat", "frequency", "period", "periodUnit", "doseAndRate", "coding",
                         "doseQuantity", "value", "unit", "dayOfWeek", "extension", "valueString"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(["dosageInstruction", "note", "extension", "dispenseRequest", "text"]), JSON
    )
)
def test_no_draft_makes_correcting_it_fail(members: Json) -> None:
    """Whatever was sent in place of a dosage, it is corrected or left alone."""
    order = {"resourceType": "MedicationRequest", "id": "d", **members}
    before = copy.deepcopy(order)
    weekly(order)
    dosed(order, "10", TABLET)
    assert order == before


def test_a_new_drug_is_a_draft_that_reads_as_ordered() -> None:
    """For this patient, unsigned, with its dose range and rhythm in structure and words alike."""
    order = NewMedication(
        "methotrexate", (RXNORM, "6851", "methotrexate"), (Decimal("7.5"), Decimal(15)), "mg",
        Rhythm(1, 1, "wk", "mon"), (SNOMED, "26643006", "Oral route"), 28, "adults only",
    )  # fmt: skip
    found = new_medication(order, "p-1", "dermatomyositis")
    assert (found["status"], found["intent"]) == ("draft", "order")
    assert found["subject"] == {"reference": "Patient/p-1"}
    assert (found["note"], found["reasonCode"]) == ([{"text": "adults only"}], [{"text": "dermatomyositis"}])
    assert {"id", "requester"}.isdisjoint(found)
    row = row_of(found)
    assert row["text"] == "7.5 to 15 mg once a week, on Monday"
    amounts_to = taken(found)
    assert (amounts_to.mg_per_week, amounts_to.course_days) == (Known(Decimal(15)), Known(28))
    assert suggestions.new(found, "start").type == "create"


def test_a_new_drug_without_a_dose_leaves_it_to_the_prescriber() -> None:
    """No empty member, no invented dose: for a child only the drug is named."""
    found = new_medication(NewMedication("folic acid", note="paediatric dose per local protocol"), "p-1")
    assert found["medicationCodeableConcept"] == {"text": "folic acid"}
    assert "doseAndRate" not in str(found)
    assert not any(value in ("", [], {}, None) for value in found.values())


@pytest.mark.parametrize(
    ("rhythm", "said"),
    [
        (Rhythm(), "once a day"),
        (Rhythm(2), "twice a day"),
        (Rhythm(6), "6 times a day"),
        (Rhythm(1, 2, "wk"), "once every 2 weeks"),
        (Rhythm(3, 1, "wk", "sat"), "three times a week, on Saturday"),
        (Rhythm(1, 1, "mo"), "once a month"),
    ],
)
def test_a_rhythm_is_said_as_a_sig_says_it(rhythm: Rhythm, said: str) -> None:
    """In words that the service's own reader, like a pharmacist, understands."""
    assert rhythm.words() == said


def test_a_new_test_is_an_order_for_the_patient() -> None:
    """Draft, coded, in its category; another category or no code leaves those members out."""
    found = new_test(
        NewTest("creatinine", (LOINC, "2160-0", "Creatinine"), "laboratory", "fasting"), "p-1", "due"
    )
    code = found["category"][0]["coding"][0]["code"]  # type: ignore[index]
    assert (found["resourceType"], found["status"], found["intent"], code) == (
        "ServiceRequest",
        "draft",
        "order",
        "108252007",
    )
    assert found["code"] == {
        "coding": [{"system": LOINC, "code": "2160-0", "display": "Creatinine"}],
        "text": "creatinine",
    }
    assert (found["note"], found["reasonCode"]) == ([{"text": "fasting"}], [{"text": "due"}])
    bare = new_test(NewTest("eye examination"), "p-1")
    assert bare["code"] == {"text": "eye examination"}
    assert {"category", "note", "reasonCode"}.isdisjoint(bare)
