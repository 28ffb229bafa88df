"""Where the knowledge is found."""

from __future__ import annotations

from pathlib import Path

from cds_service.content import cards_dir, fixtures_dir

ROOT = Path(__file__).parents[1]


def test_a_checkout_uses_the_folders_beside_the_package() -> None:
    """An edit of a page counts at once."""
    assert (cards_dir(), fixtures_dir()) == (ROOT / "cards", ROOT / "fixtures")


def test_an_installed_package_uses_what_it_carries(tmp_path: Path) -> None:
    """Never somebody else's folder of the same name in site-packages."""
    (tmp_path / "cards").mkdir()
    package = tmp_path / "cds_service"
    assert cards_dir(package) == package / "_cards"
    assert fixtures_dir(package) == package / "_fixtures"
