"""Prednisone-equivalents and tapers give the worked numbers."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical.glucocorticoids import Equivalence, cumulative_mg
from cds_service.clinical.taper import Leg, Stage, dose_on_day, slide, taper
from tests.clinical.oracle import case, numbers, shown

TABLE = Equivalence(
    {
        name: Decimal(mg)
        for name, mg in {
            "prednisone": "5", "prednisolone": "5", "methylprednisolone": "4", "hydrocortisone": "20",
            "cortisone": "25", "triamcinolone": "4", "dexamethasone": "0.75", "betamethasone": "0.6",
            "deflazacort": "6",
        }.items()
    },
    Decimal(5),
)  # fmt: skip
STAGES = tuple(
    Stage(Decimal(above), Decimal(minus), days)
    for above, minus, days in (("40", "10", 14), ("20", "5", 14), ("10", "2.5", 14), ("5", "1", 28))
)


@pytest.mark.parametrize("vector", numbers("G50")["vectors"])
def test_equivalence_vectors(vector: dict[str, object]) -> None:
    """Every listed drug comes out as the prednisone of the worked case."""
    assert TABLE.prednisone(str(vector["drug"]), vector["mg"]) == vector["prednisone_mg"]  # type: ignore[arg-type]


def test_dexamethasone_of_the_worked_case() -> None:
    """8 mg of dexamethasone are 53.33 mg of prednisone."""
    got = TABLE.prednisone("dexamethasone", Decimal(8))
    assert got is not None
    assert shown(got, numbers("G11")["prednisone_eq"]) == numbers("G11")["prednisone_eq"]


def test_a_drug_that_is_not_listed_has_no_equivalent() -> None:
    """No number is invented for a drug outside the table."""
    assert TABLE.prednisone("budesonide", Decimal(9)) is None
    assert TABLE.as_drug(Decimal(5), "budesonide") is None


def test_pulse_and_oral_add_up() -> None:
    """Three pulses of 1000 mg methylprednisolone and 27 days of 60 mg make 5,370 mg."""
    expected = numbers("G14")
    pulse = TABLE.prednisone("methylprednisolone", Decimal(3000))
    assert pulse == expected["ivmp_pred_eq"]
    assert pulse + cumulative_mg([(Decimal(60), 27)]) == expected["total_pred_eq_mg"]


def test_cumulative_of_the_worked_taper() -> None:
    """The worked schedule sums to 6,615 mg over 364 days."""
    schedule = [(mg, int(days)) for mg, days in case("G13")["schedule_mg_days"]]
    assert cumulative_mg(schedule) == numbers("G13")["cumulative_mg"]
    assert sum(days for _, days in schedule) == numbers("G13")["days"]


def test_default_taper_from_sixty() -> None:
    """From 60 mg the default taper has the worked steps, length and sum."""
    expected = numbers("G57")
    steps = taper(Decimal(60), 28, STAGES, Decimal(5))
    assert [[step.mg, step.days] for step in steps] == expected["steps"]
    assert sum(step.days for step in steps) == expected["days_to_5mg"]
    assert cumulative_mg((step.mg, step.days) for step in steps) == expected["cumulative_mg_to_5mg"]
    assert dose_on_day(steps, 182, Decimal(5)) == expected["dose_on_day_182"]
    assert dose_on_day(steps, 183, Decimal(5)) == expected["dose_on_day_183"]
    daily = [dose_on_day(steps, day, Decimal(5)) for day in range(1, 183)]
    assert sum(daily) == expected["cumulative_first_182d"]


def test_after_the_taper_the_last_dose_stays() -> None:
    """A day after the last step has the dose the taper ended at."""
    assert dose_on_day(taper(Decimal(10), 28, STAGES, Decimal(5)), 999, Decimal(5)) == 5


@given(st.decimals("5.5", "200", places=1))
def test_a_taper_only_goes_down_and_ends(start: Decimal) -> None:
    """From any start the doses fall strictly, never below the end, and never by more than 10 mg."""
    steps = taper(start, 28, STAGES, Decimal(5))
    doses = [step.mg for step in steps]
    assert doses[0] == start
    assert all(later < earlier for earlier, later in pairwise(doses))
    assert all(earlier - later <= 10 for earlier, later in pairwise(doses))
    assert min(doses) > 5


def test_no_taper_from_the_end() -> None:
    """Somebody already at the end has no steps."""
    assert taper(Decimal(5), 28, STAGES, Decimal(5)) == ()


TABLETS = ((Decimal(20), Decimal(5)), (Decimal(10), Decimal("2.5")), (Decimal(0), Decimal(1)))


@given(st.decimals("5.5", "200", places=1))
def test_a_taper_of_tablets_takes_off_no_more_than_its_stage(start: Decimal) -> None:
    """Every dose after the first is of whole tablets; each reduction is at most what the stage takes off."""
    doses = [step.mg for step in taper(start, 28, STAGES, Decimal(5), TABLETS)]
    for earlier, later in pairwise(doses):
        minus = next(stage.minus for stage in STAGES if earlier > stage.above)
        assert later < earlier
        assert earlier - later <= minus
        assert later % next(size for above, size in TABLETS if later >= above) == 0


@given(st.decimals("8", "80", places=1), st.decimals("10", "60", places=1))
def test_a_childs_taper_never_goes_up(start: Decimal, weight: Decimal) -> None:
    """From any dose and weight the steps fall, none above the dose of today, in at most six months."""
    steps = slide(start, (Leg(weight, 60), Leg(weight / 5, 120)), 15, TABLETS)
    assert all(later.mg < earlier.mg for earlier, later in pairwise(steps))
    assert all(step.mg <= start for step in steps)
    assert sum(step.days for step in steps) <= 180
