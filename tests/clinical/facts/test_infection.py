"""A severe infection is told by the problem list or by what is given against it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cds_service.clinical.chart import Medication
from cds_service.clinical.known import Known, Unknown
from tests.clinical.charts import UNREAD, ago, draft, drug, problem, scope, taken

MEROPENEM = drug("anti_infective", taken("1000", doses_a_day="3"), route="intravenous", starts=ago(2))


@pytest.mark.parametrize(
    ("order", "severe"),
    [
        (MEROPENEM, True),
        (replace(MEROPENEM, starts=ago(20), ends=ago(7), state="past"), True),
        (replace(MEROPENEM, starts=ago(20), ends=ago(8), state="past"), False),
        (replace(MEROPENEM, route="oral"), False),
        (replace(MEROPENEM, exposure=taken("2000", course=1)), False),
        (replace(MEROPENEM, reason_text="surgical prophylaxis"), False),
    ],
)
def test_an_antibacterial_by_vein_tells(order: Medication, severe: bool) -> None:
    """By vein, as a treatment, today or within the last seven days; one dose or prophylaxis is none."""
    assert scope(draft("methotrexate"), drugs=Known((order,))).get("severe_infection").value is severe


def test_the_problem_list_tells() -> None:
    """An active problem is enough; without the list nobody knows, unless an infusion runs."""
    here = scope(draft("methotrexate"), problem_list=Known((problem("severe_infection"),)))
    assert here.get("severe_infection").value is True
    assert isinstance(scope(draft("methotrexate"), problem_list=UNREAD).get("severe_infection"), Unknown)
    both = scope(draft("methotrexate"), problem_list=UNREAD, drugs=Known((MEROPENEM,)))
    assert both.get("severe_infection").value is True
