"""Conditions judged with three values, and what a doubt does to each of them."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest

from cds_service.clinical.facts.registry import Scope
from cds_service.clinical.known import Known, Unknown
from cds_service.knowledge.conditions import Ask, Because, Condition, Every, Not, comparison
from cds_service.knowledge.words import plain_template
from tests.clinical.charts import result, results, scope

WBC = Ask("lab", ("wbc",))
LOW = comparison(WBC, "below", Decimal(3), "10*9/L")


class Fixed:
    """A condition with a known verdict."""

    def __init__(self, truth: bool | None) -> None:
        self.truth = truth

    def judge(self, _scope: Scope, _fires_on: bool = True) -> object:
        from cds_service.knowledge.conditions import Verdict

        return Verdict(self.truth, reasons=() if self.truth is not None else ("no data",), missing=("x",))

    def facts(self) -> tuple[Ask, ...]:
        return ()


def every(*truths: bool | None, decisive: bool) -> bool | None:
    """``any`` (decisive) or ``all`` of fixed parts."""
    parts: tuple[Condition, ...] = tuple(Fixed(truth) for truth in truths)  # type: ignore[misc]
    return Every(parts, decisive).judge(scope()).truth


@pytest.mark.parametrize(("one", "other"), list(product((True, False, None), repeat=2)))
def test_all_and_any_follow_kleene(one: bool | None, other: bool | None) -> None:
    """``all`` is false if one is false, else unknown if one is; ``any`` true if one is true, else unknown."""
    both = False if False in (one, other) else None if None in (one, other) else True
    either = True if True in (one, other) else None if None in (one, other) else False
    assert every(one, other, decisive=False) is both
    assert every(one, other, decisive=True) is either


@pytest.mark.parametrize("truth", [True, False, None])
def test_not_turns_what_is_known(truth: bool | None) -> None:
    """Unknown stays unknown."""
    turned = Not(Fixed(truth)).judge(scope()).truth  # type: ignore[arg-type]
    assert turned is (None if truth is None else not truth)


def told(condition: Condition) -> list[str]:
    """The words of the causes that hold."""
    return [cause.template.render() for cause in condition.judge(scope()).causes]


def named(truth: bool | None, words: str) -> Because:
    """A condition with words."""
    return Because(Fixed(truth), plain_template(words), frozenset())  # type: ignore[arg-type]


def test_of_any_each_cause_that_holds_is_told() -> None:
    """And none that does not, or may not."""
    assert told(Every((named(True, "a"), named(False, "b"), named(None, "c"), named(True, "d")), True)) == [
        "a",
        "d",
    ]


def test_of_all_each_cause_is_told_once_all_hold() -> None:
    """One that fails takes the others with it."""
    assert told(Every((named(True, "a"), named(True, "b")), False)) == ["a", "b"]
    assert told(Every((named(True, "a"), named(False, "b")), False)) == []


def test_the_words_of_a_whole_stand_for_its_parts() -> None:
    """What is within is not told beside it."""
    inner = Every((named(True, "a"), named(True, "b")), False)
    assert told(Because(inner, plain_template("both"), frozenset())) == ["both"]


def test_what_does_not_hold_is_no_cause() -> None:
    """Under ``not`` nothing is told."""
    assert told(Not(named(False, "a"))) == []


def test_a_cause_knows_what_it_was_seen_in() -> None:
    """The result, its value and its day."""
    low = Because(LOW, plain_template("{{ seen }}"), frozenset())
    (cause,) = low.judge(scope(results=results(result("wbc", "2.4", unit="10*9/L")))).causes
    assert [(each.label, each.value) for each in cause.seen_in] == [("wbc", "2.4 10*9/L")]


def test_unknown_says_why_and_what_is_missing() -> None:
    """A result nobody has names itself."""
    verdict = LOW.judge(scope(results={"wbc": Unknown("bloodCounts could not be read", ("bloodCounts",))}))
    assert verdict.truth is None
    assert verdict.reasons == ("bloodCounts could not be read",)
    assert verdict.missing == ("bloodCounts",)


@pytest.mark.parametrize(("value", "truth"), [("2.9", True), ("3.0", False), ("3.1", False)])
def test_below_is_strict(value: str, truth: bool) -> None:
    """Exactly at the limit is not below it."""
    assert LOW.judge(scope(results=results(result("wbc", value)))).truth is truth


@pytest.mark.parametrize(("value", "plain", "negated"), [("2.9", True, None), ("6.2", None, True)])
def test_a_doubtful_value_may_only_speak_for_firing(
    value: str, plain: bool | None, negated: bool | None
) -> None:
    """From half a page of results a low count fires; a normal one is unknown, for the rest might be low."""
    here = scope(results={"wbc": Known((result("wbc", value),), (), "one page of several")})
    assert LOW.judge(here).truth is plain
    assert Not(LOW).judge(here).truth is negated


def test_what_a_verdict_rests_on_is_kept() -> None:
    """The value, its day and the comparison, for the card."""
    (used,) = LOW.judge(scope(results=results(result("wbc", "2.4", days=6)))).used
    assert used.value == Decimal("2.4")
    assert used.comparison == "below 3 10*9/L"
    assert used.inputs[0].on is not None


@pytest.mark.parametrize(
    ("printed", "name", "bound", "truth"),
    [
        ("<3", "below", "3", True), ("<2.9", "below", "3", True), ("<3.1", "below", "3", None),
        ("<=3", "below", "3", None), ("<=2.9", "below", "3", True), ("<=3", "at_most", "3", True),
        ("<3", "at_least", "3", False), ("<=3", "at_least", "3", True), ("<4", "at_least", "3", True),
        ("<3", "above", "3", False), ("<4", "above", "3", True), ("<2", "above", "3", False),
        (">3", "above", "3", True), (">3", "at_most", "3", False), (">=3", "above", "3", None),
        (">=3", "at_least", "3", True), (">2", "above", "3", None), (">3", "below", "3", False),
        (">2", "below", "3", True), (">4", "below", "3", False),
    ],
)  # fmt: skip
def test_a_result_printed_as_a_bound_is_all_that_lies_beyond_it(
    printed: str, name: str, bound: str, truth: bool | None
) -> None:
    """The result "<3" is below 3. Where it may be either it fires as 3 does, and is never all well."""
    number = printed.lstrip("<>=")
    known = results(result("wbc", number, comparator=printed.removesuffix(number)))
    verdict = comparison(WBC, name, Decimal(bound), "10*9/L").judge(scope(results=known))
    assert verdict.truth is truth
    assert truth is not None or verdict.reasons == (f"wbc is only reported as {printed}",)
