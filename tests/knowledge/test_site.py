"""A site moves a threshold, rewords a card, changes a severity, switches a rule off: in files alone."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cds_service.app import create_app
from cds_service.cli import commands
from cds_service.content import cards_dir
from cds_service.knowledge.load import Knowledge, inspect, load
from cds_service.protocol.codec import encode
from cds_service.settings import load as load_settings
from tests.decide.service import OURS, TODAY, request_of

UNIT = "mL/min/{1.73_m2}"
# An eGFR of about 27: below the shipped limit of 30, above a site's own of 25.
WOMAN: dict[str, Any] = {
    "patient": {"age": 62, "sex": "female", "height": "160 cm", "weight": "60 kg", "onset": "5 weeks ago"},
    "problems": ["dermatomyositis"],
    "labs": [{"creatinine": "2.0 mg/dL", "on": "6 days ago"}],
    "orders": [{"drug": "methotrexate", "dose": "15 mg", "timing": "weekly mon", "route": "oral"}],
}


def answer(knowledge: Knowledge, hook: str = "order-sign") -> dict[str, Any]:
    """What the whole service, with this knowledge, answers to the order for the woman."""
    settings = load_settings(env="development", auth="off", as_of=TODAY, database_url=None)
    client = create_app(settings, knowledge=knowledge).test_client()
    path = f"/cds-services/dermatomyositis-{hook}"
    body = encode(request_of(WOMAN, hook))
    sent = client.post(path, data=body, content_type="application/json")
    assert sent.status_code == 200, sent.text
    told: dict[str, Any] = sent.get_json()
    return told


def card_of(body: dict[str, Any], rule: str) -> dict[str, Any] | None:
    """The card that a rule leads."""
    return next((c for c in body["cards"] if c["source"]["topic"]["display"] == rule), None)


def overlay(folder: Path, text: str) -> Path:
    """A folder with an overlay of the clinic."""
    (folder / "overlay.yaml").write_text("site: Example Clinic\n" + text, encoding="utf-8")
    return folder


def swap(path: Path, old: str, new: str) -> None:
    """Change the first place where a file says ``old``."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_threshold_is_moved_in_its_file(tmp_path: Path) -> None:
    """Another number in drug.yaml: the card that fired is silent."""
    cards = Path(shutil.copytree(cards_dir(), tmp_path / "cards"))
    before = card_of(answer(load(cards)), "SAF-MTX-04")
    assert before is not None
    assert before["indicator"] == "critical"
    swap(cards / "methotrexate" / "drug.yaml", "egfr_stop:\n    value: 30", "egfr_stop:\n    value: 20")
    after = card_of(answer(load(cards)), "SAF-MTX-04")
    assert after is None or after["indicator"] != "critical"


def test_a_card_is_reworded_in_its_page(tmp_path: Path) -> None:
    """Another summary in the page is what the clinician reads."""
    cards = Path(shutil.copytree(cards_dir(), tmp_path / "cards"))
    page = cards / "methotrexate" / "kidney.md"
    line = next(each for each in page.read_text(encoding="utf-8").splitlines() if "summary:" in each)
    swap(page, line, '    summary: "Kidneys first: {{ because }}"')
    card = card_of(answer(load(cards)), "SAF-MTX-04")
    assert card is not None
    assert card["summary"].startswith("Kidneys first: eGFR 2")


def test_a_site_moves_a_threshold(tmp_path: Path) -> None:
    """The same through the overlay; the shipped files stay as they are."""
    limit = f'{{value: 20, unit: "{UNIT}", reason: board of 2026}}'
    known = load(cards_dir(), overlay(tmp_path, f"limits: {{methotrexate.egfr_stop: {limit}}}\n"))
    card = card_of(answer(known), "SAF-MTX-04")
    assert card is None or card["indicator"] != "critical"


def test_a_card_tells_the_limit_of_the_site(tmp_path: Path) -> None:
    """Whose number it was, and why, stands on the card that rests on it."""
    limit = f'{{value: 35, unit: "{UNIT}", reason: board of 2026}}'
    known = load(cards_dir(), overlay(tmp_path, f"limits: {{methotrexate.egfr_stop: {limit}}}\n"))
    card = card_of(answer(known), "SAF-MTX-04")
    assert card is not None
    assert "Limit of Example Clinic: 35 mL/min/1.73 m² (board of 2026)" in card["detail"]
    assert f"Knowledge {known.version} · Example Clinic" in card["detail"]


def test_a_rule_switched_off_speaks_no_more_and_is_named(tmp_path: Path) -> None:
    """No card, and the answer says for machines that the check was not made and why."""
    body = answer(load(cards_dir(), overlay(tmp_path, "off: [SAF-MTX-04]\n")))
    assert card_of(body, "SAF-MTX-04") is None
    rows = body["extension"][OURS]["notEvaluated"]
    assert {"rule": "SAF-MTX-04", "missing": ["switched off by this site"]} in rows


def test_a_severity_of_the_site_is_shown_and_told(tmp_path: Path) -> None:
    """The card has the site's indicator and says what was shipped."""
    body = answer(load(cards_dir(), overlay(tmp_path, "severities: {SAF-MTX-04: {critical: warning}}\n")))
    card = card_of(body, "SAF-MTX-04")
    assert card is not None
    assert card["indicator"] == "warning"
    assert "Example Clinic shows SAF-MTX-04 at another severity; as shipped it is critical" in card["detail"]


def test_the_most_severe_tier_comes_first_after_a_change(tmp_path: Path) -> None:
    """A tier lowered below another does not hide it."""
    known = load(cards_dir(), overlay(tmp_path, "severities: {SAF-MTX-04: {critical: info}}\n"))
    order = ["critical", "warning", "info"]
    for page in (page for page in known.pages if page.rule == "SAF-MTX-04"):
        ranks = [order.index(tier.indicator) for tier in page.tiers]
        assert ranks == sorted(ranks)


def test_the_check_names_every_critical_check_that_was_softened(tmp_path: Path) -> None:
    """Switched off or lowered: it stands out in the output of ``check --overlay``."""
    folder = overlay(tmp_path, "off: [SAF-MTX-03]\nseverities: {SAF-MTX-04: {critical: warning}}\n")
    told = CliRunner().invoke(commands, ["check", "--overlay", str(folder)])
    assert told.exit_code == 0, told.output
    assert "CRITICAL CHECK SOFTENED: SAF-MTX-03 is switched off" in told.output
    assert "CRITICAL CHECK SOFTENED: SAF-MTX-04 is warning" in told.output
    assert "SOFTENED" not in CliRunner().invoke(commands, ["check"]).output


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("ofF: [SAF-MTX-04]", "ofF", "did you mean 'off'"),
        ("off: [SAF-MTX-44]", "off", "unknown rule id 'SAF-MTX-44'"),
        ("severities: {SAF-MTX-44: {critical: info}}", "severities.SAF-MTX-44", "unknown rule id"),
        ("severities: {SAF-MTX-04: {urgent: info}}", "severities.SAF-MTX-04.urgent", "must be one of"),
        ("severities: {CLS-01: {critical: info}}", "severities.CLS-01.critical", "has no critical tier"),
        ("limits: {methotrexate.egfr_stopp: {value: 25}}", "limits.methotrexate.egfr_stopp", "did you mean"),
        ("limits: {methotrexate.egfr_stop: {value: low}}", "limits.methotrexate.egfr_stop.value", "a number"),
        ("limits: {methotrexate.egfr_stop: {value: 25, unit: mL}}", "limits.methotrexate.egfr_stop.unit",
         "wrong unit"),
        (f'limits: {{methotrexate.egfr_stop: {{value: 25, unit: "{UNIT}"}}}}',
         "limits.methotrexate.egfr_stop.reason", "needs a source"),
        ("profiles: {methotrexate: bsr-1998}", "profiles.methotrexate", "no profile named"),
    ],
)  # fmt: skip
def test_a_fault_of_an_overlay_is_named(tmp_path: Path, text: str, key: str, words: str) -> None:
    """By file and key, with what to do; and ``check --overlay`` fails with it."""
    folder = overlay(tmp_path, text + "\n")
    faults = inspect(cards_dir(), folder)[1]
    assert any(f.file == "overlay.yaml" and f.key == key and words in f.message for f in faults), faults
    told = CliRunner().invoke(commands, ["check", "--overlay", str(folder)])
    assert told.exit_code == 1


def test_all_faults_of_an_overlay_are_told_at_once(tmp_path: Path) -> None:
    """A site corrects its file once, not fault by fault."""
    folder = overlay(tmp_path, "off: [SAF-X]\nlimits: {no.such: {value: 1}}\nprofiles: {none: x}\n")
    (folder / "overlay.yaml").write_text(
        (folder / "overlay.yaml").read_text(encoding="utf-8").replace("site: Example Clinic\n", ""),
        encoding="utf-8",
    )
    assert {f.key for f in inspect(cards_dir(), folder)[1]} >= {
        "site",
        "off",
        "limits.no.such",
        "profiles.none",
    }


def test_the_overlay_of_the_readme_is_accepted(tmp_path: Path) -> None:
    """What cards/README.md shows a site can be copied as it stands."""
    readme = (cards_dir() / "README.md").read_text(encoding="utf-8")
    shown = readme[readme.index("site: Example Clinic") :].split("```")[0]
    (tmp_path / "overlay.yaml").write_text(shown, encoding="utf-8")
    assert inspect(cards_dir(), tmp_path)[1] == ()
