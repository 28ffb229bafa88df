"""Raised transaminases: from the liver, from the muscle, or not explained.

A is the higher of ALT and AST of the newest pair, K the CK within two weeks of it, each over the upper end
of its own reference range. GGT and bilirubin speak for the liver. In myositis both transaminases leak from
muscle, so without CK and GGT nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from cds_service.clinical.chart import Measurement
from cds_service.clinical.facts.reading import of_measurement, results, within
from cds_service.clinical.facts.registry import Scope, fact, flag
from cds_service.clinical.known import Fact, Input, Known, Unknown

PAIR = ("alt", "ast")
NEEDS = ("liverTests", "muscleEnzymes")
LIMITS = tuple(
    f"monitoring.{name}"
    for name in ("transaminase_high", "transaminase_twice", "transaminase_absolute", "transaminase_raised",
                 "transaminase_very_high", "least_upper_limit", "ck_liver", "ck_muscle", "ck_days", "ggt_days",
                 "repeat_days", "result_days")
)  # fmt: skip
Side = Literal["raised", "normal", "not-measured", "not-known"]


@dataclass(frozen=True, slots=True)
class _Pair:
    """The newest ALT and AST; ``times`` is the higher over its range, where any range is stated.

    ``most`` is what those without a range come to at the lowest upper limit a laboratory states.
    """

    found: tuple[Measurement, ...]
    times: Decimal | None
    most: Decimal
    doubt: str | None

    @property
    def on(self) -> date:
        return max(m.on for m in self.found)

    def above(self, limit: Decimal) -> bool | None:
        """Whether A is above the limit; ``None`` where a missing range leaves it open."""
        if self.times is not None and self.times > limit:
            return True
        return None if self.most > limit else False


@fact("transaminase_times_uln", "number", unit="1", needs=NEEDS, limits=LIMITS)
def transaminase_times_uln(scope: Scope) -> Fact[Decimal]:
    """The higher of the newest ALT and AST, each over the upper end of its own range."""
    pair = _pair(scope)
    if isinstance(pair, Unknown):
        return pair
    if pair.times is None:
        return Unknown("the newest ALT and AST have no upper reference limit", PAIR)
    return Known(pair.times, _inputs(scope, pair.found), pair.doubt)


@fact("ck_times_uln_nearby", "number", unit="1", needs=NEEDS, limits=LIMITS)
def ck_times_uln_nearby(scope: Scope) -> Fact[Decimal]:
    """CK over the upper end of its range, measured within two weeks of the newest ALT or AST."""
    pair = _pair(scope)
    return pair if isinstance(pair, Unknown) else _ck(scope, pair.on)


@fact("liver_injury", "flag", needs=NEEDS, limits=LIMITS)
def liver_injury(scope: Scope) -> Fact[bool]:
    """A above 3, and GGT or bilirubin raised or CK below 3 times its limit: the liver, until shown otherwise."""
    pair = _pair(scope)
    if isinstance(pair, Unknown):
        return _absent(pair)
    high = pair.above(scope.limit("monitoring.transaminase_high"))
    if high is None:
        return Unknown("the newest ALT or AST has no upper reference limit", PAIR)
    if not high:
        return flag(False, *_inputs(scope, pair.found), doubt=pair.doubt)
    return _from_liver(scope, pair)


@fact("muscle_transaminases", "flag", needs=NEEDS, limits=LIMITS)
def muscle_transaminases(scope: Scope) -> Fact[bool]:
    """A above 1, CK at least 5 times its limit, GGT known to be normal, bilirubin not raised."""
    pair = _pair(scope)
    if isinstance(pair, Unknown):
        return _absent(pair)
    raised = pair.above(scope.limit("monitoring.transaminase_raised"))
    if raised is False:
        return flag(False, *_inputs(scope, pair.found), doubt=pair.doubt)
    muscle = _from_muscle(scope, pair)
    if raised is None and isinstance(muscle, Known) and muscle.value:
        return Unknown("the newest ALT or AST has no upper reference limit", PAIR)
    return muscle


@fact("liver_injury_orders", "words", needs=NEEDS, limits=LIMITS)
def liver_injury_orders(scope: Scope) -> Fact[tuple[str, ...]]:
    """What to order for a liver injury, by name of the list of orders: far above the limit hepatology as well."""
    pair = _pair(scope)
    very = isinstance(pair, _Pair) and pair.above(scope.limit("monitoring.transaminase_very_high"))
    tests = ("alt", "ast", "bilirubin", "ggt", "ck")
    return Known((*tests, "referral-hepatology") if very else tests)


@fact("transaminases_unexplained", "flag", needs=NEEDS, limits=LIMITS)
def transaminases_unexplained(scope: Scope) -> Fact[bool]:
    """Not muscle, and A above 3 without a liver sign, or above 2 twice a week apart, or above 100 U/L."""
    pair = _pair(scope)
    if isinstance(pair, Unknown):
        return _absent(pair)
    injury, muscle = liver_injury(scope), muscle_transaminases(scope)
    if isinstance(muscle, Known) and muscle.value:
        return Known(False, muscle.inputs)
    high = pair.above(scope.limit("monitoring.transaminase_high"))
    alone = bool(high) and not (isinstance(injury, Known) and injury.value)
    if alone or _twice(scope, pair) or _absolute(scope, pair):
        return Known(True, _inputs(scope, pair.found))
    if high is None or isinstance(muscle, Unknown):
        return Unknown("the newest ALT or AST has no upper reference limit", PAIR)
    return flag(False, *_inputs(scope, pair.found), doubt=pair.doubt)


def _absent(why: Unknown) -> Fact[bool]:
    """Known not to be on record is a plain no; what could not be read is unknown."""
    return Known(False) if why.reason == _NO_PAIR else why


_NO_PAIR = "no ALT or AST is on record"
_NO_CK = "no CK was measured with the transaminases"


def _pair(scope: Scope) -> _Pair | Unknown:
    """The newest ALT and AST with a number, the older one left out if it is of another time.

    Where the older one alarms and the newer one does not, the older one stands: neither refutes the other.
    """
    found = results(scope, PAIR)
    days, near = int(scope.limit("monitoring.result_days")), int(scope.limit("monitoring.ck_days"))
    young = [m for m in found.items if m.value is not None and within(m.on, scope.chart.today, days)]
    if not young:
        return Unknown(found.doubt or _NO_PAIR, PAIR)
    newest = {m.concept: m for m in reversed(young)}
    last = max(m.on for m in newest.values())
    kept = tuple(m for m in newest.values() if m.on >= last - timedelta(days=near))
    left = tuple(m for m in newest.values() if m not in kept)
    pair, older = (_paired(scope, each, found.doubt) for each in (kept, left))
    return older if left and _alarms(scope, older) and not _alarms(scope, pair) else pair


def _paired(scope: Scope, kept: tuple[Measurement, ...], doubt: str | None) -> _Pair:
    ratios = [r for m in kept if (r := _times(m)) is not None]
    bare = [m.value / scope.limit("monitoring.least_upper_limit") for m in kept if m.value and not m.high]
    return _Pair(kept, max(ratios, default=None), max(bare, default=Decimal(0)), doubt)


def _alarms(scope: Scope, pair: _Pair) -> bool:
    """Whether it is one to act on by itself; one that might be, for want of a range, is."""
    return pair.above(scope.limit("monitoring.transaminase_high")) is not False or _absolute(scope, pair)


def _times(found: Measurement) -> Decimal | None:
    """A result over the upper end of its range; ``None`` without a number or a range."""
    return found.value / found.high if found.value is not None and found.high else None


def _ck(scope: Scope, on: date) -> Fact[Decimal]:
    found, near = results(scope, ("ck",)), timedelta(days=int(scope.limit("monitoring.ck_days")))
    close = [m for m in found.items if m.value is not None and abs(m.on - on) <= near]
    if not close:
        return Unknown(found.doubt or _NO_CK, ("ck",))
    times = _times(close[0])
    if times is None:
        return Unknown("the CK measured with the transaminases has no upper reference limit", ("ck",))
    return Known(times, _inputs(scope, close[:1]), found.doubt)


def _side(scope: Scope, concept: str, on: date) -> tuple[Side, tuple[Input, ...]]:
    """What GGT or bilirubin says: raised at any age, normal only if measured near the transaminases."""
    found, days = results(scope, (concept,)), int(scope.limit("monitoring.result_days"))
    usable = [m for m in found.items if m.value is not None and within(m.on, scope.chart.today, days)]
    if not usable:
        return ("not-known" if found.doubt else "not-measured"), ()
    times, near = _times(usable[0]), timedelta(days=int(scope.limit("monitoring.ggt_days")))
    if times is None or (times <= 1 and abs(usable[0].on - on) > near):
        return "not-measured", ()
    return ("raised" if times > 1 else "normal"), _inputs(scope, usable[:1])


def _from_liver(scope: Scope, pair: _Pair) -> Fact[bool]:
    sides = [_side(scope, name, pair.on) for name in ("ggt", "bilirubin_total")]
    raised = [inputs for side, inputs in sides if side == "raised"]
    own = _inputs(scope, pair.found)
    if raised:
        return Known(True, (*own, *(i for inputs in raised for i in inputs)))
    ck = _ck(scope, pair.on)
    if isinstance(ck, Known) and ck.value < scope.limit("monitoring.ck_liver"):
        return Known(True, (*own, *ck.inputs))
    unread = results(scope, ("ggt", "bilirubin_total")).doubt
    return flag(False, *own, doubt=_open(ck) or unread)


def _from_muscle(scope: Scope, pair: _Pair) -> Fact[bool]:
    own, ck = _inputs(scope, pair.found), _ck(scope, pair.on)
    (ggt, shown), (bilirubin, _) = (_side(scope, name, pair.on) for name in ("ggt", "bilirubin_total"))
    if isinstance(ck, Known) and ck.value >= scope.limit("monitoring.ck_muscle"):
        if ggt == "normal" and bilirubin in ("normal", "not-measured"):
            return Known(True, (*own, *ck.inputs, *shown))
        unread = "not-known" in (ggt, bilirubin)
        return flag(False, *own, doubt="the liver tests could not be read" if unread else None)
    return flag(False, *own, doubt=_open(ck))


def _open(ck: Fact[Decimal]) -> str | None:
    """Why CK, though measured or unread, leaves the question open; ``None`` where it was not measured."""
    return ck.reason if isinstance(ck, Unknown) and ck.reason != _NO_CK else None


def _twice(scope: Scope, pair: _Pair) -> bool:
    """Above the limit now, and on the last day of testing at least a week before."""
    limit = scope.limit("monitoring.transaminase_twice")
    if not pair.above(limit):
        return False
    before = pair.on - timedelta(days=int(scope.limit("monitoring.repeat_days")))
    earlier = [m for m in results(scope, PAIR).items if m.on <= before and m.value is not None]
    days = int(scope.limit("monitoring.result_days"))
    same_day = [m for m in earlier if m.on == earlier[0].on and within(m.on, scope.chart.today, days)]
    return any((times := _times(m)) is not None and times > limit for m in same_day)


def _absolute(scope: Scope, pair: _Pair) -> bool:
    limit = scope.limit("monitoring.transaminase_absolute")
    return any(m.value is not None and m.value > limit for m in pair.found)


def _inputs(scope: Scope, found: Iterable[Measurement] | Sequence[Measurement]) -> tuple[Input, ...]:
    return tuple(of_measurement(scope, m) for m in found)
