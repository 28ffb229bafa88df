"""Which drugs the words of a card name: those that pass the safety pages for this patient, and no other."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.app import create_app
from cds_service.protocol.codec import encode
from cds_service.settings import load
from tests.decide.service import MAN, TODAY, catalogue, request_of

CORE = {"physician_global": 6, "patient_global": 6, "mmt8": 120, "haq_di": 1.5, "extramuscular_global": 5}
SCORED = [
    {name: value, "on": f"{days} days ago"} | ({"range": "<150"} if name == "mmt8" else {})
    for days in (102, 3)
    for name, value in CORE.items()
] + [{"ck": "900 U/L", "on": f"{days} days ago", "range": "<170"} for days in (102, 3)]
TESTED: list[dict[str, Any]] = [
    {name: value, "on": "3 days ago"}
    for name, value in {
        "creatinine": "0.8 mg/dL", "wbc": "6.8 10*9/L", "neutrophils": "4.1 10*9/L", "platelets": "230 10*9/L",
        "hemoglobin": "13 g/dL", "hbsag": "negative", "anti_hbc": "negative", "iga": "1.9 g/L", "igg": "9 g/L",
    }.items()
] + [{"creatinine": "0.8 mg/dL", "on": "100 days ago"}]  # fmt: skip
STEROID = {"drug": "prednisone", "dose": "25 mg", "timing": "daily", "since": "200 days ago"}
BEGUN = {
    "drug": "prednisone",
    "dose": "60 mg",
    "timing": "daily",
    "since": "2 years ago",
    "until": "201 days ago",
    "status": "completed",
}
AZATHIOPRINE = {"drug": "azathioprine", "dose": "150 mg", "timing": "daily", "since": "100 days ago"}
METHOTREXATE = {"drug": "methotrexate", "dose": "20 mg", "timing": "weekly mon", "since": "100 days ago"}
BESIDE = [
    {"drug": "folic_acid", "dose": "5 mg", "timing": "weekly thu", "since": "100 days ago"},
    {"drug": "atovaquone", "dose": "1500 mg", "timing": "daily", "since": "200 days ago"},
    {"drug": "alendronate", "dose": "70 mg", "timing": "weekly", "since": "200 days ago"},
]
MYCOPHENOLATE = {"drug": "mycophenolate", "dose": "1000 mg", "timing": "twice daily", "route": "oral"}


def woman(age: int, drug: dict[str, Any] = METHOTREXATE) -> dict[str, Any]:
    """Refractory by two scores 14 weeks apart."""
    return {
        "patient": {
            "age": age,
            "sex": "female",
            "height": "165 cm",
            "weight": "68 kg",
            "onset": "2 years ago",
        },
        "problems": [{"is": "dm", "since": "2 years ago"}],
        "medications": [drug, BEGUN, STEROID, *BESIDE],
        "labs": SCORED + TESTED,
    }


@cache
def client() -> FlaskClient:
    """The service as a site that shows the most cards has it, so that none is cut."""
    settings = load(
        env="development", auth="off", allow_local_fhir=True, as_of=TODAY, database_url=None, most_cards=5
    )
    return create_app(settings).test_client()


def card(notation: dict[str, Any], topic: str, hook: str = "patient-view") -> str:
    """All words of the card with a topic."""
    path = f"/cds-services/{catalogue()[hook]['id']}"
    answer = client().post(path, data=encode(request_of(notation, hook)), content_type="application/json")
    found = [c for c in answer.get_json()["cards"] if c["source"]["topic"]["code"] == topic]
    assert len(found) == 1
    return f"{found[0]['summary']}\n{found[0]['detail'].partition('Sources:')[0]}".lower()


def test_what_passes_is_named_with_its_dose() -> None:
    """Nothing speaks against mycophenolate or tacrolimus at 58."""
    words = card(woman(58), "REGREF01")
    assert "next for this patient: mycophenolate 1–1.5 g twice daily" in words
    assert "tacrolimus" in words


def test_a_pregnant_patient_is_told_no_teratogen() -> None:
    """Neither mycophenolate nor rituximab; tacrolimus and immunoglobulin are left."""
    notation = woman(32, AZATHIOPRINE)
    notation["problems"] = [*notation["problems"], {"is": "pregnancy", "since": "60 days ago"}]
    words = card(notation, "REGREF01")
    assert "mycophenolate" not in words
    assert "rituximab" not in words
    assert "ivig 2 g/kg" in words


def test_what_is_taken_is_no_choice() -> None:
    """Mycophenolate that runs is not named as the next drug."""
    notation = woman(58)
    notation["medications"] = [BEGUN, STEROID, MYCOPHENOLATE | {"since": "100 days ago"}, *BESIDE]
    assert "mycophenolate 1–1.5 g" not in card(notation, "REGREF01")


def test_without_hepatitis_serology_rituximab_is_not_named() -> None:
    """Its order would be stopped for want of HBsAg and anti-HBc."""
    notation = woman(58)
    notation["labs"] = [each for each in notation["labs"] if not {"hbsag", "anti_hbc"} & set(each)]
    assert "rituximab" not in card(notation, "REGREF01")
    assert "rituximab 1 g" in card(woman(58), "REGREF01")


def test_what_only_warns_comes_last_with_its_warning() -> None:
    """IgA was never measured, so immunoglobulin stands behind what passes, and says so."""
    notation = woman(58)
    notation["labs"] = [each for each in notation["labs"] if "iga" not in each]
    words = card(notation, "REGREF01")
    assert "ivig 2 g/kg in 2–5 days (warning: measure iga before the first dose (none on record))" in words
    assert words.index("tacrolimus") < words.index("ivig 2 g/kg")


def test_a_named_dose_keeps_to_the_limits_of_this_patient() -> None:
    """With an eGFR of 23 mycophenolate is 1 g twice daily at most, wherever it is named."""
    notation = woman(58)
    notation["labs"] = [
        *(each for each in notation["labs"] if "creatinine" not in each),
        *({"creatinine": "2.4 mg/dL", "on": f"{days} days ago"} for days in (3, 100)),
    ]
    words = card(notation, "REGREF01")
    assert "mycophenolate mofetil, at most 1000 mg twice daily" in words
    assert "1.5 g" not in words
    assert "daily dose of mycophenolate" not in words


def test_what_is_still_to_be_checked_is_named_last_and_says_so() -> None:
    """Without the allergies no drug can be said to pass; each is named with the check that is to be made."""
    words = card(woman(58) | {"unreadable": ["allergies"]}, "REGREF01")
    assert "tacrolimus (not yet checked: recorded allergy to the drug ordered)" in words


NEW = woman(58) | {
    "medications": [],
    "labs": TESTED,
    "patient": MAN["patient"] | {"sex": "female", "age": 58},
}
LUNG = {"is": "ild", "since": "14 days ago"}
LIVER = {"is": "cirrhosis", "since": "2 years ago"}


@pytest.mark.parametrize(
    ("problem", "age", "named"),
    [
        (LUNG, 58, "mycophenolate mofetil, tacrolimus or azathioprine"),
        (LIVER, 58, "mycophenolate mofetil or azathioprine"),
        ({"is": "pregnancy", "since": "60 days ago"}, 30, "intravenous immunoglobulin or azathioprine"),
    ],
    ids=["lung", "liver", "pregnancy"],
)
def test_where_methotrexate_does_not_fit_the_plan_names_what_does(
    problem: dict[str, Any], age: int, named: str
) -> None:
    """The first choices of the disease, of them those that pass; no methotrexate and none of what goes with it."""
    notation = NEW | {"problems": ["dermatomyositis", problem], "patient": NEW["patient"] | {"age": age}}
    words = card(notation, "REGSEQ01")
    assert f"with {named}" in words
    assert "once a week" not in words
    assert "folic acid" not in words


def test_without_a_weight_the_plan_gives_the_dose_by_weight() -> None:
    """Nothing is worked out, and nothing reads as if it had been."""
    words = card(
        NEW | {"patient": {"age": 58, "sex": "female", "onset": "5 weeks ago"}, "problems": ["dm"]},
        "REGSEQ01",
    )
    assert "prednisone 0.5–1 mg/kg a day with methotrexate 7.5–15 mg once a week" in words
    assert "not known" not in words


def test_a_drug_is_tried_in_the_place_of_the_one_it_replaces() -> None:
    """Azathioprine beside mycophenolate is a duplicate; in its place it is none. Not beside allopurinol."""
    pregnant = woman(32) | {"orders": [MYCOPHENOLATE], "medications": [STEROID]}
    pregnant["problems"] = [*pregnant["problems"], {"is": "pregnancy", "since": "60 days ago"}]
    allopurinol = {"drug": "allopurinol", "dose": "300 mg", "timing": "daily", "since": "90 days ago"}
    assert "azathioprine" in card(pregnant, "SAFMMF01", "order-sign")
    pregnant["medications"] = [STEROID, allopurinol]
    assert "azathioprine" not in card(pregnant, "SAFMMF01", "order-sign")


def test_a_child_is_told_names_without_doses() -> None:
    """The adult dose of mycophenolate is no child's."""
    weekly = METHOTREXATE | {"dose": "12.5 mg", "since": "today"}
    words = card(
        {
            "patient": {
                "age": 12,
                "sex": "male",
                "height": "150 cm",
                "weight": "42 kg",
                "onset": "5 weeks ago",
            },
            "problems": ["jdm"],
            "orders": [weekly],
            "labs": [{"creatinine": "4.0 mg/dL", "on": "3 days ago"}, *TESTED[1:4]],
        },
        "SAFMTX04",
        "order-sign",
    )
    assert "in its place: mycophenolate" in words
    assert "1.5 g" not in words


def test_drugs_that_are_tried_one_after_the_other_keep_their_order() -> None:
    """Skin disease: hydroxychloroquine, methotrexate, mycophenolate, immunoglobulin, whichever of them warns."""
    no_count = [each for each in TESTED if not {"wbc", "neutrophils", "platelets", "hemoglobin"} & set(each)]
    skin = NEW | {"problems": [{"is": "amyopathic_dm", "since": "5 weeks ago"}], "labs": no_count}
    words = card(skin, "REGSEQ03")
    found = [words.index(each) for each in ("hydroxychloroquine", "methotrexate", "mycophenolate", "ivig")]
    assert found == sorted(found)
    assert "juvenile" not in words


def test_a_child_with_skin_disease_is_told_the_options_that_fit() -> None:
    """Hydroxychloroquine alone, with methotrexate, or with both and a glucocorticoid; not with a diseased liver."""
    child = NEW | {
        "patient": {"age": 9, "sex": "female", "height": "130 cm", "weight": "28 kg", "onset": "5 weeks ago"},
        "problems": ["amyopathic_dm"],
    }
    option = "hydroxychloroquine; with methotrexate; with methotrexate and a glucocorticoid"
    assert option in card(child, "REGSEQ03")
    assert option not in card(child | {"problems": ["amyopathic_dm", LIVER]}, "REGSEQ03")


def test_refractory_disease_tells_which_drug_has_not_had_its_time() -> None:
    """A flare began on methotrexate, azathioprine has replaced it since: what failed, and what cannot be judged."""
    scores = {60: (2, 140), 31: (6, 100), 3: (6, 100)}
    labs = [
        {name: value, "on": f"{day} days ago"} | ({"range": "<150"} if name == "mmt8" else {})
        for day, (vas, mmt8) in scores.items()
        for name, value in (("physician_global", vas), ("mmt8", mmt8))
    ]
    failed = METHOTREXATE | {"since": "300 days ago", "until": "31 days ago", "status": "completed"}
    notation = woman(58, AZATHIOPRINE | {"since": "30 days ago"})
    bone = [
        {"drug": name, "dose": "500 mg", "timing": "daily", "since": "200 days ago"}
        for name in ("calcium_carbonate", "vitamin_d")
    ]
    watched = {"alt": "20 U/L", "ast": "20 U/L", "glucose": "90 mg/dL", "dxa_tscore_spine": "-1 {T-score}"}
    notation |= {
        "labs": [*labs, *TESTED, *({name: value, "on": "3 days ago"} for name, value in watched.items())],
        "medications": [failed, *bone, *notation["medications"]],
    }
    words = card(notation, "REGREF01")
    assert "stopped since (methotrexate (stopped))" in words
    assert "begun too lately for its effect to be judged: azathioprine" in words
