"""Where the shipped content lies: the knowledge (``cards/``) and the replayable calls (``fixtures/``).

In a checkout both are folders beside the package, so that an edit counts at once. A wheel carries them
inside the package.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def cards_dir(package: Path = PACKAGE) -> Path:
    """The folder of the knowledge: ``cards/`` of the checkout, else the one the wheel carries."""
    return _content(package, "cards")


def fixtures_dir(package: Path = PACKAGE) -> Path:
    """The folder of the replayable calls: ``fixtures/`` of the checkout, else the one the wheel carries."""
    return _content(package, "fixtures")


def _content(package: Path, name: str) -> Path:
    # An unrelated site-packages/cards must never pass for ours: only a folder beside a checkout counts.
    is_checkout = (package.parent / "pyproject.toml").is_file()
    return package.parent / name if is_checkout else package / f"_{name}"
