"""The taper on offer: one draft whose steps, read back, are those that were planned, and to which nothing objects."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds_service.clinical.known import Known
from cds_service.fhir.chart import read_order
from cds_service.replay.knowledge import terminology
from tests.clinical.oracle import numbers
from tests.decide.service import MAN, TODAY, ask, request_of, send, topics

CHILD = {
    "patient": {"age": 8, "sex": "female", "height": "128 cm", "weight": "26 kg", "onset": "5 weeks ago"},
    "problems": ["jdm"],
}
BETTER = [
    {"ck": f"{value} U/L", "on": f"{days} days ago", "range": "<170"}
    for value, days in ((2000, 16), (900, 1))
]


LOW = [Decimal(mg) for mg in ("20", "17.5", "15", "12.5", "10", "9", "8", "7", "6", "5")]
HOME = "encounter-discharge"


def taking(
    mg: str, days: int, who: dict[str, Any] = MAN, drug: str = "prednisone", **more: Any
) -> dict[str, Any]:
    """A patient on one daily dose for so many days."""
    course = {
        "drug": drug,
        "dose": f"{mg} mg",
        "timing": "daily",
        "route": "oral",
        "since": f"{days} days ago",
    }
    return {**who, "medications": [course], **more}


def tapers(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The drafts of several steps among the suggestions."""
    actions = (a for card in body["cards"] for s in card.get("suggestions", []) for a in s["actions"])
    return [a["resource"] for a in actions if len(a["resource"].get("dosageInstruction", [])) > 1]


def steps(draft: dict[str, Any]) -> list[list[Any]]:
    """Milligrams a day and days of each step, as this service reads any order."""
    order = read_order({**draft, "id": "new"}, terminology(), TODAY)
    found = []
    for step in order.exposure.steps:
        assert isinstance(step.mg_per_day, Known)
        found.append([step.mg_per_day.value, step.days])
    return found


def test_the_worked_taper_is_what_is_drafted() -> None:
    """60 mg on day 28: the steps of the worked case after its hold, then 5 mg without an end."""
    (draft,) = tapers(ask(taking("60", 28), HOME))
    expected = [list(step) for step in numbers("G57")["steps"]][1:]
    assert steps(draft) == [*expected, [Decimal(5), None]]
    assert [row["sequence"] for row in draft["dosageInstruction"]] == list(range(1, len(expected) + 2))
    assert draft["dosageInstruction"][0]["text"] == "50 mg once a day for 14 days"
    # 10.0 mg is misread as 100 mg.
    assert ".0" not in str(draft["dosageInstruction"])
    (note,) = draft["note"]
    assert note["text"].startswith("If begun today: 266 days and 4550 mg until 5 mg a day from 2027-08-17,")
    assert draft["priorPrescription"]["reference"].startswith("MedicationRequest/")


def test_who_improves_early_keeps_the_first_dose_until_day_28() -> None:
    """On day 14 with CK halved, what is left of the four weeks comes first."""
    (draft,) = tapers(ask(taking("60", 14, labs=BETTER), HOME))
    assert steps(draft)[:2] == [[Decimal(60), 14], [Decimal(50), 14]]
    assert tapers(ask(taking("60", 13, labs=BETTER), HOME)) == []


@pytest.mark.parametrize(
    ("mg", "first"), [("55", "45"), ("45", "40"), ("42.5", "40"), ("30", "25"), ("26", "25"), ("22", "20")]
)
def test_each_step_is_of_whole_tablets(mg: str, first: str) -> None:
    """From any dose, multiples of 5 mg, of 2.5 mg below 20, of 1 mg from 10; never more off than the stage says."""
    (draft,) = tapers(ask(taking(mg, 28), HOME))
    doses = [step[0] for step in steps(draft)]
    assert doses[0] == Decimal(first)
    assert doses[-len(LOW) :] == LOW


def test_a_child_is_tapered_by_weight() -> None:
    """26 kg from 50 mg: 1 mg/kg after two months, 0.2 mg/kg after four more; a specialist's, and it says so."""
    (draft,) = tapers(ask(taking("50", 28, CHILD, "prednisolone"), HOME))
    found = steps(draft)
    assert [step[0] for step in found[:5]] == [45, 40, 35, 30, 25]
    assert sum(step[1] for step in found[:4]) == 60
    assert sum(step[1] for step in found[:-1]) == 180
    assert found[-1] == [Decimal(5), None]
    assert "specialist" in draft["note"][0]["text"]
    assert draft["medicationCodeableConcept"]["text"] == "prednisolone"


@pytest.mark.parametrize(
    "more",
    [
        {"problems": ["dermatomyositis", "pregnancy"], "patient": {**MAN["patient"], "sex": "female", "age": 30}},
        {"problems": ["dermatomyositis", "adrenal_insufficiency"]},
        {"medications": [{"drug": "methylprednisolone", "dose": "48 mg", "timing": "daily", "route": "oral",
                          "since": "28 days ago"}]},
        {"medications": [{"drug": name, "dose": "30 mg", "timing": "daily", "route": "oral",
                          "since": "28 days ago"} for name in ("prednisone", "deflazacort")]},
    ],
    ids=["pregnant", "adrenals", "other milligrams", "two glucocorticoids"],
)  # fmt: skip
def test_no_taper_is_drafted_where_it_is_not_this_services_to_plan(more: dict[str, Any]) -> None:
    """Pregnancy, adrenal insufficiency, another drug's milligrams, two glucocorticoids: told, not drafted."""
    body = ask(taking("60", 28) | more, HOME)
    assert "Default taper of pred" in str(body["cards"])
    assert tapers(body) == []


def test_the_steps_of_the_draft_stand_on_the_card() -> None:
    """Who accepts the taper has read its steps, with the name of the drug that is taken."""
    for hook in (HOME, "patient-view"):
        body = ask(taking("50", 28, CHILD, "prednisolone"), hook)
        (draft,) = tapers(body)
        (card,) = [c for c in body["cards"] if tapers({"cards": [c]})]
        rows = [row["text"] for row in draft["dosageInstruction"]]
        assert len(rows) == 12
        assert "Draft this taper of prednisolone (" in card["detail"]
        assert "; ".join(rows) in card["detail"]
        assert "Prednisone" not in card["summary"] + card["detail"].partition("Sources")[0]


def test_nothing_objects_to_the_taper_once_it_is_accepted() -> None:
    """Signed beside the order it replaces: no stop, no abrupt fall, no double therapy, no dose out of range."""
    notation = taking("60", 28)
    (draft,) = tapers(ask(notation, HOME))
    request = request_of(
        {**notation, "orders": [{"drug": "prednisone", "dose": "50 mg", "timing": "daily"}]}, "order-sign"
    )
    entry = request["context"]["draftOrders"]["entry"][0]
    entry["resource"] = {**draft, "id": entry["resource"]["id"], "subject": entry["resource"]["subject"]}
    body = send("order-sign", request).get_json()
    assert not {"REGGC05", "SAFDUP01", "SAFDOSEGC"} & set(topics(body))
    assert "critical" not in {card["indicator"] for card in body["cards"]}


ON_METHOTREXATE = [
    {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "since": "400 days ago"},
    {"drug": "folic_acid", "dose": "5 mg", "timing": "weekly thu", "since": "400 days ago"},
]


def relapsed(*labs: dict[str, Any]) -> dict[str, Any]:
    """A patient of long standing on methotrexate, on 60 mg again for 30 days; results of 32 days ago and since."""
    chart = taking("60", 30, {**MAN, "problems": [{"is": "dermatomyositis", "since": "5 years ago"}]})
    return {**chart, "medications": [*chart["medications"], *ON_METHOTREXATE], "labs": list(labs)}


def result(name: str, value: int, days: int) -> dict[str, Any]:
    """A result with its range."""
    if name == "mmt8":
        return {name: value, "on": f"{days} days ago", "range": "<150"}
    return {name: f"{value} U/L", "on": f"{days} days ago", "range": "<200"}


def taper_words(chart: dict[str, Any]) -> str:
    """What the cards of the visit say of the taper."""
    cards = ask(chart, "patient-view")["cards"]
    lines = (line for card in cards for line in (card["summary"], *card["detail"].splitlines()))
    return " ".join(line for line in lines if "Prednisone 60 mg" in line)


FALLEN_CK = [result("ck", 5000, 32), result("ck", 2400, 1)]
RELAPSES: dict[str, tuple[list[dict[str, Any]], str]] = {
    "CK halved": (FALLEN_CK, "improving, begin the taper"),
    "CK halved and strength lost": (
        [*FALLEN_CK, result("mmt8", 110, 32), result("mmt8", 60, 1)], "getting worse",
    ),
    "CK halved, strength lost, all measured since": (
        [*FALLEN_CK, result("mmt8", 110, 20), result("mmt8", 60, 1)], "getting worse",
    ),
    "CK halved and strength the same": (
        [*FALLEN_CK, result("mmt8", 110, 32), result("mmt8", 110, 1)], "improving, begin the taper",
    ),
    "strength the same, no CK": ([result("mmt8", 110, 32), result("mmt8", 110, 1)], "without improvement"),
    "full strength, no CK": ([result("mmt8", 150, 32), result("mmt8", 150, 1)], "which no result on record tells"),
    "CK risen, below an episode of years ago": (
        [result("ck", 8000, 1100), result("ck", 3000, 32), result("ck", 3500, 1)], "which no result on record tells",
    ),
    "CK fallen before the course only": (
        [result("ck", 8000, 80), result("ck", 3000, 32), result("ck", 4000, 29)], "which no result on record tells",
    ),
    "CK first measured in the first week": (
        [result("ck", 5000, 25), result("ck", 2400, 1)], "improving, begin the taper",
    ),
    "CK first measured later": ([result("ck", 5000, 20), result("ck", 2400, 1)], "which no result on record tells"),
}  # fmt: skip


@pytest.mark.parametrize(("labs", "words"), RELAPSES.values(), ids=RELAPSES)
def test_improvement_is_that_since_the_glucocorticoid_was_begun_anew(
    labs: list[dict[str, Any]], words: str
) -> None:
    """Not since methotrexate was begun years ago, nor since the highest CK ever; never while strength falls."""
    assert words in taper_words(relapsed(*labs))


def test_past_steps_of_a_running_taper_are_not_counted_today() -> None:
    """5 mg of a taper that began at 60 mg and 50 mg beside it are 55 mg today: nothing dangerous."""
    steps = [{"dose": f"{mg} mg", "days": 28} for mg in (60, 40, 20, 10)] + [{"dose": "5 mg"}]
    chart = {
        **MAN,
        "medications": [{"drug": "prednisone", "timing": "daily", "steps": steps, "since": "120 days ago"}],
        "orders": [{"drug": "methylprednisolone", "dose": "40 mg", "timing": "daily", "route": "oral"}],
    }
    answer = ask(chart)
    assert "critical" not in [card["indicator"] for card in answer["cards"]]
    assert "110 mg" not in str(answer)
    assert "55 mg" in str(answer)


GETTING_WORSE: dict[str, tuple[list[dict[str, Any]], str]] = {
    "strength fell": ([result("mmt8", 140, 25), result("mmt8", 120, 1)], "MMT-8 140, now 120 of 150 on 2026-11-23"),
    "a flare": (
        [{"extramuscular_global": vas, "on": f"{days} days ago"} for vas, days in ((1, 60), (4, 20), (4, 1))],
        "flare, visit of 2026-11-23",
    ),
    "CK doubled": ([result("ck", 900, 32), result("ck", 5000, 1)], "CK 900 U/L, now 5000 U/L on 2026-11-23"),
    "CK doubled, strength better": (
        [result("mmt8", 100, 32), result("mmt8", 130, 1), result("ck", 900, 32), result("ck", 5000, 1)],
        "CK 900 U/L, now 5000 U/L on 2026-11-23",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("labs", "told"), GETTING_WORSE.values(), ids=GETTING_WORSE)
def test_no_taper_is_drafted_where_the_disease_gets_worse(labs: list[dict[str, Any]], told: str) -> None:
    """Falling strength, a flare or a doubled CK under the glucocorticoid: a review is asked for, and told why."""
    chart = relapsed(*labs)
    assert f"getting worse ({told}): review, no taper yet" in taper_words(chart)
    assert tapers(ask(chart, "patient-view")) == tapers(ask(chart, HOME)) == []


def test_no_daily_taper_is_drafted_from_a_dose_of_every_other_day() -> None:
    """60 mg every other day are 30 mg a day: a taper that begins with 50 mg a day would give more."""
    chart = relapsed(*FALLEN_CK)
    chart["medications"][0]["timing"] = "every other day"
    assert "Prednisone 60 mg a day, not every day, for 30 days: improving" in taper_words(chart)
    assert tapers(ask(chart, "patient-view")) == tapers(ask(chart, HOME)) == []


@pytest.mark.parametrize(("since", "drafted"), [(30, 0), (60, 1)])
def test_no_taper_is_drafted_where_two_orders_of_one_day_name_different_doses(
    since: int, drafted: int
) -> None:
    """Nobody knows whether 60 mg, 20 mg or both are taken; an older order is replaced by the newer."""
    chart = relapsed(*FALLEN_CK)
    chart["medications"].append({**chart["medications"][0], "dose": "20 mg", "since": f"{since} days ago"})
    assert len(tapers(ask(chart, "patient-view"))) == drafted
