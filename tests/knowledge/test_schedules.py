"""The monitoring schedules: what is shipped, what a site may pick, and every slip named by file and key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.clinical.calendar import Band, Schedules
from cds_service.content import cards_dir
from cds_service.knowledge.files import Faults
from cds_service.knowledge.load import inspect
from cds_service.knowledge.schedules import FILE, read_schedules
from tests.test_cards import knowledge


def bands(profile: str, drug: str, test: str, *, child: bool = False) -> tuple[tuple[int | None, int], ...]:
    """(through day, days between tests) of a test under a profile."""
    schedules, faults = read({}, {drug: profile})
    assert not faults
    (schedule,) = [each for each in schedules.all if each.name == drug]
    plans = schedule.child if child and schedule.child is not None else schedule.follow_up
    (plan,) = [each for each in plans if each.test.name == test]
    return tuple((band.through, band.every) for band in plan.cadence.bands)


def shipped() -> dict[str, Any]:
    """The shipped file."""
    content: dict[str, Any] = yaml.safe_load((cards_dir() / FILE).read_text(encoding="utf-8"))
    return content


def read(
    content: Mapping[str, Any], chosen: Mapping[str, str] | None = None, root: Path | None = None
) -> tuple[Schedules, list[str]]:
    """Schedules and faults ("file: key: message") of the shipped file, or of ``content`` written below ``root``."""
    if root is not None:
        (root / "monitoring").mkdir()
        (root / FILE).write_text(yaml.safe_dump(dict(content)), encoding="utf-8")
    faults, known = Faults(), knowledge()
    found = read_schedules(
        root or cards_dir(), known.terms, known.lists.orders, known.lists.sources, faults, chosen
    )
    return found, [f"{fault.file}: {fault.key}: {fault.message}" for fault in faults.found]


@pytest.mark.parametrize(
    ("profile", "drug", "test", "expected"),
    [
        ("acr", "methotrexate", "cbc", ((90, 28), (None, 84))),
        ("bsr-2017", "methotrexate", "albumin", ((42, 14), (132, 30), (None, 84))),
        ("label", "methotrexate", "cbc", ((None, 30),)),
        ("label", "methotrexate", "creatinine", ((None, 60),)),
        ("jia", "methotrexate", "alt", ((90, 60), (None, 120))),
        ("default", "thiopurine", "cbc", ((30, 7), (90, 14), (180, 30), (None, 90))),
        ("label", "thiopurine", "ast", ((30, 7), (90, 14), (None, 30))),
        ("label", "mycophenolate", "creatinine", ((30, 7), (90, 14), (365, 30), (None, 90))),
        ("bsr", "mycophenolate", "cbc", ((90, 14), (365, 30), (None, 90))),
        ("default", "tacrolimus", "tacrolimus-level", ((30, 7), (90, 14), (180, 30), (None, 90))),
        ("label", "ciclosporin", "urea", ((90, 14), (None, 30))),
        ("default", "glucocorticoid", "glucose", ((30, 14), (90, 30), (None, 90))),
        ("default", "rituximab", "cbc", ((30, 30), (180, 90), (548, 180))),
        ("default", "rituximab", "igg", ((548, 180),)),
        ("default", "rituximab", "hbv-dna", ((548, 90),)),
        ("tofacitinib", "jak-inhibitor", "cbc", ((90, 60), (None, 90))),
        ("default", "cyclophosphamide", "cbc", ((90, 14), (None, 30))),
    ],
)
def test_the_intervals(profile: str, drug: str, test: str, expected: tuple[Any, ...]) -> None:
    """The days between two tests of every profile, as written in the sources."""
    assert bands(profile, drug, test) == expected


def test_what_is_in_force_as_shipped() -> None:
    """Adults by the ACR table, children by that of juvenile arthritis, azathioprine by its default."""
    profiles = knowledge().schedules.profiles
    assert (profiles["methotrexate"], profiles["thiopurine"]) == ("acr", "default")
    assert bands("acr", "methotrexate", "cbc", child=True) == ((90, 60), (None, 120))


def test_every_test_can_be_ordered() -> None:
    """No schedule asks for something that a card cannot offer."""
    found = knowledge().schedules.all
    asked = [plan.test for each in found for plan in each.follow_up]
    asked += [plan.test for each in found for plan in each.baseline]
    assert all(test.order and test.ordered_by for test in asked)


def test_a_site_picks_a_profile(tmp_path: Path) -> None:
    """An overlay names the profile; its intervals are in force and the version changes with it."""
    (tmp_path / "overlay.yaml").write_text(
        "site: Clinic\nprofiles: {methotrexate: label}\n", encoding="utf-8"
    )
    found, faults = inspect(cards_dir(), tmp_path)
    assert not faults
    assert found is not None
    assert found.schedules.profiles["methotrexate"] == "label"
    assert found.schedules.of(frozenset({"methotrexate"}))[0].follow_up[0].cadence.bands == (Band(None, 30),)
    assert found.version != knowledge().version


@pytest.mark.parametrize(
    ("chosen", "fault"),
    [
        ({"methotrexate": "bsr"}, "overlay.yaml: profiles.methotrexate: no profile named 'bsr'"),
        ({"metotrexate": "acr"}, "overlay.yaml: profiles.metotrexate: no schedule of this name is shipped"),
    ],
)
def test_a_profile_that_does_not_exist_is_refused(chosen: dict[str, str], fault: str) -> None:
    """A misspelt schedule or profile is named, in the overlay, with the nearest name."""
    _, faults = read({}, chosen)
    assert [each for each in faults if each.startswith(fault)]


def broken(*path: str, to: object) -> dict[str, Any]:
    """The shipped file with one thing changed, or taken out (``None``)."""
    content = shipped()
    place = content
    for key in path[:-1]:
        place = place[key]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return content


MTX = ("schedules", "methotrexate")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (broken("tests", "cbc", "results", to=["wcb"]), "tests.cbc.results: no lab code list named 'wcb'"),
        (broken("tests", "cbc", "words", to=None), "tests.cbc: needs words and at least one of results"),
        (broken("tests", "cbc", "order", to="cbcs"), "tests.cbc.order: no order named 'cbcs' in orders.yaml"),
        (broken("tests", "cbc", "loinc", to="1"), "tests.cbc.loinc: is not a key here"),
        (broken(*MTX, "drugs", to=["metotrexate"]), "schedules.methotrexate.drugs: no drug code list named"),
        (broken(*MTX, "drugs", to=[]), "schedules.methotrexate.drugs: must name at least one drug"),
        (broken(*MTX, "profile", to="arc"), "schedules.methotrexate.profile: no profile named 'arc'"),
        (broken(*MTX, "child", to="jai"), "schedules.methotrexate.child: no profile named 'jai'"),
        (broken(*MTX, "source", to=["S99"]), "schedules.methotrexate.source: no source named 'S99'"),
        (broken(*MTX, "evidence", to="A"), "schedules.methotrexate.evidence: must be one of"),
        (broken(*MTX, "only", to="women"), "schedules.methotrexate.only: must be one of may-become-pregnant"),
        (broken(*MTX, "lasts", to="long"), "schedules.methotrexate.lasts: must be a whole number of days"),
        (broken(*MTX, "baseline", to=[{"tests": ["cbcs"]}]), "baseline[0].tests: no test named 'cbcs'"),
        (broken(*MTX, "baseline", to=[{"tests": ["cbc"], "within": -1}]), "baseline[0].within: must be a whole"),
        (broken(*MTX, "profiles", "acr", "follow_up", to=[{"tests": ["cbc"], "every": {}}]), "needs at least one"),
        (
            broken(*MTX, "profiles", "acr", "follow_up", to=[{"tests": ["cbc"], "every": {"soon": 28}}]),
            "must name days in rising order",
        ),
        (
            broken(*MTX, "profiles", "acr", "follow_up", to=[{"tests": ["cbc"], "every": {30: 0}}]),
            "every.30: must be a whole number of days",
        ),
    ],
)  # fmt: skip
def test_a_slip_is_named(content: dict[str, Any], fault: str, tmp_path: Path) -> None:
    """Each fault comes with the file and the key, in words that say what to write instead."""
    _, faults = read(content, root=tmp_path)
    assert [each for each in faults if each.startswith(FILE) and fault in each], faults


def test_all_slips_at_once(tmp_path: Path) -> None:
    """Two faults in different places are both listed."""
    content = broken("tests", "cbc", "order", to="cbcs")
    content["schedules"]["methotrexate"]["profile"] = "arc"
    assert len(read(content, root=tmp_path)[1]) == 2
