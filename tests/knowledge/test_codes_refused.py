"""Code lists with a slip in them: each named by file and key, all at once, none by a stack trace."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cds_service.content import cards_dir
from cds_service.errors import ContentFault
from cds_service.knowledge.codes import load_codes

DRUGS, LABS, CONDITIONS = "drugs.yaml", "labs.yaml", "conditions.yaml"
CLASSES, FORMS, LICENSED = "classes.yaml", "forms.yaml", "snomed-affiliate.yaml"


@pytest.fixture
def codes(tmp_path: Path) -> Path:
    """A copy of the shipped lists."""
    return Path(shutil.copytree(cards_dir() / "codes", tmp_path / "codes"))


def change(codes: Path, file: str, old: str, new: str) -> None:
    """Change the first place where a list says ``old``, or begin it with ``new``."""
    path = codes / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} no longer says {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults(codes: Path) -> tuple[ContentFault, ...]:
    """Everything that is wrong with them."""
    return load_codes(codes)[1]


def told(found: tuple[ContentFault, ...], file: str, key: str, words: str) -> bool:
    """Whether one of the faults is at that place and says so."""
    return any(each.file == f"codes/{file}" and each.key == key and words in each.message for each in found)


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "words"),
    [
        (LABS, "also: [bodyMeasurements]", "also: [bodyMeasurement]", "vital_signs.also", "did you mean"),
        (DRUGS, "names: [prednisone,", "nams: [prednisone,", "prednisone.nams", "did you mean 'names'"),
        (DRUGS, "display: prednisone\n", "display:\n", "prednisone.display", "what a clinician reads"),
        (DRUGS, "system: rxnorm", "system: rxnrom", "prednisone.codes[0].system", "did you mean 'rxnorm'"),
        (DRUGS, 'code: "8640"', "code: 8640", "prednisone.codes[0].code", "in quotes"),
        (DRUGS, "display: prednisone,", 'display: "",', "prednisone.codes[0].display", "the system gives"),
        (DRUGS, "status: verified", "status: unverified", "prednisone.codes[0].status", "must be one of"),
        (DRUGS, "level: IN}", "levle: IN}", "prednisone.codes[0].levle", "did you mean 'level'"),
        (DRUGS, '"1 mg per tablet"', '"one tablet"', "prednisone.codes[1].strength", "cannot be read"),
        (DRUGS, '"50 mg per mL, 7.5 mg in all"', '"50 mg per mL, 7.5 IU in all"', "methotrexate.codes[13].strength",
         "cannot be read"),
        (DRUGS, '"800-160": 160 mg per tablet of trimethoprim', '"800-160": strong', "tmp_smx.products.800-160",
         "cannot be read"),
        (DRUGS, "per tablet of trimethoprim", "per tablet of trimetoprim", "tmp_smx.strength",
         "did you mean 'trimethoprim'"),
        (DRUGS, 'code: "198146"', 'code: "105585"', "methotrexate.codes[1]", "already that of prednisone"),
        (DRUGS, "local: glucocorticoid_local", "local: glucocorticoid_locl", "prednisolone.local",
         "did you mean 'glucocorticoid_local'"),
        (DRUGS, "covers: [trimethoprim", "covers: [trimetoprim", "tmp_smx.covers", "did you mean 'trimethoprim'"),
        (DRUGS, "names: [prednisone,", "names: [true, prednisone,", "prednisone.names", "in quotes"),
        (DRUGS, "prednisone:\n", "prednisone:\n  display: x\n  name_only: true\nprednisone:\n", "prednisone",
         "is there twice"),
        (DRUGS, "prednisone:\n", "Prednisone 5:\n", "Prednisone 5", "small letters"),
        (DRUGS, "prednisone:\n", "odd: [a, b]\nprednisone:\n", "odd", "must be a mapping"),
        (DRUGS, "prednisone:\n", "empty:\n  display: empty\nprednisone:\n", "empty.codes", "name_only"),
        (LABS, "unit: kg\n", "unit: kilo\n", "body_weight.unit", "computes in"),
        (LABS, "share: [neutrophils_pct, wbc]", "share: [wbc, neutrophils_pct]", "neutrophils.share", "a lab in %"),
        (LABS, "share: [neutrophils_pct, wbc]", "share: neutrophils_pct", "neutrophils.share", "a lab in %"),
        (LABS, "share: [neutrophils_pct, wbc]", "share: [neutrophils_pc, wbc]", "neutrophils.share", "a lab in %"),
        (LABS, "  topic: bodyMeasurements\n", "", "body_weight", "needs a topic and a unit"),
        (CONDITIONS, "[M33.1]", "[M33-N01]", "dm.begins", "no range"),
        (CONDITIONS, "[M33.1]", "[M33-M30]", "dm.begins", "no range"),
        (CONDITIONS, "[M33.1]", "[M33.1-12]", "dm.begins", "no range"),
        (CONDITIONS, "[M33.1]", "[M33-36]", "dm.begins", "no range"),
        (CONDITIONS, "[M33.13]", "[M33.1-M33.3]", "dm.excepting", "no range"),
        (CONDITIONS, "begins: {icd10cm:", "begins: {icd10:", "dm.begins.icd10", "did you mean 'icd10cm'"),
        (CLASSES, "members: [ibuprofen", "members: [ibuprofn", "nsaid.members", "did you mean 'ibuprofen'"),
        (CLASSES, "members: [statin,", "members: [sttin,", "lipid_lowering.members", "did you mean 'statin'"),
        (CLASSES, "members: [ibuprofen", "members: [nsaid, ibuprofen", "nsaid.members", "contains itself"),
        (CLASSES, "nsaid:\n  kind: drug", "nsaid:\n  kind: drugs", "nsaid.kind", "did you mean 'drug'"),
        (CLASSES, "nsaid:\n", "nsaid:\n  colour: red\n", "nsaid.colour", "not a key of a class"),
        (CLASSES, "nsaid:\n", "odd: [a, b]\nnsaid:\n", "odd", "must be a mapping"),
        (CLASSES, "nsaid:\n", "methotrexate:\n", "methotrexate", "also the name of one drug"),
        (CLASSES, "nsaid:\n", "nsaid: {}\nnsaid:\n", "nsaid", "is there twice"),
        (FORMS, "systemic:", "sistemic:", "sistemic", "did you mean 'systemic'"),
        (FORMS, "systemic:", "sistemic:", "systemic", "must list words"),
        (LICENSED, "condition:\n", "condition: [dm]\nother:\n", "condition", "must be a mapping"),
        (LICENSED, "condition:\n  dm:", "condition:\n  dmm:", "condition.dmm", "no condition of that name"),
    ],
)  # fmt: skip
def test_a_slip_is_named_by_file_and_key(
    codes: Path, file: str, old: str, new: str, key: str, words: str
) -> None:
    """One slip: the fault says where it is and what to do."""
    change(codes, file, old, new)
    found = faults(codes)
    assert told(found, file, key, words), found


def test_a_slip_is_told_once(codes: Path) -> None:
    """A class in a class is opened many times, its fault is one."""
    change(codes, CLASSES, "members: [ibuprofen", "members: [nsaid, ibuprofn")
    assert len(faults(codes)) == 2


def test_all_slips_are_told_at_once(codes: Path) -> None:
    """Four files, four faults, one report."""
    change(codes, DRUGS, "status: verified", "status: hearsay")
    change(codes, LABS, "unit: kg\n", "unit: kilo\n")
    change(codes, CLASSES, "members: [ibuprofen", "members: [ibuprofn")
    change(codes, FORMS, "systemic:", "systemic: [tablet]\nsistemic:")
    assert [each.file for each in faults(codes)] == [
        f"codes/{file}" for file in (DRUGS, LABS, CLASSES, FORMS)
    ]


def test_classes_that_contain_each_other_are_told(codes: Path) -> None:
    """Two classes in a circle: both are named, and the lists are still read to the end."""
    circle = "  display: circle\n  members: [{}]\n"
    first = "first:\n  kind: drug\n" + circle.format("second")
    second = "second:\n  kind: drug\n" + circle.format("first")
    change(codes, CLASSES, "nsaid:\n", first + second + "nsaid:\n")
    found = faults(codes)
    assert {each.key for each in found} == {"first.members", "second.members"}
    assert all("contains itself" in each.message for each in found)


def test_a_class_of_another_kind_is_no_member(codes: Path) -> None:
    """A class of drugs cannot hold conditions: they would silently be nothing."""
    conditions = "  kind: condition\n  display: x\n  members: [dm]\n"
    change(codes, CLASSES, "nsaid:\n", f"of_conditions:\n{conditions}nsaid:\n")
    change(codes, CLASSES, "members: [ibuprofen", "members: [of_conditions, ibuprofen")
    assert told(faults(codes), CLASSES, "nsaid.members", "no drug named 'of_conditions'")


@pytest.mark.parametrize("content", ["condition:\n", "condition: {dm: }\n", ""])
def test_an_emptied_list_of_licensed_codes_is_no_fault(codes: Path, content: str) -> None:
    """A site without the licence may empty the file, or delete it."""
    (codes / LICENSED).write_text(content, encoding="utf-8")
    assert faults(codes) == ()
    (codes / LICENSED).unlink()
    terms, found = load_codes(codes)
    assert found == ()
    assert terms.concepts("http://snomed.info/sct", "402425006") == frozenset()
    assert terms.concepts("http://snomed.info/sct", "396230008") == {"dm"}


@pytest.mark.parametrize("file", [DRUGS, LABS, CONDITIONS, CLASSES, FORMS])
@pytest.mark.parametrize("content", [None, "rule: [unclosed", "- just\n- a list\n"])
def test_a_file_that_cannot_be_read_is_a_fault(codes: Path, file: str, content: str | None) -> None:
    """Missing, no YAML, no mapping: named, and the other lists are still read."""
    (codes / file).unlink() if content is None else (codes / file).write_text(content, encoding="utf-8")
    terms, found = load_codes(codes)
    assert any(each.file == f"codes/{file}" for each in found)
    assert terms.of_kind("vaccine")


def test_a_graver_form_of_nothing_is_a_fault(codes: Path) -> None:
    """The plain form must be in the list, and be none itself: else the graver one is found nowhere."""
    change(codes, CONDITIONS, "is_a: ild", "is_a: lung_disease")
    assert told(faults(codes), CONDITIONS, "dm_respiratory.is_a", "'lung_disease'")
    change(codes, CONDITIONS, "is_a: lung_disease", "is_a: liver_failure")
    assert told(faults(codes), CONDITIONS, "dm_respiratory.is_a", "'liver_failure'")
