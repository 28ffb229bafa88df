"""``cds-service conform``: what it prints and writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result
from joserfc.jwk import ECKey, OctKey, RSAKey

from cds_service.conform.command import conform_command
from tests.conform.asking import WORLD
from tests.conform.gate import ISSUER, Gate
from tests.conform.model import Model, running


def conform(*arguments: object) -> Result:
    """The command run with arguments."""
    return CliRunner().invoke(conform_command(WORLD), [str(each) for each in arguments])


def test_a_fault_is_told_with_place_strength_and_remedy(tmp_path: Path) -> None:
    """On the terminal, as JSON and for a build server; the exit code is 1."""
    told, built = tmp_path / "report.json", tmp_path / "report.xml"
    with running(Model({"answer": {"cards.0.indicator": "hard-stop"}})) as base:
        result = conform(base, "--json", told, "--junit", built)
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "cards"
    assert lines[1].split() == ["FAIL", "C2", "SHALL", "info,", "warning", "or", "critical"]
    assert "model-sign (order-sign), call 1, cards[0]: the indicator is 'hard-stop'" in result.stdout
    assert "Use one of the three." in result.stdout
    report = json.loads(told.read_text())
    failed = next(each for each in report["checks"] if each["status"] == "fail")
    assert (failed["requirement"], failed["strength"], failed["section"]) == (
        "C2",
        "SHALL",
        "Card Attributes",
    )
    assert failed["faults"][0]["reason"] == "the indicator is 'hard-stop'"
    assert failed["remedy"] == "Use one of the three."
    suite = ET.fromstring(built.read_bytes())  # noqa: S314  # our own
    assert (suite.get("failures"), len(suite)) == ("1", len(report["checks"]))
    assert suite.find("testcase/failure") is not None


def test_a_warning_is_told_and_does_not_fail(tmp_path: Path) -> None:
    """What is no SHALL ends with 0, and a build server shows it with its case."""
    built = tmp_path / "report.xml"
    faults = {"discovery": {"services.0.title": "$gone"}, "answer": {"systemActions": "$gone"}}
    with running(Model(faults)) as base:
        result = conform(base, "--junit", built)
    assert (result.exit_code, "warn D9   SHOULD" in result.stdout) == (0, True)
    suite = ET.fromstring(built.read_bytes())  # noqa: S314  # our own
    assert suite.get("failures") == "0"
    assert "has no title" in (suite.findtext("testcase/system-out") or "")


def test_what_could_not_be_judged_is_named() -> None:
    """Without --all too: it has not passed."""
    with running(Model({"raw": '{"cards": []}'})) as base:
        result = conform(base)
    assert "n/a, no card was shown; send calls of your own with --request: T7 C1 C2" in result.stdout
    assert (
        "n/a, no private key was given; name one with --key and --issuer: D16 S7 FB11 X2 X3" in result.stdout
    )


def test_all_shows_what_passed_and_why_something_does_not_apply() -> None:
    """Each check with its line."""
    with running(Model()) as base:
        result = conform(base, "--all", "--agreed-system-actions")
    assert "pass D1   SHALL" in result.stdout
    assert "the service runs on this machine" in result.stdout


def test_one_service_or_hook_is_asked_alone() -> None:
    """The others get no call."""
    for option, value in (("--service", "model-view"), ("--hook", "patient-view")):
        model = Model()
        with running(model) as base:
            assert conform(f"{base}/cds-services/", option, value).exit_code == 0
        assert not any("model-sign" in path for _, path, _ in model.asked)


def test_a_call_of_the_testers_own_is_made(tmp_path: Path) -> None:
    """Beside the made ones, to the services of its hook."""
    file = tmp_path / "call.json"
    context = {"userId": "Practitioner/a", "patientId": "b"}
    file.write_text(json.dumps({"hook": "patient-view", "hookInstance": "a-b", "context": context}))
    model = Model({"status": {"odd_instance": 200}})
    with running(model) as base:
        with_own = conform(base, "--request", file, "--all")
        asked = len(model.asked)
        conform(base, "--all")
    assert with_own.exit_code == 0
    assert asked == len(model.asked) - asked + 1


@pytest.mark.parametrize("key", [ECKey.generate_key("P-384"), ECKey.generate_key("P-256")])
@pytest.mark.parametrize("as_jwk", [True, False])
def test_a_key_is_read_as_pem_and_jwk(key: ECKey, as_jwk: bool, tmp_path: Path) -> None:
    """And signs with the algorithm that fits it: the model takes ES384 only."""
    file = tmp_path / "key"
    file.write_text(json.dumps(key.as_dict(private=True)) if as_jwk else key.as_pem(private=True).decode())
    with running(Model(gate=Gate(key))) as base:
        result = conform(base, "--key", file, "--issuer", ISSUER, "--agreed-system-actions")
    assert result.exit_code == (0 if key.as_dict()["crv"] == "P-384" else 1)


def test_one_token_for_all_calls_may_be_shown() -> None:
    """For services that do not ask for a token of the specification's; it is shown, and printed nowhere."""
    model = Model()
    with running(model) as base:
        result = conform(base, "--token", "canary-token-5f1d")
    assert ("GET", "/cds-services", "Bearer canary-token-5f1d") in model.asked
    assert "canary-token" not in result.output


def test_nobody_there_is_a_failure() -> None:
    """Not a service without faults."""
    result = conform("http://127.0.0.1:9", "--timeout", "1")
    assert result.exit_code == 1
    assert "FAIL D1   SHALL" in result.stdout


def test_wrong_use_is_told(tmp_path: Path) -> None:
    """In one line, with exit code 2; a key is never quoted."""
    secret, public, none = tmp_path / "secret.jwk", tmp_path / "public.pem", tmp_path / "none.pem"
    secret.write_text(json.dumps(OctKey.generate_key(256).as_dict(private=True)))
    public.write_bytes(RSAKey.generate_key(2048).as_pem(private=False))
    none.write_text("-----BEGIN PRIVATE KEY-----\ncanary-token-5f1d\n-----END PRIVATE KEY-----\n")
    for arguments in (
        ["cds.example.org"],
        ["https://cds.example.org?a=b"],
        ["ftp://cds.example.org"],
        ["http://127.0.0.1:9", "--key", none],
        ["http://127.0.0.1:9", "--key", none, "--issuer", "a"],
        ["http://127.0.0.1:9", "--key", secret, "--issuer", "a"],
        ["http://127.0.0.1:9", "--key", public, "--issuer", "a"],
        ["http://127.0.0.1:9", "--key", none, "--token", "a"],
        ["http://127.0.0.1:9", "--request", none],
    ):
        result = conform(*arguments)
        assert result.exit_code == 2, arguments
        assert "Error: " in result.stderr
        assert "canary-token" not in result.output
    with running(Model()) as base:
        foreign = tmp_path / "call.json"
        foreign.write_text('{"hook": "order-select"}')
        for arguments in (
            ["--service", "model-veiw"],
            ["--hook", "patient-veiw"],
            ["--request", str(foreign)],
        ):
            result = conform(base, *arguments)
            assert (result.exit_code, arguments[0] in result.stderr) == (2, True)
