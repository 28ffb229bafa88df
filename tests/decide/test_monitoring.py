"""Monitoring from a call to its cards: nothing for who is up to date, one card with exactly what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import OURS, ask, topics

WEEKLY = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly fri", "route": "subcutaneous"}
RENEWAL = {"orders": [WEEKLY]}
SEROLOGY = [{name: "negative", "on": "800 days ago"} for name in ("hbsag", "anti_hbc", "anti_hcv")]
VISITS = ("patient-view", "encounter-start", "encounter-discharge", "appointment-book")


def stable(days: int, **more: Any) -> dict[str, Any]:
    """A man on methotrexate for 26 months with folic acid, his bloods so many days old."""
    values = {"wbc": "6.2 10*9/L", "neutrophils": "4.0 10*9/L", "platelets": "240 10*9/L"}
    bloods = [{name: value, "on": f"{days} days ago"} for name, value in values.items()]
    enzymes = [{name: "22 U/L", "on": f"{days} days ago", "range": "5-40"} for name in ("alt", "ast")]
    creatinine = {"creatinine": "0.8 mg/dL", "on": f"{days} days ago"}
    return {
        "patient": {"age": 47, "sex": "male", "height": "175 cm", "weight": "80 kg", "onset": "4 years ago"},
        "problems": [{"is": "dermatomyositis", "since": "4 years ago"}],
        "medications": [
            WEEKLY | {"since": "26 months ago"},
            {"drug": "folic_acid", "dose": "5 mg", "timing": "weekly mon", "since": "26 months ago"},
        ],
        "labs": [*bloods, *enzymes, creatinine, *SEROLOGY],
        "vaccines": [{"vaccine": "influenza_inactivated", "on": "40 days ago"}],
        **more,
    }


def due(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The cards that speak of overdue or coming tests."""
    return [card for card in body["cards"] if card["source"]["topic"]["code"] == "MONOVERDUE01"]


def ordered(card: dict[str, Any]) -> list[str]:
    """The codes of what the card's only suggestion orders."""
    (suggestion,) = card["suggestions"]
    resources = [action["resource"] for action in suggestion["actions"]]
    assert {each["resourceType"] for each in resources} == {"ServiceRequest"}
    return sorted(coding["code"] for each in resources for coding in each["code"].get("coding", [])[:1])


@pytest.mark.parametrize("hook", ["patient-view", "encounter-start"])
def test_who_is_up_to_date_sees_nothing(hook: str) -> None:
    """Bloods of 60 days ago on an 84-day interval: no card, and nothing that could not be judged."""
    assert ask(stable(60), hook) == {"cards": []}


@pytest.mark.parametrize(
    ("days", "hook", "indicator"),
    [
        (115, "patient-view", "info"),
        (115, "encounter-start", "info"),
        (115, "medication-refill", "info"),
        (115, "order-sign", None),
        (130, "patient-view", "warning"),
        (130, "encounter-start", "warning"),
        (130, "medication-refill", "warning"),
        (130, "order-sign", "warning"),
        (60, "medication-refill", None),
        (60, "order-sign", None),
    ],
)
def test_overdue_bloods(days: int, hook: str, indicator: str | None) -> None:
    """37 per cent late: an info where it can be acted on, silent at signing. 55 per cent late: a warning everywhere."""
    notation = stable(days, **(RENEWAL if hook in ("medication-refill", "order-sign") else {}))
    assert [card["indicator"] for card in due(ask(notation, hook))] == ([indicator] if indicator else [])


def test_one_suggestion_orders_exactly_what_is_missing() -> None:
    """Blood count, ALT, AST and creatinine in one suggestion; the summary says how late and since when."""
    (card,) = due(ask(stable(115), "patient-view"))
    assert (
        card["summary"]
        == "Methotrexate: blood count, ALT, AST, creatinine 31 days overdue (last 115 days ago)"
    )
    assert ordered(card) == ["1742-6", "1920-8", "2160-0", "58410-2"]


@pytest.mark.parametrize(
    ("services", "left"),
    [
        ([{"order": "cbc_panel", "since": "5 days ago"}], ["1742-6", "1920-8", "2160-0"]),
        ([{"order": "cmp", "since": "5 days ago"}], ["58410-2"]),
        ([{"order": "cbc_panel", "since": "5 days ago"}, {"order": "cmp", "since": "5 days ago"}], None),
    ],
)
def test_what_is_ordered_is_not_ordered_again(services: list[dict[str, str]], left: list[str] | None) -> None:
    """A panel that is ordered covers its parts; when all is ordered the card is gone."""
    cards = due(ask(stable(115, services=services), "patient-view"))
    assert [ordered(card) for card in cards] == ([left] if left else [])


def test_tests_drafted_in_the_same_call_count_as_ordered() -> None:
    """A blood count drafted beside the renewal is not offered again."""
    notation = stable(130, orders=[WEEKLY, {"order": "cbc_panel"}])
    (card,) = due(ask(notation, "order-sign"))
    assert "1742-6" in ordered(card)
    assert "58410-2" not in ordered(card)


@pytest.mark.parametrize("hook", ["encounter-discharge", "appointment-book"])
def test_what_falls_due_is_named_before_it_does(hook: str) -> None:
    """Going home or booking a visit 70 days after the last bloods names them with their day."""
    (card,) = due(ask(stable(70), hook))
    assert card["indicator"] == "info"
    assert "the first on 2026-12-08" in card["summary"]
    assert due(ask(stable(50), hook)) == []


def test_new_disease_asks_for_its_baseline() -> None:
    """A dermatomyositis being entered on the problem list counts before it is saved."""
    notation = stable(60, problems=[], medications=[], labs=[], new_problems=["dermatomyositis"])
    body = ask(notation, "problem-list-item-create")
    (card,) = body["cards"]
    found = {rule["rule"] for rule in card["extension"][OURS]["rules"]}
    assert found >= {"MON-OVERDUE-01", "SCR-PT-01", "CLS-MSA"}
    assert {"16128-1", "2160-0"} <= set(ordered(card))
    assert ask(notation | {"new_problems": ["hypertension"]}, "problem-list-item-create") == {"cards": []}


def test_a_low_count_comes_first_and_silences_the_milder_rows() -> None:
    """White cells of 2.4 on methotrexate: one critical card; the borderline row is on its record, unworded."""
    labs = [{"wbc": "2.4 10*9/L", "on": "2 days ago"}, *stable(60)["labs"][1:]]
    body = ask(stable(60, labs=labs), "patient-view")
    assert topics(body) == ["MONCBC02"]
    rules = {each["rule"]: each["indicator"] for each in body["cards"][0]["extension"][OURS]["rules"]}
    assert rules == {"MON-CBC-02": "critical", "MON-CBC-01": "warning"}


def test_at_signing_the_order_itself_can_be_removed() -> None:
    """The same count while methotrexate is renewed: the drug's own row leads, with the order's removal."""
    labs = [{"wbc": "2.4 10*9/L", "on": "2 days ago"}, *stable(60)["labs"][1:]]
    body = ask(stable(60, labs=labs, **RENEWAL), "order-sign")
    first = body["cards"][0]
    assert first["indicator"] == "critical"
    assert {a["type"] for each in first["suggestions"] for a in each["actions"]} >= {"delete", "create"}
    assert topics(body).count("MONCBC02") == 0


def test_muscle_enzymes_are_a_remark_not_a_hold() -> None:
    """ALT 4 times with CK 32 times and a normal GGT: a remark; nothing is held for it."""
    enzymes = [
        {"alt": "150 U/L", "on": "2 days ago", "range": "5-35"},
        {"ck": "5400 U/L", "on": "2 days ago", "range": "20-170"},
        {"ggt": "22 U/L", "on": "2 days ago", "range": "5-60"},
    ]
    body = ask(stable(60, labs=[*enzymes, *stable(60)["labs"]]), "patient-view")
    rules = {r["rule"]: r["indicator"] for card in body["cards"] for r in card["extension"][OURS]["rules"]}
    assert rules.get("MON-LFT-02") == "info"
    assert not {"MON-MTX-01", "MON-MTX-02"} & set(rules)


@pytest.mark.parametrize("hook", VISITS)
def test_without_the_drugs_list_it_is_said(hook: str) -> None:
    """Unreadable medications: the monitoring rows are named as not evaluated, never silently passed."""
    body = ask(stable(115, unreadable=["medicationRequests"]), hook)
    rows = body["extension"][OURS]["notEvaluated"]
    assert "MON-OVERDUE-01" in {row["rule"] for row in rows}


@pytest.mark.parametrize("hook", VISITS)
@pytest.mark.parametrize("death", [{"died": True}, {"fhir": {"deceasedDateTime": "2026-11-21"}}])
def test_nothing_is_said_of_the_dead(hook: str, death: dict[str, Any]) -> None:
    """A recorded death ends every reminder; without it the same chart has one."""
    alive = stable(150)
    assert due(ask(alive, hook))
    assert ask(alive | {"patient": alive["patient"] | death}, hook) == {"cards": []}


BOOKED = {
    "before the tests fall due": ("in 10 days", None),
    "when they fall due": ("in 24 days", "due by 2026-12-18"),
    "long after": ("in 60 days", "due by 2027-01-23"),
    "beyond the four weeks of a discharge": ("in 90 days", "due by 2027-02-22"),
}


@pytest.mark.parametrize(("day", "words"), BOOKED.values(), ids=BOOKED)
def test_a_booked_visit_names_what_falls_due_by_its_day(day: str, words: str | None) -> None:
    """Bloods of 60 days ago on an 84-day interval: nothing for a visit in ten days, one order for later ones."""
    cards = due(ask(stable(60, appointment=day), "appointment-book"))
    assert [words in card["summary"] for card in cards if words] == ([True] if words else [])
    assert bool(cards) == bool(words)


@pytest.mark.parametrize(("ago", "asked"), [(16, False), (20, True), (28, True), (29, False)])
def test_one_infusion_of_cyclophosphamide_is_followed(ago: int, asked: bool) -> None:
    """The infusion was one day; the blood count is asked for two weeks after it, for four weeks."""
    infusion = {
        "drug": "cyclophosphamide", "dose": "900 mg", "timing": "once", "route": "intravenous",
        "since": f"{ago} days ago", "status": "completed",
    }  # fmt: skip
    before = [
        {"wbc": "6.2 10*9/L", "on": f"{ago} days ago"},
        {"platelets": "240 10*9/L", "on": f"{ago} days ago"},
    ]
    cards = due(ask(stable(60, medications=[infusion], labs=before), "patient-view"))
    assert any("blood count" in card["summary"] for card in cards) is asked


@pytest.mark.parametrize(("placed", "offered"), [(90, False), (91, True)])
def test_an_order_too_old_to_count_does_not_take_the_button_away(placed: int, offered: bool) -> None:
    """Orders of more than 90 days ago that nobody closed ask for nothing: the overdue tests are told and offered."""
    old = [{"order": name, "since": f"{placed} days ago"} for name in ("cbc_panel", "cmp")]
    cards = due(ask(stable(130, services=old), "patient-view"))
    assert [ordered(card) for card in cards] == (
        [["1742-6", "1920-8", "2160-0", "58410-2"]] if offered else []
    )


@pytest.mark.parametrize(
    ("days", "summary", "offered"),
    [
        (7, "Treat blood pressure today, review the dose of prednisone: 185/100 mmHg", []),
        (
            350,
            "Measure blood pressure now, treat if still so: 185/100 mmHg 350 days ago",
            ["Measure blood pressure"],
        ),
    ],
)
def test_an_old_pressure_is_measured_before_it_is_treated(
    days: int, summary: str, offered: list[str]
) -> None:
    """A reading of a week ago is treated today; an older one is told with its age and measured again."""
    prednisone = {"drug": "prednisone", "dose": "20 mg", "timing": "daily", "since": "60 days ago"}
    pressure = {"bp": "185/100", "on": f"{days} days ago"}
    body = ask(stable(60, medications=[prednisone], labs=[pressure]), "patient-view")
    (card,) = (card for card in body["cards"] if card["source"]["topic"]["code"] == "MONBP01")
    assert card["summary"] == summary
    assert [each["label"] for each in card.get("suggestions", [])] == offered


def test_each_overdue_test_has_its_own_last_day() -> None:
    """Blood pressure was never measured, the blood count was: neither is told as the other."""
    steroid = {"drug": "prednisone", "dose": "20 mg", "timing": "daily", "since": "90 days ago"}
    mycophenolate = {
        "drug": "mycophenolate", "dose": "1000 mg", "timing": "twice daily", "since": "120 days ago",
    }  # fmt: skip
    counted = [{"wbc": "6.2 10*9/L", "on": "100 days ago"}]
    notation = stable(100, medications=[steroid, mycophenolate], labs=counted)
    (card,) = due(ask(notation, "patient-view"))
    assert "blood count for mycophenolate mofetil (last 2026-08-16)" in card["detail"]
    assert "blood pressure for prednisone (none on record)" in card["detail"]
    assert "blood count" not in card["summary"].partition("; also")[0]


def test_a_pulse_that_is_over_names_no_test() -> None:
    """The tablets that go on ask for it."""
    tablets = {"drug": "prednisone", "dose": "20 mg", "timing": "daily", "since": "90 days ago"}
    pulse = {
        "drug": "methylprednisolone", "dose": "1000 mg", "timing": "daily", "days": 3, "route": "intravenous",
        "since": "32 days ago", "status": "completed",
    }  # fmt: skip
    (card,) = due(ask(stable(100, medications=[pulse, tablets], labs=[]), "patient-view"))
    assert "ethylprednisolone" not in card["summary"] + card["detail"]
