"""The catalogue is closed, complete and honest about what each fact needs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cds_service.clinical.facts import FACTS, Scope, registry
from cds_service.clinical.facts.registry import fact, flag
from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import PlainChart, PlainTerms, draft, limits, person, scope, size, taken

ASKED_OF = {"lab": "wbc", "condition": "ild", "drug": "methotrexate", "order": "dxa", "vaccine": "mmr"}


def asked(name: str) -> dict[str, Any]:
    """Arguments with which a fact can be asked at all."""
    spec = FACTS[name]
    given: dict[str, Any] = dict.fromkeys(spec.args, 30)
    return {"of": ASKED_OF[spec.of], **given} if spec.of else given


@pytest.mark.parametrize("name", sorted(FACTS))
def test_every_fact_answers_on_an_empty_chart(name: str) -> None:
    """With nothing on record a fact is known or unknown with a reason; it never fails."""
    for order in (None, draft("methotrexate", taken("15", days_a_week="1"))):
        found = scope(order).get(name, **asked(name))
        assert isinstance(found, Known) or found.reason


@pytest.mark.parametrize("name", sorted(FACTS))
def test_every_fact_answers_when_nothing_could_be_read(name: str) -> None:
    """With every list unreadable a fact still answers, and says so where it cannot know."""
    unread = Unknown("the list could not be read", ("list",))

    class Unread(PlainChart):
        def measurements(self, concept: str) -> Unknown:
            return Unknown(f"{concept} could not be read", (concept,))

    chart = Unread(who=unread, problem_list=unread, allergy_list=unread, drugs=unread, orders=unread)
    for order in (None, draft("prednisone", taken("20"))):
        found = Scope(chart, PlainTerms(), limits(), order).get(name, **asked(name))
        assert isinstance(found, Known) or found.reason


class Watched(dict[str, Decimal]):
    """Limits that remember which were read."""

    def __init__(self) -> None:
        super().__init__(limits())
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Decimal:
        self.read.add(name)
        return super().__getitem__(name)


@pytest.mark.parametrize("name", sorted(FACTS))
def test_a_fact_declares_the_limits_it_reads(name: str) -> None:
    """Every limit a fact reads, on its own or through others, is declared, so that cards are checked."""
    watched = Watched()
    for years in (8, 50):
        chart = PlainChart(who=person(years), results=size("26", "128") if years == 8 else size())
        for order in (None, draft("methylprednisolone", taken("1000", course=3), route="intravenous")):
            Scope(chart, PlainTerms(), watched, order).get(name, **asked(name))
    assert watched.read <= FACTS[name].limits()


def test_every_declared_limit_is_in_the_cards() -> None:
    """No fact asks for a number that nobody wrote down."""
    declared = {name for spec in FACTS.values() for name in spec.limits()}
    assert declared <= set(limits())


def test_every_fact_says_what_it_means() -> None:
    """Each fact has a first line a clinician can read, and kinds with words list them."""
    for spec in FACTS.values():
        assert spec.doc.splitlines()[0].endswith((".", ":")), spec.name


def test_needs_come_with_the_facts_used() -> None:
    """eGFR needs creatinine, age and, in children, height; a lab needs its own topic."""
    terms = PlainTerms()
    assert FACTS["egfr"].needs((), terms) == {"kidneyTests", "patient", "bodyMeasurements"}
    assert FACTS["lab"].needs(("wbc",), terms) == {"wbcTopic"}
    assert FACTS["lab"].unit_of(("wbc",), terms) == "unit of wbc"
    assert FACTS["egfr"].unit_of((), terms) == "mL/min/{1.73_m2}"


def test_a_name_is_taken_once() -> None:
    """Registering a second fact of the same name is refused."""
    with pytest.raises(ValueError, match="twice"):
        fact("egfr", "number")(lambda _: Known(1))


def test_a_fact_is_worked_out_once_and_patient_facts_are_shared() -> None:
    """Two scopes of one chart share what concerns the patient, and nothing that concerns the order."""
    first = scope(draft("prednisone", taken("40")))
    second = first.about(draft("methotrexate", taken("15", days_a_week="1")))
    assert first.get("age_years") is second.get("age_years")
    assert first.get("mg_per_dose") != second.get("mg_per_dose")
    assert first.about(None).order is None
    assert ("age_years", (), ()) in {key for key, _ in first.about(None).used()}


@pytest.mark.parametrize("ingredient", ["prednisone", "methotrexate", "ethinylestradiol"])
def test_a_fact_that_rests_on_the_drafts_is_never_taken_over(ingredient: str) -> None:
    """With a lender every fact is what it would be without one, in whatever order they are asked."""
    lender = scope()
    for name in sorted(FACTS):
        lender.get(name, **asked(name))
    more = replace(PlainChart(), drafts=(draft(ingredient, taken("20")),))
    borrower = Scope(more, PlainTerms(), limits(), lender=lender)
    for name in sorted(FACTS, reverse=True):
        alone = Scope(more, PlainTerms(), limits())
        assert borrower.get(name, **asked(name)) == alone.get(name, **asked(name)), name
    assert lender.get("drafted", "methotrexate") == Known(False)


def test_what_does_not_rest_on_the_drafts_is_worked_out_once_for_both() -> None:
    """Whichever of the two scopes is asked first."""
    lender = scope()
    age = lender.get("age_years")
    borrower = Scope(PlainChart(), PlainTerms(), limits(), draft("prednisone"), lender=lender)
    assert borrower.get("age_years") is age
    assert borrower.get("egfr") is lender.get("egfr")


def test_facts_look_at_the_drafts_through_their_scope_only() -> None:
    """Else nobody would know which facts rest on them."""
    folder = Path(registry.__file__).parents[1]
    direct = [path.name for path in folder.rglob("*.py") if "chart.drafts" in path.read_text("utf-8")]
    assert direct == ["registry.py"]


def test_an_unknown_name_is_a_fault_of_the_caller() -> None:
    """Asking for a fact that does not exist raises KeyError."""
    with pytest.raises(KeyError):
        scope().get("no_such_fact")


def test_a_doubtful_no_is_unknown() -> None:
    """A flag that is off because a list was incomplete is unknown; one that is on needs no more."""
    assert flag(False, doubt="incomplete") == Unknown("incomplete")
    assert flag(True, doubt="incomplete") == Known(True)
    assert flag(False) == Known(False)
