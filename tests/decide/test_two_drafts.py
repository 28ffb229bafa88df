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
