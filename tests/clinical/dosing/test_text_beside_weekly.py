"""What a text says beside a structured weekly dose: another rhythm is never taken for agreement."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds_service.clinical.dosing import Exposure, Instruction, Timing, exposure
from cds_service.clinical.dosing.types import Amount
from cds_service.clinical.known import Known

OTHER_DAYS = [
    "1 tablet from Mon to Sat",
    "1 tab 5 days out of 7",
    "1 tab 6/7",
    "1 tablet on 3 days weekly",
    "take 1 tablet maximum 3 times per week",
    "6 tablets Mon 1st dose Thu 2nd dose weekly",
    "1 tablet, no more than once daily",
    "2 tablets Mon, 2 tablets Tue, 2 tablets Wed",
    "every week day",
    "day 1 and day 4 of each week",
    "Mo 15 mg, Do 15 mg",
    "15 mg Mo, 15 mg Do",
    "2x/Wo",
    "werktags",
    "an zwei Tagen",
    "1x1",
    "3 x 1",
    "15 mg biweekly",
    "1 tablet, 7 doses a week",
    "1 tablet from Monday to Friday",
    "6 tablets on Monday with folic acid and 6 tablets on Thursday",
    "15 mg once weekly for 4 weeks then daily",
    "du lundi au vendredi",
    "de lunes a viernes",
    "Take 6 tablets Monday, Tuesday",
    "second dose on Thursday if flare",
    "take weekly; may repeat in 3 days",
]
AGREE = [
    "with food",
    "6 tablets",
    "6 tablets on the same day every week",
    "once weekly on Mondays, never on any other day",
    "once a week, do not take on other days",
    "take on Monday; folic acid on Thursday",
    "on Monday, folic acid 5 mg Thursday",
    "Take 6 tablets once weekly. Do not crush. Call if fever over 38.5",
    "Swallow each tablet whole. Once weekly.",
    "Take 6 tablets (15 mg) by mouth once a week on Mondays for dermatomyositis",
    "inject 15 mg into the skin once weekly, use within 28 days of opening",
    "Once weekly. Avoid sun. Use contraception.",
    "Take with water 1 hour before meals, weekly",
    "15 mg once weekly; not daily",
    "15 mg every Monday starting Monday 12/1/2026",
    "take once weekly. Blood tests every 4 weeks",
    "weekly, max 15 mg a week",
    "weekly on Monday, max 1 dose a week",
    "15 mg po q week #24 RF 3",
    "Nehmen Sie 6 Tabletten einmal wöchentlich am Montag, nicht täglich",
    "einmal pro Woche montags, Folsäure dienstags",
    "1x/Woche",
    "1x wöchentlich montags",
    "wöchentlich",
    "once weekly, all tablets together",
    "Take 6 tabs weekly. Take folic acid 1 mg daily except on methotrexate days",
    "Take 6 tablets weekly on Monday. Take folic acid every day except Monday.",
    "Once weekly MON",
    "Monday",
    "every Monday evening",
    "6 Tabletten montags nach dem Essen",
    "une fois par semaine le lundi",
]


def beside(text: str) -> Exposure:
    """15 mg once a week on Mondays, in structure, with that text."""
    timing = Timing(frequency=1, period=Decimal(1), period_unit="wk", days_of_week=("mon",))
    return exposure(
        [Instruction(text=text, amount=Amount(Decimal(15), Decimal(15), "mg"), timing=timing)], strength=None
    )


@pytest.mark.parametrize("text", OTHER_DAYS)
def test_another_rhythm_or_an_unread_one_is_a_doubt(text: str) -> None:
    """More days, or words of days that were not understood: the days are doubted or contradicted."""
    found = beside(text)
    days = found.dosing_days_per_week
    assert found.disagreement or (isinstance(days, Known) and days.doubt)


@pytest.mark.parametrize("text", AGREE)
def test_a_harmless_text_raises_no_doubt(text: str) -> None:
    """Food, companions, denials, warnings: once a week, without a doubt."""
    found = beside(text)
    assert found.dosing_days_per_week == Known(Decimal(1))
    assert not found.disagreement
