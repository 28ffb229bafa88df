"""How often an order is taken, in the words of ``words.yaml``: "twice daily (3000 mg a day)", "once a week"."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cds_service.clinical.dosing import Exposure
from cds_service.clinical.known import Fact, Known
from cds_service.knowledge.words import Lexicon, number

_WEEK = Decimal(7)
_ONE = Decimal(1)
_TWO = Decimal(2)


def rhythm(taken: Exposure, lexicon: Lexicon) -> str:
    """How often, with the daily total where a day has several doses; "a dose" where that is not known."""
    days, doses = _of(taken.dosing_days_per_week), _of(taken.doses_per_dosing_day)
    if _of(taken.course_days) == _ONE and doses in (None, _ONE):
        return lexicon.phrases["once"]
    if days is None or doses is None:
        return lexicon.phrases["each_dose"]
    course = _of(taken.course_days)
    if course == days:
        # Three days in a row and no more are not "three days a week".
        often = f"{_times_a_day(doses, lexicon)} {lexicon.phrase('for_days', days=number(days))}"
    else:
        often = _times_a_day(doses, lexicon) if days == _WEEK else _days_a_week(days, doses, lexicon)
    daily = _of(taken.mg_per_day)
    if doses == _ONE or daily is None:
        return often
    return f"{often} {lexicon.phrase('in_all', total=number(daily))}"


def _times_a_day(doses: Decimal, lexicon: Lexicon) -> str:
    if doses in (_ONE, _TWO):
        return lexicon.phrases["once_daily" if doses == _ONE else "twice_daily"]
    return lexicon.phrase("times_daily", count=number(doses))


def _days_a_week(days: Decimal, doses: Decimal, lexicon: Lexicon) -> str:
    if days == _ONE:
        often = lexicon.phrase("once_a_week")
    elif days < _ONE and _ONE % days == 0:
        often = lexicon.phrase("every_weeks", weeks=number(_ONE / days))
    else:
        often = lexicon.phrase("days_a_week", days=number(days))
    return often if doses == _ONE else f"{_times_a_day(doses, lexicon)}, {often}"


def _of(found: Fact[Any]) -> Decimal | None:
    return Decimal(found.value) if isinstance(found, Known) and not found.doubt else None
