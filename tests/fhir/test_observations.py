"""Results by concept: which are used, in which unit, of which day, and what is said of the rest."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.clinical.chart import ReadingProblem
from cds_service.fhir.notes import Notes
from cds_service.fhir.observations import Observations, Results
from cds_service.fhir.references import Index
from cds_service.replay.knowledge import terminology
from tests.fhir.codes import LOINC, SNOMED, TERMS, concept, quantity

Json = dict[str, object]
TODAY = date(2026, 3, 10)
CREATININE = "2160-0"
DAY = "2026-03-04T08:00:00Z"


def observation(loinc: str = CREATININE, on: str | None = DAY, /, **members: object) -> Json:
    """A final result."""
    dated = {"effectiveDateTime": on} if on else {}
    base = {"resourceType": "Observation", "id": f"o-{on}", "status": "final", "code": concept(LOINC, loinc)}
    return {**base, **dated, **members}


def read(name: str, *resources: Json, notes: Notes | None = None) -> Results:
    """The results of a concept in some resources."""
    return Observations(resources, Index(resources), TERMS, TODAY, notes or Notes()).of(name)


def test_a_result_is_read_in_the_unit_of_its_concept() -> None:
    """88.4 umol/L of creatinine are 1 mg/dL; what was printed stays with it."""
    result = read("creatinine", observation(valueQuantity=quantity("88.4", "umol/L", "umol/L"))).usable[0]
    assert (round(result.value or 0, 9), result.unit, result.on) == (1, "mg/dL", date(2026, 3, 4))
    assert (result.shown, result.reference) == ("88.4 umol/L", "Observation/o-2026-03-04T08:00:00Z")


@pytest.mark.parametrize("status", ["final", "amended", "corrected", "preliminary"])
def test_results_that_stand_are_used(status: str) -> None:
    """Preliminary ones too: a low count is acted on before it is signed."""
    assert read("creatinine", observation(status=status, valueQuantity=quantity("1", "mg/dL"))).usable


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "registered"])
def test_results_taken_back_do_not_exist(status: str) -> None:
    """They are neither used nor a reason to doubt what is."""
    found = read("creatinine", observation(status=status, valueQuantity=quantity("9", "mg/dL")))
    assert found == Results((), None, ())


@pytest.mark.parametrize("status", ["unknown", "vouched-for", None])
def test_a_result_of_unknown_standing_is_set_aside(status: str | None) -> None:
    """It is not used, and it is not forgotten."""
    found = read("creatinine", observation(status=status, valueQuantity=quantity("9", "mg/dL")))
    assert (found.usable, len(found.unread)) == ((), 1)


SET_ASIDE = {
    "no unit": ({"valueQuantity": {"value": 1}}, "valueQuantity"),
    "a unit nobody vouches for": ({"valueQuantity": quantity("1", "cups")}, "valueQuantity"),
    "two units that contradict each other": (
        {"valueQuantity": quantity("5", "mg/dL", "umol/L")},
        "valueQuantity",
    ),
    "no number": ({"valueQuantity": {"unit": "mg/dL"}}, "valueQuantity"),
    "a number below zero": ({"valueQuantity": quantity("-2.5", "mg/dL", "mg/dL")}, "valueQuantity"),
    "a negated word": ({"valueString": "Not positive"}, "valueString"),
    "a question with its answer": ({"valueString": "Reactive: no"}, "valueString"),
    "a range": ({"valueRange": {"low": {"value": 1}}}, "valueRange"),
    "a remark": ({"valueString": "see report"}, "valueString"),
    "two answers": ({"valueString": "positive, later negative"}, "valueString"),
    "two numbers": ({"valueString": "5 to 10 mg/dL"}, "valueString"),
    "an unknown code": ({"valueCodeableConcept": concept(SNOMED, "1")}, "valueCodeableConcept"),
    "nothing": ({}, "value"),
}


@pytest.mark.parametrize(("members", "path"), SET_ASIDE.values(), ids=SET_ASIDE)
def test_what_cannot_be_used_is_set_aside_and_named(members: Json, path: str) -> None:
    """The note says where and why, never the value; the good result is still used."""
    notes = Notes()
    good = observation(CREATININE, "2026-01-01", valueQuantity=quantity("1.1", "mg/dL"))
    found = read("creatinine", observation(**members), good, notes=notes)
    assert [each.value for each in found.usable] == [Decimal("1.1")]
    assert found.unread[0].on is not None
    assert found.newest is not None
    assert found.unread[0].on > found.newest
    assert [(each.path, each.concept) for each in notes.all()] == [(path, "creatinine")]


def test_a_result_without_a_date_cannot_be_placed() -> None:
    """It is noted as such; when it became known counts as its date where that is written."""
    undated = observation(CREATININE, None, valueQuantity=quantity("1", "mg/dL"))
    notes = Notes()
    assert read("creatinine", undated, notes=notes).unread[0].on is None
    assert notes.all() == (ReadingProblem("Observation/o-None", "effective", "has no date", "creatinine"),)
    issued = {**undated, "issued": "2026-02-01T00:00:00Z"}
    assert read("creatinine", issued).usable[0].on == date(2026, 2, 1)


def test_an_absent_result_is_no_result() -> None:
    """A sample that clotted says nothing about the patient."""
    assert read("creatinine", observation(dataAbsentReason={"text": "clotted"})) == Results((), None, ())


def test_the_newest_result_comes_first() -> None:
    """By instant, across time zones and precisions; of two of one instant the signed one."""
    written = [
        "2026-03-04T22:00:00-05:00",
        "2026-03-05T01:00:00+05:00",
        "2025",
        "2026-02",
        "2026-03-05T02:59:00Z",
    ]
    results = read(
        "creatinine", *(observation(CREATININE, w, valueQuantity=quantity("1", "mg/dL")) for w in written)
    )
    assert [each.on for each in results.usable] == [
        date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 5), date(2026, 2, 1), date(2025, 1, 1)
    ]  # fmt: skip
    early = observation(status="preliminary", valueQuantity=quantity("1", "mg/dL"))
    late = observation(valueQuantity=quantity("2", "mg/dL"))
    assert read("creatinine", early, late).usable[0].value == 2


TWO_OF_ONE_TIME = {
    "the corrected one": ({"status": "corrected"}, {}),
    "the amended one": ({"status": "amended"}, {}),
    "the one issued later": ({"issued": "2026-03-04T12:00:00Z"}, {"issued": "2026-03-04T09:00:00Z"}),
    "the one that says when": ({"issued": "2026-03-04T12:00:00Z"}, {}),
    "the signed one": ({}, {"status": "preliminary", "issued": "2026-03-04T12:00:00Z"}),
}


@pytest.mark.parametrize(("winner", "loser"), TWO_OF_ONE_TIME.values(), ids=TWO_OF_ONE_TIME)
def test_of_two_results_of_one_time_one_stands(winner: Json, loser: Json) -> None:
    """Whichever was sent first, and without a doubt."""
    first = observation(**{**loser, "id": "b", "valueQuantity": quantity("1", "mg/dL")})
    other = observation(**{**winner, "id": "a", "valueQuantity": quantity("4", "mg/dL")})
    for sent in ((first, other), (other, first)):
        found = read("creatinine", *sent)
        assert (found.usable[0].value, found.disputed) == (Decimal(4), False)


@pytest.mark.parametrize(("second", "unit", "disputed"), [("4", "mg/dL", True), ("88.4", "umol/L", False)])
def test_two_results_of_one_time_that_differ_are_disputed(second: str, unit: str, disputed: bool) -> None:
    """Nothing says which stands; the same amount in two units is one result. The order sent decides nothing."""
    one = observation(id="a", valueQuantity=quantity("1.01", "mg/dL"))
    other = observation(id="b", valueQuantity=quantity(second, unit))
    assert read("creatinine", one, other) == read("creatinine", other, one)
    assert read("creatinine", one, other).disputed is disputed


def test_results_of_the_future_do_not_exist_yet() -> None:
    """A day that has begun in the sender's time zone, though not here, is today."""
    value = quantity("1", "mg/dL")
    ahead = observation(CREATININE, "2026-03-11T01:00:00+05:00", valueQuantity=value)
    assert [each.on for each in read("creatinine", ahead).usable] == [TODAY]
    assert (
        read("creatinine", observation(CREATININE, "2026-03-11T09:00:00Z", valueQuantity=value)).usable == ()
    )


@pytest.mark.parametrize(
    "effective",
    [
        {"effectivePeriod": {"start": "2026-03-03", "end": "2026-03-04"}},
        {"effectivePeriod": {"start": "2026-03-04"}},
        {"effectiveInstant": "2026-03-04T08:00:00.5Z"},
        {"effectiveTiming": {"event": ["2026-03-04"]}},
    ],
)
def test_every_form_of_date_is_read(effective: Json) -> None:
    """The day it was true of the patient, however that is written."""
    result = observation(CREATININE, None, valueQuantity=quantity("1", "mg/dL"), **effective)
    assert read("creatinine", result).usable[0].on == date(2026, 3, 4)


def test_a_result_is_known_by_any_coding_and_else_by_its_text() -> None:
    """A tenant's code may stand first; some systems send words alone."""
    coded: Json = {
        "coding": [
            {"system": "urn:x", "code": "1"},
            {"system": "urn:oid:2.16.840.1.113883.6.1", "code": CREATININE},
        ]
    }
    said: Json = {"text": "Serum Creatinine"}
    for code in (coded, said):
        assert read("creatinine", observation(code=code, valueQuantity=quantity("1", "mg/dL"))).usable
    assert not read(
        "creatinine", observation(code={"text": "urine"}, valueQuantity=quantity("1", "mg/dL"))
    ).usable


def test_components_are_results() -> None:
    """A blood pressure is two numbers under one code; the panel itself is no unreadable result."""
    systolic: Json = {"code": concept(LOINC, "8480-6"), "valueQuantity": quantity("128", "mmHg", "mm[Hg]")}
    panel = observation("85354-9", component=[systolic, {"code": {}}])
    assert read("bp_systolic", panel).usable[0].value == 128
    assert read("bp", panel) == Results((), None, ())


def test_members_of_a_panel_are_results() -> None:
    """Contained or beside it; a member without a date has the panel's."""
    inner = observation("6690-2", None, id="w", valueQuantity=quantity("4.2", "10*9/L", "10*9/L"))
    beside = observation("777-3", None, id="p", valueQuantity=quantity("150", "10*9/L", "10*9/L"))
    members = [{"reference": "#w"}, {"reference": "Observation/p"}, {"reference": "Observation/none"}]
    panel = observation("58410-2", contained=[inner], hasMember=members)
    assert read("wbc", panel, beside).usable[0].on == date(2026, 3, 4)
    assert read("platelets", panel, beside).usable[0].on == date(2026, 3, 4)


FINDINGS = {
    "a code": ({"valueCodeableConcept": concept(SNOMED, "10828004")}, "positive"),
    "a weak code": ({"valueCodeableConcept": concept(SNOMED, "260408008")}, "weak"),
    "not detected": ({"valueCodeableConcept": concept(SNOMED, "260415000")}, "negative"),
    "words of a concept": ({"valueCodeableConcept": {"text": "Non-Reactive"}}, "negative"),
    "words": ({"valueString": "NON REACTIVE"}, "negative"),
    "none detected": ({"valueString": "None detected"}, "negative"),
    "positive": ({"valueString": "Positive (high titer)"}, "positive"),
    "weak": ({"valueString": "Weakly positive"}, "weak"),
    "plus minus": ({"valueString": "+/-"}, "weak"),
    "plus": ({"valueString": "++"}, "positive"),
    "indeterminate": ({"valueString": "Indeterminate"}, "indeterminate"),
    "true": ({"valueBoolean": True}, "positive"),
    "an interpretation alone": ({"interpretation": [concept("x", "NEG")]}, "negative"),
}


@pytest.mark.parametrize(("members", "finding"), FINDINGS.values(), ids=FINDINGS)
def test_an_answer_is_understood_in_codes_and_in_words(members: Json, finding: str) -> None:
    """Positive, negative, weak, indeterminate: whatever the form."""
    result = read("hbsag", observation("5196-1", **members)).usable[0]
    assert (result.finding, result.value) == (finding, None)


def test_a_coded_answer_keeps_its_concept() -> None:
    """ "Pregnant" is no mere positive; "not pregnant" is negative; a day is a finding too."""
    status = "82810-3"
    coded = observation(status, valueCodeableConcept=concept(LOINC, "LA15173-0"))
    assert read("pregnancy_status", coded).usable[0].finding == "pregnant"
    said = observation(status, valueString="Not pregnant")
    assert read("pregnancy_status", said).usable[0].finding == "negative"
    dated = observation(status, valueDateTime="2026-09-01")
    assert read("pregnancy_status", dated).usable[0].finding == "2026-09-01"


FLAGS = {
    "high": (["H"], {}, "positive"),
    "very high": (["HH"], {}, "positive"),
    "normal": (["N"], {}, ""),
    "high and negative": (["H", "NEG"], {}, "negative"),
    "high beside a limit": (["H"], {"referenceRange": [{"high": quantity("40", "U/mL")}]}, ""),
}


@pytest.mark.parametrize(("flags", "members", "finding"), FLAGS.values(), ids=FLAGS)
def test_a_number_flagged_high_is_above_the_limit_that_was_not_sent(
    flags: list[str], members: Json, finding: str
) -> None:
    """Where the limit came too, the number and the limit speak for themselves."""
    flagged = observation(
        CODES["anti_mi2"],
        valueQuantity=quantity("85", "U/mL"),
        interpretation=[concept("x", flag) for flag in flags],
        **members,
    )
    assert read("anti_mi2", flagged).usable[0].finding == finding


RATIO: Json = {"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 160}}}
NUMBERS = {
    "a comparator": (
        "creatinine",
        {"valueQuantity": {**quantity("0.2", "mg/dL"), "comparator": "<"}},
        "0.2",
        "<",
    ),
    "a text": ("creatinine", {"valueString": "< 0.2 mg/dL"}, "0.2", "<"),
    "a text with a flag": ("creatinine", {"valueString": "1.9 mg/dL (H)"}, "1.9", ""),
    "a sign of one character": ("egfr", {"valueString": "≥60 mL/min/1.73m2"}, "60", ">="),
    "a score": ("pain", {"valueInteger": 7}, "7", ""),
    "a titer": ("anti_mi2", {"valueString": ">=1:80"}, "80", ">="),
    "a ratio": ("anti_mi2", RATIO, "160", ""),
    "a number of its own unit": ("anti_mi2", {"valueQuantity": quantity("35", "U/mL")}, "35", ""),
}  # fmt: skip
CODES = {"creatinine": CREATININE, "egfr": "98979-8", "pain": "72514-3", "anti_mi2": "18485-3"}


@pytest.mark.parametrize(("name", "members", "value", "comparator"), NUMBERS.values(), ids=NUMBERS)
def test_numbers_are_understood_in_every_form(name: str, members: Json, value: str, comparator: str) -> None:
    """A number in a text is a number, its comparator stays."""
    result = read(name, observation(CODES[name], **members)).usable[0]
    assert (result.value, result.comparator) == (Decimal(value), comparator)


def test_the_reference_range_is_converted_like_the_result() -> None:
    """A range without a unit has the result's; of several ranges none is chosen."""
    value = quantity("88.4", "umol/L", "umol/L")
    ranged = observation(
        valueQuantity=value, referenceRange=[{"low": {"value": 44}, "high": quantity("176.8", "umol/L")}]
    )
    result = read("creatinine", ranged).usable[0]
    assert result.low is not None
    assert (result.low < Decimal("0.5"), result.high) == (True, Decimal(2))
    both = [{"low": {"value": 44}, "appliesTo": [{"text": "women"}]}, {"low": {"value": 60}}]
    several = observation(valueQuantity=value, referenceRange=both)
    assert read("creatinine", several).usable[0].low is None


SLOPPY = st.recursive(
    st.none() | st.text() | st.integers() | st.booleans(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["value", "unit", "coding", "code", "text", "reference", "low"]), inner
        )
    ),
)
MEMBERS = [
    "valueQuantity", "valueString", "valueCodeableConcept", "valueRatio", "valueInteger", "code", "status",
    "effectiveDateTime", "component", "hasMember", "referenceRange", "interpretation",
]  # fmt: skip


@given(st.dictionaries(st.sampled_from(MEMBERS), SLOPPY))
def test_no_observation_makes_reading_fail(members: Json) -> None:
    """Whatever an Observation holds, its concept is read or it is set aside."""
    found = read("creatinine", {**observation(), **members}, observation(valueString="1 mg/dL"))
    assert found.usable


COUNT, SHARE, WHITE = "751-8", "770-8", "6690-2"
LATER = "2026-03-08T08:00:00Z"


def blood(loinc: str, value: str, unit: str, on: str = DAY) -> Json:
    """One line of a blood count."""
    return observation(loinc, on, id=f"o-{loinc}-{on}", valueQuantity=quantity(value, unit, unit))


@pytest.mark.parametrize(
    ("rows", "counts"),
    [
        pytest.param([blood(SHARE, "20", "%"), blood(WHITE, "4", "10*9/L")], ["0.8"], id="20 % of 4"),
        pytest.param([blood(SHARE, "20", "%"), blood(WHITE, "4000", "/uL")], ["0.8"], id="in another unit"),
        pytest.param([blood(SHARE, "20", "%")], [], id="of nothing"),
        pytest.param([blood(SHARE, "20", "%"), blood(WHITE, "4", "10*9/L", LATER)], [], id="of another day"),
        pytest.param(
            [blood(SHARE, "20", "%"), blood(WHITE, "4", "10*9/L"), blood(COUNT, "0.9", "10*9/L")],
            ["0.9"],
            id="a count that was reported stands",
        ),
        pytest.param(
            [blood(SHARE, "20", "%", LATER), blood(WHITE, "4", "10*9/L", LATER), blood(COUNT, "2", "10*9/L")],
            ["0.8", "2"],
            id="the newer comes first",
        ),
        pytest.param(
            [
                blood(SHARE, "20", "%"),
                observation(WHITE, valueQuantity={**quantity("4", "10*9/L", "10*9/L"), "comparator": "<"}),
            ],
            [],
            id="of a bound",
        ),
    ],
)
def test_a_share_of_a_count_is_a_count(rows: list[Json], counts: list[str]) -> None:
    """Neutrophils in per cent of the white cells of the same instant, where nobody counted them."""
    found = Observations(rows, Index(rows), terminology(), TODAY, Notes()).of("neutrophils")
    assert [each.value for each in found.usable] == [Decimal(count) for count in counts]
    assert all(each.unit == "10*9/L" for each in found.usable)
