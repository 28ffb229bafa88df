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
    tests = "Order all 2: hepatitis B surface antigen, hepatitis B core antibody, total"
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
            "1200 mg",
        ),
        (
            {"dose": "1300 mg", "timing": "once", "route": "intravenous"},
            TESTED,
            "usual here 986–1200 mg",
            "1200 mg",
        ),
        (
            {"dose": "250 mg", "timing": "daily", "route": "oral"},
            TESTED,
            "for this patient 80–160 mg a day",
            "150 mg",
        ),
        (
            {"dose": "1000 mg", "timing": "once", "route": "intravenous"},
            [*without("creatinine"), {"creatinine": "2.9 mg/dL", "on": "3 days ago"}],
            "usual here 986 mg (at most)",
            "950 mg",
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
