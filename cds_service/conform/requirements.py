"""The requirements of CDS Hooks on a service, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

Strength = Literal["SHALL", "SHOULD", "MAY", "practice"]

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Requirement:
    """``says`` what is asked, in one sentence; ``section`` is where the specification asks it; ``remedy`` is
    what to do where it is not met."""

    id: str
    strength: Strength
    section: str
    says: str
    remedy: str

    @property
    def is_binding(self) -> bool:
        """Whether a service that does not meet it fails; all else is a warning."""
        return self.strength == "SHALL"


@cache
def requirements() -> Mapping[str, Requirement]:
    """Every requirement by its id, in the order of the specification."""
    read = yaml.safe_load((HERE / "requirements.yaml").read_text(encoding="utf-8"))
    return {number: Requirement(id=number, **members) for number, members in read.items()}
