"""Where the muscle enzymes are going: doubled above their limit at once or in steps, confirmed, or back to normal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from cds_service.clinical.chart import Measurement
from cds_service.clinical.facts.reading import of_measurement, results, within
from cds_service.clinical.facts.registry import Scope, fact
from cds_service.clinical.known import Fact, Known, Unknown

COURSES = ("confirmed", "doubled", "normalised", "none")
NEEDS = ("muscleEnzymes",)
_OTHERS = ("aldolase", "ldh")
_LIMITS = tuple(
    f"response.{name}"
    for name in ("enzyme_factor", "confirm_from_days", "confirm_until_days", "normalised_days", "enzyme_days",
                 "trend_days", "trend_points")
)  # fmt: skip
_MONTH = 30
Values = list[tuple[Measurement, Decimal]]


@fact("enzyme_course", "word", words=COURSES, needs=NEEDS, limits=_LIMITS)
def enzyme_course(scope: Scope) -> Fact[str]:
    """CK against its last stable value: doubled and above its limit, once or confirmed, or newly normal twice.

    The last stable value is the one before all that are double it, or that with which a climb of half a year began.
    Confirmed is a second such value two to four weeks from the newest. Where CK is normal or not on record,
    aldolase and LDH are judged as well.
    """
    return _judged(scope)[1]


@fact("enzyme_change", "word", uses=("enzyme_course",))
def enzyme_change(scope: Scope) -> Fact[str]:
    """The values that tell the course, the older first, each with its day; with the peak between them."""
    found: Fact[str] = scope.get("enzyme_course")
    if isinstance(found, Unknown) or not found.inputs:
        return Unknown("no muscle enzyme changed", NEEDS)
    now, before, *peak = found.inputs
    between = "".join(f"{each.value} ({each.on}), now " for each in peak)
    told = f"{now.label} {before.value} ({before.on}), then {between}{now.value} ({now.on})"
    return Known(told, found.inputs)


@fact("enzyme_told_days", "number", unit="d", needs=NEEDS, limits=_LIMITS)
def enzyme_told_days(scope: Scope) -> Fact[Decimal]:
    """Days since the newest value of the enzyme whose course is told."""
    enzyme, _ = _judged(scope)
    days = _by_day(scope, enzyme)
    if not days:
        return Unknown("no muscle enzyme is on record", (enzyme,))
    return Known(Decimal((scope.chart.today - days[0][0].on).days))


@fact("enzyme_times", "number", unit="1", needs=NEEDS, limits=_LIMITS)
def enzyme_times(scope: Scope) -> Fact[Decimal]:
    """The newest value of that enzyme over its own upper limit."""
    enzyme, _ = _judged(scope)
    newest = [(m, value) for m, value in _by_day(scope, enzyme)[:1] if m.high]
    if not newest:
        return Unknown("it has no upper limit of normal", (enzyme,))
    measured, value = newest[0]
    return Known(value / measured.high if measured.high else value, (of_measurement(scope, measured),))


@fact("enzyme_trend", "number", unit="%", needs=NEEDS, limits=_LIMITS)
def enzyme_trend(scope: Scope) -> Fact[Decimal]:
    """How far that enzyme moves in 30 days, by the straight line through the logarithms of three or more values."""
    enzyme, _ = _judged(scope)
    points = _of_late(scope, _by_day(scope, enzyme))
    slope = _log_slope(points)
    if slope is None:
        return Unknown("there are too few values for a trend", (enzyme,))
    return Known(((slope * _MONTH).exp() - 1) * 100, tuple(of_measurement(scope, m) for m, _ in points))


@fact("enzyme_orders", "words", uses=("enzyme_course",))
def enzyme_orders(scope: Scope) -> Fact[tuple[str, ...]]:
    """What to repeat, by name of the list of orders: nothing where the enzyme is normal again."""
    found: Fact[str] = scope.get("enzyme_course")
    if isinstance(found, Unknown):
        return found
    return Known(("ck", "aldolase") if found.value == "doubled" else (), found.inputs)


def rise(scope: Scope) -> tuple[Measurement, Measurement] | None:
    """The last stable value and the newest of the enzyme whose course is told, where it doubled."""
    enzyme, course = _judged(scope)
    if isinstance(course, Unknown) or course.value not in ("confirmed", "doubled"):
        return None
    of_day = {measured.on: measured for measured, _ in _by_day(scope, enzyme)}
    now, before, *_ = (of_day[each.on] for each in course.inputs if each.on)
    return before, now


def _judged(scope: Scope) -> tuple[str, Fact[str]]:
    """The enzyme whose course is told, and its course."""
    own = _course(scope, "ck")
    latest = _by_day(scope, "ck")[:1]
    if isinstance(own, Unknown) or own.value in ("confirmed", "doubled") or _above(latest) is not False:
        return "ck", own
    found = [("ck", own), *((name, _course(scope, name)) for name in _OTHERS)]
    for word in COURSES[:-1]:
        for name, each in found:
            if isinstance(each, Known) and each.value == word:
                return name, each
    unread = (pair for pair in found if isinstance(pair[1], Unknown))
    measured = (pair for pair in found if _by_day(scope, pair[0]))
    return next(unread, next(measured, ("ck", own)))


def _course(scope: Scope, enzyme: str) -> Fact[str]:
    """The course of one enzyme. Unknown where it doubled and no limit of normal is printed with it."""
    days = _by_day(scope, enzyme)
    doubt = results(scope, (enzyme,)).doubt
    rises = [each for each in (_doubled(scope, days), _climb(scope, days)) if each]
    if rises and rises[0][0][0].high is None:
        label = scope.terms.display(enzyme)
        return Unknown(f"{label} doubled, but has no upper limit of normal", (enzyme,))
    if rises and _above(days[:1]):
        confirmed = [run for run in rises if _confirmed(scope, run, days[len(run)][1])]
        run = (confirmed or rises)[0]
        shown = (run[0], days[len(run)], *_peak(run))
        inputs = tuple(of_measurement(scope, m) for m, _ in shown)
        return Known("confirmed" if confirmed else "doubled", inputs, doubt)
    if _newly_normal(scope, days):
        return Known("normalised", tuple(of_measurement(scope, m) for m, _ in days[:2]), doubt)
    return Known("none", (), doubt)


def _by_day(scope: Scope, enzyme: str) -> Values:
    """The newest value of each day of the last year, newest first."""
    longest = int(scope.limit("response.enzyme_days"))
    kept: dict[object, tuple[Measurement, Decimal]] = {}
    for m in results(scope, (enzyme,)).items:
        if m.value is not None and within(m.on, scope.chart.today, longest):
            kept.setdefault(m.on, (m, m.value))
    return list(kept.values())


def _doubled(scope: Scope, days: Values) -> Values:
    """The newest values in a row that are each at least double the value before them all; longest first."""
    factor = scope.limit("response.enzyme_factor")
    for length in range(len(days) - 1, 0, -1):
        stable = days[length][1]
        if all(value >= factor * stable for _, value in days[:length]):
            return days[:length]
    return []


def _climb(scope: Scope, days: Values) -> Values:
    """The values since the lowest of half a year, where they climb in steps and the newest is at least double it."""
    points = _of_late(scope, days)
    slope = _log_slope(points)
    if slope is None or slope <= 0:
        return []
    lowest = min(value for _, value in points[1:])
    length = next(number for number, (_, value) in enumerate(points) if number and value == lowest)
    return points[:length] if points[0][1] >= scope.limit("response.enzyme_factor") * lowest else []


def _of_late(scope: Scope, days: Values) -> Values:
    """The values of the half year up to the newest, if they are enough for a trend."""
    longest = timedelta(days=int(scope.limit("response.trend_days")))
    found = [(m, value) for m, value in days if days[0][0].on - m.on <= longest and value > 0]
    return found if len(found) >= scope.limit("response.trend_points") else []


def _log_slope(points: Values) -> Decimal | None:
    """By how much the natural logarithm rises in a day: least squares."""
    if len(points) < 2:
        return None
    ages = [Decimal((m.on - points[-1][0].on).days) for m, _ in points]
    logs = [value.ln() for _, value in points]
    age, log = _mean(ages), _mean(logs)
    spread = _mean([(each - age) ** 2 for each in ages])
    return _mean([(a - age) * (b - log) for a, b in zip(ages, logs, strict=True)]) / spread


def _mean(numbers: Sequence[Decimal]) -> Decimal:
    return sum(numbers, Decimal(0)) / len(numbers)


def _peak(run: Values) -> Values:
    """The highest value before the newest, where it was higher than that."""
    highest = max(run, key=lambda each: each[1])
    return [highest] if highest[1] > run[0][1] else []


def _confirmed(scope: Scope, run: Values, stable: Decimal) -> bool:
    """Whether a second value, above its limit and double the stable one, lies two to four weeks from the newest."""
    least, most = (
        timedelta(days=int(scope.limit(f"response.confirm_{end}_days"))) for end in ("from", "until")
    )
    newest, double = run[0][0].on, scope.limit("response.enzyme_factor") * stable
    near = [(m, value) for m, value in run[1:] if least <= newest - m.on <= most]
    return any(value >= double and _above([(m, value)]) for m, value in near)


def _newly_normal(scope: Scope, days: Values) -> bool:
    """Whether the newest value is the first that makes the enzyme normal over four weeks, after it was raised."""
    normal: Values = []
    for each in days:
        if _above([each]) is not False:
            break
        normal.append(each)
    if len(normal) < 2 or len(normal) == len(days) or not _above(days[len(normal) :][:1]):
        return False
    long = timedelta(days=int(scope.limit("response.normalised_days")))
    first = normal[-1][0].on
    return normal[0][0].on - first >= long and normal[1][0].on - first < long


def _above(values: Values) -> bool | None:
    """Whether the one value is above its own limit of normal; ``False`` for none at all, ``None`` without a limit."""
    if not values:
        return False
    (measured, value) = values[0]
    return None if measured.high is None else value > measured.high
