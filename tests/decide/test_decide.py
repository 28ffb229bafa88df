"""From a call to its cards, over HTTP: what is said, what is fetched, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.app import create_app
from cds_service.fhir.synthesis import Mode, Store
from cds_service.fhir.synthesis import chart as written
from cds_service.protocol.codec import encode
from cds_service.replay.knowledge import terminology
from cds_service.replay.loopback import fhir_server
from cds_service.settings import load
from tests.decide.service import MAN, OURS, TODAY, app, ask, catalogue, request_of, send, topics, unjudged
from tests.fhir_server import running
from tests.test_cards import knowledge

DAILY = {"drug": "methotrexate", "dose": "15 mg", "timing": "daily", "route": "oral"}
WEEKLY = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "route": "oral"}
AZATHIOPRINE = {"drug": "azathioprine", "dose": "150 mg", "timing": "daily", "route": "oral"}
CETIRIZINE = {"text": "cetirizine 10 mg tablet", "dose": "1 tablet", "timing": "daily"}


def test_daily_methotrexate_is_one_critical_card() -> None:
    """The error that kills: one critical card, its topic without hyphens, its rules on the record."""
    body = ask(MAN | {"orders": [DAILY]})
    first = body["cards"][0]
    assert first["indicator"] == "critical"
    assert first["source"]["topic"]["code"] == "SAFMTX01"
    rules = {each["rule"]: each["indicator"] for each in first["extension"][OURS]["rules"]}
    assert rules["SAF-MTX-01"] == "critical"
    assert rules["SAF-DOSE-MTX"] == "critical"
    assert [card["source"]["topic"]["code"] for card in body["cards"]].count("SAFDOSEMTX") == 0


def test_the_corrected_order_no_longer_says_daily() -> None:
    """The suggestion updates the draft: weekly in timing and words, the dose and the id unchanged."""
    request = request_of(MAN | {"orders": [DAILY]}, "order-sign")
    card = send("order-sign", request).get_json()["cards"][0]
    update = next(
        action for each in card["suggestions"] for action in each["actions"] if action["type"] == "update"
    )
    draft = request["context"]["draftOrders"]["entry"][0]["resource"]
    row = update["resource"]["dosageInstruction"][0]
    assert update["resource"]["id"] == draft["id"]
    assert row["timing"]["repeat"] == {"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"]}
    assert "dail" not in str(row).lower()
    assert row["doseAndRate"] == draft["dosageInstruction"][0]["doseAndRate"]


def test_a_drug_nobody_asked_about_costs_no_call() -> None:
    """An order that no card concerns is answered at once; the FHIR server hears nothing."""
    with running() as server:
        request = request_of(MAN | {"orders": [CETIRIZINE]}, "order-sign", "fetch", server=server.url)
        answer = send("order-sign", request)
        assert answer.get_json() == {"cards": []}
        assert server.asked == []


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
def test_a_chart_that_cannot_be_read_is_said(hook: str) -> None:
    """The FHIR server is gone: one warning says what could not be checked, the rest is in the extension."""
    request = request_of(MAN | {"orders": [WEEKLY]}, hook, "fetch", server="http://127.0.0.1:9/fhir")
    answer = send(hook, request)
    assert answer.status_code == 200
    body = answer.get_json()
    assert topics(body) == ["NOTCHECKED"]
    assert body["cards"][0]["indicator"] == "warning"
    assert "SAF-MTX-04" in unjudged(body)
    assert "suggestions" not in body["cards"][0]


def test_the_lethal_check_needs_no_chart() -> None:
    """Daily methotrexate is stopped even if the FHIR server is gone."""
    request = request_of(MAN | {"orders": [DAILY]}, "order-sign", "fetch", server="http://127.0.0.1:9/fhir")
    assert topics(send("order-sign", request).get_json())[0] == "SAFMTX01"


def test_a_visit_without_data_is_refused_by_name() -> None:
    """No prefetch and no server on patient-view: 412, naming the keys."""
    request = request_of(MAN, "patient-view")
    del request["prefetch"]
    answer = send("patient-view", request)
    assert answer.status_code == 412
    named = [issue["expression"][0] for issue in answer.get_json()["issue"]]
    assert named == ["prefetch.conditions", "prefetch.patient"]


def test_known_to_have_no_problems_is_an_answer() -> None:
    """An empty problem list is data; a patient that is not there is none."""
    request = request_of(MAN, "patient-view")
    request["prefetch"]["conditions"] = None
    assert send("patient-view", request).get_json() == {"cards": []}
    request["prefetch"]["patient"] = None
    assert send("patient-view", request).status_code == 412


@pytest.mark.parametrize("rubbish", ["<html>login</html>", 7, {"resourceType": "Basic"}, ["x"]])
def test_html_where_fhir_should_be_is_not_taken_for_nothing(rubbish: object) -> None:
    """Rubbish under a prefetch key is "could not check", never "nothing found"."""
    request = request_of(MAN | {"orders": [WEEKLY]}, "order-sign")
    request["prefetch"]["kidneyTests"] = rubbish
    answer = send("order-sign", request)
    assert answer.status_code == 200
    assert "SAF-MTX-04" in unjudged(answer.get_json())


def test_a_drug_that_cannot_be_read_is_said() -> None:
    """A draft that refers to nothing at hand and says no word: a warning, and every safety row unjudged."""
    request = request_of(MAN | {"orders": [WEEKLY]}, "order-sign")
    draft = request["context"]["draftOrders"]["entry"][0]["resource"]
    del draft["medicationCodeableConcept"]
    draft["medicationReference"] = {"reference": "Medication/nowhere"}
    body = send("order-sign", request).get_json()
    assert topics(body) == ["NOTCHECKED"]
    assert body["cards"][0]["indicator"] == "warning"
    assert "drug unreadable" in unjudged(body)["SAF-MTX-01"]


def test_a_medication_that_is_only_referred_to_is_fetched() -> None:
    """A draft whose drug is another resource on the server: it is read, and the daily dose is stopped."""
    request = request_of(MAN | {"orders": [DAILY]}, "order-sign", "fetch", server="http://x")
    draft = request["context"]["draftOrders"]["entry"][0]["resource"]
    concept = draft.pop("medicationCodeableConcept")
    draft["medicationReference"] = {"reference": "Medication/m-1"}
    store = Store(({"resourceType": "Medication", "id": "m-1", "code": concept},))
    with fhir_server(store, up=True) as base:
        request["fhirServer"] = base
        assert topics(send("order-sign", request).get_json())[0] == "SAFMTX01"


def test_nothing_is_offered_twice() -> None:
    """Folic acid that is drafted and serology that is ordered are not offered again."""
    folic = {"drug": "folic_acid", "dose": "5 mg", "timing": "weekly thu", "route": "oral"}
    body = ask(MAN | {"orders": [WEEKLY, folic, {"order": "hbsag"}], "services": [{"order": "anti_hcv"}]})
    offered = [
        a["description"] for c in body["cards"] for s in c.get("suggestions", []) for a in s["actions"]
    ]
    assert not any("folic" in each or "HBsAg" in each or "anti-HCV" in each for each in offered)
    assert "Order anti-HBc" in offered
    assert len(offered) == len(set(offered))


def test_a_drug_is_not_offered_to_whom_it_would_harm() -> None:
    """With eGFR below 30, or a blood count nobody knows, the plan does not offer methotrexate; else it does."""
    count = {"wbc": "6.2 10*9/L", "neutrophils": "4.0 10*9/L", "platelets": "240 10*9/L"}
    counted = [{name: value, "on": "6 days ago"} for name, value in count.items()]
    sick = MAN | {"labs": [{"creatinine": "3.2 mg/dL", "on": "6 days ago"}, *counted]}
    unknown = MAN | {"labs": [{"creatinine": "0.9 mg/dL", "on": "6 days ago"}]}
    well = MAN | {"labs": [{"creatinine": "0.9 mg/dL", "on": "6 days ago"}, *counted]}
    assert not any("methotrexate" in label for label in _labels(ask(unknown, "patient-view")))
    assert not any("methotrexate" in label for label in _labels(ask(sick, "patient-view")))
    assert any("methotrexate" in label for label in _labels(ask(well, "patient-view")))


def _labels(body: dict[str, Any]) -> list[str]:
    return [each["label"] for card in body["cards"] for each in card.get("suggestions", [])]


@pytest.mark.parametrize("mode", ["fetch", "partial"])
def test_however_the_chart_travels_the_cards_are_the_same(mode: Mode) -> None:
    """By prefetch, from the server, half and half."""
    chart = MAN | {"orders": [WEEKLY], "labs": [{"creatinine": "2.9 mg/dL", "on": "6 days ago"}]}
    with fhir_server(Store(written(chart, TODAY, terminology())), up=True) as base:
        fetched = send("order-sign", request_of(chart, "order-sign", mode, server=base)).get_json()
    assert topics(fetched) == topics(ask(chart))


def test_discovery_asks_for_no_more_than_can_be_sent() -> None:
    """Every template is within the restricted subset and under 1,500 characters; none relies on _count."""
    for service in catalogue().values():
        for template in service["prefetch"].values():
            assert len(template) < 1500
            assert "_count" not in template
            assert "_include" not in template


def test_rows_that_are_not_built_are_said_in_every_answer() -> None:
    """Until a safety row is live every answer about its drug names it."""
    for rule, drugs in knowledge().pending.items():
        drug = next((each for each in sorted(drugs) if knowledge().terms.exists("drug", each)), None)
        if drug is not None:
            order = {"drug": drug, "dose": "5 mg", "timing": "daily", "route": "oral"}
            assert "not built yet" in unjudged(ask(MAN | {"orders": [order]}))[rule]


@pytest.mark.parametrize("most", [2, 3])
def test_an_answer_shows_as_many_cards_as_the_site_wants(most: int) -> None:
    """The rest are lines of the last one; the setting is CDS_MOST_CARDS."""
    settings = load(env="development", auth="off", as_of=TODAY, database_url=None, most_cards=most)
    site = create_app(settings, knowledge=knowledge()).test_client()
    low_kidney = [{"creatinine": "1.9 mg/dL", "on": "5 days ago"}]
    call = encode(request_of(MAN | {"labs": low_kidney, "orders": [WEEKLY, AZATHIOPRINE]}, "order-sign"))
    answer = site.post("/cds-services/dermatomyositis-order-sign", data=call, content_type="application/json")
    found = answer.get_json()["cards"]
    assert len(found) == most


def test_a_rule_of_our_own_is_never_said_to_have_been_seen() -> None:
    """A card names its heuristics as such, and says how a source was seen only of sources."""
    steep = {"drug": "prednisone", "dose": "120 mg", "timing": "daily", "route": "oral"}
    answer = ask(MAN | {"orders": [steep]})
    detail = next(card["detail"] for card in answer["cards"] if card["indicator"] == "critical")
    sources = detail.split("Sources: ")[1].split(". ")[0]
    assert sources == "Heuristic of this project, to be signed off by a clinician"


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize("dose", ["150 mg", "15000 mg"])
def test_methotrexate_too_high_for_anybody_is_stopped_without_a_chart(dose: str, hook: str) -> None:
    """Neither age nor problem list is needed to know that the amount is dangerous."""
    request = request_of(MAN | {"orders": [WEEKLY | {"dose": dose}]}, hook)
    del request["prefetch"]
    first = send(hook, request).get_json()["cards"][0]
    assert (first["indicator"], first["source"]["topic"]["code"]) == ("critical", "SAFDOSEMTX")


@pytest.mark.parametrize(
    ("drug", "dose", "timing", "topic"),
    [
        ("methotrexate", "45 mg", "weekly mon", "SAFDOSEMTX"),
        ("prednisone", "400 mg", "daily", "SAFDOSEGC"),
        ("mycophenolate", "5 g", "twice daily", "SAFDOSEMMF"),
    ],
)
def test_a_dose_too_high_at_any_age_is_stopped_at_an_unknown_age(
    drug: str, dose: str, timing: str, topic: str
) -> None:
    """With dermatomyositis on record and no date of birth the amount alone decides."""
    order = {"drug": drug, "dose": dose, "timing": timing, "route": "oral"}
    request = request_of(MAN | {"orders": [order]}, "order-sign")
    del request["prefetch"]["patient"]["birthDate"]
    first = send("order-sign", request).get_json()["cards"][0]
    assert (first["indicator"], first["source"]["topic"]["code"]) == ("critical", topic)


def test_a_dose_without_a_unit_is_a_card_of_its_own() -> None:
    """The fault is in the order: it is not one line below what the chart lacks."""
    request = request_of(MAN | {"orders": [WEEKLY]}, "order-sign")
    row = request["context"]["draftOrders"]["entry"][0]["resource"]["dosageInstruction"][0]
    row["doseAndRate"] = [{"doseQuantity": {"value": 150}}]
    row.pop("text", None)
    card = send("order-sign", request).get_json()["cards"][-1]
    assert (card["indicator"], card["summary"]) == ("warning", "Could not check: Weekly dose of methotrexate")
    assert "without a unit" in card["detail"]


def test_what_could_not_be_checked_begins_with_the_dose() -> None:
    """Without any chart the summary names the check that kills, and the list tells how much it leaves out."""
    request = request_of(MAN | {"orders": [WEEKLY]}, "order-sign")
    del request["prefetch"]
    card = send("order-sign", request).get_json()["cards"][0]
    assert card["summary"].endswith("among them: Weekly dose of methotrexate")
    assert "\n- and " in card["detail"]
    assert "not known" not in card["detail"]


def test_a_card_of_many_rules_names_the_sources_of_those_that_lead() -> None:
    """Four of them, and how many more there are: every rule on the record has a page with all of its own."""
    card = next(c for c in ask(MAN, "patient-view")["cards"] if len(c["extension"][OURS]["rules"]) > 5)
    sources = card["detail"].split("Sources: ")[1].split(". ")[0].split("; ")
    assert len(sources) == 5
    assert sources[-1].endswith("more on the pages of the other rules")
    for rule in card["extension"][OURS]["rules"]:
        assert app().test_client().get(f"/knowledge/{rule['rule']}").status_code == 200
