"""Writes the documents that follow from the code: ``python docs/generate.py``. A test keeps them current."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cds_service.settings import Settings

HERE = Path(__file__).parent


def settings_page() -> str:
    """Every setting with its default and meaning, from the settings themselves."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "cores" if field.default_factory else "" if field.default in (None, ()) else field.default
        rows.append(f"| `CDS_{name.upper()}` | {default} | {field.description} |")
    head = "# Settings\n\nRead from the environment or from `.env`. The default is production.\n\n"
    return head + "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows]) + "\n"


PAGES: dict[str, Callable[[], str]] = {"settings.md": settings_page}


def main() -> None:
    """Write every page."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
