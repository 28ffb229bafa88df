"""Mycophenolate ordered for a breastfeeding woman who has had no pregnancy test."""

from __future__ import annotations

from tests.decide.service import MAN, ask

WOMAN = {"age": 29, "sex": "female", "height": "167 cm", "weight": "63 kg", "onset": "5 weeks ago"}
MMF = {"drug": "mycophenolate", "dose": "1000 mg", "timing": "twice daily", "route": "oral"}


def test_breastfeeding_leads_over_the_missing_test() -> None:
    """What only another drug resolves is said before what a test resolves."""
    nursing = {"text": "Breastfeeding", "code": ["icd10cm", "Z39.1"], "since": "20 days ago"}
    problems = ["dermatomyositis", nursing]
    notation = {**MAN, "patient": WOMAN, "problems": problems, "orders": [MMF]}
    first = ask(notation, "order-sign")["cards"][0]
    assert first["summary"].startswith("Do not give mycophenolate mofetil: breastfeeding on record")
    assert first["suggestions"][0]["label"].startswith("Remove this order")
