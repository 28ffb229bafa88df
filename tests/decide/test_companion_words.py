"""Words in a sig that are of another drug or a leaflet change nothing about the order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.decide.service import MAN, ask

Json = dict[str, Any]
OURS = "org.dermatomyositis-cds"


def rules(**notation: Any) -> set[str]:
    """The rules that speak, with how grave."""
    cards = ask({**MAN, **notation}, "order-sign")["cards"]
    return {
        f"{each['rule']} {each['indicator']}"
        for card in cards
        for each in card["extension"][OURS].get("rules", [])
    }


@pytest.mark.parametrize("companion", ["plus folic acid", "plus calcium", "in addition to folic acid"])
def test_a_companion_makes_no_renewal_an_addition(companion: str) -> None:
    """150 mg of azathioprine renewed is 150 mg, whatever is taken beside it."""
    running = {
        "drug": "azathioprine",
        "dose": "150 mg",
        "timing": "daily",
        "route": "oral",
        "since": "100 days ago",
    }
    renewal = {"text": "azathioprine 50 mg tablet", "sig": f"3 tablets daily {companion}"}
    assert "SAF-DOSE-AZA critical" not in rules(orders=[renewal], medications=[running])


def test_an_addition_is_added() -> None:
    """ "Plus the 150 mg that is taken already" is both."""
    running = {
        "drug": "azathioprine",
        "dose": "150 mg",
        "timing": "daily",
        "route": "oral",
        "since": "100 days ago",
    }
    more = {"text": "azathioprine 50 mg tablet", "sig": "3 tablets daily plus the current dose"}
    assert "SAF-DOSE-AZA critical" in rules(orders=[more], medications=[running])


@pytest.mark.parametrize(
    ("sig", "is_told"),
    [
        ("1 tablet daily; see sick day rules", True),
        ("1 tablet daily, omeprazole for stress ulcer", True),
        ("1 tablet daily, stress dose for surgery", False),
    ],
)
def test_sick_day_rules_are_no_stress_dose(sig: str, is_told: bool) -> None:
    """Two systemic glucocorticoids at once are told unless one covers stress."""
    other = {
        "drug": "methylprednisolone",
        "dose": "16 mg",
        "timing": "daily",
        "route": "oral",
        "since": "60 days ago",
    }
    order = {"text": "prednisone 20 mg tablet", "sig": sig}
    told = rules(orders=[order], medications=[other])
    assert any(each.startswith("SAF-DUP-01") for each in told) is is_told
