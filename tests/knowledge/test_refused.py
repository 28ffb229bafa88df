"""Knowledge with a fault in it is refused at start-up: each fault by file and key, with what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cds_service.app import create_app
from cds_service.cli import commands
from cds_service.content import cards_dir
from cds_service.errors import ContentFault, KnowledgeFault
from cds_service.knowledge.load import inspect, load
from cds_service.settings import load as load_settings

PAGE = "methotrexate/kidney.md"
NUMBERS = "methotrexate/drug.yaml"
STEROID = "glucocorticoid/dose.md"
SUPPLY = "methotrexate/quantity.md"


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    """A copy of the shipped knowledge."""
    return Path(shutil.copytree(cards_dir(), tmp_path / "cards"))


def change(cards: Path, file: str, old: str, new: str) -> None:
    """Change the first place where a file says ``old``."""
    path = cards / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} no longer says {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults(cards: Path) -> tuple[ContentFault, ...]:
    """Everything that is wrong with it."""
    return inspect(cards)[1]


def test_the_shipped_knowledge_has_no_fault() -> None:
    """What is in the repository loads."""
    assert inspect(cards_dir())[1] == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "words"),
    [
        (PAGE, "fact: egfr, below: egfr_stop", "fact: egrf, below: egfr_stop", "tiers[0].when.any[0]",
         "did you mean 'egfr'"),
        (PAGE, "below: egfr_stop", "below: egfr_stopp", "tiers[0].when.any[0].below", "did you mean 'egfr_stop'"),
        (PAGE, "below: egfr_stop", "beneath: egfr_stop", "tiers[0].when.any[0].beneath",
         "is no argument or comparison"),
        (PAGE, "below: egfr_stop", "below: adult_start_high", "tiers[0].when.any[0].below", "wrong unit"),
        (PAGE, "below: egfr_stop", "below: 30", "tiers[0].when.any[0].source", "needs a source"),
        (PAGE, "of: dialysis", "of: dialisis", "tiers[0].when.any[1].of", "no condition code list"),
        (PAGE, "rule: SAF-MTX-04", "rule: SAF-MTX-99", "rule", "unknown rule id"),
        (PAGE, "drugs: [methotrexate]", "drugs: [methotrexat]", "drugs", "no drug or vaccine code list"),
        (PAGE, "indicator: critical", "indicator: urgent", "tiers[0].indicator", "must be one of"),
        (PAGE, "group: STOP", "group: HALT", "tiers[0].group", "must be one of"),
        (PAGE, "{order: creatinine}", "{set-dose: mg_per_wek, to: [egfr_stop], step: tablet_step}",
         "tiers[0].suggest[1]",
         "did you mean 'mg_per_week'"),
        (PAGE, "{order: creatinine}", "{set-dose: mg_per_week, to: [egfr_stop], step: tablet_step}",
         "tiers[0].suggest[1]",
         "must be a limit of drug.yaml in mg/wk"),
        (PAGE, "{order: creatinine}", "{order: creatine}", "tiers[0].suggest[1]", "did you mean 'creatinine'"),
        (PAGE, "cystatin-c-at-least-30", "cystatin", "tiers[0].override", "overrides.yaml"),
        (STEROID, "reason: pulse-intended", "reason: pulse-meant", "tiers[0].override", "overrides.yaml"),
        (STEROID, "reason: pulse-intended, if:", "reason: pulse-intended, when:", "tiers[0].override[0].when",
         "is not a key here"),
        (STEROID, "if: &course {fact: glucocorticoid_kind", "if: &course {fact: steroid_kind",
         "tiers[0].override[0].if", "no fact named"),
        (PAGE, "hooks: [order-select", "hooks: [order-selected", "hooks", "no service is offered"),
        (PAGE, "scope: any-patient", "scope: everybody", "tiers[0].scope", "must be one of"),
        (PAGE, "## critical", "## kritical", "## critical", "no text section"),
        (PAGE, "function {{ egfr }}", "function {{ egrf }}", "## info", "not in values"),
        (PAGE, 'because: "{{ seen }}"', 'because: "{{ sen }}"', "tiers[0].when", "a because uses 'sen'"),
        (PAGE, 'because: "{{ seen }}"', 'because: ""', "tiers[0].when.any[1].because", "in a few words"),
        (PAGE, ', because: "{{ seen }}"', "", "tiers[0].when", "each of its alternatives needs one"),
        (SUPPLY, "quantity: {{ because }}", "quantity", "tiers[0].summary", "does not tell {{ because }}"),
        (PAGE, "values:\n", "valeus:\n", "valeus", "did you mean 'values'"),
        (NUMBERS, "source: [", "sauce: [", "source", "needs a source"),
        (NUMBERS, "evidence: ", "evidence: X # ", "evidence", "must be one of"),
        (NUMBERS, "value: ", "value: about ", "value", "must be a number"),
        ("dominance.yaml", "silent: [SAF-DOSE-MTX", "silent: [SAF-DOSE-MTXX", "dominance[0].silent",
         "did you mean 'SAF-DOSE-MTX'"),
        ("dominance.yaml", "when: SAF-MTX-03", "when: SAF-MTX-33", "dominance[1].when", "is not known here"),
        ("dominance.yaml", "spares: [has_condition]", "spares: [has_conditon]", ".spares",
         "did you mean 'has_condition'"),
        ("dominance.yaml", "unless: [hcg_within]", "unless: [hcg_withn]", ".unless", "did you mean 'hcg_within'"),
        ("dominance.yaml", "spares: [has", "spare: [has", ".spare", "did you mean 'spares'"),
        ("orders.yaml", "test: cbc_panel", "test: cbc_pannel", "cbc.test", "no lab or order code list"),
        ("orders.yaml", "{fact: prednisone_range}", "{fact: prednison_range}",
         "prednisone-induction.dose.fact", "no range named"),
        ("orders.yaml", "beside: [methotrexate]", "beside: [methotrexat]", "folic-acid-weekly.beside",
         "no drug or vaccine code list named 'methotrexat'"),
        ("orders.yaml", "    unless:\n", "    unles:\n", "azathioprine-choice.reserve.unles", "did you mean 'unless'"),
        ("orders.yaml", "because: \"vitamin B12 first: {{ seen }}\"", "because: \"{{ sen }}\"",
         "folic-acid-weekly.reserve.warns[0]", "which may use seen only"),
        ("orders.yaml", ", because: \"vitamin B12 first: {{ seen }}\"", "", "folic-acid-weekly.reserve.warns[0]",
         "needs a because"),
        ("orders.yaml", "    first:\n", "    first:\n      - delete\n", "reserve.first", "names tests"),
        ("regimen/start-together.md", "among: alternatives", "among: alternative", "choices_among",
         "did you mean 'alternatives'"),
        ("codes/drugs.yaml", "status: verified", "status: hearsay", "prednisone.codes[0].status", "must be one of"),
        ("codes/drugs.yaml", "system: rxnorm", "system: rxnrom", "prednisone.codes[0].system", "must be one of"),
        ("codes/classes.yaml", "members: [prednisone", "members: [predison",
         "systemic_glucocorticoid.members", "did you mean"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_file_and_key(
    cards: Path, file: str, old: str, new: str, key: str, words: str
) -> None:
    """One slip: the fault says where it is and what to do, and the service does not start."""
    change(cards, file, old, new)
    with pytest.raises(KnowledgeFault) as refused:
        load(cards)
    found = refused.value.faults
    assert any(each.file == file and key in each.key and words in each.message for each in found), found


def test_all_faults_are_told_at_once(cards: Path) -> None:
    """Two slips in two files are two faults of one report."""
    change(cards, PAGE, "rule: SAF-MTX-04", "rule: SAF-MTX-99")
    change(cards, "orders.yaml", "test: cbc_panel", "test: cbc_pannel")
    assert {each.file for each in faults(cards)} >= {PAGE, "orders.yaml"}


@pytest.mark.parametrize("text", ["rule: [unclosed", "- just\n- a list", ""])
def test_a_file_that_is_no_yaml_is_a_fault(cards: Path, text: str) -> None:
    """Never a stack trace."""
    (cards / "overrides.yaml").write_text(text, encoding="utf-8")
    found = faults(cards)
    assert found
    assert not any("Traceback" in str(each) for each in found)


def test_an_overlay_with_a_fault_keeps_the_service_from_starting(tmp_path: Path) -> None:
    """A site's threshold for a number that does not exist: refused by file and key."""
    (tmp_path / "overlay.yaml").write_text(
        "site: Example hospital\nlimits:\n  methotrexate.egfr_stopp: {value: 25, reason: local}\n"
    )
    with pytest.raises(KnowledgeFault, match=r"egfr_stopp"):
        create_app(load_settings(env="development", auth="off", overlay=tmp_path, database_url=None))


def test_the_check_command_says_what_there_is() -> None:
    """``cds-service check`` exits 0 on the shipped knowledge and counts what it holds."""
    result = CliRunner().invoke(commands, ["check"])
    assert result.exit_code == 0, result.output
    assert "no fault found" in result.output
