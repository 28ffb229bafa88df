"""What cards about screening say and offer: what is wanting for this patient, and nothing that is done."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.clinical.facts.cancer_panels import BASIC, ENHANCED
from cds_service.content import cards_dir
from cds_service.knowledge.load import load
from tests.decide.service import ask, drafted_tests

NEW: dict[str, Any] = {
    "patient": {"age": 35, "sex": "female", "height": "165 cm", "weight": "68 kg", "onset": "5 weeks ago"},
    "problems": [{"is": "dm", "since": "5 weeks ago"}],
}
ANTIBODIES = ("anti_tif1g", "anti_nxp2", "anti_sae", "anti_hmgcr", "anti_mi2", "anti_mda5")


def card(topic: str, **more: Any) -> dict[str, Any]:
    """The card of a topic when the chart is opened."""
    body = ask({**NEW, **more}, "patient-view")
    (found,) = [each for each in body["cards"] if each["source"]["topic"]["code"] == topic]
    return dict(found)


def antibodies(**answers: str) -> list[dict[str, str]]:
    """All antibodies that might raise the group: negative but for these."""
    return [{name: answers.get(name, "negative"), "on": "20 days ago"} for name in ANTIBODIES]


@pytest.mark.parametrize(
    ("answer", "pending"), [("negative", False), ("weak", True), ("indeterminate", True)]
)
def test_a_weak_antibody_leaves_the_group_open(answer: str, pending: bool) -> None:
    """A weak or unclear result is neither positive nor negative: the group stays a lower bound."""
    summary = card("SCRCA01", labs=antibodies(anti_tif1g=answer))["summary"]
    assert ("lower bound" in summary) is pending


def test_the_card_names_what_is_wanting_of_the_panels() -> None:
    """What is done is not listed; what is on order is not listed; the rest is, in words."""
    words = card(
        "SCRCA01",
        labs=[{name: value, "on": "9 days ago"} for name, value in (("crp", "3 mg/L"), ("alt", "22 U/L"))],
        done=[{"report": "ct_chest_abdomen_pelvis", "on": "9 days ago"}],
        services=[{"order": "esr", "since": "1 day ago"}],
    )["detail"]
    assert "Basic panel: complete blood count, serum protein electrophoresis, urinalysis" in words
    assert "Enhanced panel, once: cervical screening, CA-125, pelvic ultrasound" in words


def test_the_scan_covers_the_neck_and_the_programmes_are_named() -> None:
    """The enhanced CT includes the neck, in the words and in the draft; the national programmes are not forgotten."""
    found = card("SCRCA01")
    assert "CT of neck, chest, abdomen and pelvis" in found["detail"]
    assert "national\nprogrammes for age and sex" in found["detail"]
    assert any("Include the neck" in str(each.get("note")) for each in drafted_tests({"cards": [found]}))


def test_psa_is_discussed_first() -> None:
    """A man reads it in the line that asks for PSA; a woman does not."""
    man = NEW["patient"] | {"sex": "male", "age": 58}
    assert "discuss PSA first" in card("SCRCA01", patient=man)["detail"]
    assert "PSA" not in card("SCRCA01")["detail"]


def test_a_card_names_what_its_button_orders() -> None:
    """Where the button has no room and counts the tests, the text names every one of them."""
    red_flag = [{"is": "amyopathic_dm", "since": "5 weeks ago"}, {"is": "fever", "since": "5 days ago"}]
    found = card("SCRCA01", problems=red_flag)
    (button,) = found["suggestions"]
    assert button["label"].endswith("missing tests")
    (line,) = [each for each in found["detail"].splitlines() if each.startswith(button["label"])]
    assert all(each["code"]["text"] in line for each in drafted_tests({"cards": [found]}))


def test_known_cancer_is_left_to_oncology() -> None:
    """Screening goes on, and the card says whom to agree it with."""
    problems = [*NEW["problems"], {"is": "malignancy", "since": "9 days ago"}]
    assert "agree with oncology" in card("SCRCA01", problems=problems)["detail"]
    assert "oncology" not in card("SCRCA01")["detail"]


def test_troponin_i_is_ordered_and_never_t() -> None:
    """Muscle raises troponin T, so the order is for I by its own code."""
    tests = drafted_tests(ask(NEW, "patient-view"))
    codes = [coding["code"] for each in tests for coding in each["code"].get("coding", [])]
    assert "10839-9" in codes
    assert not {"6598-7", "67151-1"} & set(codes)


def test_what_leads_a_card_names_the_others_and_a_line_does_not() -> None:
    """Where the lungs lead the first-visit card, swallowing is a line that does not list its neighbours again."""
    detail = card("SCRILD01", labs=[{"anti_jo1": "positive", "on": "60 days ago"}])["detail"]
    assert "- New myositis, to check: swallowing\n" in detail


def test_the_lung_alarm_says_what_was_seen_and_what_to_do() -> None:
    """Act first, then the reason with its value; CT, blood gas and ferritin are offered."""
    alarm = card("SCRILD02", labs=[{"spo2": "90 %", "on": "1 day ago"}])
    assert alarm["summary"].startswith("Same-day review, blood gas, CT")
    assert "90 %" in alarm["summary"]
    (suggestion,) = alarm["suggestions"]
    names = {action["resource"]["code"]["text"] for action in suggestion["actions"]}
    assert names == {"high-resolution CT of the chest", "arterial blood gas", "ferritin"}


def test_anti_mda5_disease_is_one_card_about_the_lungs() -> None:
    """The urgent route speaks for the general one, so that the plan of treatment is among the three cards."""
    body = ask({**NEW, "labs": antibodies(anti_mda5="positive")}, "patient-view")
    topics = [each["source"]["topic"]["code"] for each in body["cards"]]
    assert topics == ["SCRILD02", "SCRCA01", "REGSEQ01"]


def test_a_scan_that_counts_for_the_lungs_is_not_ordered_again() -> None:
    """A CT of chest, abdomen and pelvis shows the chest: only lung function is asked for."""
    found = card(
        "SCRILD01",
        labs=[{"anti_jo1": "positive", "on": "20 days ago"}],
        done=[{"report": "ct_chest_abdomen_pelvis", "on": "10 days ago"}],
    )
    names = {each["code"]["text"] for each in drafted_tests({"cards": [found]})}
    assert "lung function with diffusion capacity" in names
    assert "high-resolution CT of the chest" not in names


def test_in_pregnancy_radiation_is_not_listed_as_due() -> None:
    """CT, chest X-ray, mammogram and CA-125 wait for the end of the pregnancy, in panels and checklist."""
    pregnant = {"problems": [*NEW["problems"], {"is": "pregnancy", "since": "60 days ago"}]}
    patient = {**NEW["patient"], "age": 42}
    detail = card("SCRCA01", patient=patient, **pregnant)["detail"]
    basic, enhanced = (line for line in detail.splitlines() if line.startswith(("- Basic", "- Enhanced")))
    now, _, later = basic.partition("; after birth: ")
    assert ("chest X-ray" in now, later) == (False, "chest X-ray")
    now, _, later = enhanced.partition("; after birth: ")
    assert not [name for name in ("CT", "mammogram", "CA-125") if name in now]
    assert later == "CT of neck, chest, abdomen and pelvis; mammogram; CA-125"
    blood = ("alt", "ast", "albumin", "bilirubin_total", "creatinine", "wbc", "platelets")
    labs = [{name: "1", "on": "5 days ago"} for name in blood]
    assert "chest X-ray" not in card("SCRDYS01", patient=patient, labs=labs, **pregnant)["detail"]
    assert "anti-HCV, pregnancy test, chest X-ray" in card("SCRDYS01", patient=patient, labs=labs)["detail"]


def test_what_waits_in_the_panels_is_what_is_not_offered_in_pregnancy() -> None:
    """The panels and the list of orders agree on what a pregnancy puts off."""
    orders = load(cards_dir()).lists.orders
    assert [i.order for i in (*BASIC, *ENHANCED) if i.waits != orders[i.order].not_in_pregnancy] == []


def test_the_cancer_group_says_what_it_rests_on() -> None:
    """High is told with its factors, in the line that is read first."""
    patient = {**NEW["patient"], "age": 58}
    found = card("SCRCA01", patient=patient)
    assert found["summary"].startswith(
        "Cancer screening group HIGH (dermatomyositis, age at onset 58 years), due: basic panel"
    )
    assert "Group moderate by IMACS 2023 (dermatomyositis)." in card("SCRCA01")["detail"]


def test_a_thrombosis_on_record_is_not_one_to_think_of() -> None:
    """With a deep vein thrombosis on the problem list its day is told."""
    clot = {"text": "Deep vein thrombosis", "since": "20 days ago"}
    detail = card("SCRDYS01", problems=[*NEW["problems"], clot])["detail"]
    assert "Venous thrombosis, on record (2026-11-04)" in detail
    assert "think of it" not in detail
    assert "Venous thrombosis, think of it" in card("SCRDYS01")["detail"]
