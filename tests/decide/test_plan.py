"""The plan for a new patient: one steroid-sparing drug that fits, said without contradicting itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask, drafted_tests

WOMAN: dict[str, Any] = {**MAN, "patient": {**MAN["patient"], "age": 30, "sex": "female"}}
CREATININE = [{"creatinine": "0.8 mg/dL", "on": "5 days ago"}]
KIDNEYS = [{"creatinine": "1.6 mg/dL", "on": "5 days ago"}]
WITH_AZATHIOPRINE_FIRST = "Azathioprine before methotrexate"
FITS = {
    "a man": (MAN | {"labs": CREATININE}, "ONCE A WEEK, then"),
    "a woman without contraception on record": (WOMAN | {"labs": CREATININE}, "(pregnancy test, contraception first)"),
    "a woman who was sterilised": (
        WOMAN | {"labs": CREATININE, "problems": ["dermatomyositis", "sterilisation"]}, "ONCE A WEEK, then",
    ),
    "kidneys at 51": (MAN | {"labs": KIDNEYS}, ""),
    "a fatty liver": (MAN | {"labs": CREATININE, "problems": ["dermatomyositis", "masld"]}, ""),
}  # fmt: skip


def plan(chart: dict[str, Any]) -> dict[str, Any]:
    """The card of the plan."""
    (card,) = [c for c in ask(chart, "patient-view")["cards"] if c["source"]["topic"]["code"] == "REGSEQ01"]
    return dict(card)


@pytest.mark.parametrize(("chart", "words"), FITS.values(), ids=FITS)
def test_methotrexate_leads_only_where_nothing_is_preferred_to_it(chart: dict[str, Any], words: str) -> None:
    """Never plainly "with methotrexate" above "azathioprine before methotrexate"; where a pregnancy is possible
    the condition stands in the same line."""
    card = plan(chart)
    assert ("with methotrexate" in card["summary"]) is bool(words)
    assert words in card["summary"]
    assert (WITH_AZATHIOPRINE_FIRST in card["detail"]) is (words != "ONCE A WEEK, then")
    assert len(card["summary"]) < 140


@pytest.mark.parametrize("graver", ["rapidly_progressive_ild", "liver_failure"])
def test_the_gravest_disease_is_not_begun_with_methotrexate(graver: str) -> None:
    """The graver form of lung or liver disease speaks against methotrexate as the plain one does."""
    problems = ["dermatomyositis", {"is": graver, "since": "40 days ago"}]
    card = plan(MAN | {"labs": CREATININE, "problems": problems})
    assert "methotrexate" not in card["summary"]
    assert "mycophenolate" in card["summary"]


def test_a_failing_liver_is_given_prednisolone() -> None:
    """Said, and drafted, in place of prednisone."""
    card = plan(MAN | {"labs": CREATININE, "problems": ["dermatomyositis", {"is": "liver_failure"}]})
    assert "prednisolone" in card["summary"]
    labels = [each["label"] for each in card["suggestions"]]
    assert any(label.startswith("Draft prednisolone for induction") for label in labels)
    assert not any(label.startswith("Draft prednisone") for label in labels)


ENDS = {
    "lungs": (["ild"], "Prednisone, which end of the range: nearer 1 mg/kg for interstitial lung disease\n"),
    "sugar": (["diabetes"], "Prednisone, which end of the range: nearer 0.5 mg/kg for diabetes\n"),
    "both": (
        ["dysphagia", "diabetes"],
        "Prednisone, which end of the range: nearer 1 mg/kg for dysphagia, nearer 0.5 mg/kg for diabetes\n",
    ),
}


@pytest.mark.parametrize(("problems", "words"), ENDS.values(), ids=ENDS)
def test_the_plan_says_which_end_of_the_range(problems: list[str], words: str) -> None:
    """What speaks for more and what speaks for less are told apart; an end for which nothing speaks is not named."""
    assert words in plan(MAN | {"labs": CREATININE, "problems": ["dermatomyositis", *problems]})["detail"]


SEVERE = [
    {"is": "myocarditis", "since": "5 days ago"},
    {"text": "Dysphagia with aspiration", "since": "5 days ago"},
]


@pytest.mark.parametrize("problem", SEVERE, ids=["heart", "aspiration"])
def test_in_severe_disease_no_routine_is_worked_out(problem: dict[str, Any]) -> None:
    """Same-day review in place of the plan: no dose by mouth, no methotrexate, no draft; the pulse stays."""
    body = ask(MAN | {"labs": CREATININE, "problems": ["dermatomyositis", problem]}, "patient-view")
    words = str(body["cards"])
    assert "ame-day specialist review" in words
    assert "methylprednisolone pulse 500–1000 mg" in words
    assert "Treatment now" not in words
    assert "ONCE A WEEK" not in words
    assert "Draft prednisone" not in words


def test_mycophenolate_in_pregnancy_asks_for_no_pregnancy_test() -> None:
    """What is known is not tested; before a first dose it is."""
    drug = {"orders": [{"drug": "mycophenolate", "dose": "1000 mg", "timing": "twice daily"}]}
    known = ask(WOMAN | drug | {"problems": ["dermatomyositis", {"is": "pregnancy", "since": "60 days ago"}]})
    assert known["cards"][0]["summary"] == "Do not give mycophenolate mofetil: pregnant (2026-09-25)"
    assert [each["label"] for each in known["cards"][0]["suggestions"]] == [
        "Remove this order: mycophenolate mofetil"
    ]
    untested = ask(WOMAN | drug)["cards"][0]["suggestions"]
    assert any("pregnancy test" in each["label"] for each in untested)


def test_each_test_of_a_work_up_says_what_it_is_for() -> None:
    """The reason is that of the rule that asks for the test, not of the rule the card is named after."""
    tests = drafted_tests(ask(MAN, "patient-view"))
    reasons = {each["code"]["text"]: each["reasonCode"][0]["text"] for each in tests}
    assert len(set(reasons.values())) > 3
    assert reasons["hepatitis B surface antigen"] == "Baseline tests of new myositis"
    assert "Swallowing" not in reasons.values()


def sized(weight: Any, **more: Any) -> dict[str, Any]:
    """The man at another weight or height."""
    return MAN | {"labs": CREATININE, "patient": {**MAN["patient"], "weight": weight, **more}}


def test_a_drafted_dose_is_written_without_a_trailing_zero() -> None:
    """At 30 kg prednisone is 15 to 30 mg: 15.0 is misread as 150."""
    (draft,) = [
        action["resource"]
        for offer in plan(sized("30 kg"))["suggestions"]
        for action in offer["actions"]
        if "prednisone" in str(action["resource"])
    ]
    (row,) = draft["dosageInstruction"]
    assert row["text"] == "15 to 30 mg once a day"
    assert str(row["doseAndRate"][0]["doseRange"]["low"]["value"]) == "15"


@pytest.mark.parametrize(
    ("chart", "words"),
    [
        (sized("80 kg"), "Azathioprine 1–2 mg/kg a day: 100–150 mg,"),
        (sized("130 kg"), "Azathioprine 1–2 mg/kg a day: 100–175 mg (adjusted weight),"),
        (sized("200 kg"), "Azathioprine 1–2 mg/kg a day: 125–200 mg (adjusted weight),"),
        (sized("130 kg", height=None), "Azathioprine 1–2 mg/kg a day: 150–200 mg,"),
    ],
    ids=["usual weight", "obesity", "at most 200 mg", "at most 200 mg where no height tells"],
)
def test_azathioprine_goes_by_adjusted_weight_in_obesity(chart: dict[str, Any], words: str) -> None:
    """And never beyond 200 mg, which the page of its dose would ask about."""
    assert words in plan(chart)["detail"]


def test_a_range_from_an_old_weight_says_so() -> None:
    """Beside every dose that rests on it; the weight and its day stand below."""
    card = plan(sized({"value": "80 kg", "on": "5 years ago"}))
    assert "prednisone 40–60 mg (old weight) a day" in card["summary"]
    assert "Azathioprine 1–2 mg/kg a day: 100–150 mg (old weight)" in card["detail"]
    assert "Doses from weight 80 kg (2021-11-24)" in card["detail"]
    assert "old" not in plan(sized("80 kg"))["summary"]


def test_a_childs_range_names_old_weight_and_height() -> None:
    """Older than 30 and 90 days."""
    girl = {
        "patient": {
            "age": 9, "sex": "female", "onset": "5 weeks ago",
            "height": {"value": "130 cm", "on": "100 days ago"}, "weight": {"value": "28 kg", "on": "40 days ago"},
        },
        "problems": ["jdm"],
        "labs": [{"creatinine": "0.4 mg/dL", "on": "5 days ago"}],
    }  # fmt: skip
    card = plan(girl)
    assert "mg (old weight) a day" in card["summary"]
    assert "mg (old weight and height) ONCE A WEEK" in card["summary"]
    assert "weight 28 kg (2026-10-15), height 130 cm (2026-08-16)" in card["detail"]


@pytest.mark.parametrize(("white_cells", "named"), [("<3.0 10*9/L", False), ("3.0 10*9/L", True)])
def test_a_count_printed_as_a_bound_lies_beyond_it(white_cells: str, named: bool) -> None:
    """Where methotrexate would be stopped it is not begun: a count of "<3.0" is below 3.0."""
    card = plan(MAN | {"labs": [*CREATININE, {"wbc": white_cells, "on": "5 days ago"}]})
    assert ("methotrexate" in card["summary"]) is named


def test_in_pregnancy_the_plan_begins_with_what_is_not_to_be_given() -> None:
    """Pregnant: the drugs that harm the child come first, and nothing says that a pregnancy is possible."""
    card = plan(
        WOMAN
        | {"labs": CREATININE, "problems": ["dermatomyositis", {"is": "pregnancy", "since": "60 days ago"}]}
    )
    assert card["summary"].startswith("No methotrexate or mycophenolate, pregnant: prednisone")
    assert card["detail"].startswith(
        "No methotrexate, mycophenolate or cyclophosphamide: pregnant (2026-09-25)."
    )
    assert "a pregnancy is possible" not in card["detail"]
    assert "methotrexate apart" not in card["detail"]
    assert "Besides methotrexate" not in card["detail"]


def test_the_plan_names_a_necrotising_myopathy() -> None:
    """Anti-HMGCR with a CK of 9000 is not the ordinary plan: the disease it goes with is named."""
    labs = [*CREATININE, {"anti_hmgcr": "positive", "on": "10 days ago"}]
    card = plan(MAN | {"labs": [*labs, {"ck": "9000 U/L", "on": "5 days ago", "range": "30-200"}]})
    assert card["summary"].startswith("Anti-HMGCR, necrotising myopathy: prednisone")
    assert card["detail"].startswith(
        "Anti-HMGCR positive (2026-11-14), as in immune-mediated necrotising myopathy."
    )


B = [*CREATININE, {"hbsag": "positive", "on": "2 days ago"}]
LIVER = [
    {"alt": "300 U/L", "on": "2 days ago", "range": "<40"}, {"ck": "100 U/L", "on": "2 days ago", "range": "<170"},
]  # fmt: skip
TREATED = {"drug": "tmp_smx", "dose": "960 mg", "timing": "twice daily", "since": "2 days ago"}
AGAINST_METHOTREXATE = {
    "liver tests": {"labs": [*CREATININE, *LIVER]},
    "a treatment dose of co-trimoxazole": {"medications": [TREATED]},
}


@pytest.mark.parametrize("record", AGAINST_METHOTREXATE.values(), ids=AGAINST_METHOTREXATE)
def test_the_plan_names_no_methotrexate_that_a_critical_page_refuses(record: dict[str, Any]) -> None:
    """Its words and lines pass the same filter as its buttons; the reason is told."""
    card = plan(MAN | {"labs": CREATININE} | record)
    assert "methotrexate" not in card["summary"]
    assert "Methotrexate: start" not in card["detail"]
    assert "No methotrexate:" in card["detail"]
    assert not any("methotrexate" in each["label"] for each in card["suggestions"])


def test_a_low_oxygen_saturation_keeps_methotrexate_out_of_the_plan() -> None:
    """Beside the alarm about the lungs no line tells to begin it."""
    low = {"labs": [*CREATININE, {"spo2": "88 %", "on": "today"}]}
    told = [c["summary"] + c["detail"] for c in ask(MAN | low, "patient-view")["cards"]]
    assert not any("Methotrexate: start" in each or "with methotrexate" in each for each in told)


def test_hepatitis_b_comes_before_the_plan() -> None:
    """No drug that suppresses the immune system is named before an antiviral; the tests are on offer."""
    card = plan(MAN | {"labs": B})
    assert "HBV DNA, hepatology and an antiviral before the first dose" in card["summary"]
    assert not any(name in card["detail"] for name in ("Prednisone", "Azathioprine", "mycophenolate"))
    assert [each["label"] for each in card["suggestions"]] == ["Order all 2: HBV DNA, referral to hepatology"]


def test_hepatitis_b_under_an_antiviral_leaves_the_plan() -> None:
    """Methotrexate stays out."""
    antiviral = {"drug": "entecavir", "dose": "0.5 mg", "timing": "daily", "since": "20 days ago"}
    card = plan(MAN | {"labs": B, "medications": [antiviral]})
    assert "prednisone" in card["summary"]
    assert "methotrexate" not in card["summary"]


def test_an_allergy_to_prednisone_is_told_in_place_of_its_dose() -> None:
    """Anaphylaxis: no dose, no button, no line."""
    allergy = [{"to": "prednisone", "severe": True, "reaction": "anaphylaxis"}]
    card = plan(MAN | {"labs": CREATININE, "allergies": allergy})
    assert "no prednisone (allergy)" in card["summary"]
    assert "mg once daily: 0.5" not in card["detail"]


COUNTS = [
    {name: value, "on": "5 days ago"}
    for name, value in {
        "wbc": "6.2 10*9/L", "neutrophils": "4 10*9/L", "platelets": "240 10*9/L", "hemoglobin": "14 g/dL",
        "hbsag": "negative", "anti_hbc": "negative", "anti_hcv": "negative", "alt": "20 U/L", "ast": "20 U/L",
    }.items()
]  # fmt: skip
BRACKETS = {
    "a possible pregnancy": (WOMAN | {"labs": [*CREATININE, *COUNTS]}, "Draft methotrexate", "pregnancy"),
    "scleroderma": (
        MAN | {"labs": CREATININE, "problems": ["dermatomyositis", "systemic_sclerosis"]},
        "Draft prednisone", "systemic sclerosis",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("chart", "drug", "word"), BRACKETS.values(), ids=BRACKETS)
def test_a_button_names_the_gravest_warning(chart: dict[str, Any], drug: str, word: str) -> None:
    """In brackets, whatever the order in which the pages are asked."""
    (label,) = [each["label"] for each in plan(chart)["suggestions"] if each["label"].startswith(drug)]
    assert word in label.lower()
