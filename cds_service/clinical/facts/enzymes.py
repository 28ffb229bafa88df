"""Where the muscle enzymes are going: doubled above their limit, confirmed, or back to normal."""

from __future__ import annotations

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
    for name in ("enzyme_factor", "confirm_from_days", "confirm_until_days", "normalised_days", "enzyme_days")
)
Values = list[tuple[Measurement, Decimal]]


@fact("enzyme_course", "word", words=COURSES, needs=NEEDS, limits=_LIMITS)
def enzyme_course(scope: Scope) -> Fact[str]:
    """CK against its last stable value: doubled and above its limit, once or confirmed, or newly normal twice.

    Confirmed is a second such value two to four weeks from the newest. Where CK is normal or not on record,
    aldolase and LDH are judged as well.
    """
    own = _course(scope, "ck")
    latest = _by_day(scope, "ck")[:1]
    if isinstance(own, Unknown) or own.value in ("confirmed", "doubled") or _above(latest) is not False:
        return own
    found = [own, *(_course(scope, name) for name in _OTHERS)]
    return next(
        (
            each
            for word in COURSES
            for each in found
            if isinstance(each, Known) and each.value == word != "none"
        ),
        next((each for each in found if isinstance(each, Unknown)), own),
    )


@fact("enzyme_change", "word", uses=("enzyme_course",))
def enzyme_change(scope: Scope) -> Fact[str]:
    """The values that tell the course, the older first, each with its day."""
    found: Fact[str] = scope.get("enzyme_course")
    if isinstance(found, Unknown) or not found.inputs:
        return Unknown("no muscle enzyme changed", NEEDS)
    now, before = found.inputs[:2]
    return Known(f"{now.label} {before.value} ({before.on}), then {now.value} ({now.on})", found.inputs)


@fact("enzyme_orders", "words", uses=("enzyme_course",))
def enzyme_orders(scope: Scope) -> Fact[tuple[str, ...]]:
    """What to repeat, by name of the list of orders: nothing where the enzyme is normal again."""
    found: Fact[str] = scope.get("enzyme_course")
    if isinstance(found, Unknown):
        return found
    return Known(("ck", "aldolase") if found.value == "doubled" else (), found.inputs)


def _course(scope: Scope, enzyme: str) -> Fact[str]:
    """The course of one enzyme. Unknown where it doubled and no limit of normal is printed with it."""
    days = _by_day(scope, enzyme)
    doubt = results(scope, (enzyme,)).doubt
    run = _doubled(scope, days)
    if run:
        if run[0][0].high is None:
            label = scope.terms.display(enzyme)
            return Unknown(f"{label} doubled, but has no upper limit of normal", (enzyme,))
        if _above(run[:1]):
            shown = (of_measurement(scope, run[0][0]), of_measurement(scope, days[len(run)][0]))
            return Known("confirmed" if _confirmed(scope, run) else "doubled", shown, doubt)
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


def _confirmed(scope: Scope, run: Values) -> bool:
    """Whether a second value above the limit lies two to four weeks from the newest."""
    least, most = (
        timedelta(days=int(scope.limit(f"response.confirm_{end}_days"))) for end in ("from", "until")
    )
    newest = run[0][0].on
    return any(least <= newest - m.on <= most and _above([(m, value)]) for m, value in run[1:])


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
