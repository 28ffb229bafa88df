"""What cards about the course of the disease say: the score with its parts, a flare, an enzyme, with their days."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask, topics, unjudged

KNOWN: dict[str, Any] = {
    "patient": {"age": 58, "sex": "female", "height": "165 cm", "weight": "68 kg", "onset": "4 years ago"},
    "problems": [{"is": "dm", "since": "4 years ago"}],
}
BEFORE = {"physician_global": 6, "patient_global": 6, "haq_di": 1.5, "extramuscular_global": 5}
NOW = {"physician_global": 2, "patient_global": 2, "haq_di": 0.25, "extramuscular_global": 1}
WEEKLY = {
    "drug": "methotrexate",
    "dose": "15 mg",
    "timing": "weekly",
    "route": "oral",
    "since": "100 days ago",
}
FOLATE = {"drug": "folic_acid", "dose": "5 mg", "timing": "weekly mon", "since": "100 days ago"}


def measured(values: dict[str, Any], day: int, mmt8: int) -> list[dict[str, Any]]:
    """One visit's core set; strength on the scale of 150."""
    scores = [{name: value, "on": f"{day} days ago"} for name, value in values.items()]
    return [*scores, {"mmt8": mmt8, "on": f"{day} days ago", "range": "<150"}]


def said(labs: list[dict[str, Any]], topic: str, **more: Any) -> str:
    """Summary and detail of the card of a topic."""
    body = ask({**KNOWN, "labs": labs, **more}, "patient-view")
    (card,) = [each for each in body["cards"] if each["source"]["topic"]["code"] == topic]
    return f"{card['summary']}\n{card['detail']}"


def score(before: int, now: int) -> str:
    """The card of the improvement score for a gain of strength."""
    return said(
        [*measured(BEFORE, 102, before), *measured(NOW, 3, now)], "MONTIS01", medications=[WEEKLY, FOLATE]
    )


def test_the_score_tells_its_parts() -> None:
    """Each measure before and now with its points, the total and its category."""
    words = score(120, 145)
    assert "score 70 of 100, major improvement" in words
    assert "MMT-8 120 → 145 (20 points)" in words
    assert "HAQ-DI 1.5 → 0.25 (10 points)" in words


def test_a_patient_who_got_worse_is_said_to_be_worse() -> None:
    """A score of nothing is no improvement, and how many measures are worse is said; of one that rose a little, too."""
    worse = {"physician_global": 7, "patient_global": 7, "haq_di": 2, "extramuscular_global": 6}
    labs = [*measured(BEFORE, 102, 120), *measured(worse, 3, 110)]
    words = said(labs, "MONTIS01", medications=[WEEKLY, FOLATE])
    assert "score 0 of 100, no improvement; 5 of 5 measures worse" in words
    mixed = {**BEFORE, "physician_global": 5, "patient_global": 7}
    labs = [*measured(BEFORE, 102, 120), *measured(mixed, 3, 120)]
    words = said(labs, "MONTIS01", medications=[WEEKLY, FOLATE])
    assert "score 7.5 of 100, less than minimal improvement; 1 of 5 measures worse" in words


def test_too_little_for_a_score_is_said_beside_strength() -> None:
    """Strength at both visits but four measures only: no category, and the card of strength says what is missing."""
    globals_ = {"physician_global": 6, "patient_global": 6, "extramuscular_global": 5}
    labs = [*measured(globals_, 102, 120), *measured(globals_, 3, 130)]
    body = ask({**KNOWN, "labs": labs, "medications": [WEEKLY, FOLATE]}, "patient-view")
    (card,) = [each for each in body["cards"] if each["source"]["topic"]["code"] == "MONMMT01"]
    assert "Too incomplete for an improvement score: HAQ, a muscle enzyme" in card["detail"]
    assert "MON-TIS-01" not in unjudged(body)


def test_near_normal_strength_has_no_category() -> None:
    """From an MMT-8 of 142 little can be gained: the score without a word for it; at 141 with one."""
    assert "no category" in score(142, 150)
    assert "improvement\n" in score(141, 150)


def test_a_flare_names_what_is_worse() -> None:
    """The measures that fell, with their values, and how long ago."""
    visits = [(80, 2, 140), (40, 6, 110), (3, 6, 112)]
    labs = [each for day, vas, mmt8 in visits for each in measured({"physician_global": vas}, day, mmt8)]
    words = said(labs, "MONFLARE01")
    assert "physician global activity 2 → 6, MMT-8 140 → 112; 3 days ago" in words


def test_an_enzyme_is_told_with_both_days() -> None:
    """The last stable value and the new one, each with its day; the doubled one is offered again."""
    labs = [
        {"ck": "400 U/L", "on": "3 days ago", "range": "<170"},
        {"ck": "190 U/L", "on": "60 days ago", "range": "<170"},
    ]
    assert "CK 190 U/L (2026-09-25), then 400 U/L (2026-11-21)" in said(labs, "MONCK01")


def ck(*values: tuple[int, int]) -> list[dict[str, Any]]:
    """CK values, each with its age in days."""
    return [{"ck": f"{value} U/L", "on": f"{day} days ago", "range": "<170"} for value, day in values]


def test_a_climb_in_steps_is_told_with_its_trend() -> None:
    """No step doubles, the whole does: the value it began with, the newest, times the limit, and the trend."""
    words = said(ck((1100, 2), (580, 30), (300, 60), (160, 90)), "MONCK01")
    assert "doubled, confirmed: CK 160 U/L (2026-08-26), then 1100 U/L (2026-11-22)" in words
    assert "6.5 times its limit. Trend of six months: 93 % in 30 days" in words


def test_a_peak_between_is_told() -> None:
    """What falls from a peak is not told as if it only rose."""
    words = said(ck((250, 2), (400, 22), (100, 60)), "MONCK01")
    assert "CK 100 U/L (2026-09-25), then 400 U/L (2026-11-02), now 250 U/L (2026-11-22)" in words


def test_a_doubled_enzyme_is_offered_again_where_strength_is_asked_for() -> None:
    """One card says both, and CK leads it: its repeat is not lost."""
    body = ask({**KNOWN, "labs": ck((400, 2), (100, 60))}, "patient-view")
    (card,) = [each for each in body["cards"] if "MON-MMT-01" in str(each["extension"])]
    assert card["source"]["topic"]["code"] == "MONCK01"
    assert "none in 90 days, record MMT-8" in card["detail"]
    assert "CK" in str([each["label"] for each in card["suggestions"]])


def test_strength_before_is_told_on_the_same_scale() -> None:
    """120 of 150 and then 60 of 80 is a loss of 7.5, not of half."""
    labs = [
        {"mmt8": 120, "on": "90 days ago", "range": "<150"},
        {"mmt8": 60, "on": "3 days ago", "range": "<80"},
    ]
    assert "MMT-8 112.5 of 150 (measured before: 120)" in said(labs, "MONMMT01")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (5, "in the range of remission"),
        (6, "mild by both cut-offs"),
        (14, "mild by both cut-offs"),
        (15, "mild by one cut-off (below 19), not by the other (14)"),
        (18, "mild by one cut-off"),
        (19, "more than mild by both cut-offs"),
    ],
)
def test_a_skin_score_is_graded_by_both_cut_offs(value: int, words: str) -> None:
    """Up to 14 and below 19 are the two limits of mild; below 6 is the range of remission."""
    told = said(
        [{"cdasi_activity": value, "on": "3 days ago"}, {"cdasi_activity": 20, "on": "90 days ago"}],
        "MONCDASI01",
    )
    assert words in told
    assert "(before: 20 points)" in told


def test_an_enzyme_raised_before_treatment_counts_for_classification() -> None:
    """A CK that treatment made normal was raised in this disease: 2.1 for the age at onset and 1.3 for the enzyme."""
    new = {
        "patient": {**KNOWN["patient"], "onset": "9 weeks ago"},
        "problems": [{"is": "dm", "since": "8 weeks ago"}],
    }
    body = ask({**KNOWN, **new, "labs": ck((100, 3), (900, 50))}, "patient-view")
    assert "Classification support (2017 EULAR/ACR): 3.4 points" in str(body["cards"])


VISITS = {
    "millimetres and centimetres as units": ([("20 mm", None), ("5 cm", None)], "fired"),
    "millimetres that do not rise": ([("20 mm", None), ("3 cm", None)], "silent"),
    "a bare number in a chart of millimetres": ([("55", None), ("7", None)], "unknown"),
    "both ranges stated": ([("30", "<100"), ("6", "<10")], "fired"),
    "one range stated": ([("30", "<100"), ("6", None)], "unknown"),
}


@pytest.mark.parametrize(("scores", "expected"), VISITS.values(), ids=VISITS)
def test_a_global_counts_on_its_own_scale(scores: list[tuple[str, str | None]], expected: str) -> None:
    """Centimetres and millimetres are told apart by unit or range; where neither tells, nothing is guessed."""
    labs = [
        {"extramuscular_global": value, "on": f"{day} days ago", **({"range": high} if high else {})}
        for (value, high), day in zip(scores, (40, 3), strict=True)
    ]
    body = ask({**KNOWN, "labs": labs}, "patient-view")
    found = "unknown" if "MON-FLARE-01" in unjudged(body) else "silent"
    assert ("fired" if "MONFLARE01" in topics(body) else found) == expected


CHILD: dict[str, Any] = {
    "patient": {"age": 9, "sex": "female", "height": "130 cm", "weight": "28 kg", "onset": "1 year ago"},
    "problems": [{"is": "jdm", "since": "1 year ago"}],
    "medications": [WEEKLY, FOLATE],
}
CHILD_BEFORE = {"physician_global": 6, "patient_global": 6, "chaq": 1.5, "extramuscular_global": 5}
CHILD_NOW = {"physician_global": 2, "patient_global": 2, "chaq": 0.25, "extramuscular_global": 1}


def child(before: int | None, now: int | None, **other: Any) -> list[dict[str, Any]]:
    """Two visits of a child with CMAS in place of MMT-8; ``other`` are results of the second one."""
    first = [{name: value, "on": "102 days ago"} for name, value in CHILD_BEFORE.items()]
    second = [{name: value, "on": "3 days ago"} for name, value in (CHILD_NOW | other).items()]
    scales = [
        {"cmas": value, "on": day} for value, day in ((before, "102 days ago"), (now, "3 days ago")) if value
    ]
    return [*first, *second, *scales]


def test_a_child_is_scored_with_cmas() -> None:
    """20 to 46 of 52 is half the scale: 32.5 points, and the card says which scale it was."""
    body = ask({**CHILD, "labs": child(20, 46)}, "patient-view")
    (card,) = [each for each in body["cards"] if "MONTIS01" in str(each)]
    assert "CMAS 20 → 46 (32.5 points)" in card["detail"]


def test_cmas_is_never_compared_with_mmt8() -> None:
    """One scale at each visit is no change of strength: no score."""
    labs = [*child(20, None), {"mmt8": 140, "on": "3 days ago", "range": "<150"}]
    assert "MONTIS01" not in topics(ask({**CHILD, "labs": labs}, "patient-view"))


def test_a_doubtful_diagnosis_tells_only_the_cause_that_holds() -> None:
    """A statin with such a CK and a negative anti-HMGCR: nothing reads as if the antibody were positive."""
    ck = [
        {"ck": f"{value} U/L", "on": f"{days} days ago", "range": "30-200"}
        for value, days in ((3900, 5), (3300, 40))
    ]
    statin = {
        "drug": "rosuvastatin",
        "dose": "10 mg",
        "timing": "daily",
        "route": "oral",
        "since": "300 days ago",
    }
    labs = [*ck, {"creatinine": "0.8 mg/dL", "on": "5 days ago"}]
    chart = {**MAN, "medications": [statin]}
    for answer, told in (("negative", ", anti-HMGCR negative"), ("", ", anti-HMGCR not on record")):
        found = [{"anti_hmgcr": answer, "on": "20 days ago"}] if answer else []
        text = "\n".join(
            c["summary"] + c["detail"]
            for c in ask(chart | {"labs": [*labs, *found]}, "patient-view")["cards"]
        )
        assert f"CK above ten times its limit twice, with a statin in the last year{told}" in text
        assert "anti-SRP" not in text
