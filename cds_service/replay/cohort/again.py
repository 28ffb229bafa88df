"""How often a clinician reads the same card about the same patient again within a month.

A year's calls are judged on one chart of one day, so nothing changes between them: what is counted is the most
there can be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from cds_service.replay.cohort.run import Answered, Shown

MONTH = 30


def again(calls: Iterable[Answered], *, taken: bool) -> Iterator[tuple[Answered, Shown]]:
    """Each card that the patient was shown on an earlier day, at most :data:`MONTH` days before, with its call.

    ``taken``: whoever is offered an order takes it, so that a card with an offer does not come again.
    """
    by_patient = sorted(calls, key=attrgetter("patient", "day"))
    for _, year in groupby(by_patient, key=attrgetter("patient")):
        yield from _within_a_month(list(year), taken=taken)


def _within_a_month(year: Sequence[Answered], *, taken: bool) -> Iterator[tuple[Answered, Shown]]:
    last: dict[Shown, int] = {}
    for call in year:
        for card in call.cards:
            before = last.get(card)
            if before is not None and 0 < call.day - before <= MONTH and not (taken and card.offers):
                yield call, card
        last |= dict.fromkeys(call.cards, call.day)
