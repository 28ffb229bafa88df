"""The service in a process of its own: how much memory do answers without measure make it take?

Given a file and the address of each fault as ``NAME=BASE``, it writes one JSON object a fault: ``grown``, by how
many bytes the most memory it had in use during a call exceeds what it had before, and what was ``said``.
"""

from __future__ import annotations

import gc
import json
import re
import sys
from pathlib import Path

from cds_service.replay.scenario import load
from tests.conftest import ROOT
from tests.decide.service import send

STATUS = Path("/proc/self/status")


def size(name: str) -> int:
    """A size of this process in bytes: ``VmRSS`` now, ``VmHWM`` the largest since it was forgotten."""
    found = re.search(rf"^{name}:\s+(\d+) kB$", STATUS.read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024


def met(name: str, base: str) -> dict[str, object]:
    """What a visit whose chart is to come from a base does to memory."""
    context = load(ROOT / "fixtures" / "methotrexate-daily").request["context"]
    assert isinstance(context, dict)
    body = {"hook": "patient-view", "hookInstance": "i", "fhirServer": base, "context": context}
    gc.collect()
    before = size("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    said = send("patient-view", body).get_data(as_text=True)
    return {"fault": name, "grown": size("VmHWM") - before, "said": said}


if __name__ == "__main__":
    bases = dict(each.split("=", 1) for each in sys.argv[2:])
    met("sound", bases["sound"])
    Path(sys.argv[1]).write_text(json.dumps([met(*each) for each in bases.items()]), encoding="utf-8")
