"""Results: newest first, dated, and never confused with their absence."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import UNREAD, result, results, scope


def test_the_newest_number() -> None:
    """The newest result counts, with its value and day as input."""
    found = scope(results=results(result("wbc", "2.9", 3), result("wbc", "6.2", 60))).get("lab", "wbc")
    assert found.value == Decimal("2.9")
    assert found.inputs[0].value == "2.9"


@pytest.mark.parametrize(("days", "known"), [(400, True), (401, False)])
def test_a_number_past_the_asked_age_does_not_count(days: int, known: bool) -> None:
    """A value as old as asked still counts; a day older it is unknown, and named."""
    found = scope(results=results(result("wbc", "2.9", days))).get("lab", "wbc", at_most_days_old=400)
    assert isinstance(found, Known) is known
    assert known or found.missing == ("wbc",)


def test_absence_is_unknown_as_a_number_and_no_as_a_flag() -> None:
    """Nothing on record: no number, but a plain "not recorded"."""
    here = scope()
    assert isinstance(here.get("lab", "wbc"), Unknown)
    assert here.get("lab_recorded", "wbc", within_days=30) == Known(False)
    assert here.get("finding", "hbsag") == Known("none")
    assert here.get("lab_count", "wbc") == Known(Decimal(0))


def test_what_could_not_be_read_is_unknown() -> None:
    """An unreadable or incomplete list never says "not recorded"."""
    for listed in (UNREAD, Known((), (), "a page is missing")):
        here = scope(results={"hbsag": listed, "wbc": listed})
        assert isinstance(here.get("lab_recorded", "hbsag"), Unknown)
        assert isinstance(here.get("finding", "hbsag"), Unknown)
        assert isinstance(here.get("lab", "wbc"), Unknown)


def test_an_incomplete_list_keeps_its_doubt() -> None:
    """A value of an incomplete list is known, with the doubt."""
    partial = Known((result("wbc", "2.0", 5),), (), "a page is missing")
    assert scope(results={"wbc": partial}).get("lab", "wbc").doubt == "a page is missing"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([("anti_jo1", "positive"), ("anti_pl7", "negative")], "positive"),
        ([("anti_jo1", "weak"), ("anti_pl7", "negative")], "weak"),
        ([("anti_jo1", "negative")], "negative"),
        ([("anti_jo1", "something_else")], "indeterminate"),
        ([], "none"),
    ],
)
def test_a_class_of_labs_answers_with_its_most_positive(
    answers: list[tuple[str, str]], expected: str
) -> None:
    """Of several antibodies the most positive answer counts."""
    found = results(*(result(name, None, finding=word) for name, word in answers))
    assert scope(results=found).get("finding", "anti_synthetase").value == expected


def test_a_positive_among_unread_is_positive() -> None:
    """One positive antibody needs no more; a negative beside an unreadable one keeps a doubt."""
    positive = {**results(result("anti_jo1", None, finding="positive")), "anti_pl7": UNREAD}
    assert scope(results=positive).get("finding", "anti_synthetase").value == "positive"
    negative = {**results(result("anti_jo1", None, finding="negative")), "anti_pl7": UNREAD}
    assert scope(results=negative).get("finding", "anti_synthetase").doubt


@pytest.mark.parametrize(
    ("lab", "value", "comparator", "high", "expected"),
    [
        ("anti_mda5", "40", "", "20", "positive"),
        ("anti_mda5", "10", "", "20", "negative"),
        ("anti_mda5", "40", "", None, "indeterminate"),
        ("hbv_dna", "2000", "", None, "positive"),
        ("hbv_dna", "20", "<", None, "indeterminate"),
        ("hcv_rna", "0", "", None, "negative"),
    ],
)
def test_numbers_as_answers(lab: str, value: str, comparator: str, high: str | None, expected: str) -> None:
    """Above the laboratory's limit is positive, as is a measurable viral load; "<20" decides nothing."""
    found = results(result(lab, value, comparator=comparator, high=high))
    assert scope(results=found).get("finding", lab).value == expected


def test_times_the_upper_limit() -> None:
    """5400 with an upper limit of 170 is 31.8 times; without a limit unknown."""
    here = scope(results=results(result("ck", "5400", high="170"), result("ast", "90")))
    assert round(here.get("times_uln", "ck").value, 1) == Decimal("31.8")
    assert isinstance(here.get("times_uln", "ast"), Unknown)


def test_falls_and_rises_against_the_one_before() -> None:
    """Saturation 97 then 92 is a fall of 5; an earlier value outside the window does not compare."""
    here = scope(results=results(result("spo2", "92", 2), result("spo2", "97", 100)))
    assert here.get("lab_fall", "spo2", within_days=180, at_most_days_old=14).value == 5
    assert round(here.get("lab_fall_percent", "spo2").value, 1) == Decimal("5.2")
    assert here.get("lab_rise_percent", "spo2").value < 0
    assert isinstance(here.get("lab_fall", "spo2", within_days=50), Unknown)


def test_ages_and_first_positives() -> None:
    """Days since the newest result of a group, and since an antibody was first positive."""
    found = results(
        result("anti_mda5", None, 5, finding="positive"),
        result("anti_mda5", None, 80, finding="positive"),
        result("wbc", "5", 12),
    )
    here = scope(results=found)
    assert here.get("finding_days", "anti_mda5").value == 80
    assert here.get("lab_days_old", "wbc").value == 12
    assert isinstance(here.get("finding_days", "wbc"), Unknown)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["normal_metabolizer"], "normal"),
        (["intermediate_metabolizer", "poor_metabolizer"], "poor"),
        (["something"], "indeterminate"),
        ([], "none"),
    ],
)
def test_the_gravest_phenotype_counts(words: list[str], expected: str) -> None:
    """Of both genes the graver status decides."""
    genes = ("tpmt_phenotype", "nudt15")
    found = results(*(result(gene, None, finding=word) for gene, word in zip(genes, words, strict=False)))
    assert scope(results=found).get("phenotype", genes).value == expected


def test_a_change_to_a_bound_is_a_bound() -> None:
    """Saturation 97, then below 92: it fell by more than 5."""
    here = scope(results=results(result("spo2", "92", 2, comparator="<"), result("spo2", "97", 100)))
    assert [here.get(name, "spo2").comparator for name in ("lab", "lab_fall", "lab_drop")] == ["<", ">", ">"]
    assert here.get("lab_fall_percent", "spo2").comparator == ">"
    assert here.get("lab_rise_percent", "spo2").comparator == "<"


def test_from_a_bound_to_a_bound_nothing_is_known_of_the_side() -> None:
    """Both below something: the difference may be either way."""
    here = scope(results=results(*(result("spo2", "92", days, comparator="<") for days in (2, 100))))
    assert here.get("lab_fall", "spo2").comparator == ""
