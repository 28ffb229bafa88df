"""Mycophenolate, calcineurin inhibitors and duplicates in words: the act, the drug, the fact of this patient."""

from __future__ import annotations

from typing import Any

from tests.decide.service import MAN, ask

Json = dict[str, Any]
WOMAN: Json = {
    "patient": {"age": 29, "sex": "female", "height": "167 cm", "weight": "63 kg", "onset": "5 weeks ago"}
}
CHILD: Json = {
    "patient": {"age": 8, "sex": "male", "height": "128 cm", "weight": "26 kg", "onset": "5 weeks ago"},
    "problems": ["jdm"],
}
PREGNANT: Json = {"problems": ["dermatomyositis", {"is": "pregnancy", "since": "60 days ago"}]}
SINCE = {"since": "100 days ago"}


def order(drug: str, dose: str, timing: str = "daily", **more: Any) -> Json:
    """An order by mouth."""
    return {"drug": drug, "dose": dose, "timing": timing, "route": "oral", **more}


MYCOPHENOLATE = order("mycophenolate", "1000 mg", "twice daily")
AZATHIOPRINE = order("azathioprine", "150 mg")
TACROLIMUS = order("tacrolimus", "3 mg", "twice daily")


def pressure(systolic: int, diastolic: int) -> list[Json]:
    """A blood pressure of five days ago."""
    values = {"bp_systolic": systolic, "bp_diastolic": diastolic}
    return [{name: f"{value} mm[Hg]", "on": "5 days ago"} for name, value in values.items()]


def of(topic: str, notation: Json, hook: str = "order-sign") -> Json:
    """The one card with a topic."""
    (found,) = (c for c in ask({**MAN, **notation}, hook)["cards"] if c["source"]["topic"]["code"] == topic)
    return dict(found)


def reasons(card: Json) -> list[str]:
    """The codes of its override reasons."""
    return [each["code"] for each in card["overrideReasons"]]


def test_mycophenolate_ordered_in_pregnancy_is_not_given() -> None:
    """The day of the pregnancy, what to give instead, a reason that fits; nothing about a test before a first dose."""
    card = of("SAFMMF01", {**WOMAN, **PREGNANT, "orders": [MYCOPHENOLATE]})
    assert card["summary"] == "Do not give mycophenolate mofetil: pregnant (2026-09-25)"
    assert "first dose" not in card["detail"]
    assert "pregnancy-record-wrong" in reasons(card)
    assert not {"not-of-reproductive-potential", "done-elsewhere"} & set(reasons(card))


def test_mycophenolate_taken_in_pregnancy_is_stopped_today() -> None:
    """Where it runs the card says stop, and asks for obstetric advice the same day."""
    running = {**WOMAN, **PREGNANT, "medications": [{**MYCOPHENOLATE, **SINCE}]}
    card = of("SAFMMF01", running, "patient-view")
    assert card["summary"].startswith("Stop mycophenolate mofetil today, obstetric advice today: pregnant")
    assert "Refer to obstetrics" in [each["label"] for each in card["suggestions"]]


def test_in_place_of_what_is_stopped_stands_what_must_not_be_taken_with_it() -> None:
    """Azathioprine and mycophenolate are not taken together; where one is stopped the other is a choice."""
    renewed = {**WOMAN, **PREGNANT, "orders": [MYCOPHENOLATE], "medications": [{**MYCOPHENOLATE, **SINCE}]}
    assert "azathioprine" in of("SAFMMF01", renewed)["detail"]


def test_without_a_pregnancy_test_the_reasons_are_those_of_a_missing_test() -> None:
    """Done elsewhere, or not of reproductive potential."""
    card = of("SAFMMF01", {**WOMAN, "orders": [MYCOPHENOLATE]})
    assert {"not-of-reproductive-potential", "done-elsewhere"} <= set(reasons(card))
    assert "pregnancy-record-wrong" not in reasons(card)


def test_a_child_s_overdose_of_mycophenolate_is_told_with_its_limit_and_the_dose_of_this_child() -> None:
    """3 g a day pass "2 to 3 g" and "1.5 g twice daily"; by surface they are more than five times too much."""
    card = of("SAFDOSEMMF", {**CHILD, "orders": [order("mycophenolate", "1500 mg", "twice daily")]})
    assert "3120 mg/m² a day, dangerous above 1800" in card["summary"]
    assert "for this child 500–576 mg twice daily" in card["summary"]
    assert "Adults" not in card["detail"]


def test_a_child_s_sodium_salt_has_its_own_milligrams() -> None:
    """576 mg of mofetil are 415 mg of the sodium salt, of tablets 360 mg."""
    card = of("SAFDOSEMMF", {**CHILD, "orders": [order("mycophenolic_acid", "1080 mg", "twice daily")]})
    assert "360–415 mg twice daily" in card["detail"]


def test_ciclosporin_is_not_begun_with_a_dangerous_pressure() -> None:
    """Number, day and drug; that the dose is too high, too, stands in the sentence."""
    labs = [{"creatinine": "0.9 mg/dL", "on": "5 days ago"}, *pressure(190, 115)]
    card = of("SAFCNI03", {"labs": labs, "orders": [order("ciclosporin", "250 mg", "twice daily")]})
    assert card["summary"] == (
        "Do not start ciclosporin: blood pressure 190/115 mmHg (2026-11-19); also: dose too high"
    )
    assert "6.25 mg/kg a day is above the dangerous limit" in card["detail"]


def test_a_calcineurin_inhibitor_that_is_renewed_is_held() -> None:
    """It runs, so the act is to hold it."""
    labs = [{"potassium": "6.2 mmol/L", "on": "5 days ago"}]
    taken = {"labs": labs, "orders": [TACROLIMUS], "medications": [{**TACROLIMUS, **SINCE}]}
    assert of("SAFCNI03", taken)["summary"].startswith(
        "Hold tacrolimus now: potassium 6.2 mmol/L (2026-11-19)"
    )


def tacrolimus_visit(*labs: Json) -> list[str]:
    """The summaries at a visit on tacrolimus with a level of 18."""
    level = {"tacrolimus_level": "18 ng/mL", "on": "3 days ago"}
    notation = {**MAN, "labs": [level, *labs], "medications": [{**TACROLIMUS, **SINCE}]}
    return [card["summary"] for card in ask(notation, "patient-view")["cards"]]


def test_a_high_level_with_high_potassium_and_pressure_has_one_act() -> None:
    """Each card says to hold tacrolimus; none to repeat the level before anything is done."""
    told = tacrolimus_visit({"potassium": "6.1 mmol/L", "on": "3 days ago"}, *pressure(185, 112))
    assert told[0] == (
        "Hold tacrolimus now: level 18 ng/mL (2026-11-21), above 15; potassium 6.1 mmol/L, blood pressure 185/112 mmHg"
    )
    assert told[1].startswith("Hold tacrolimus now, treat")
    assert "hold tacrolimus" in told[2]


def test_a_high_level_alone_is_held_or_reduced() -> None:
    """Without a sign of harm the level may not be a trough."""
    told = tacrolimus_visit({"potassium": "4.1 mmol/L", "on": "3 days ago"}, *pressure(125, 75))
    assert told[0].startswith("Hold or reduce tacrolimus, measure again in 3–5 days: level 18 ng/mL")


def test_interactions_name_the_calcineurin_inhibitor_that_is_taken() -> None:
    """Tacrolimus, not its class."""
    notation = {
        "orders": [order("clarithromycin", "500 mg", "twice daily")],
        "medications": [{**TACROLIMUS, **SINCE}],
    }
    assert of("SAFCNI01", notation)["summary"].startswith("Tacrolimus with clarithromycin (this order)")


def test_two_drafts_of_which_either_may_go_are_one_card() -> None:
    """Who accepts both of two cards treats with neither drug; of one card at most one is accepted."""
    card = of("SAFDUP01", {"orders": [AZATHIOPRINE, MYCOPHENOLATE]})
    labels = [each["label"] for each in card["suggestions"]]
    assert labels == ["Remove this order: azathioprine", "Remove this order: mycophenolate mofetil"]
    assert card["selectionBehavior"] == "at-most-one"
    assert card["detail"].count("both suppress the marrow") == 1


def test_methotrexate_by_two_routes_is_told_with_doses_and_sum() -> None:
    """15 mg under the skin beside 20 mg by mouth are 35 mg a week."""
    drafted = order("methotrexate", "15 mg", "weekly mon") | {"route": "subcutaneous"}
    running = order("methotrexate", "20 mg", "weekly mon", **SINCE)
    summary = of("SAFDUP01", {"orders": [drafted], "medications": [running]})["summary"]
    assert "35 mg a week by two routes" in summary
    assert "methotrexate 15 mg a week subcutaneous (this order)" in summary


def test_two_glucocorticoids_are_told_with_their_doses() -> None:
    """Each with its dose, and what they come to."""
    notation = {
        "orders": [order("prednisolone", "30 mg")],
        "medications": [order("prednisone", "20 mg", **SINCE)],
    }
    assert of("SAFDUP01", notation)["summary"].startswith(
        "Stop one if not both are meant: prednisolone 30 mg a day (this order), prednisone 20 mg a day (active), 50 mg"
    )
