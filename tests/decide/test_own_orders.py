"""What the service offers, it recognises once it is ordered: nothing is offered twice."""

from __future__ import annotations

from datetime import date

import pytest

from cds_service.content import cards_dir
from cds_service.fhir import orders as written
from cds_service.fhir.chart import read_order
from cds_service.fhir.services import read_service
from cds_service.knowledge.load import load
from cds_service.knowledge.orders import OrderEntry

KNOWLEDGE = load(cards_dir())
ENTRIES = KNOWLEDGE.lists.orders.values()


@pytest.mark.parametrize("entry", [each for each in ENTRIES if each.kind == "test"], ids=lambda e: e.name)
def test_an_ordered_test_is_known_for_what_was_offered(entry: OrderEntry) -> None:
    """By its code, or, where it has none, by the words it was written with."""
    terms = KNOWLEDGE.terms
    kind = "lab" if terms.exists("lab", entry.concept) else "order"
    named, coding = terms.display(entry.concept, kind), terms.coding(entry.concept, kind)
    order = written.new_test(written.NewTest(named, coding, entry.category, entry.note), "p", "why")
    found = read_service(order, terms, draft=True)
    assert found is not None
    assert found.concepts & entry.meets


@pytest.mark.parametrize("entry", [each for each in ENTRIES if each.kind == "drug"], ids=lambda e: e.name)
def test_an_ordered_drug_is_known_for_what_was_offered(entry: OrderEntry) -> None:
    """The same for drugs, which have codes."""
    terms = KNOWLEDGE.terms
    drug = written.NewMedication(terms.display(entry.concept, "drug"), terms.coding(entry.concept, "drug"))
    found = read_order({**written.new_medication(drug, "p"), "id": "new"}, terms, date(2026, 1, 1))
    assert found.ingredients & entry.meets
