"""What stands beside an alarm, and before the reminders: what was found, and nothing of the routine."""

from __future__ import annotations

from typing import Any

from tests.decide.service import MAN, ask

LONG_ILL: dict[str, Any] = {
    "patient": {**MAN["patient"], "onset": "900 days ago"},
    "problems": [{"is": "dm", "since": "900 days ago"}],
}
LABELS_OF_TREATMENT = ("Draft", "Add")


def cards(chart: dict[str, Any], hook: str = "patient-view") -> list[dict[str, Any]]:
    """The cards, the gravest first."""
    return list(ask(chart, hook)["cards"])


def labels(found: list[dict[str, Any]]) -> list[str]:
    """The buttons of all cards."""
    return [each["label"] for card in found for each in card.get("suggestions", ())]


def test_no_routine_plan_beside_lungs_that_may_fail() -> None:
    """Oxygen of 91 % with anti-MDA5: no "treatment now", no draft of it, no vaccine; else the plan is told."""
    antibody = {"anti_mda5": "positive", "on": "10 days ago"}
    alarm = cards(MAN | {"labs": [antibody, {"spo2": "91 %", "on": "0 days ago"}]})
    assert alarm[0]["source"]["topic"]["code"] == "SCRILD02"
    told = "\n".join(card["summary"] + card["detail"] for card in alarm)
    assert [word for word in ("Treatment now", "vaccine", "40–60 mg") if word in told] == []
    assert [label for label in labels(alarm) if label.startswith(LABELS_OF_TREATMENT)] == []
    calm = cards(MAN | {"labs": [antibody, {"spo2": "97 %", "on": "0 days ago"}]})
    assert any("Treatment now" in card["summary"] for card in calm)


def test_severe_disease_says_what_was_found_and_when() -> None:
    """Aspiration: its day, and nil by mouth in the line that is read first; of myocarditis that is not said."""
    aspiration = {"text": "Aspiration pneumonia", "code": ["icd10cm", "J69.0"], "since": "3 days ago"}
    dysphagia = {"is": "dysphagia", "since": "20 days ago"}
    first, *rest = cards(MAN | {"problems": ["dermatomyositis", aspiration, dysphagia]}, "encounter-start")
    assert first["summary"] == "Nil by mouth, same-day specialist review: aspiration (2026-11-21)"
    assert labels([first]) == ["Order swallow study"]
    assert any(card["summary"].startswith("Nil by mouth until swallowing is assessed") for card in rest)
    heart = {"is": "myocarditis", "since": "5 days ago"}
    first = cards(MAN | {"problems": ["dermatomyositis", heart]}, "encounter-start")[0]
    assert first["summary"] == "Same-day specialist review: myocarditis (2026-11-19)"
    assert "mouth" not in first["detail"]


def test_a_loss_of_strength_is_told_by_itself_and_first() -> None:
    """Thirty points lost and CK risen: the loss leads with both days, before bone, vaccines and cancer screening."""
    labs = [
        {"ck": "150 U/L", "on": "100 days ago", "range": "30-200"},
        {"ck": "1900 U/L", "on": "2 days ago", "range": "30-200"},
        {"mmt8": 148, "on": "100 days ago", "range": "<150"},
        {"mmt8": 118, "on": "2 days ago", "range": "<150"},
    ]
    steroid = {
        "drug": "prednisone",
        "dose": "5 mg",
        "timing": "daily",
        "route": "oral",
        "since": "400 days ago",
    }
    found = cards(LONG_ILL | {"labs": labs, "medications": [steroid]})
    assert found[0]["summary"].startswith("Weaker: MMT-8 148 (2026-08-16), now 118 (2026-11-22) of 150")
    assert found[0]["indicator"] == "warning"
    assert "CK 150 U/L (2026-08-16), then 1900 U/L (2026-11-22)" in found[0]["detail"]
    assert not any("vaccine" in card["summary"] for card in found)


def test_a_number_at_the_end_of_a_summary_says_of_what() -> None:
    """ "+7" says nothing; "(+7 more)" is what the detail lists below."""
    plan = next(card for card in cards(MAN) if card["summary"].startswith("Treatment now"))
    lines = [line for line in plan["detail"].splitlines() if line.startswith("- ")]
    assert plan["summary"].endswith(f"({len(lines):+d} more)")


def test_names_with_commas_do_not_look_like_more_tests() -> None:
    """ "bilirubin, total" is one test of a button that orders several."""
    blood = ("alt", "ast", "albumin", "creatinine", "wbc", "platelets")
    serology = ("hbsag", "anti_hbc", "anti_hcv")
    labs = [{name: "1", "on": "5 days ago"} for name in blood]
    labs += [{name: "negative", "on": "5 days ago"} for name in serology]
    labs += [{"anti_mda5": "positive", "on": "10 days ago"}, {"spo2": "91 %", "on": "0 days ago"}]
    (label,) = [each for each in labels(cards(MAN | {"labs": labs})) if "bilirubin" in each]
    count = int(label.removeprefix("Order all ").partition(":")[0])
    assert len(label.partition(": ")[2].split("; ")) == count
