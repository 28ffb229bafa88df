"""A summary says what to do with which drug because of which fact of this patient; buttons do just that."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask
from tests.decide.test_choices import TESTED

IMMUNOGLOBULIN = {"drug": "ivig", "dose": "80 g", "timing": "daily", "days": 2, "route": "intravenous"}
RITUXIMAB = {"drug": "rituximab", "dose": "1000 mg", "timing": "once", "route": "intravenous"}
PULSE = {
    "drug": "methylprednisolone", "dose": "1500 mg", "timing": "daily", "days": 3, "route": "intravenous",
}  # fmt: skip
CHILD = {"age": 8, "sex": "female", "height": "128 cm", "weight": "26 kg", "onset": "3 weeks ago"}


def card(topic: str, hook: str = "order-sign", **notation: Any) -> dict[str, Any]:
    """The card of that topic."""
    return next(
        each for each in ask(MAN | notation, hook)["cards"] if each["source"]["topic"]["code"] == topic
    )


def words(found: dict[str, Any]) -> str:
    """All a clinician reads on a card, without its sources."""
    return f"{found['summary']}\n{found['detail'].split('Sources:')[0]}"


def buttons(found: dict[str, Any]) -> list[str]:
    """What its suggestions are called."""
    return [each["label"] for each in found.get("suggestions", [])]


def reasons(found: dict[str, Any]) -> list[str]:
    """Why the card may be overridden."""
    return [each["code"] for each in found["overrideReasons"]]


def without(*names: str) -> list[dict[str, Any]]:
    """The usual results but those."""
    return [each for each in TESTED if not set(names) & set(each)]


def test_too_little_iga_tells_the_hazard_and_the_act() -> None:
    """Value, day, anaphylaxis and what to do lead the card; IgA that was drawn is not asked for."""
    found = card(
        "SAFIVIG01", orders=[IMMUNOGLOBULIN], allergies=[],
        labs=[*without("iga"), {"iga": "0.02 g/L", "on": "5 days ago"}],
    )  # fmt: skip
    assert found["summary"].startswith(
        "IVIG: IgA 0.02 g/L (2026-11-19), deficient: risk of anaphylaxis; product low"
    )
    assert "measure IgA" not in words(found)


def test_a_summary_counts_once_what_it_leaves_out() -> None:
    """Causes that have no room, and the rules that the card tells besides, are one number."""
    found = card(
        "SAFIVIG01", orders=[IMMUNOGLOBULIN], problems=["dermatomyositis", {"text": "Selective IgA deficiency"}],
        labs=without("iga"), allergies=[],
    )  # fmt: skip
    assert found["summary"].startswith("IVIG: Selective IgA deficiency on record: risk of anaphylaxis")
    assert found["summary"].count("+") == 1


def test_rituximab_waits_for_serology_and_asks_for_serology_alone() -> None:
    """Two tests are offered and the order can be taken away; DNA and hepatology are for whom serology is positive."""
    found = card("SAFRTX01", "order-select", orders=[RITUXIMAB], labs=without("hbsag", "anti_hbc"))
    assert found["summary"] == "Do not give rituximab before HBsAg and anti-HBc are known (not on record)"
    tests = "Order all 2: hepatitis B surface antigen; hepatitis B core antibody, total"
    assert buttons(found) == ["Remove this order: rituximab", tests]
    assert "prophylaxis-started" not in reasons(found)


def test_positive_serology_before_rituximab_is_told_with_its_day_and_what_is_wanting() -> None:
    """Anti-HBc positive without DNA and antiviral: both are asked for, once."""
    labs = [*without("anti_hbc"), {"anti_hbc": "positive", "on": "30 days ago"}]
    found = card("SAFRTX01", "order-select", orders=[RITUXIMAB], labs=labs)
    assert found["summary"] == (
        "Do not give rituximab before HBV DNA is known and entecavir or tenofovir begun (anti-HBc positive, 2026-10-25)"
    )
    assert any("HBV DNA" in each and "hepatology" in each for each in buttons(found))
    assert "prophylaxis-started" in reasons(found)


def test_a_pulse_above_the_limit_is_no_pulse_that_may_be_meant() -> None:
    """1500 mg is changed to 1000 mg; that a pulse is intended is no reason, for it was read as one."""
    found = card("SAFDOSEGC", orders=[PULSE])
    assert found["summary"].startswith(
        "Methylprednisolone pulse 1500 mg a day: above 1000 mg a day, change to 1000 mg"
    )
    assert not {"pulse-intended", "other-indication"} & set(reasons(found))
    assert buttons(found)[0] == "Change the dose to 1000 mg once daily for 3 days: methylprednisolone"
    assert "dose-intentional" in reasons(found)


def test_an_oral_dose_may_be_a_pulse_that_was_meant() -> None:
    """160 mg of prednisone a day, with what this patient usually takes."""
    order = {"drug": "prednisone", "dose": "160 mg", "timing": "daily", "route": "oral"}
    found = card("SAFDOSEGC", orders=[order])
    assert "for this patient 40–60 mg a day" in found["summary"]
    assert "pulse-intended" in reasons(found)


def test_a_childs_pulse_is_worked_out_for_the_child() -> None:
    """1000 mg at 26 kg: the dose by weight, and what 30 mg/kg comes to."""
    found = card("SAFDOSEGC", patient=CHILD, problems=["jdm"], orders=[PULSE | {"dose": "1000 mg"}])
    assert "(38.5 mg/kg a day): too much, this child's is 780 mg a day (30 mg/kg)" in found["summary"]


def test_a_childs_prednisolone_is_worked_out_for_the_child() -> None:
    """90 mg at 26 kg: the child's range in tablets, and no adult's figures."""
    order = {"drug": "prednisolone", "dose": "90 mg", "timing": "daily", "route": "oral"}
    found = card("SAFDOSEGC", patient=CHILD, problems=["jdm"], orders=[order])
    assert "for this child 30–50 mg a day" in found["summary"]
    assert "adults" not in words(found)


def test_a_childs_rituximab_is_worked_out_for_the_child() -> None:
    """0.96 m² at 575 mg/m²."""
    found = card("SAFDOSERTX", "order-select", patient=CHILD, problems=["jdm"], orders=[RITUXIMAB])
    assert "for this child (0.96 m²) 553 mg" in found["summary"]


def test_a_dangerous_steroid_dose_has_no_osteoporosis_drug_added_to_it() -> None:
    """What the dose would do to bone is told of the dose that is given, not of one that must not be."""
    order = {"drug": "prednisone", "dose": "160 mg", "timing": "daily", "route": "oral"}
    labels = [label for each in ask(MAN | {"orders": [order]})["cards"] for label in buttons(each)]
    assert not [label for label in labels if "alendronate" in label]


PREGNANT: dict[str, Any] = {
    "patient": {"age": 29, "sex": "female", "height": "165 cm", "weight": "65 kg", "onset": "5 weeks ago"},
    "problems": ["dermatomyositis", {"is": "pregnancy", "since": "60 days ago"}],
}
WEEKLY = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "since": "200 days ago"}


def test_an_allergy_is_told_with_the_drug_the_reaction_and_the_day() -> None:
    """Azathioprine after anaphylaxis."""
    order = {"drug": "azathioprine", "dose": "100 mg", "timing": "daily", "route": "oral"}
    entry = {"to": "azathioprine", "severe": True, "reaction": "anaphylaxis"}
    found = card("SAFALL01", "order-select", orders=[order], allergies=[entry])
    assert found["summary"] == (
        "Do not give azathioprine: severe allergy on record to azathioprine (anaphylaxis), 2024-11-24"
    )


def test_a_teratogen_is_named_with_its_hazard() -> None:
    """Tofacitinib in pregnancy, and what to do if it was taken."""
    order = {"drug": "tofacitinib", "dose": "5 mg", "timing": "twice daily", "route": "oral"}
    found = card("SAFPREG01", "order-select", orders=[order], **PREGNANT)
    assert found["summary"] == (
        "Do not give tofacitinib: pregnancy on record (2026-09-25); it can harm the unborn child"
    )
    assert "obstetric advice today" in words(found)


@pytest.mark.parametrize(
    ("vaccine", "instead"),
    [
        ("MMR vaccine", "no inactivated vaccine exists"),
        ("yellow fever vaccine", "no inactivated vaccine exists"),
        ("FluMist", "give the inactivated vaccine"),
    ],
)
def test_an_inactivated_vaccine_is_named_only_where_there_is_one(vaccine: str, instead: str) -> None:
    """None in place of measles, mumps, rubella or yellow fever; one against influenza."""
    found = card("SAFVAX01", "order-select", orders=[{"text": vaccine, "sig": "once"}], medications=[WEEKLY])
    assert "with methotrexate (active)" in found["summary"]
    assert found["summary"].endswith(instead)


@pytest.mark.parametrize(
    ("order", "labs", "told", "button"),
    [
        (
            {"dose": "2500 mg", "timing": "once", "route": "intravenous"},
            TESTED,
            "for this patient 986–1200 mg",
            "1200 mg once",
        ),
        (
            {"dose": "1300 mg", "timing": "once", "route": "intravenous"},
            TESTED,
            "usual here 986–1200 mg",
            "1200 mg once",
        ),
        (
            {"dose": "250 mg", "timing": "daily", "route": "oral"},
            TESTED,
            "for this patient 80–160 mg a day",
            "150 mg once daily",
        ),
        (
            {"dose": "1000 mg", "timing": "once", "route": "intravenous"},
            [*without("creatinine"), {"creatinine": "2.9 mg/dL", "on": "3 days ago"}],
            "usual here 986 mg (at most)",
            "950 mg once",
        ),
    ],
    ids=["far too much", "too much", "by mouth", "weak kidney"],
)
def test_cyclophosphamide_is_worked_out_for_the_patient(
    order: dict[str, Any], labs: list[dict[str, Any]], told: str, button: str
) -> None:
    """1.97 m² and 80 kg; the button gives what passes, and no tablet is meant by an infusion."""
    found = card("SAFDOSECYC", "order-select", orders=[{"drug": "cyclophosphamide", **order}], labs=labs)
    assert told in found["summary"]
    assert [each for each in buttons(found) if "dose to" in each] == [
        f"Change the dose to {button}: cyclophosphamide"
    ]


def test_what_is_missing_before_cyclophosphamide_is_a_list_and_has_buttons() -> None:
    """No "no" after "missing", one counter, and protection against Pneumocystis that can be ordered."""
    order = {"drug": "cyclophosphamide", "dose": "800 mg", "timing": "once", "route": "intravenous"}
    found = card(
        "SAFCYC01", orders=[order], **PREGNANT | {"problems": ["dermatomyositis"], "labs": without("wbc")}
    )
    assert found["summary"].startswith(
        "Missing before cyclophosphamide: pregnancy test (7 days); contraception; "
    )
    assert found["summary"].count("+") == 1
    assert any("Pneumocystis" in each for each in buttons(found))


PREDNISONE = {"drug": "prednisone", "dose": "40 mg", "timing": "daily", "route": "oral"}
HYDROXYCHLOROQUINE = {"drug": "hydroxychloroquine", "dose": "600 mg", "timing": "daily", "route": "oral"}
SEPSIS = ["dermatomyositis", {"is": "sepsis", "since": "2 days ago"}]
EYES = {"SAFHCQ02", "REGHCQ01"}


def test_an_abrupt_fall_tells_drug_doses_and_days() -> None:
    """From 40 mg to 10 mg after 60 days; nothing about an end."""
    before = PREDNISONE | {"since": "60 days ago"}
    found = card("REGGC05", orders=[PREDNISONE | {"dose": "10 mg"}], medications=[before])
    assert found["summary"].startswith(
        "Prednisone falls from 40 mg a day to 10 mg a day after 60 days: step down"
    )
    assert "ends" not in found["summary"]


def test_an_abrupt_end_tells_its_day() -> None:
    """60 mg that end after a discharge."""
    running = PREDNISONE | {"dose": "60 mg", "since": "45 days ago", "days": 51}
    found = card("REGGC05", "encounter-discharge", medications=[running])
    assert found["summary"].startswith(
        "Prednisone ends on 2026-11-29 at 60 mg a day with no successor after 45 days"
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, "open-ended order, counted as 90 days"),
        ({"days": 60}, "course 60 days"),
        ({"supply": "60 days"}, "course 60 days"),
    ],
    ids=["open", "with an end", "with a supply"],
)
def test_an_assumed_length_is_said_to_be_one(more: dict[str, Any], told: str) -> None:
    """An order without an end counts as a long course, and the card says that nobody wrote so."""
    found = card("SAFPJP01", orders=[PREDNISONE | more], labs=TESTED)
    assert told in words(found)
    assert "dapsone" not in words(found)


def test_a_severe_infection_tells_its_cause_and_the_drug() -> None:
    """Before a first dose it is not begun, and no baseline is asked for; at a visit it is held."""
    order = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "route": "oral"}
    body = ask(MAN | {"orders": [order], "problems": SEPSIS, "labs": TESTED})
    (first,) = [each for each in body["cards"] if each["indicator"] == "critical"]
    assert first["summary"] == "Do not start methotrexate: severe infection (sepsis, 2026-11-22)"
    assert not [each for each in body["cards"] if each["summary"].startswith("Baseline")]
    running = [WEEKLY, PREDNISONE | {"since": "100 days ago"}]
    found = card("SAFINF01", "patient-view", medications=running, problems=SEPSIS)
    assert found["summary"] == (
        "Hold methotrexate: severe infection (sepsis, 2026-11-22); keep the glucocorticoid"
    )


def test_a_modulator_tells_its_direction() -> None:
    """Voriconazole raises, rifampicin weakens; neither is told of the other."""
    running = [PREDNISONE | {"since": "20 days ago"}]
    for drug, way, other in (
        ("voriconazole 200 mg", "raises", "inducer"),
        ("rifampicin 600 mg", "weakens", "Cushing"),
    ):
        found = card("SAFGC02", orders=[{"text": drug, "sig": "1 tablet daily"}], medications=running)
        assert f"{way} the glucocorticoid (40 mg a day)" in found["summary"]
        assert other not in words(found)


@pytest.mark.parametrize(
    ("more", "topic"),
    [
        ({"patient": PREGNANT["patient"] | {"weight": "55 kg"}}, "SAFHCQ01"),
        (
            {
                "orders": [HYDROXYCHLOROQUINE | {"dose": "200 mg"}],
                "labs": [{"qtc": "510 ms", "on": "5 days ago"}],
            },
            "SAFHCQ03",
        ),
    ],
    ids=["dose", "QTc"],
)
def test_no_eye_examination_beside_a_drug_that_is_not_to_be_given(more: dict[str, Any], topic: str) -> None:
    """Neither the eyes nor the kidney dose of hydroxychloroquine."""
    cards = ask(MAN | {"orders": [HYDROXYCHLOROQUINE], **more})["cards"]
    codes = {each["source"]["topic"]["code"] for each in cards}
    assert topic in codes
    assert not codes & EYES


def test_too_much_hydroxychloroquine_is_corrected_for_the_patient() -> None:
    """55 kg: at most 275 mg a day, in tablets 200 mg."""
    patient = PREGNANT["patient"] | {"weight": "55 kg"}
    found = card("SAFHCQ01", "order-select", orders=[HYDROXYCHLOROQUINE], patient=patient)
    assert "for this patient at most 275 mg a day" in found["summary"]
    assert "Change the dose to 200 mg once daily: hydroxychloroquine" in buttons(found)


@pytest.mark.parametrize(
    ("more", "kidney"),
    [
        ({"problems": ["dermatomyositis", {"text": "Pulmonary embolism", "since": "20 days ago"}]}, False),
        ({"labs": [{"creatinine": "2.9 mg/dL", "on": "6 days ago"}]}, True),
    ],
    ids=["clot", "kidney"],
)
def test_immunoglobulin_is_referred_by_cause(more: dict[str, Any], kidney: bool) -> None:
    """Nephrology for the kidney alone; no line about the response to what is deferred."""
    found = card("SAFIVIG02", orders=[IMMUNOGLOBULIN], **more)
    assert found["summary"].startswith("Defer IVIG: ")
    assert any("nephrology" in each for each in buttons(found)) is kidney
    assert ("haematology" in words(found)) is not kidney
    assert "week 16" not in words(found)


def test_the_dosing_weight_is_asked_for_once_with_its_grams() -> None:
    """120 kg: what 2 g/kg comes to by each weight."""
    heavy = {"patient": MAN["patient"] | {"height": "170 cm", "weight": "120 kg"}, "labs": TESTED}
    cards = ask(MAN | heavy | {"orders": [IMMUNOGLOBULIN | {"dose": "48 g", "days": 5}]})["cards"]
    told = [each["summary"] for each in cards if "240 g" in each["summary"]]
    assert len(told) == 1
    assert "actual 120 kg (240 g), adjusted 88 kg (175 g) or ideal 66 kg (132 g)" in told[0]


def test_what_the_patient_takes_comes_before_the_boxed_warning() -> None:
    """Tofacitinib beside tacrolimus."""
    order = {"drug": "tofacitinib", "dose": "5 mg", "timing": "twice daily", "route": "oral"}
    running = {"drug": "tacrolimus", "dose": "2 mg", "timing": "twice daily", "since": "100 days ago"}
    found = card("SAFJAK01", orders=[order], medications=[running], labs=TESTED)
    assert found["summary"].startswith(
        "Before tofacitinib, weigh or complete: not together with tacrolimus (active)"
    )


def test_low_lymphocytes_before_a_jak_inhibitor_are_told_once_with_their_day() -> None:
    """The value in the summary, and no limits of other drugs."""
    order = {"drug": "tofacitinib", "dose": "5 mg", "timing": "twice daily", "route": "oral"}
    labs = [*TESTED, {"lymphocytes": "0.4 10*9/L", "on": "5 days ago"}]
    found = card("SAFJAK01", "order-select", orders=[order], labs=labs)
    assert found["summary"] == "Do not start tofacitinib: lymphocytes 0.4 × 10⁹/L (2026-11-19)"
    assert "baricitinib" not in words(found)


def test_a_childs_course_is_told_by_its_own_drug() -> None:
    """Prednisolone is not called prednisone."""
    child = {"patient": CHILD | {"onset": "32 days ago"}, "problems": ["jdm"]}
    course = {
        "drug": "prednisolone",
        "dose": "50 mg",
        "timing": "daily",
        "route": "oral",
        "since": "32 days ago",
    }
    told = " ".join(
        words(each) for each in ask(MAN | child | {"medications": [course]}, "patient-view")["cards"]
    )
    assert "Prednisolone 50 mg a day for 32 days" in told


def test_a_statin_is_named_with_the_antibody_and_its_day() -> None:
    """Not begun where it is ordered, stopped where it is taken."""
    labs = [{"anti_hmgcr": "positive", "on": "60 days ago"}]
    order = {"drug": "atorvastatin", "dose": "20 mg", "timing": "daily", "route": "oral"}
    found = card("SAFSTAT01", "order-select", orders=[order], labs=labs)
    assert found["summary"] == "Do not give atorvastatin: anti-HMGCR positive (2026-09-25); no statin again"
    found = card("SAFSTAT01", "patient-view", medications=[order | {"since": "90 days ago"}], labs=labs)
    assert found["summary"].startswith("Stop atorvastatin: anti-HMGCR positive (2026-09-25)")


def test_hepatitis_b_is_told_with_its_day_and_the_drug() -> None:
    """Methotrexate ordered beside prednisone, HBsAg positive, no antiviral."""
    order = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "route": "oral"}
    labs = [*without("hbsag"), {"hbsag": "positive", "on": "5 days ago"}]
    running = [PREDNISONE | {"since": "100 days ago"}]
    found = card("SAFGC04", "order-select", orders=[order], medications=running, labs=labs)
    assert found["summary"].startswith(
        "Methotrexate, HBsAg positive (2026-11-19), no antiviral: hepatitis B can flare"
    )


UNSIZED = {name: value for name, value in MAN["patient"].items() if name not in ("weight", "height")}


@pytest.mark.parametrize(
    "order",
    [
        {"drug": "cyclophosphamide", "dose": "2500 mg", "timing": "once", "route": "intravenous"},
        {"drug": "hydroxychloroquine", "dose": "900 mg", "timing": "daily", "route": "oral"},
        {"drug": "prednisone", "dose": "160 mg", "timing": "daily", "route": "oral"},
        PULSE | {"dose": "1500 mg"},
        RITUXIMAB | {"dose": "1500 mg"},
    ],
    ids=lambda order: str(order["drug"]),
)
@pytest.mark.parametrize("who", [{}, {"age": 8, "onset": "3 weeks ago"}], ids=["man", "child"])
def test_without_a_weight_no_dose_is_worked_out_and_none_is_told(
    order: dict[str, Any], who: dict[str, Any]
) -> None:
    """The limit that holds at any size is told, and not that a figure is unknown."""
    problem = "jdm" if who else "dermatomyositis"
    cards = ask(MAN | {"orders": [order], "patient": UNSIZED | who, "problems": [problem]}, "order-select")[
        "cards"
    ]
    (first,) = [each for each in cards if each["indicator"] == "critical"]
    assert "not known" not in first["summary"]
    assert "not known, not known" not in words(first)
    assert "surface of not known" not in words(first)


def test_a_breastfeeding_woman_is_told_so_first() -> None:
    """Mycophenolate: that it must not be given leads, before the pregnancy test that is missing."""
    order = {"drug": "mycophenolate", "dose": "1000 mg", "timing": "twice daily", "route": "oral"}
    feeding = ["dermatomyositis", {"text": "Breastfeeding (mother)", "since": "60 days ago"}]
    found = card("SAFPREG01", "order-select", orders=[order], patient=PREGNANT["patient"], problems=feeding)
    assert found["summary"].startswith("Do not give mycophenolate mofetil: breastfeeding on record")
