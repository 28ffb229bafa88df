"""Which examinations of the cancer panels are wanting for whom."""

from __future__ import annotations

import pytest

from cds_service.clinical.chart import Done, Sex
from cds_service.clinical.facts.problems import MYOSITIS
from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import UNREAD, ago, person, problem, scope

DM = problem(*MYOSITIS, days=30)


def wanting(age: int, sex: Sex, *more: str) -> tuple[str, ...]:
    """What of the enhanced panel is asked for."""
    problems = Known((DM, *(problem(each) for each in more)))
    found = scope(who=person(age, sex), problem_list=problems).get("enhanced_panel_missing")
    assert isinstance(found, Known)
    return tuple(found.value)


@pytest.mark.parametrize(
    ("age", "sex", "asked"),
    [
        (24, "female", ("ct-body", "ca125", "pelvic-ultrasound")),
        (25, "female", ("ct-body", "cervical-screening", "ca125", "pelvic-ultrasound")),
        (65, "female", ("ct-body", "cervical-screening", "mammogram", "ca125", "pelvic-ultrasound", "fit")),
        (66, "female", ("ct-body", "mammogram", "ca125", "pelvic-ultrasound", "fit")),
        (39, "male", ("ct-body",)),
        (40, "male", ("ct-body", "psa", "fit")),
        (40, "unknown", ("ct-body", "fit")),
    ],
)
def test_the_panel_follows_sex_and_age(age: int, sex: Sex, asked: tuple[str, ...]) -> None:
    """Each examination from and up to its age; what belongs to a sex only where that sex is recorded."""
    assert wanting(age, sex) == asked


def test_an_organ_that_is_gone_is_not_examined() -> None:
    """No cervical screening after hysterectomy, no ovary tests after oophorectomy."""
    assert wanting(50, "female", "hysterectomy", "oophorectomy") == ("ct-body", "mammogram", "fit")


def test_two_scans_make_one_and_one_alone_does_not() -> None:
    """CT of the chest and CT of abdomen and pelvis together are the scan of the panel."""
    chest = Done("a", frozenset({"ct_chest"}), ago(5))
    belly = Done("b", frozenset({"ct_abdomen_pelvis"}), ago(5))
    for exams, asked in (((chest,), ("ct-body",)), ((chest, belly), ())):
        found = scope(who=person(30, "male"), problem_list=Known((DM,)), exams=Known(exams))
        assert found.get("enhanced_panel_missing").value == asked


def test_what_could_not_be_read_is_not_asked_for_and_not_passed_over() -> None:
    """Without the reports nobody knows whether the scan was done."""
    found = scope(who=person(30, "male"), problem_list=Known((DM,)), exams=UNREAD)
    assert isinstance(found.get("enhanced_panel_missing"), Unknown)


@pytest.mark.parametrize(
    ("sex", "doubted"), [("unknown", True), ("other", True), ("female", False), ("male", False)]
)
def test_a_list_without_the_examinations_of_one_sex_is_doubtful(sex: Sex, doubted: bool) -> None:
    """Whatever was looked up after it, what the missing sex leaves out stays in doubt."""
    found = scope(who=person(50, sex), problem_list=Known((DM,))).get("enhanced_panel_missing")
    assert (found.doubt is not None) is doubted
