"""A dose that is too high is corrected with one click where the right one is certain, and only there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask, request_of

Json = dict[str, Any]
MTX: Json = {"drug": "methotrexate", "timing": "weekly mon", "route": "oral"}
MMF: Json = {"drug": "mycophenolate", "timing": "twice daily", "route": "oral"}
RTX: Json = {"drug": "rituximab", "timing": "once", "route": "intravenous"}
AZA: Json = {"drug": "azathioprine", "timing": "daily", "route": "oral"}
JAK: Json = {"drug": "tofacitinib", "timing": "twice daily", "route": "oral"}
XR: Json = {"text": "tofacitinib extended release tablet"}
GC: Json = {"drug": "prednisone", "timing": "daily", "route": "oral"}
PULSE: Json = {"drug": "methylprednisolone", "timing": "daily", "days": 3, "route": "intravenous"}
TAC: Json = {"drug": "tacrolimus", "timing": "twice daily", "route": "oral"}
CSA: Json = {"drug": "ciclosporin", "timing": "twice daily", "route": "oral"}
TEENAGER: Json = {
    "patient": {"age": 16, "sex": "male", "height": "190 cm", "weight": "110 kg", "onset": "5 weeks ago"},
    "problems": ["jdm"],
}
ON_AZA: Json = {"medications": [{**AZA, "dose": "150 mg", "since": "200 days ago"}]}
ON_CSA: Json = {"medications": [{**CSA, "dose": "100 mg", "since": "200 days ago"}]}
HEAVIER: Json = {"patient": {**MAN["patient"], "weight": "84 kg"}}
RUNNING: Json = {"medications": [{**MTX, "dose": "20 mg", "since": "200 days ago"}]}
BOY: Json = {
    "patient": {"age": 10, "sex": "male", "height": "140 cm", "weight": "35 kg", "onset": "5 weeks ago"}
}
ANTIBODY_FREE: Json = {
    "labs": [{"hbsag": "negative", "on": "5 days ago"}, {"anti_hbc": "negative", "on": "5 days ago"}]
}


def weighing(weight: str) -> Json:
    """The man at another weight."""
    return {"patient": {**MAN["patient"], "weight": weight}}


def gene(tpmt: str, nudt15: str = "Normal") -> Json:
    """Phenotypes of five days ago, and healthy kidneys."""
    return {
        "labs": [
            {"creatinine": "0.9 mg/dL", "on": "5 days ago"},
            {"tpmt_phenotype": f"{tpmt} metabolizer", "on": "5 days ago"},
            {"nudt15": f"{nudt15} metabolizer", "on": "5 days ago"},
        ]
    }


def kidney(creatinine: str) -> Json:
    """A creatinine of five days ago."""
    return {"labs": [{"creatinine": f"{creatinine} mg/dL", "on": "5 days ago"}]}


def ordered(order: Json, dose: str, more: Json) -> Json:
    """The man, with a good kidney unless ``more`` says otherwise, and one order."""
    return {**MAN, **kidney("0.9"), **more, "orders": [{**order, "dose": dose}]}


def changes(notation: Json) -> list[Json]:
    """The corrected orders that are offered."""
    actions = [
        action
        for card in ask(notation)["cards"]
        for offer in card.get("suggestions", ())
        for action in offer["actions"]
    ]
    return [action["resource"] for action in actions if action["type"] == "update"]


@pytest.mark.parametrize(
    ("order", "dose", "more", "corrected"),
    [
        pytest.param(MTX, "30 mg", RUNNING, "25", id="methotrexate above 25 mg comes down to 25"),
        pytest.param(MTX, "35 mg", RUNNING, "25", id="so does a dangerous one"),
        pytest.param(MTX, "20 mg", {**RUNNING, **kidney("1.8")}, "10", id="half of it at eGFR 30-59"),
        pytest.param(MTX, "22.5 mg", {**RUNNING, **kidney("1.8")}, "10", id="rounded down to whole tablets"),
        pytest.param(MTX, "17.5 mg", {**RUNNING, **kidney("1.8")}, "7.5", id="whatever the odd half"),
        pytest.param(MMF, "2000 mg", {}, "1500", id="mycophenolate comes down to 3 g a day"),
        pytest.param(MMF, "1500 mg", kidney("4"), "1000", id="to 1 g twice daily below eGFR 25"),
        pytest.param(AZA, "225 mg", ON_AZA, "150", id="azathioprine to 2 mg/kg"),
        pytest.param(AZA, "350 mg", {**ON_AZA, **HEAVIER}, "150", id="rounded down to half a tablet"),
        pytest.param(AZA, "225 mg", {}, "50", id="a first azathioprine to the low first dose"),
        pytest.param(
            AZA, "350 mg", {**ON_AZA, **weighing("130 kg")}, "175", id="in obesity by adjusted weight"
        ),
        pytest.param(AZA, "650 mg", {**ON_AZA, **weighing("200 kg")}, "200", id="and never above 200 mg"),
        pytest.param(
            AZA, "300 mg", {**ON_AZA, **gene("Intermediate")}, "125", id="to 80 % for one intermediate gene"
        ),
        pytest.param(
            AZA, "225 mg", {**ON_AZA, **gene("Intermediate", "Intermediate")}, "75", id="to half for two"
        ),
        pytest.param(
            AZA, "300 mg", {**ON_AZA, **kidney("1.9")}, "100", id="to 1.5 mg/kg with little kidney function"
        ),
        pytest.param(JAK, "10 mg", {}, "5", id="tofacitinib to 5 mg twice daily"),
        pytest.param(GC, "120 mg", {}, "60", id="prednisone to the upper end of the usual range"),
        pytest.param(GC, "70 mg", weighing("60 kg"), "60", id="from 60 kg, where 1 mg/kg reaches it"),
        pytest.param(GC, "70 mg", weighing("56 kg"), "55", id="below, prednisone to 1 mg/kg, rounded down"),
        pytest.param(GC, "90 mg", weighing("50 kg"), "50", id="so does a dangerous dose of it"),
        pytest.param(MTX, "27.5 mg", {}, "15", id="a first methotrexate to the highest first dose"),
        pytest.param(MTX, "35 mg", {}, "15", id="so does a dangerous first one"),
        pytest.param(PULSE, "1500 mg", {}, "1000", id="a pulse to 1 g a day"),
        pytest.param(TAC, "10 mg", {}, "4", id="tacrolimus to 0.1 mg/kg a day, rounded down"),
        pytest.param(CSA, "250 mg", ON_CSA, "150", id="ciclosporin to 4 mg/kg a day"),
        pytest.param(CSA, "250 mg", {}, "100", id="a first ciclosporin to the first dose, 2.5 mg/kg a day"),
        pytest.param(CSA, "175 mg", {}, "100", id="so does one just above the range"),
        pytest.param(RTX, "1200 mg", ANTIBODY_FREE, "1000", id="rituximab to 1 g an infusion"),
    ],
)
def test_the_corrected_dose_is_offered(order: Json, dose: str, more: Json, corrected: str) -> None:
    """One change of the draft, in its own rhythm, to the one dose that nothing objects to."""
    (changed,) = changes(ordered(order, dose, more))
    (row,) = changed["dosageInstruction"]
    stated = [each["doseQuantity"] for each in row["doseAndRate"]]
    assert {(str(each["value"]), each["unit"]) for each in stated} == {(corrected, "mg")}
    assert row["timing"] == draft(ordered(order, dose, more))["dosageInstruction"][0]["timing"]
    assert dose not in str(changed)


@pytest.mark.parametrize(
    ("order", "dose", "more"),
    [
        pytest.param(MTX, "25 mg", RUNNING, id="a dose in range"),
        pytest.param(MTX, "35 mg", {**RUNNING, **kidney("3.5")}, id="no methotrexate at all at this eGFR"),
        pytest.param(
            MTX, "30 mg", {**RUNNING, **kidney("1.8")}, id="half is still a full dose for this kidney"
        ),
        pytest.param(MTX, "30 mg", {**RUNNING, "labs": []}, id="kidney not known"),
        pytest.param(MMF, "2000 mg", {"labs": []}, id="mycophenolate, kidney not known"),
        pytest.param(MMF, "2000 mg", BOY, id="a child, for whom 3 g is too much as well"),
        pytest.param(MTX, "42.5 mg", {**RUNNING, **TEENAGER}, id="no adult's dose for a child however heavy"),
        pytest.param(
            GC, "120 mg", {"patient": {"age": 52, "sex": "male"}}, id="nobody knows what 1 mg/kg is"
        ),
        pytest.param(
            {**JAK, "timing": "daily"}, "22 mg", {}, id="10 mg once a day is no regimen of tofacitinib"
        ),
        pytest.param({**JAK, "timing": "daily"}, "15 mg", {}, id="nor is it for any other once-daily dose"),
        pytest.param({**JAK, **XR}, "11 mg", {}, id="an extended-release tablet is not made one of 5 mg"),
        pytest.param(RTX, "1200 mg", {}, id="rituximab must wait for serology whatever its dose"),
    ],
)
def test_no_dose_is_offered_where_it_is_not_certain(order: Json, dose: str, more: Json) -> None:
    """A correction that another rule objects to, or that could not be judged, is none."""
    assert changes(ordered(order, dose, more)) == []


def labels(notation: Json) -> list[str]:
    """What the buttons of all cards say."""
    return [each["label"] for card in ask(notation)["cards"] for each in card.get("suggestions", [])]


@pytest.mark.parametrize(
    ("dose", "more", "warning"),
    [
        pytest.param(
            "15 mg",
            kidney("1.7"),
            " (warning: halve the dose, eGFR 47.9 mL/min/1.73 m² (2026-11-19))",
            id="a full dose, kidneys",
        ),
        pytest.param("12.5 mg", kidney("1.7"), "", id="a reduced dose"),
        pytest.param(
            "27.5 mg",
            {**kidney("0.9"), **RUNNING},
            " (warning: above the usual 15–25 mg)",
            id="above the range",
        ),
        pytest.param("15 mg", kidney("0.9"), "", id="a usual dose"),
        pytest.param("15 mg", kidney("3.5"), None, id="no methotrexate at all with these kidneys"),
    ],
)
def test_once_weekly_names_the_warning_of_the_dose_that_is_left(
    dose: str, more: Json, warning: str | None
) -> None:
    """A daily order is made a weekly one at its dose; where another page warns of that dose the button says so."""
    found = [
        each for each in labels(ordered({**MTX, "timing": "daily"}, dose, more)) if each.startswith("Change")
    ]
    assert found == (
        [] if warning is None else [f"Change to {dose} once a week, on Monday: methotrexate{warning}"]
    )


@pytest.mark.parametrize(
    ("order", "dose", "more", "label"),
    [
        (MTX, "35 mg", {}, "Change the dose to 15 mg once a week: methotrexate"),
        (MMF, "2250 mg", {}, "Change the dose to 1500 mg twice daily (3000 mg a day): mycophenolate mofetil"),
        (AZA, "225 mg", ON_AZA, "Change the dose to 150 mg once daily: azathioprine"),
        (RTX, "1200 mg", ANTIBODY_FREE, "Change the dose to 1000 mg once: rituximab"),
        ({**MTX, "timing": "daily"}, "7.5 mg", {}, "Change to 7.5 mg once a week, on Monday: methotrexate"),
    ],
)
def test_the_button_says_dose_and_frequency(order: Json, dose: str, more: Json, label: str) -> None:
    """A change names the single dose, how often it is taken, and the daily total where a day has several."""
    assert label in labels(ordered(order, dose, more))


def draft(notation: Json) -> Json:
    """The order as the EHR sends it."""
    found: Json = request_of(notation, "order-sign")["context"]["draftOrders"]["entry"][0]["resource"]
    return found


def summaries(notation: Json) -> str:
    """The first lines of all cards."""
    return " / ".join(card["summary"] for card in ask(notation)["cards"])


def test_a_duplicate_names_both_drugs() -> None:
    """Which two, and which of them is the new one."""
    told = summaries(
        {
            **MAN,
            "orders": [{"drug": "azathioprine", "dose": "100 mg", "timing": "daily", "route": "oral"}],
            "medications": [{**MMF, "dose": "1000 mg", "since": "100 days ago"}],
        }
    )
    assert "azathioprine (this order), mycophenolate mofetil (active)" in told


def test_an_allergy_names_the_allergen() -> None:
    """The entry of the record, which may be another member of the class."""
    severe = [{"to": "mercaptopurine", "severe": True, "reaction": "anaphylaxis"}]
    order = {"drug": "azathioprine", "dose": "100 mg", "timing": "daily", "route": "oral"}
    assert "mercaptopurine" in summaries({**MAN, "orders": [order], "allergies": severe})


DAILY_MTX: Json = {**MTX, "timing": "daily"}


def changed(dose: str, *medications: Json) -> list[str]:
    """What the buttons would change of a daily order, beside what is taken."""
    found = labels(ordered(DAILY_MTX, dose, {**kidney("0.9"), "medications": list(medications)}))
    return [each for each in found if each.startswith("Change")]


@pytest.mark.parametrize(
    ("dose", "kept"), [("15 mg", "15"), ("17.5 mg", "15"), ("20 mg", "15"), ("25 mg", "15")]
)
def test_a_daily_first_dose_becomes_at_most_15_mg_a_week(dose: str, kept: str) -> None:
    """An adult who never took methotrexate is not offered a first dose above 15 mg."""
    assert changed(dose) == [f"Change to {kept} mg once a week, on Monday: methotrexate"]


@pytest.mark.parametrize(
    ("taken", "day"),
    [
        ({**MTX, "dose": "15 mg", "timing": "weekly thu", "since": "200 days ago"}, "Thursday"),
        ({"drug": "folic_acid", "dose": "5 mg", "timing": "weekly mon", "since": "200 days ago"}, "Tuesday"),
        ({"drug": "folic_acid", "dose": "5 mg", "timing": "weekly thu", "since": "200 days ago"}, "Monday"),
        ({"drug": "folic_acid", "dose": "1 mg", "timing": "daily", "since": "200 days ago"}, "Monday"),
    ],
)
def test_once_weekly_keeps_the_day_and_avoids_that_of_folic_acid(taken: Json, day: str) -> None:
    """The day on which methotrexate is taken already stays; a new one is not that of folic acid."""
    assert changed("15 mg", {**taken, "route": "oral"})[0].startswith(
        f"Change to 15 mg once a week, on {day}"
    )
