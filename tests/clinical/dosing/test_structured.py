"""Structured dosage rows: every member of a timing, amounts by unit and product, several rows, contradictions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical.dosing import Amount, Exposure, Instruction, ProductStrength, Timing, exposure
from cds_service.clinical.known import Fact, Known, Unknown
from cds_service.fhir.dosage import read_instructions
from tests.clinical.oracle import case

TABLET = ProductStrength(Decimal("2.5"), "mg", "tablet")


def row(mg: object = 15, unit: str = "mg", **timing: Any) -> Instruction:
    """A row of so much with a timing."""
    amount = Amount(Decimal(str(mg)), Decimal(str(mg)), unit)
    return Instruction(amount=amount, timing=Timing(**timing) if timing else None)


def taken(*rows: Instruction, strength: ProductStrength | None = None, **body: Decimal) -> Exposure:
    """What the rows amount to."""
    return exposure(rows, strength=strength, **body)


def value(found: Fact[Any]) -> Any:
    """The value, or ``None`` where unknown."""
    return found.value if isinstance(found, Known) else None


def rhythm(found: Exposure) -> tuple[Any, Any]:
    """Days a week and doses on such a day."""
    return value(found.dosing_days_per_week), value(found.doses_per_dosing_day)


DAY: dict[str, Any] = {"period": Decimal(1), "period_unit": "d"}
WEEK: dict[str, Any] = {"period": Decimal(1), "period_unit": "wk"}


@pytest.mark.parametrize("vector", case("G53")["expected"]["numbers"]["vectors"], ids=str)
def test_the_worked_timings(vector: dict[str, Any]) -> None:
    """Every vector of the worked cases: days a week and milligrams a week, exactly."""
    repeat = dict(vector.get("timing") or {})
    sent: dict[str, Any] = {"doseAndRate": [{"doseQuantity": {"value": vector["dose_mg"], "unit": "mg"}}]}
    if repeat.pop("asNeeded", False):
        sent["asNeededBoolean"] = True
    if repeat:
        sent["timing"] = {"repeat": repeat}
    if "text" in vector:
        sent["text"] = vector["text"]
    found = exposure(read_instructions({"dosageInstruction": [sent]}), strength=None)
    assert value(found.dosing_days_per_week) == vector["dosing_days_per_week"]
    assert value(found.mg_per_week) == vector["weekly_mg"]


@pytest.mark.parametrize(
    ("times", "weeks", "course", "grams"),
    [(2, 4, 28, 140), (2, 4, 84, 420), (2, 4, 29, 210), (2, 4, 30, 280), (5, 4, 28, 350), (1, 2, 42, 210)],
)
def test_a_cycle_is_counted_by_its_days(times: int, weeks: int, course: int, grams: int) -> None:
    """Of a cycle that the course cuts off, the days with a dose come first."""
    bounds = {"bounds_days": Decimal(course)}
    found = taken(row(70, "g", frequency=times, period=Decimal(weeks), period_unit="wk", **bounds))
    assert value(found.total_mg) == grams * 1000


@pytest.mark.parametrize(
    "text", ["70 g daily for 2 days every 4 weeks", "70 g on 2 consecutive days every 28 days"]
)
def test_a_cycle_in_structure_and_words_is_one(text: str) -> None:
    """Two in four weeks by the structure and two days in a row by the text are no contradiction."""
    structured = row(70, "g", frequency=2, period=Decimal(4), period_unit="wk")
    assert taken(replace(structured, text=text)).disagreement == ""
    other = replace(structured, text=text.replace("2", "3", 1))
    assert taken(other).disagreement


@pytest.mark.parametrize(
    ("timing", "days", "doses"),
    [
        ({"frequency": 1, **DAY}, 7, 1),
        ({"frequency": 2, **DAY}, 7, 2),
        ({"frequency": 1, "frequency_max": 3, **DAY}, 7, 3),
        ({"period": Decimal(8), "period_unit": "h"}, 7, 3),
        ({"period": Decimal(4), "period_max": Decimal(6), "period_unit": "h"}, 7, 6),
        ({"period": Decimal(48), "period_unit": "h"}, Decimal("3.5"), 1),
        ({"frequency": 1, "period": Decimal(2), "period_unit": "d"}, Decimal("3.5"), 1),
        ({"frequency": 1, **WEEK}, 1, 1),
        ({"frequency": 2, **WEEK}, 2, 1),
        ({"frequency": 14, **WEEK}, 7, 2),
        ({"frequency": 1, "period": Decimal(2), "period_unit": "wk"}, Decimal("0.5"), 1),
        ({"days_of_week": ("mon",)}, 1, 1),
        ({"days_of_week": ("mon", "thu"), "frequency": 1, **WEEK}, 2, 1),
        ({"days_of_week": ("mon",), "frequency": 2, **DAY}, 1, 2),
        (
            {"days_of_week": ("mon",), "frequency": 1, "period": Decimal(2), "period_unit": "wk"},
            Decimal("0.5"),
            1,
        ),
        ({"times_of_day": ("08:00", "20:00"), "frequency": 1, **DAY}, 7, 2),
        ({"when": ("PC",), "frequency": 1, **DAY}, 7, 3),
        ({"when": ("MORN",)}, 7, 1),
        ({"frequency": 2}, None, None),
        ({"count": 1}, 1, 1),
        ({"code": "BID"}, 7, 2),
        ({"code": "Q8H"}, 7, 3),
        ({"code": "QOD"}, Decimal("3.5"), 1),
        ({"code": "WK"}, 1, 1),
        ({"code": "QW"}, 1, 1),
        ({"code": "Q2W"}, Decimal("0.5"), 1),
        ({"code": "once weekly"}, 1, 1),
        ({"code": "BED"}, 7, 1),
    ],
    ids=str,
)
def test_a_timing(timing: dict[str, Any], days: object, doses: object) -> None:
    """Each member counts as FHIR defines it; where it leaves room, the most doses."""
    assert rhythm(taken(row(**timing))) == (days, doses)


@pytest.mark.parametrize(
    ("amount", "unit", "strength", "mg"),
    [
        ("15", "mg", None, "15"),
        ("0.5", "g", None, "500"),
        ("500", "ug", None, "0.5"),
        ("6", "tablet", TABLET, "15"),
        ("6", "{tbl}", TABLET, "15"),
        ("6", "TAB", TABLET, "15"),
        ("2", "capsule", ProductStrength(Decimal(250), "mg", "capsule"), "500"),
        ("0.6", "mL", ProductStrength(Decimal(25), "mg", "mL"), "15"),
        ("1", "pen", ProductStrength(Decimal(50), "mg", "mL", Decimal(25)), "25"),
        ("2", "vial", ProductStrength(Decimal(500), "mg", "vial"), "1000"),
        ("6", "tablet", None, None),
        ("25", "[IU]", None, None),
        ("6", "mL", TABLET, None),
        ("15", "", None, None),
        ("1", "mg/kg", None, None),
    ],
)
def test_an_amount(amount: str, unit: str, strength: ProductStrength | None, mg: str | None) -> None:
    """Masses as written, products by their strength; a unit nobody vouches for is unknown, never guessed."""
    found = taken(row(amount, unit, frequency=1, **DAY), strength=strength)
    assert value(found.mg_per_dose) == (None if mg is None else Decimal(mg))
    if mg is None:
        assert isinstance(found.mg_per_dose, Unknown)
        assert found.mg_per_dose.reason


def test_doses_by_body_size_are_multiplied_where_the_size_is_given() -> None:
    """1 mg/kg for 80 kg is 80 mg; 15 mg/m2 for 2 m2 is 30 mg."""
    daily = {"frequency": 1, **DAY}
    assert value(taken(row(1, "mg/kg", **daily), weight_kg=Decimal(80)).mg_per_dose) == 80
    assert value(taken(row(15, "mg/m2", **daily), bsa_m2=Decimal(2)).mg_per_dose) == 30


def test_a_taper_is_read_step_by_step() -> None:
    """60 mg for 28 days, then 50 mg for 14: the highest day is 60 mg, the course 42 days, the total 2,380 mg."""
    found = taken(
        replace(row(60, frequency=1, **DAY, bounds_days=Decimal(28)), sequence=1),
        replace(row(50, frequency=1, **DAY, bounds_days=Decimal(14)), sequence=2),
    )
    assert [(s.starts_on_day, s.days, value(s.mg_per_day)) for s in found.steps] == [
        (0, 28, 60),
        (28, 14, 50),
    ]
    assert (value(found.mg_per_day), value(found.course_days), value(found.total_mg)) == (60, 42, 2380)


def test_rows_without_a_length_are_taken_at_once() -> None:
    """Two numbered rows of morning and evening doses add up."""
    found = taken(
        replace(row(10, frequency=1, **DAY, when=("MORN",)), sequence=1),
        replace(row(5, frequency=1, **DAY, when=("EVE",)), sequence=2),
    )
    assert (value(found.mg_per_day), value(found.mg_per_dose)) == (15, 10)


def test_two_rows_on_named_days_are_two_days() -> None:
    """10 mg on Mondays and 5 mg on Thursdays: two days a week, 15 mg a week, 10 mg on the highest day."""
    found = taken(row(10, days_of_week=("mon",)), row(5, days_of_week=("thu",)))
    assert (value(found.dosing_days_per_week), value(found.mg_per_week), value(found.mg_per_day)) == (
        2,
        15,
        10,
    )


def test_two_weekly_rows_without_days_may_be_one_day_or_two() -> None:
    """10 mg and 5 mg weekly are 15 mg a week, but on how many days nobody said."""
    found = taken(row(10, frequency=1, **WEEK), row(5, frequency=1, **WEEK))
    assert value(found.mg_per_week) == 15
    assert isinstance(found.dosing_days_per_week, Unknown)


def test_short_steps_in_a_row_add_up_to_a_week() -> None:
    """Three one-day steps of 10 mg are three days with a dose, and 30 mg, in any seven days."""
    steps = [
        replace(row(10, frequency=1, **DAY, bounds_days=Decimal(1)), sequence=number) for number in (1, 2, 3)
    ]
    found = taken(*steps)
    assert (value(found.dosing_days_per_week), value(found.mg_per_week)) == (3, 30)


def test_rows_with_dates_follow_the_dates() -> None:
    """Steps with start and end days need no numbers."""
    first = row(20, frequency=1, **DAY, bounds_start=date(2026, 1, 1), bounds_end=date(2026, 1, 14))
    second = row(10, frequency=1, **DAY, bounds_start=date(2026, 1, 15), bounds_end=date(2026, 1, 28))
    found = taken(first, second)
    assert (value(found.mg_per_day), value(found.course_days)) == (20, 28)


@pytest.mark.parametrize(
    ("timing", "text", "days"),
    [
        ({"frequency": 1, **WEEK}, "15 mg once daily", 7),
        ({"frequency": 1, **DAY}, "15 mg once a week", 7),
        ({"frequency": 1, **DAY, "code": "WK"}, "", 7),
        ({"days_of_week": ("mon",)}, "every Friday", 1),
        ({"frequency": 1, **WEEK}, "once weekly for 4 weeks, then daily", 7),
        ({"frequency": 1, **WEEK}, "une fois par jour", 7),
        ({"frequency": 1, **WEEK}, "weekly. Take one each day until next appointment", 7),
    ],
)
def test_structure_and_text_that_contradict_each_other(timing: dict[str, Any], text: str, days: int) -> None:
    """The contradiction is named, and the reading with more doses counts."""
    found = taken(replace(row(**timing), text=text))
    assert found.disagreement
    assert value(found.dosing_days_per_week) == days


@pytest.mark.parametrize(
    "text",
    [
        "once weekly for 4 weeks, then daily",
        "weekly x 4 then daily",
        "once weekly for 2 weeks then every day",
    ],
)
def test_of_the_steps_of_a_text_beside_a_dose_the_one_with_most_doses_counts(text: str) -> None:
    """A dose that is structured does not hide what the text says later."""
    assert value(taken(replace(row(), text=text)).dosing_days_per_week) == 7


@pytest.mark.parametrize("text", ["ежедневно", "每日一次", "Πάρτε ένα χάπι"])
def test_a_text_in_other_letters_is_a_doubt(text: str) -> None:
    """What it says beside a weekly structure is not known, and that is said."""
    found = taken(replace(row(frequency=1, **WEEK), text=text)).dosing_days_per_week
    assert isinstance(found, Known)
    assert found.doubt == "the text is in letters that are not read here"


def test_text_that_agrees_is_no_contradiction() -> None:
    """ "NOT daily" beside a weekly structure agrees with it."""
    found = taken(replace(row(frequency=1, **WEEK), text="6 tablets once a week, NOT daily"), strength=TABLET)
    assert found.disagreement == ""
    assert value(found.mg_per_dose) == 15


def test_of_three_dose_rows_the_ordered_mass_counts() -> None:
    """Administered 6 tablets, ordered 15 mg, calculated 15 mg: 15 mg, never blindly the first."""

    def dose(kind: str, amount: object, unit: str) -> dict[str, Any]:
        return {"type": {"coding": [{"code": kind}]}, "doseQuantity": {"value": amount, "unit": unit}}

    rows = [dose("admin-amount", 6, "tablet"), dose("ordered", 15, "mg"), dose("calculated", 14, "mg")]
    (read,) = read_instructions({"dosageInstruction": [{"doseAndRate": rows}]})
    assert read.amount == Amount(Decimal(15), Decimal(15), "mg")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(
        st.sampled_from(["timing", "repeat", "frequency", "period", "periodUnit", "doseAndRate", "doseQuantity",
                         "value", "unit", "dayOfWeek", "when", "text", "code", "coding", "boundsDuration"]),
        inner, max_size=3,
    ),
    max_leaves=8,
)  # fmt: skip


@given(JSON)
def test_no_dosage_makes_reading_fail(sent: object) -> None:
    """Whatever was sent under dosageInstruction."""
    exposure(read_instructions({"dosageInstruction": sent}), strength=None)


TIMINGS = st.one_of(
    st.builds(lambda f: {"frequency": f, **DAY}, st.integers(1, 6)),
    st.builds(lambda f: {"frequency": f, **WEEK}, st.integers(1, 7)),
    # Periods whose rate a week has an exact decimal.
    st.builds(
        lambda n: {"frequency": 1, "period": Decimal(n), "period_unit": "d"},
        st.sampled_from([1, 2, 5, 7, 14, 28]),
    ),
)
MG = st.decimals("0.5", "500", places=1)


@given(MG, TIMINGS, st.integers(2, 9))
def test_so_many_times_the_dose_is_so_many_times_everything(
    mg: Decimal, timing: dict[str, Any], n: int
) -> None:
    """Every amount scales with the dose; the rhythm does not change."""
    one, many = taken(row(mg, **timing)), taken(row(mg * n, **timing))
    for name in ("mg_per_dose", "mg_per_day", "mg_per_week"):
        assert value(getattr(many, name)) == value(getattr(one, name)) * n
    assert rhythm(one) == rhythm(many)


@given(st.lists(st.tuples(MG, TIMINGS), min_size=2, max_size=4), st.randoms())
def test_the_order_of_rows_taken_at_once_changes_nothing(parts: list[Any], random: Any) -> None:
    """Rows without numbers may come in any order."""
    rows = [row(mg, **timing) for mg, timing in parts]
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, other = taken(*rows), taken(*shuffled)
    assert value(one.mg_per_week) == value(other.mg_per_week)
    assert value(one.mg_per_day) == value(other.mg_per_day)


@given(MG, st.integers(1, 4))
def test_the_same_rhythm_in_other_units_is_the_same(mg: Decimal, weeks: int) -> None:
    """Every n weeks, and every 7n days."""
    in_weeks = row(mg, frequency=1, period=Decimal(weeks), period_unit="wk")
    in_days = row(mg, frequency=1, period=Decimal(7 * weeks), period_unit="d")
    assert value(taken(in_weeks).mg_per_week) == value(taken(in_days).mg_per_week)


@given(MG, TIMINGS)
def test_a_dose_split_in_two_rows_is_the_same_day(mg: Decimal, timing: dict[str, Any]) -> None:
    """Two rows of half the dose are as much a day and a week as one row of all of it."""
    whole, halves = taken(row(mg, **timing)), taken(row(mg / 2, **timing), row(mg / 2, **timing))
    assert value(whole.mg_per_week) == value(halves.mg_per_week)
    assert value(whole.mg_per_day) == value(halves.mg_per_day)


def test_a_course_longer_than_a_lifetime_has_no_end() -> None:
    """Neither in one row nor in several; the dose stays what it is."""
    ages = row(5, frequency=1, **DAY, bounds_days=Decimal(10) ** 9)
    assert value(taken(ages).course_days) is None
    assert value(taken(ages).mg_per_day) == 5
    century = [replace(row(5, frequency=1, **DAY, bounds_days=Decimal(30_000)), sequence=n) for n in range(4)]
    assert value(taken(*century).course_days) is None


def sent(*rows: dict[str, Any], strength: ProductStrength | None = None) -> Exposure:
    """What rows in FHIR amount to."""
    return exposure(read_instructions({"dosageInstruction": list(rows)}), strength=strength)


def quantity(value: object, unit: str = "mg", **more: object) -> list[dict[str, Any]]:
    """One doseAndRate row."""
    return [{"doseQuantity": {"value": Decimal(str(value)), "unit": unit, **more}}]


WEEKLY: dict[str, Any] = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "wk"}}
TWICE: dict[str, Any] = {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}


def test_times_by_the_clock_are_for_every_day() -> None:
    """Where nothing else is said, as FHIR infers; named days and a text that says weekly still count."""
    clock = {"repeat": {"timeOfDay": ["08:00:00"]}}
    assert rhythm(sent({"timing": clock, "doseAndRate": quantity(15)})) == (7, 1)
    assert rhythm(sent({"timing": clock, "doseAndRate": quantity(15), "text": "once weekly on Monday"})) == (
        1,
        1,
    )
    named = {"repeat": {"timeOfDay": ["08:00:00"], "dayOfWeek": ["mon"]}}
    assert rhythm(sent({"timing": named, "doseAndRate": quantity(15)})) == (1, 1)


DOUBTED: dict[str, dict[str, Any]] = {
    "a dose per day taken twice": {"timing": TWICE, "doseAndRate": quantity(15, "mg/d")},
    "a dose of less than so much": {"timing": WEEKLY, "doseAndRate": quantity(15, comparator="<")},
    "two ordered rows": {"timing": WEEKLY, "doseAndRate": quantity(15) + quantity(20)},
    "another dose in the text": {"timing": WEEKLY, "doseAndRate": quantity(15), "text": "take 20 mg weekly"},
    "another strength in the text": {
        "timing": WEEKLY, "doseAndRate": quantity(6, "tablet"), "text": "6 tablets of 10 mg weekly",
    },
}  # fmt: skip


@pytest.mark.parametrize("sent_row", DOUBTED.values(), ids=list(DOUBTED))
def test_a_dose_that_may_be_another_is_doubted(sent_row: dict[str, Any]) -> None:
    """It counts with its largest reading, and says why it may be another."""
    found = sent(sent_row, strength=TABLET).mg_per_dose
    assert isinstance(found, Known)
    assert found.doubt


def test_what_the_patient_is_told_may_contradict_the_structure() -> None:
    """Weekly in the timing, daily in the patient's instruction: the worse counts, and the contradiction is told."""
    found = sent({"timing": WEEKLY, "doseAndRate": quantity(15), "patientInstruction": "Take one dose daily"})
    assert rhythm(found) == (7, 1)
    assert found.disagreement


def test_numbered_rows_without_a_length_are_added_up_in_doubt() -> None:
    """Nobody knows whether they follow one another."""
    day = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
    rows = [{"sequence": n, "timing": day, "doseAndRate": quantity(mg)} for n, mg in enumerate((40, 20, 10))]
    found = sent(*rows).mg_per_day
    assert value(found) == 70
    assert isinstance(found, Known)
    assert found.doubt


@pytest.mark.parametrize("mg", [0, -15])
def test_a_dose_is_above_zero(mg: int) -> None:
    """Anything else is no dose."""
    assert isinstance(sent({"timing": WEEKLY, "doseAndRate": quantity(mg)}).mg_per_dose, Unknown)


@pytest.mark.parametrize(
    ("dates", "days", "doses"),
    [
        pytest.param(["2026-11-25", "2026-11-26", "2026-11-27"], 3, 1, id="three in a row"),
        pytest.param(["2026-11-25", "2026-12-02", "2026-12-09"], 1, 1, id="a week apart"),
        pytest.param(["2026-11-25T08:00:00Z", "2026-11-25T20:00:00Z"], 1, 2, id="twice on one day"),
        pytest.param(["2026-11-25", "2026-12-10", "2026-12-15", "2026-12-16"], 3, 1, id="the fullest week"),
    ],
)
def test_doses_on_dates(dates: list[str], days: int, doses: int) -> None:
    """Of doses on several dates the fullest seven days count."""
    sent = {
        "dosageInstruction": [{"timing": {"event": dates}, "doseAndRate": [{"doseQuantity": {"value": 15}}]}]
    }
    assert rhythm(taken(*read_instructions(sent))) == (days, doses)


@pytest.mark.parametrize(
    ("note", "disagrees"),
    [
        ("take daily until reviewed", True),
        ("Discussed. Please take 15 mg every day", True),
        ("take folic acid daily", False),
        ("Prednisone is taken daily", False),
        ("take it every Monday", False),
    ],
)
def test_a_note_that_tells_how_the_drug_is_taken(note: str, disagrees: bool) -> None:
    """Beside a weekly structure a note that says daily contradicts it; one about another drug does not."""
    repeat = {"frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"]}
    dose = [{"doseQuantity": {"value": 15, "unit": "mg"}}]
    sent = {
        "dosageInstruction": [{"timing": {"repeat": repeat}, "doseAndRate": dose}],
        "note": [{"text": note}],
    }
    assert bool(taken(*read_instructions(sent)).disagreement) is disagrees
