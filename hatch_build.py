"""Put ``cards/`` and ``fixtures/`` into the wheel, and leave them where they are in an editable install.

A plain ``force-include`` would copy them into site-packages on ``pip install -e`` too, and the copy
would go stale at the next edit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CONTENT = ("cards", "fixtures")


class ContentHook(BuildHookInterface[Any]):
    """Adds the content folders to a standard wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before a wheel is built; ``version`` is ``standard`` or ``editable``."""
        if version == "editable":
            return
        for name in CONTENT:
            folder = Path(self.root) / name
            if folder.is_dir():
                build_data["force_include"][str(folder)] = f"cds_service/_{name}"
