"""Two drugs that must not meet, drafted in one session: the one the regimen can do without is taken away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask

METHOTREXATE = {"drug": "methotrexate", "dose": "15 mg", "timing": "weekly fri"}
AZATHIOPRINE = {"drug": "azathioprine", "dose": "100 mg", "timing": "daily"}
CICLOSPORIN = {"drug": "ciclosporin", "dose": "100 mg", "timing": "twice daily"}
TACROLIMUS = {"drug": "tacrolimus", "dose": "2 mg", "timing": "twice daily"}
PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "SAFMTX02": (METHOTREXATE, {"drug": "tmp_smx", "dose": "960 mg", "timing": "twice daily"}),
    "SAFMTX06": (METHOTREXATE, {"drug": "leflunomide", "dose": "20 mg", "timing": "daily"}),
    "SAFAZA01": (AZATHIOPRINE, {"drug": "allopurinol", "dose": "300 mg", "timing": "daily"}),
    "SAFCNI01": (TACROLIMUS, {"drug": "clarithromycin", "dose": "500 mg", "timing": "twice daily"}),
    "SAFCNI02": (CICLOSPORIN, {"drug": "simvastatin", "dose": "20 mg", "timing": "daily"}),
}


@pytest.mark.parametrize("first", [0, 1], ids=["regimen first", "regimen last"])
@pytest.mark.parametrize("topic", PAIRS)
def test_of_two_drafts_the_other_drug_is_removed(topic: str, first: int) -> None:
    """The card says "choose another antibiotic": its button must not remove methotrexate. In either order."""
    drug, other = PAIRS[topic]
    orders = [drug, other] if first == 0 else [other, drug]
    cards = [c for c in ask({**MAN, "orders": orders})["cards"] if c["source"]["topic"]["code"] == topic]
    assert [card["indicator"] for card in cards] == ["critical"]
    removed = [each["label"] for each in cards[0]["suggestions"] if each["label"].startswith("Remove")]
    assert len(removed) == 1
    assert drug["drug"] not in removed[0]


TAKEN: dict[str, Any] = {"since": "60 days ago", "timing": "daily"}


@pytest.mark.parametrize("first", [0, 1], ids=["harmless first", "harmless last"])
@pytest.mark.parametrize(
    ("topic", "running", "harmless", "harmful"),
    [
        ("SAFCNI01", "tacrolimus", "diltiazem", "clarithromycin"),
        ("SAFCNI02", "ciclosporin", "ibuprofen", "simvastatin"),
        ("SAFAZA04", "azathioprine", "ramipril", "ribavirin"),
    ],
)
def test_of_two_other_drugs_the_harmful_one_is_removed(
    topic: str, running: str, harmless: str, harmful: str, first: int
) -> None:
    """The rule is about both drafts, its critical tier about one: to remove the other would leave the danger."""
    orders = [{"drug": name, "timing": "daily"} for name in (harmless, harmful)]
    chart = {**MAN, "medications": [{"drug": running, **TAKEN}], "orders": orders[:: -1 if first else 1]}
    (card,) = [c for c in ask(chart)["cards"] if c["source"]["topic"]["code"] == topic]
    assert card["indicator"] == "critical"
    (removed,) = [each["label"] for each in card["suggestions"] if each["label"].startswith("Remove")]
    assert harmful in removed


def test_what_is_new_is_removed_where_the_other_is_taken() -> None:
    """Clarithromycin is taken; of the drafts tacrolimus meets it, and diltiazem does not."""
    orders = [{"drug": "diltiazem", "timing": "daily"}, TACROLIMUS]
    chart = {**MAN, "medications": [{"drug": "clarithromycin", **TAKEN}], "orders": orders}
    (card,) = [c for c in ask(chart)["cards"] if c["source"]["topic"]["code"] == "SAFCNI01"]
    (removed,) = [each["label"] for each in card["suggestions"] if each["label"].startswith("Remove")]
    assert "tacrolimus" in removed


def test_an_inducer_picked_beside_a_drafted_jak_inhibitor_is_told_once() -> None:
    """Picked alone it is told of the inducer; picked together, of the JAK inhibitor."""
    inducer = {"drug": "rifampin", "dose": "600 mg", "timing": "daily"}
    drug = {"drug": "tofacitinib", "dose": "5 mg", "timing": "twice daily"}
    for orders in ([{**drug, "selected": False}, inducer], [drug, inducer]):
        cards = ask({**MAN, "orders": orders}, "order-select")["cards"]
        assert [c["indicator"] for c in cards if c["source"]["topic"]["code"] == "SAFJAK01"] == ["critical"]
