"""What the record does not say is told as not known, and answered on the safe side; never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask, topics, unjudged
from tests.decide.test_monitoring import SEROLOGY, WEEKLY, due, ordered, stable

UNDATED = {"fhir": {"authoredOn": None}, "since": "today"}
NO_DAY = {"onsetDateTime": None, "recordedDate": None}


def not_checked(body: dict[str, Any]) -> str:
    """What the answer says could not be checked."""
    return "\n".join(card["detail"] for card in body["cards"] if "Could not check" in card["summary"])


def begun_unknown(days: int) -> dict[str, Any]:
    """Bloods of so many days ago, on methotrexate that nobody dated."""
    chart = stable(days)
    return chart | {"medications": [WEEKLY | UNDATED, chart["medications"][1]]}


def test_a_drug_without_a_start_may_be_due_earlier() -> None:
    """60 days after the last bloods: late in the first months, not later. It is said, not passed over."""
    body = ask(begun_unknown(60), "patient-view")
    assert due(body) == []
    assert "MON-OVERDUE-01" in unjudged(body)
    assert "it is not recorded when methotrexate was begun; in its first months" in not_checked(body)


def test_what_is_late_whenever_the_drug_began_is_late() -> None:
    """130 days are late by the longest interval, so the start does not matter."""
    assert [card["indicator"] for card in due(ask(begun_unknown(130), "patient-view"))] == ["warning"]


@pytest.mark.parametrize("alt", ["80 U/L", "150 U/L"])
def test_without_a_reference_range_no_limit_is_guessed(alt: str) -> None:
    """ALT and CK without a range: no multiple is told, liver and muscle are not judged and named as such."""
    enzymes = [{"alt": alt, "on": "3 days ago"}, {"ast": "60 U/L", "on": "3 days ago"}]
    enzymes.append({"ck": "900 U/L", "on": "3 days ago"})
    others = [lab for lab in stable(60)["labs"] if not {"alt", "ast"} & set(lab)]
    body = ask(stable(60, labs=[*enzymes, *others]), "patient-view")
    assert {"MON-MTX-02", "MON-LFT-02"} <= set(unjudged(body))
    assert "no upper reference limit" in not_checked(body)
    assert "times" not in " ".join(card["summary"] for card in body["cards"])
    # Above 100 U/L the row needs no range.
    assert ("MONMTX01" in topics(body)) is (alt == "150 U/L")
    told = [card["detail"] for card in body["cards"] if card["source"]["topic"]["code"] == "MONMTX01"]
    assert all("days with a limit to compare with" in detail for detail in told)


def undated(age: int, **more: Any) -> dict[str, Any]:
    """Dermatomyositis of which nobody recorded since when."""
    patient = {"age": age, "sex": "male", "height": "175 cm", "weight": "80 kg"}
    return {"patient": patient, "problems": [{"is": "dermatomyositis", "fhir": NO_DAY}]} | more


@pytest.mark.parametrize(
    ("age", "indicator", "group"),
    [(21, "info", "moderate"), (42, "info", "moderate"), (45, "warning", "HIGH")],
)
def test_without_an_onset_cancer_is_screened_for_as_if_it_were_recent(
    age: int, indicator: str, group: str
) -> None:
    """It may lie within three years: the group of what is known, at the youngest age it may have begun, and said so."""
    (card,) = [c for c in ask(undated(age), "patient-view")["cards"] if "Cancer" in c["summary"]]
    assert (card["indicator"], group in card["summary"]) == (indicator, True)
    assert "onset not recorded" in card["summary"]
    assert "The onset is not on record" in " ".join(card["detail"].split())


def test_treatment_of_years_makes_an_undated_onset_older() -> None:
    """No group is asked for then, and none is called done: it could not be checked."""
    old = undated(60, medications=[WEEKLY | {"since": "1500 days ago"}])
    body = ask(old, "patient-view")
    assert "SCRCA01" not in topics(body)
    assert {"SCR-CA-01", "SCR-ILD-01", "SCR-DYS-01", "CLS-MSA"} <= set(unjudged(body))
    assert "Cancer screening group: the onset of the disease is not dated" in not_checked(body)


@pytest.mark.parametrize(("age", "checked"), [(10, True), (19, False)])
def test_an_undated_onset_of_childhood(age: int, checked: bool) -> None:
    """A child's began in childhood, so screening does not apply; at 19 nobody knows, and that is said."""
    body = ask(undated(age), "patient-view")
    assert "SCRCA01" not in topics(body)
    assert ("SCR-CA-01" not in unjudged(body)) is checked


def test_a_panel_done_since_an_undated_diagnosis_counts() -> None:
    """Treated 200 days ago, the diagnosis was no later: what was done 30 days before that is not asked for again."""
    done = [{"report": name, "on": "230 days ago"} for name in ("cbc_panel", "hepatic_panel", "xr_chest")]
    chart = undated(30, done=done, medications=[WEEKLY | {"since": "200 days ago"}])
    (card,) = [c for c in ask(chart, "patient-view")["cards"] if "Cancer" in c["summary"]]
    offered = " ".join(action["description"] for s in card["suggestions"] for action in s["actions"])
    assert "ESR" in offered
    assert "chest X-ray" not in offered


def test_without_a_weight_a_dose_stays_by_weight() -> None:
    """The plan tells milligrams per kilogram, and no number worked out from a weight nobody measured."""
    patient = {"age": 52, "sex": "male", "onset": "5 weeks ago"}
    (plan,) = [c for c in ask(MAN | {"patient": patient}, "patient-view")["cards"] if "now" in c["summary"]]
    assert "prednisone 0.5–1 mg/kg a day" in plan["summary"]
    assert "Prednisone by weight once daily" in plan["detail"]


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        ({"neutrophils": "0.4 10*9/L", "fhir": {"effectiveDateTime": None, "issued": None}}, "has no date"),
        ({"neutrophils": "see report", "words": True}, "is a text that cannot be judged"),
        ({"neutrophils": "400 cups", "on": "2 days ago"}, "unit that cannot be converted"),
    ],
)
def test_a_result_that_cannot_be_used_takes_the_place_of_no_older_one(
    result: dict[str, Any], reason: str
) -> None:
    """A good count of 60 days ago does not answer for a newer one that cannot be read."""
    chart = stable(60)
    body = ask(chart | {"labs": [*chart["labs"], {"on": "2 days ago"} | result]}, "patient-view")
    assert {"MON-CBC-01", "MON-CBC-02", "MON-CBC-03"} <= set(unjudged(body))
    assert reason in not_checked(body)


def test_what_was_never_done_is_offered_though_nobody_knows_the_start() -> None:
    """Methotrexate of unknown start and no result at all: not checked, and one order for what is wanting."""
    chart = begun_unknown(60)
    without = [lab for lab in chart["labs"] if lab in SEROLOGY]
    body = ask(chart | {"labs": without}, "patient-view")
    assert "MON-OVERDUE-01" in unjudged(body)
    (card,) = [each for each in body["cards"] if each["summary"].startswith("Could not check")]
    assert len(ordered(card)) == 4


def test_screening_without_a_recorded_sex_says_so() -> None:
    """The group may be too low and examinations of one sex are left out: told, beside what is asked for."""
    body = ask({**MAN, "patient": {**MAN["patient"], "sex": "unknown"}}, "patient-view")
    assert "SCR-CA-04" in unjudged(body)
    assert "examinations of one sex are left out" in "\n".join(card["detail"] for card in body["cards"])
